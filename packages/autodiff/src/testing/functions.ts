import { array } from '../array/create.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type TreeDef, treeUnflatten } from '../array/tree.ts'
import { flattenArrays, type TreeFunction } from '../transforms/function.ts'
import { isFloatArray } from './numbers.ts'

/** A function of its float leaves, the other leaves held fixed; its results are the float leaves of its result. */
export interface FlatFunction {
  readonly call: (...floats: NDArray[]) => NDArray[]
  readonly point: readonly NDArray[]
}

/** `f` at `args` as a function of arrays alone. */
export function flatten(f: TreeFunction, args: readonly unknown[]): FlatFunction {
  const [leaves, def] = flattenArrays(args, 'args')
  const call = (...floats: NDArray[]): NDArray[] => {
    let next = 0
    const all = leaves.map((x) => (isFloatArray(x) ? (floats[next++] as NDArray) : x))
    return flattenArrays(callWith(f, def, all), 'result')[0].filter(isFloatArray)
  }
  return { call, point: leaves.filter(isFloatArray) }
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
  return like.map((x) => array(Array.from({ length: x.size }, next), { shape: x.shape, dtype: x.dtype }))
}

/** Σ over all arrays of the products of their elements, in double precision. */
export async function innerProduct(xs: readonly NDArray[], ys: readonly NDArray[]): Promise<number> {
  let sum = 0
  for (const [i, x] of xs.entries()) {
    const [a, b] = await Promise.all([x.data(), (ys[i] as NDArray).data()])
    a.forEach((value, k) => (sum += value * (b[k] as number)))
  }
  return sum
}
