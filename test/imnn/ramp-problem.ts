import { devices, type Key, legacyRandom, np, type NDArray, valueAndJacfwd, vmap } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import type { OptimizerTriple } from '@cotangent/imnn'
import { adam, Conv, Dense, Flatten, LeakyRelu, serial, Tanh } from '@cotangent/nn'

/** A problem whose simulations rise over their entries, as make_shapes.py has it. */
export interface RampCase {
  readonly kind: 'gradient' | 'numerical' | 'simulator'
  readonly seed: number
  readonly shape: readonly number[]
  readonly n_s: number
  readonly n_d: number
  readonly params: 1 | 2 | 3
  readonly summaries: number
  readonly validation: boolean
  readonly model: 'dense' | 'flat' | 'conv'
  readonly theta: readonly number[]
  readonly delta: readonly number[]
  /** @defaultValue adam({ stepSize: 2e-3 }) */
  readonly optimizer?: OptimizerTriple
}

const simulatorOf = ({ shape, params }: RampCase) => {
  const ramp = np
    .linspace(
      0,
      1,
      shape.reduce((a, b) => a * b),
    )
    .reshape(shape)
  return (key: Key, theta: NDArray): NDArray => {
    const n = legacyRandom.normal(key, shape)
    const [a, b, c] = theta.unstack(params) as readonly NDArray[] as readonly [NDArray, NDArray, NDArray]
    if (params === 1) return ramp.add(1).mul(a).add(n)
    if (params === 2) return ramp.add(1).mul(np.sqrt(b)).mul(n).add(a)
    return ramp.mul(b).add(a).add(np.sqrt(c).mul(n))
  }
}
const before = { dense: [], flat: [Flatten], conv: [Conv(4, [2, 2]), Tanh, Flatten] }

/** What all IMNNs of a case are given, and the simulations of its training and validation sets. */
export function problem(given: RampCase) {
  const { n_s: nS, n_d: nD, params, kind, validation } = given
  const [rng, modelKey, fitKey] = legacyRandom.split(legacyRandom.PRNGKey(given.seed), 3).unstack(3) as [Key, Key, Key]
  const keys = legacyRandom.split(rng, 2 * nS)
  const [thetaFid, deltaTheta] = [np.array(given.theta), np.array(given.delta)]
  const simulator = simulatorOf(given)
  const simulate = vmap(simulator, { inAxes: [0, null] })
  const derivativeOf = (k: Key): NDArray => {
    if (kind !== 'numerical') {
      const exact = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })
      return (exact(k, thetaFid) as [NDArray, NDArray])[1]
    }
    const at = (sign: number, p: number) =>
      thetaFid.add(
        np
          .eye(params)
          .at(p)
          .mul(deltaTheta.mul(sign / 2)),
      )
    const side = (sign: number) =>
      np.stack(
        given.theta.map((_, p) => simulate(k, at(sign, p))),
        { axis: 1 },
      )
    return np.stack([side(-1), side(1)], { axis: 1 })
  }
  const set = (from: number) => ({
    fiducial: simulate(keys.slice([from, from + nS]) as Key, thetaFid),
    derivative: derivativeOf(keys.slice([from, from + nD]) as Key),
  })
  const common = {
    nS,
    nD,
    nParams: params,
    nSummaries: given.summaries,
    inputShape: given.shape,
    thetaFid,
    model: serial(...before[given.model], Dense(24), LeakyRelu, Dense(given.summaries)),
    optimizer: given.optimizer ?? adam({ stepSize: 2e-3 }),
    keyOrState: modelKey,
    random: legacyRandom,
    ...(kind === 'numerical' && { deltaTheta }),
  }
  const sets = [set(0), ...(validation ? [set(nS)] : [])] as const
  return { common, sets, simulator, fitKey }
}

const [cpu] = devices('cpu')
const [js] = devices('js')
const nPerDevice = 10
const inParts = { host: js, devices: [js, js], nPerDevice, memory: { groupRows: 40 } }

export type Way = 'at once' | 'in parts' | 'from datasets'

/** The options of the IMNN of a case that has all at once, of that in parts, and of that which reads datasets. */
export function optionsOf(given: RampCase, how: Way): object {
  const { common, sets, simulator } = problem(given)
  const place = how === 'at once' ? { device: cpu } : inParts
  if (given.kind === 'simulator') return { ...common, ...place, simulator }
  const [training, validation] = sets
  const named = (names: readonly [string, string], [one, other]: readonly [unknown, unknown]) => ({
    [names[0]]: one,
    [names[1]]: other,
  })
  if (how !== 'from datasets') {
    const validated = validation && {
      validationFiducial: validation.fiducial,
      validationDerivative: validation.derivative,
    }
    return { ...common, ...place, ...training, ...validated }
  }
  const batches = (from: number, to: number, ...arrays: readonly NDArray[]) =>
    Dataset.fromTensorSlices(
      arrays.length === 1 ? arrays[0]!.slice([from, to]) : arrays.map((x) => x.slice([from, to])),
    )
      .batch(nPerDevice)
      .repeat()
  const shared = (n: number, ...arrays: readonly NDArray[]) => [
    batches(0, n / 2, ...arrays),
    batches(n / 2, n, ...arrays),
  ]
  const { n_s: nS, n_d: nD } = given
  const listsOf = ({ fiducial, derivative }: typeof training) => {
    if (given.kind === 'numerical') {
      const flat = derivative.reshape([-1, ...given.shape])
      return [shared(nS, fiducial), shared(flat.shape[0]!, flat)] as const
    }
    return [
      shared(nD, fiducial.slice([0, nD]), derivative),
      nS > nD ? shared(nS - nD, fiducial.slice([nD, nS])) : [],
    ] as const
  }
  const names = given.kind === 'numerical' ? (['fiducial', 'derivative'] as const) : (['main', 'remaining'] as const)
  const capital = (name: string) => `validation${name[0]!.toUpperCase()}${name.slice(1)}`
  const validated = validation && named([capital(names[0]), capital(names[1])], listsOf(validation))
  return { ...common, ...place, ...named(names, listsOf(training)), ...validated }
}
