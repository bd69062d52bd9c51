import type { Tolerance } from './numbers.ts'
import { showGiven } from '../array/show.ts'
import { ValueError } from '../array/errors.ts'
import { checkList, checkOptions } from '../array/options.ts'
import { array } from '../array/create.ts'
import { isComplex } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import { type TreeDef, treeUnflatten } from '../array/tree.ts'
import type { Aval } from '../core/jaxpr.ts'
import { complex } from '../primitives/complex.ts'
import { flattenArrays, type TreeFunction, nameOf } from '../transforms/function.ts'
import { hasDerivatives } from './numbers.ts'

/** A function of its leaves of floats and complex numbers, the others held fixed; its results are those leaves of its result. */
export interface FlatFunction {
  readonly call: (...floats: NDArray[]) => NDArray[]
  readonly point: readonly NDArray[]
}

/** Throws unless there are a function and the list of its arguments. */
export function checkCall(name: string, f: TreeFunction, args: readonly unknown[]): void {
  nameOf(name, f)
  checkList(name, 'args', args)
}

/** The options as they are; throws a ValueError for unknown ones, and for wrong tolerances and numbers. */
export function checkSettings<
  O extends { readonly tolerance?: Tolerance; readonly step?: number; readonly seed?: number },
>(name: string, options: O, known: readonly (keyof O & string)[]): O {
  const { tolerance, step, seed } = checkOptions(name, options, known)
  for (const [what, value] of Object.entries({ step, seed })) {
    if (value !== undefined && typeof value !== 'number')
      throw new ValueError(`${name}: ${what} is ${showGiven(value)}; it must be a number`)
  }
  if (tolerance === undefined) return options
  const { rtol, atol } = checkOptions(`${name}: tolerance`, tolerance, ['rtol', 'atol'])
  if (typeof rtol === 'number' && typeof atol === 'number') return options
  throw new ValueError(`${name}: the tolerance is ${showGiven(tolerance)}; it must be { rtol, atol }, 2 numbers`)
}

/** `f` at `args` as a function of arrays alone. */
export function flatten(name: string, f: TreeFunction, args: readonly unknown[]): FlatFunction {
  checkCall(name, f, args)
  const [leaves, def] = flattenArrays(args, 'args')
  const call = (...floats: NDArray[]): NDArray[] => {
    let next = 0
    const all = leaves.map((x) => (hasDerivatives(x) ? (floats[next++] as NDArray) : x))
    return flattenArrays(callWith(f, def, all), 'result')[0].filter(hasDerivatives)
  }
  return { call, point: leaves.filter(hasDerivatives) }
}

const callWith = (f: TreeFunction, def: TreeDef, leaves: readonly NDArray[]): unknown =>
  f(...(treeUnflatten(def, leaves) as never[]))

/** Arrays of numbers in ±[½, 1], of the shapes and dtypes of `like`: the same for the same seed. */
export function directions(like: readonly NDArray[], seed: number): NDArray[] {
  let state = (seed * 0x9e3779b9) >>> 0
  const next = (): number => {
    // xorshift; the low bits choose the sign
    state = (state ^ (state << 13) ^ 0x5bd1e995) >>> 0
    state = (state ^ (state >>> 17)) >>> 0
    state = (state ^ (state << 5)) >>> 0
    const size = 0.5 + (state >>> 9) / 2 ** 24
    return (state & 1) === 0 ? size : -size
  }
  const real = (x: Aval): NDArray =>
    array(Array.from({ length: sizeOf(x.shape) }, next), { shape: x.shape, dtype: x.dtype })
  return like.map(({ shape, dtype }) => {
    if (!isComplex(dtype)) return real({ shape, dtype })
    const part: Aval = { shape, dtype: 'float32' }
    return complex(real(part), real(part))
  })
}

/**
 * Σ over all arrays of the products of their elements, in double precision; of complex products the real part. Not
 * conjugated: it is the pairing that a pullback is the transpose in (JAX's convention).
 */
export async function innerProduct(xs: readonly NDArray[], ys: readonly NDArray[]): Promise<number> {
  let sum = 0
  for (const [i, x] of xs.entries()) {
    const [a, b] = await Promise.all([x.data(), (ys[i] as NDArray).data()])
    // Of complex numbers the parts come in turn.
    const sign = isComplex(x.dtype) ? -1 : 1
    a.forEach((value, k) => (sum += (k % 2 === 1 ? sign : 1) * value * (b[k] as number)))
  }
  return sum
}
