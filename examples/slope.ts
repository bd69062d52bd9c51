/**
 * Two ways to train one network to find the slope of a noisy line, y = m x + noise, at a hundred places x.
 *
 * Regression: draw slopes from a prior, and make the output equal to them in the mean square. IMNN: simulate at one
 * slope, and make the output tell as much as can be about slopes near it. Both see the same number of lines. All that
 * a line knows about its slope is Σx² = 3350.2, at every slope.
 *
 *     npm run example -- slope
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jit, type Key, np, type NDArray, random, treeLeaves, valueAndGrad, vmap } from '@cotangent/autodiff'
import { SimulatorIMNN } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { example } from './lib/example.ts'
import { folder, whole } from './lib/flags.ts'
import { picture } from './lib/picture.ts'
import { say } from './lib/report.ts'

const x = np.linspace(0, 10, 100)
const [fiducial, least, most] = [4, -5, 5]

export const simulator = (key: Key, m: NDArray): NDArray => m.mul(x).add(random.normal(key, [100]))

/** All the information about the slope: Σx², the inverse of the variance that the best estimate has. */
export const analyticF = np.square(x).sum().item()

/** The slopes that the two are tried at: the fiducial one, a near one, a far one. */
export const slopes = [4, 3.5, -4]

const flags = {
  nS: whole(500, 'lines in every iteration', 10),
  maxIterations: whole(400, 'iterations of both'),
  seed: whole(0, 'of network and lines', 0),
  out: folder('out/slope', 'for estimates.svg, history.svg and history.png'),
}

export const slope = example(
  'slope',
  'An IMNN beside regression, on the slope of a noisy line.',
  flags,
  async ({ nS, maxIterations, seed, out }) => {
    await mkdir(out, { recursive: true })
    const [modelKey, trainKey, testKey] = random.split(random.PRNGKey(seed), 3).unstack(3)
    const model = serial(Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(1))
    const optimizer = adam({ stepSize: 1e-3 })

    // ── The IMNN ───────────────────────────────────────────────────────────────────────────────────────────────────

    const imnn = SimulatorIMNN({
      nS,
      nD: nS,
      nParams: 1,
      nSummaries: 1,
      inputShape: [100],
      thetaFid: [fiducial],
      simulator,
      model,
      optimizer,
      keyOrState: modelKey,
    })
    const fit = { lambda: 10, epsilon: 0.1, minIterations: maxIterations, maxIterations, rng: trainKey }
    const fitted = await imnn.fit(fit)

    // ── Regression ─────────────────────────────────────────────────────────────────────────────────────────────────

    // The same network with the same first weights, the same optimizer, the same number of lines.
    const [init, apply] = model
    const [begin, update, getParams] = optimizer
    const [, first] = init(modelKey, [100])
    const lines = vmap(simulator)
    const step = jit((i: NDArray, key: Key, state: ReturnType<typeof begin>) => {
      const [slopeKey, lineKey] = random.split(key).unstack(2)
      const m = random.uniform(slopeKey, [nS, 1], { minval: least, maxval: most })
      const y = lines(random.split(lineKey, nS), m)
      const error = (w: typeof first): NDArray => apply(w, y).sub(m).square().mean()
      const [value, gradient] = valueAndGrad(error)(getParams(state) as typeof first)
      return [value, update(i, gradient, state)] as const
    })
    let state = begin(first)
    const keys = random.split(trainKey, maxIterations).unstack() as Key[]
    let error: NDArray | undefined
    for (const [i, key] of keys.entries()) [error, state] = step(np.array(i), key, state) as [NDArray, typeof state]
    say(`regression: mean square error ${((await error!.js()) as number).toExponential(1)} in its last iteration`)
    const weights = getParams(state) as typeof first
    for (const leaf of treeLeaves(weights) as NDArray[]) await leaf.data()

    // ── Side by side ───────────────────────────────────────────────────────────────────────────────────────────────

    // Many lines of one slope: how far off is an estimate in the mean, and how much does it vary? What it tells is the
    // square of the slope of its mean in m, over its variance; the same noise at m ± 0.05 gives that slope.
    const regression = (y: NDArray): NDArray => apply(weights, y)
    const tests = random.split(testKey, 2000)
    const at = (m: number): NDArray => vmap(simulator, { inAxes: [0, null] })(tests, np.array([m]))
    const assess = async (estimate: (y: NDArray) => NDArray, m: number) => {
      const estimates = estimate(at(m))
      const mean = (await estimates.mean().js()) as number
      const variance = (await np.var(estimates, { ddof: 1 }).js()) as number
      const difference = estimate(at(m + 0.05))
        .mean()
        .sub(estimate(at(m - 0.05)).mean())
      const response = ((await difference.js()) as number) / 0.1
      return { m, bias: mean - m, deviation: Math.sqrt(variance), information: response ** 2 / variance }
    }
    const [byIMNN, byRegression] = [[], []] as Awaited<ReturnType<typeof assess>>[][]
    say('   m       IMNN: off by, varies by, F           regression: off by, varies by, F')
    for (const m of slopes) {
      byIMNN!.push(await assess((y) => fitted.getEstimate(y), m))
      byRegression!.push(await assess(regression, m))
      const words = [byIMNN!, byRegression!].map((list) => {
        const { bias, deviation, information } = list.at(-1)!
        return `${bias.toFixed(4).padStart(9)} ${deviation.toFixed(4)} ${information.toFixed(0).padStart(5)} (${((100 * information) / analyticF).toFixed(0)} %)`
      })
      say(`${m.toFixed(1).padStart(5)}   ${words.join('      ')}`)
    }
    say(`the best there is: varies by ${(1 / Math.sqrt(analyticF)).toFixed(4)}, F = ${analyticF.toFixed(1)}`)

    const plot = fitted.plot({ expectedDetF: Number(analyticF.toPrecision(6)) })
    await plot.save(join(out, 'history.svg'))
    await plot.save(join(out, 'history.png'))
    const truth = np.linspace(least, most, 101)
    const drawn = lines(random.split(testKey, 101), truth.reshape([-1, 1]))
    const values = async (array: NDArray): Promise<number[]> => (await array.reshape([-1]).js()) as number[]
    const m = await values(truth)
    const series = [
      { label: 'IMNN, trained at 4', colour: '#1f77b4', x: m, y: await values(fitted.getEstimate(drawn)) },
      { label: 'regression, trained on all', colour: '#d62728', x: m, y: await values(regression(drawn)) },
      { label: 'the truth', colour: '#333333', x: m, y: m, line: true, dashed: true },
    ]
    const labels = { title: 'Estimates of a slope', xLabel: 'slope', yLabel: 'estimate', yRange: [-6, 6] } as const
    await writeFile(join(out, 'estimates.svg'), picture(series, labels))
    return { fitted, imnn: byIMNN!, regression: byRegression! }
  },
)
