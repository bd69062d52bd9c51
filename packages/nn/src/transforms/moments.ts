import { type FloatDType, type NDArray, np, type Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkDecays, checkFlags, checkFloatDTypes, checkNumbers } from '../checks.ts'
import { correction, mixed } from '../means.ts'
import { mapAlike } from '../trees.ts'
import { cast, countOf, part, stateOf, zeroCount } from './state.ts'
import { filled, type GradientTransformation } from './transformation.ts'

/** How a transformation takes a mean of updates, a second tree beside it, and the next updates from both. */
interface Moments {
  /** How much of the mean is kept. */
  readonly b1: number
  readonly muDtype?: FloatDType | undefined
  /** The second moment: from an update, the mean with it, and the second moment so far. */
  readonly second: (g: NDArray, mu: NDArray, nu: NDArray) => NDArray
  /** The next update, after `count` of them. */
  readonly next: (g: NDArray, mu: NDArray, nu: NDArray, count: NDArray) => NDArray
}

/** Updates by two moments that begin at 0. */
const byMoments = (name: string, { b1, muDtype, second, next }: Moments): GradientTransformation => ({
  init: (params) => ({ count: zeroCount(), mu: filled(name, params, 0, muDtype), nu: filled(name, params, 0) }),
  update: (updates, state) => {
    const past = stateOf(name, state, ['mu', 'nu'])
    const count = countOf(name, state).add(1)
    const mu = mapAlike(name, mixed(b1), updates, part('mu', past.mu)) as Tree
    const nu = mapAlike(name, second, updates, part('mu', mu), part('nu', past.nu)) as Tree
    const made = mapAlike(name, (g, m, v) => next(g, m, v, count), updates, part('mu', mu), part('nu', nu))
    return [made, { count, mu: cast(name, mu, muDtype), nu }]
  },
})

export interface ScaleByAdamOptions {
  /** How much of the mean of the updates is kept. @defaultValue 0.9 */
  readonly b1?: number
  /** How much of the mean of their squares is kept. @defaultValue 0.999 */
  readonly b2?: number
  /** Added to what is divided by. @defaultValue 1e-8 */
  readonly eps?: number
  /** Added under the root. @defaultValue 0 */
  readonly epsRoot?: number
  /** The dtype in which the mean is kept. @defaultValue that of the parameters */
  readonly muDtype?: FloatDType
  /** Whether the mean looks one step ahead (Dozat, 2016). @defaultValue false */
  readonly nesterov?: boolean
}

const adamOptions = ['b1', 'b2', 'eps', 'epsRoot', 'muDtype', 'nesterov'] as const

/**
 * The mean of past updates over the root of the mean of their squares, both corrected for having started at zero. Kingma
 * and Ba, "Adam" (ICLR 2015).
 *
 * @see optax's `scale_by_adam`
 * @example
 * const { init, update } = scaleByAdam()
 * const g = np.array([0.5, -2])
 * np.round(update(g, init(g))[0], { decimals: 4 }) // [1, -1]
 */
export function scaleByAdam(options: ScaleByAdamOptions = {}): GradientTransformation {
  const name = 'scaleByAdam'
  checkOptions(name, options, adamOptions)
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, muDtype, nesterov = false } = options
  checkDecays(name, { b1, b2 })
  checkNumbers(name, { eps, epsRoot })
  checkFloatDTypes(name, { muDtype })
  checkFlags(name, { nesterov })
  return byMoments(name, {
    b1,
    muDtype,
    second: (g, _, v) => mixed(b2)(np.square(g), v),
    next: (g, m, v, count) => {
      const mean = nesterov
        ? m
            .div(correction(b1, count.add(1), m.dtype))
            .mul(b1)
            .add(g.div(correction(b1, count, g.dtype)).mul(1 - b1))
        : m.div(correction(b1, count, m.dtype))
      const square = v.div(correction(b2, count, v.dtype))
      return mean.div(np.sqrt(epsRoot === 0 ? square : square.add(epsRoot)).add(eps))
    },
  })
}

/**
 * As `scaleByAdam`, with the largest mean of squares so far. Reddi, Kale and Kumar, "On the convergence of Adam and
 * beyond" (ICLR 2018).
 *
 * @see optax's `scale_by_amsgrad`
 * @example optimizer(chain(scaleByAmsgrad(), scaleByLearningRate(1e-3)))
 */
export function scaleByAmsgrad(options: Omit<ScaleByAdamOptions, 'nesterov' | 'muDtype'> = {}): GradientTransformation {
  const name = 'scaleByAmsgrad'
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0 } = checkOptions(name, options, ['b1', 'b2', 'eps', 'epsRoot'])
  checkDecays(name, { b1, b2 })
  checkNumbers(name, { eps, epsRoot })
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: filled(name, params, 0),
      nu: filled(name, params, 0),
      nuMax: filled(name, params, 0),
    }),
    update: (updates, state) => {
      const past = stateOf(name, state, ['mu', 'nu', 'nuMax'])
      const count = countOf(name, state).add(1)
      const mu = mapAlike(name, mixed(b1), updates, part('mu', past.mu)) as Tree
      const nu = mapAlike(name, (g, v) => mixed(b2)(np.square(g), v), updates, part('nu', past.nu)) as Tree
      const nuMax = mapAlike(
        name,
        (_, v, largest) => np.maximum(largest, v.div(correction(b2, count, v.dtype))),
        updates,
        part('nu', nu),
        part('nuMax', past.nuMax),
      ) as Tree
      const next = mapAlike(
        name,
        (_, m, v) => m.div(correction(b1, count, m.dtype)).div(np.sqrt(v.add(epsRoot)).add(eps)),
        updates,
        part('mu', mu),
        part('nuMax', nuMax),
      )
      return [next, { count, mu, nu, nuMax }]
    },
  }
}

/**
 * The mean of past updates over the largest of them, fading. Kingma and Ba, "Adam" (ICLR 2015).
 *
 * @see optax's `scale_by_adamax`
 * @example optimizer(chain(scaleByAdamax(), scaleByLearningRate(1e-3)))
 */
export function scaleByAdamax(options: Pick<ScaleByAdamOptions, 'b1' | 'b2' | 'eps'> = {}): GradientTransformation {
  const name = 'scaleByAdamax'
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8 } = checkOptions(name, options, ['b1', 'b2', 'eps'])
  checkDecays(name, { b1, b2 })
  checkNumbers(name, { eps })
  return byMoments(name, {
    b1,
    second: (g, _, u) => np.maximum(np.abs(g).add(eps), u.mul(b2)),
    next: (_, m, u, count) => m.div(correction(b1, count, m.dtype)).div(u),
  })
}

/**
 * The mean of past updates over how far they are from it. Zhuang et al., "AdaBelief optimizer" (NeurIPS 2020).
 *
 * @see optax's `scale_by_belief`
 * @example optimizer(chain(scaleByBelief(), scaleByLearningRate(1e-3)))
 */
export function scaleByBelief(options: Omit<ScaleByAdamOptions, 'nesterov' | 'muDtype'> = {}): GradientTransformation {
  const name = 'scaleByBelief'
  checkOptions(name, options, ['b1', 'b2', 'eps', 'epsRoot'])
  const { b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16 } = options
  checkDecays(name, { b1, b2 })
  checkNumbers(name, { eps, epsRoot })
  return byMoments(name, {
    b1,
    second: (g, m, s) => mixed(b2)(np.square(g.sub(m)), s).add(epsRoot),
    next: (_, m, s, count) =>
      m.div(correction(b1, count, m.dtype)).div(np.sqrt(s.div(correction(b2, count, s.dtype))).add(eps)),
  })
}

export interface ScaleByLionOptions {
  /** How much of the mean goes into the update. @defaultValue 0.9 */
  readonly b1?: number
  /** How much of the mean is kept. @defaultValue 0.99 */
  readonly b2?: number
  /** The dtype in which the mean is kept. @defaultValue that of the parameters */
  readonly muDtype?: FloatDType
}

/**
 * The sign of the mean of past updates with the last one. Chen et al., "Symbolic discovery of optimization algorithms"
 * (NeurIPS 2023).
 *
 * @see optax's `scale_by_lion`
 * @example optimizer(chain(scaleByLion(), scaleByLearningRate(1e-3)))
 */
export function scaleByLion(options: ScaleByLionOptions = {}): GradientTransformation {
  const name = 'scaleByLion'
  const { b1 = 0.9, b2 = 0.99, muDtype } = checkOptions(name, options, ['b1', 'b2', 'muDtype'])
  checkNumbers(name, { b1, b2 })
  checkFloatDTypes(name, { muDtype })
  return {
    init: (params) => ({ count: zeroCount(), mu: filled(name, params, 0, muDtype) }),
    update: (updates, state) => {
      const past = part('mu', stateOf(name, state, ['mu']).mu)
      const next = mapAlike(name, (g, m) => np.sign(mixed(b1)(g, m)), updates, past)
      const mu = cast(name, mapAlike(name, mixed(b2), updates, past) as Tree, muDtype)
      return [next, { count: countOf(name, state).add(1), mu }]
    },
  }
}
