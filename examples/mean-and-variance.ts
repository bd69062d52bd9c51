/**
 * One problem, eight IMNNs: ten numbers, and what they know about their mean and variance (|F| = 50).
 *
 * The eight differ in where simulations and derivatives come from, and in whether all are computed at once. Look for the
 * one that is like your problem, and copy its few lines: `IMNN` would choose it by the same options.
 *
 *     npm run example -- mean-and-variance --class GradientIMNN
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { devices, type Key, np, type NDArray, random, valueAndJacfwd, vmap } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import { IMNN, type Kind } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { example } from './lib/example.ts'
import { choice, folder, whole } from './lib/flags.ts'
import { say, stopwatch } from './lib/report.ts'

export const kinds = [
  'SimulatorIMNN',
  'AggregatedSimulatorIMNN',
  'GradientIMNN',
  'AggregatedGradientIMNN',
  'DatasetGradientIMNN',
  'NumericalGradientIMNN',
  'AggregatedNumericalGradientIMNN',
  'DatasetNumericalGradientIMNN',
] as const satisfies readonly Kind[]

// ── The problem ────────────────────────────────────────────────────────────────────────────────────────────────────

const simulator = (key: Key, theta: NDArray): NDArray => {
  const [mean, variance] = theta.unstack(2)
  return random.normal(key, [10]).mul(np.sqrt(variance)).add(mean)
}
const thetaFid = [0, 1]
const expectedDetF = 50

/** Simulations and their derivatives in θ: [N, 10] and [N, 10, 2]. */
const exact = (keys: Key): readonly [NDArray, NDArray] =>
  vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })(keys, np.array(thetaFid))

/** The whole distance between the places below and above, for each parameter. */
const deltaTheta = [0.1, 0.2]

/** Simulations [N, 10], and those below and above from the same keys [N, 2, 2, 10]: side, then parameter. */
function beside(keys: Key): readonly [NDArray, NDArray] {
  const at = (theta: readonly number[]): NDArray => vmap(simulator, { inAxes: [0, null] })(keys, np.array(theta))
  const side = (sign: number): NDArray => {
    const moved = thetaFid.map((_, p) =>
      thetaFid.map((value, q) => (p === q ? value + (sign * deltaTheta[p]!) / 2 : value)),
    )
    return np.stack(moved.map(at), { axis: 1 })
  }
  return [at(thetaFid), np.stack([side(-1), side(1)], { axis: 1 })]
}

// ── The eight ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Data {
  readonly nS: number
  readonly keys: Key
  readonly validationKeys: Key
  readonly nPerDevice: number
}

/** What each class takes beside what all take. */
export function optionsOf(kind: Kind, { nS, keys, validationKeys, nPerDevice }: Data) {
  const [cpu] = devices('cpu')
  const inParts = { host: cpu, devices: [cpu], nPerDevice }
  const arrays = (make: typeof exact) => {
    const [[fiducial, derivative], [validationFiducial, validationDerivative]] = [make(keys), make(validationKeys)]
    return { fiducial, derivative, validationFiducial, validationDerivative }
  }
  // One dataset a device: in batches, the same in each epoch, without end.
  const endless = <T>(tree: T) => [Dataset.fromTensorSlices(tree).batch(nPerDevice).repeat()]
  switch (kind) {
    case 'SimulatorIMNN':
      return { simulator }
    case 'AggregatedSimulatorIMNN':
      return { simulator, ...inParts }
    case 'GradientIMNN':
      return arrays(exact)
    case 'AggregatedGradientIMNN':
      return { ...arrays(exact), ...inParts }
    case 'DatasetGradientIMNN':
      return { main: endless(exact(keys)), validationMain: endless(exact(validationKeys)), ...inParts }
    case 'NumericalGradientIMNN':
      return { ...arrays(beside), deltaTheta }
    case 'AggregatedNumericalGradientIMNN':
      return { ...arrays(beside), deltaTheta, ...inParts }
    case 'DatasetNumericalGradientIMNN': {
      // One simulation a row: the parameter fastest, then the side, then the key.
      const rows = (derivative: NDArray): NDArray => derivative.reshape([nS * 2 * 2, 10])
      const [[fiducial, derivative], [validationFiducial, validationDerivative]] = [
        beside(keys),
        beside(validationKeys),
      ]
      return {
        fiducial: endless(fiducial),
        derivative: endless(rows(derivative)),
        validationFiducial: endless(validationFiducial),
        validationDerivative: endless(rows(validationDerivative)),
        deltaTheta,
        ...inParts,
      }
    }
  }
}

const flags = {
  class: choice('all', ['all', ...kinds], 'which IMNN'),
  nS: whole(1000, 'simulations, and as many for validation', 10),
  nPerDevice: whole(100, 'simulations in a batch, where they are computed in parts'),
  maxIterations: whole(1000, 'iterations; training ends before, when |F| no longer grows'),
  seed: whole(1, 'of network and simulations', 0),
  out: folder('out/mean-and-variance', 'for a picture of each history'),
}

export const meanAndVariance = example(
  'mean-and-variance',
  'The mean and variance of ten numbers, by all eight IMNNs.',
  flags,
  async ({ class: name, nS, nPerDevice, maxIterations, seed, out }) => {
    await mkdir(out, { recursive: true })
    const [dataKey, modelKey, trainKey] = random.split(random.PRNGKey(seed), 3).unstack(3)
    const all = random.split(dataKey, 2 * nS)
    const data: Data = {
      nS,
      nPerDevice,
      keys: all.slice([0, nS]) as Key,
      validationKeys: all.slice([nS, 2 * nS]) as Key,
    }
    const observed = vmap(simulator, { inAxes: [0, null] })(
      random.split(random.PRNGKey(1234), 100),
      np.array([0.5, 1.2]),
    )
    const fits = []
    for (const kind of kinds.filter((k) => name === 'all' || name === k)) {
      const imnn = IMNN({
        nS,
        nD: nS,
        nParams: 2,
        nSummaries: 2,
        inputShape: [10],
        thetaFid,
        model: serial(Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(2)),
        optimizer: adam({ stepSize: 1e-3 }),
        keyOrState: modelKey,
        ...optionsOf(kind, data),
      })
      const fitting = stopwatch()
      // Without a validation set a larger |F| is also a luckier draw: then it takes more patience.
      const patience = kind.includes('Simulator') ? 100 : 10
      const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, patience, maxIterations, rng: trainKey })
      await fitted.plot({ expectedDetF }).save(join(out, `${kind}.svg`))
      const [[a, b], [c, d]] = (await fitted.F.js()) as [[number, number], [number, number]]
      const detF = a * d - b * c
      const estimate = (await fitted.getEstimate(observed).mean(0).js()) as number[]
      say(
        `${fitted.kind.padEnd(32)} |F| = ${detF.toFixed(1)} of ${expectedDetF}, ${fitted.iterations} iterations in ${fitting()}; ` +
          `μ = 0.5, Σ = 1.2 estimated as ${estimate.map((value) => value.toFixed(2)).join(', ')}`,
      )
      fits.push({ kind, fitted, detF, estimate })
    }
    say(`pictures are in ${out}`)
    return fits
  },
)
