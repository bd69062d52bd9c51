/**
 * Few signals, few noises, and many ways to add them.
 *
 * Lines with a slope that varies by itself, y = (m + ζ) x, and a noise on top that is expensive to make. There are only
 * so many of each. Added once and for all they are a small training set, which a network learns by heart; added anew in
 * every iteration, any signal with any noise, they are nearly as good as new simulations.
 *
 *     npm run example -- additive-noise
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Key, np, type NDArray, random } from '@cotangent/autodiff'
import { GradientIMNN, SimulatorIMNN } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { example } from './lib/example.ts'
import { folder, whole } from './lib/flags.ts'
import { say } from './lib/report.ts'

const x = np.linspace(0, 10, 100)
/** The variance of ζ. */
const wobble = 0.001

/** With covariance I + wobble · x xᵀ and mean m x, the slope's information is S / (1 + wobble · S), S = Σx². */
export const analyticF = (() => {
  const S = np.square(x).sum().item()
  return S / (1 + wobble * S)
})()

const flags = {
  signals: whole(200, 'signals, and as many noises', 20),
  maxIterations: whole(300, 'iterations'),
  seed: whole(0, 'of network, signals and noises', 0),
  out: folder('out/additive-noise', 'for fixed.svg and anew.svg'),
}

export const additiveNoise = example(
  'additive-noise',
  'Noise from a small store, added once or anew in every iteration.',
  flags,
  async ({ signals, maxIterations, seed, out }) => {
    await mkdir(out, { recursive: true })
    const [modelKey, trainKey, ...makeKeys] = random.split(random.PRNGKey(seed), 4).unstack(4)

    // A training set and another one that judges: slopes ζ [n] and noises [n, 100].
    const [training, validation] = makeKeys.map((key) => {
      const [zetaKey, noiseKey] = random.split(key).unstack(2)
      const zeta = random.normal(zetaKey, [signals, 1]).mul(Math.sqrt(wobble))
      return { zeta, noise: random.normal(noiseKey, [signals, 100]) }
    }) as [Store, Store]
    const common = {
      nS: signals,
      nD: signals,
      nParams: 1,
      nSummaries: 1,
      inputShape: [100],
      thetaFid: [1],
      model: serial(Dense(64), LeakyRelu, Dense(1)),
      optimizer: adam({ stepSize: 1e-3 }),
      keyOrState: modelKey,
    }
    const fit = { lambda: 10, epsilon: 0.1, minIterations: maxIterations, maxIterations, best: false }

    // ── Once and for all ───────────────────────────────────────────────────────────────────────────────────────────

    // dy/dm = x for every line.
    const lines = ({ zeta, noise }: Store): NDArray => zeta.add(1).mul(x).add(noise)
    const derivative = np.broadcastTo(x.reshape([1, 100, 1]), [signals, 100, 1])
    const fixed = await GradientIMNN({
      ...common,
      fiducial: lines(training),
      derivative,
      validationFiducial: lines(validation),
      validationDerivative: derivative,
    }).fit(fit)

    // ── Anew ───────────────────────────────────────────────────────────────────────────────────────────────────────

    // To an IMNN that is a simulator as any other: the key says which signal and which noise. The store is an array that
    // the compiled program holds.
    const mixing =
      ({ zeta, noise }: Store) =>
      (key: Key, m: NDArray): NDArray => {
        const [which, whose] = random.randint(key, [2], 0, signals).unstack(2)
        const slope = m.add(np.take(zeta, which, { axis: 0 }))
        return slope.mul(x).add(np.take(noise, whose, { axis: 0 }))
      }
    const anew = await SimulatorIMNN({ ...common, simulator: mixing(training) }).fit({ ...fit, rng: trainKey })

    // ── What they are worth ────────────────────────────────────────────────────────────────────────────────────────

    // On the validation set, with the last weights of both; and what each believed of itself in training.
    const judge = GradientIMNN({
      ...common,
      fiducial: lines(validation),
      derivative,
    })
    const onValidation = async (w: typeof fixed.w): Promise<number> =>
      ((await (await judge.withStatistics({ w })).F.js()) as number[][])[0]![0]!
    const late = (history: readonly number[]): number => {
      const last = history.slice(-20)
      return last.reduce((sum, value) => sum + value, 0) / last.length
    }
    const outcome = {
      fixed: { believed: late(fixed.history.detF), found: await onValidation(fixed.finalW) },
      anew: { believed: late(anew.history.detF), found: await onValidation(anew.finalW) },
    }
    say(`a line holds F = ${analyticF.toFixed(1)} about its slope; ${signals} signals and noises to learn from`)
    say(
      `added once: F = ${outcome.fixed.believed.toFixed(0)} in training, ${outcome.fixed.found.toFixed(0)} on other lines`,
    )
    say(
      `added anew: F = ${outcome.anew.believed.toFixed(0)} in training, ${outcome.anew.found.toFixed(0)} on other lines`,
    )
    await fixed.plot({ expectedDetF: Number(analyticF.toPrecision(6)) }).save(join(out, 'fixed.svg'))
    await anew.plot({ expectedDetF: Number(analyticF.toPrecision(6)) }).save(join(out, 'anew.svg'))
    return outcome
  },
)

interface Store {
  readonly zeta: NDArray
  readonly noise: NDArray
}
