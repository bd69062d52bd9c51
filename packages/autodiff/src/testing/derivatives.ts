import { showGiven } from '../array/show.ts'
import { ValueError } from '../array/errors.ts'
import { array } from '../array/create.ts'
import { type DType, isComplex } from '../array/dtype.ts'
import { fromHost, type NDArray } from '../array/ndarray.ts'
import { jvp } from '../transforms/jvp.ts'
import { vjp } from '../transforms/vjp.ts'
import type { TreeFunction } from '../transforms/function.ts'
import { directions, flatten, type FlatFunction, innerProduct, checkSettings } from './functions.ts'
import { expectClose, LawError, type Tolerance, toleranceFor } from './numbers.ts'

const MOST_ORDERS = 10
const checked = (name: string, options: DerivativeOptions): DerivativeOptions =>
  checkSettings(name, options, ['tolerance', 'step', 'seed'])

export interface DerivativeOptions {
  /** How far derivatives may be from differences. @defaultValue what differences in the arguments' dtype can give */
  readonly tolerance?: Tolerance
  /** The step of the differences. @defaultValue the cube root of the dtype's rounding */
  readonly step?: number
  /** Chooses the directions. @defaultValue 1 */
  readonly seed?: number
}

export interface GradOptions extends DerivativeOptions {
  /** Derivatives of derivatives, up to this order. @defaultValue 2 */
  readonly order?: number
  /** Forward mode, reverse mode, or both. @defaultValue ['forward', 'reverse'] */
  readonly modes?: readonly ('forward' | 'reverse')[]
}

/** The cube root of a dtype's rounding, and how near differences with that step can be. */
const DIFFERENCES: Partial<Record<DType, readonly [step: number, tolerance: number]>> = {
  bfloat16: [2 ** -2, 0.25],
  float16: [2 ** -3, 0.05],
  float32: [2 ** -8, 1e-2],
  complex64: [2 ** -8, 1e-2],
  float64: [2 ** -17, 1e-6],
}

/** What differences can give in the coarsest dtype among the arrays. */
const differencesIn = (arrays: readonly NDArray[]): readonly [step: number, tolerance: number] =>
  arrays.map((x) => DIFFERENCES[x.dtype] ?? ([0, 0] as const)).reduce((a, b) => (a[0] > b[0] ? a : b), [2 ** -17, 1e-6])

/** (f(x + h·v) − f(x − h·v)) / 2h, in double precision after `f`. */
async function difference(f: FlatFunction, v: readonly NDArray[], step: number): Promise<NDArray[]> {
  const shifted = (by: number): NDArray[] => f.call(...f.point.map((x, i) => x.add((v[i] as NDArray).mul(by))))
  const [above, below] = [shifted(step), shifted(-step)]
  return Promise.all(
    above.map(async (y, i) => {
      const [a, b] = await Promise.all([y.data(), (below[i] as NDArray).data()])
      const slopes = Float64Array.from(a, (value, k) => (value - (b[k] as number)) / (2 * step))
      return isComplex(y.dtype)
        ? fromHost(Float32Array.from(slopes), y.shape, y.dtype)
        : array(slopes, { shape: y.shape, dtype: y.dtype })
    }),
  )
}

async function forward(f: FlatFunction, options: DerivativeOptions): Promise<void> {
  const { point } = f
  const seed = options.seed ?? 1
  const v = directions(point, seed)
  const outputs = f.call(...point)
  const exact = toleranceFor([...point, ...outputs], 100)
  const [value, tangent] = jvp(f.call, [...point], v)
  await expectClose('checkJvp: the value under jvp and the value', value, outputs, exact)
  const w = directions(point, seed + 1)
  const combined = v.map((x, i) => x.mul(-2).add(w[i] as NDArray))
  const [, tangentOfW] = jvp(f.call, [...point], w)
  const [, tangentOfCombined] = jvp(f.call, [...point], combined)
  await expectClose(
    'checkJvp: jvp along w − 2v and jvp along w − 2 · jvp along v',
    tangentOfCombined,
    tangentOfW.map((t, i) => t.sub((tangent[i] as NDArray).mul(2))),
    toleranceFor([...point, ...outputs], 1000),
  )
  const [step, near] = differencesIn([...point, ...outputs])
  const tolerance = options.tolerance ?? { rtol: near, atol: near }
  await expectClose('checkJvp: jvp and differences', tangent, await difference(f, v, options.step ?? step), tolerance)
}

async function reverse(f: FlatFunction, options: DerivativeOptions): Promise<void> {
  const { point } = f
  const seed = options.seed ?? 1
  const outputs = f.call(...point)
  const [value, pullback] = vjp(f.call, ...point)
  const exact = toleranceFor([...point, ...outputs], 100)
  await expectClose('checkVjp: the value under vjp and the value', value, outputs, exact)
  const v = directions(point, seed)
  const u = directions(outputs, seed + 2)
  const [, tangent] = jvp(f.call, [...point], v)
  const left = await innerProduct(tangent, u)
  const right = await innerProduct(v, pullback(u))
  const { rtol, atol } = options.tolerance ?? toleranceFor([...point, ...outputs], 10_000)
  if (!(Math.abs(left - right) <= atol + rtol * Math.abs(right)))
    throw new LawError(`checkVjp: ⟨J v, u⟩ is ${left} and ⟨v, Jᵀ u⟩ is ${right}`)
}

/**
 * Checks forward mode at `args`: the value under `jvp` is the value, `jvp` is linear in its tangent, and agrees with
 * central differences along a direction. Leaves that are not floats or complex numbers are held fixed.
 *
 * @throws LawError with the numbers that differ.
 * @example await checkJvp(np.sin, [np.array([0.5, 2])])
 */
export const checkJvp = async (
  f: TreeFunction,
  args: readonly unknown[],
  options: DerivativeOptions = {},
): Promise<void> => forward(flatten('checkJvp', f, args), checked('checkJvp', options))

/**
 * Checks reverse mode at `args`: the value under `vjp` is the value, and the pullback is the transpose of `jvp`:
 * ⟨J v, u⟩ = ⟨v, Jᵀ u⟩ (of complex numbers the real part, and nothing is conjugated).
 *
 * @throws LawError with the numbers that differ.
 * @example await checkVjp(np.matmul, [np.ones([2, 3]), np.ones([3, 4])])
 */
export const checkVjp = async (
  f: TreeFunction,
  args: readonly unknown[],
  options: DerivativeOptions = {},
): Promise<void> => reverse(flatten('checkVjp', f, args), checked('checkVjp', options))

/**
 * Checks the derivatives of `f` at `args`, to second order by default: forward mode against differences, reverse mode
 * as its transpose, and both again on the derivatives themselves.
 *
 * @throws LawError with the numbers that differ.
 * @example await checkGrads((x) => np.sin(x).mul(x), [np.array([0.5, 2], { dtype: 'float64' })])
 */
export async function checkGrads(f: TreeFunction, args: readonly unknown[], options: GradOptions = {}): Promise<void> {
  const flat = flatten('checkGrads', f, args)
  checkSettings('checkGrads', options, ['order', 'modes', 'tolerance', 'step', 'seed'])
  const { order = 2, modes } = options
  if (!Number.isInteger(order) || order < 1 || order > MOST_ORDERS) {
    throw new ValueError(
      `checkGrads: order is ${showGiven(order)}; it must be a whole number from 1 to ${MOST_ORDERS}, as each order takes twice the work`,
    )
  }
  if (
    modes !== undefined &&
    (!Array.isArray(modes) || !modes.every((mode) => mode === 'forward' || mode === 'reverse'))
  )
    throw new ValueError(`checkGrads: modes are a list of 'forward' and 'reverse', not ${showGiven(modes)}`)
  await check(flat, order, options)
}

async function check(f: FlatFunction, order: number, options: GradOptions): Promise<void> {
  const modes = options.modes ?? ['forward', 'reverse']
  if (modes.includes('forward')) await forward(f, options)
  if (modes.includes('reverse')) await reverse(f, options)
  if (order <= 1) return
  const seed = (options.seed ?? 1) + 10
  const next = { ...options, seed }
  if (modes.includes('forward')) {
    const v = directions(f.point, seed)
    await check({ ...f, call: (...xs) => jvp(f.call, xs, v)[1] }, order - 1, next)
  }
  if (modes.includes('reverse')) {
    const u = directions(f.call(...f.point), seed)
    await check({ ...f, call: (...xs) => vjp(f.call, ...xs)[1](u) }, order - 1, next)
  }
}
