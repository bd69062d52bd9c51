import type { NDArray } from '../../array/ndarray.ts'
import { sum, tanh } from '../../numpy/index.ts'

/**
 * What random programs are made of. Every entry takes any two arrays of floats and a small number, gives an array of
 * floats, and is smooth wherever its operands are not at a tie; results stay of the size of the operands or less.
 */
export type Operation = (x: NDArray, y: NDArray, n: number) => NDArray
export type Operations = Readonly<Record<string, Operation>>

export const flat = (x: NDArray): NDArray => x.reshape([-1])
export const axisOf = (x: NDArray, n: number): number => (x.ndim === 0 ? 0 : n % x.ndim)
/** At least one axis. */
export const lined = (x: NDArray): NDArray => (x.ndim === 0 ? x.reshape([1]) : x)
/** A matrix: the first axis, and all others as one. */
export const rowsOf = (x: NDArray): NDArray => x.reshape([lined(x).shape[0] as number, -1])
/** Not so large that products of it overflow. */
export const held = (x: NDArray): NDArray => tanh(x).mul(2)
/** The first of all elements, `count` at most, not large. */
export const few = (x: NDArray, count: number): NDArray => held(flat(x).slice([0, count]))

/** `f` of operands that broadcast; of the sum of the second where they do not. */
export const together =
  (f: (x: NDArray, y: NDArray) => NDArray): Operation =>
  (x, y) => {
    const rank = Math.min(x.ndim, y.ndim)
    const fits = x.shape.slice(x.ndim - rank).every((n, i) => {
      const m = y.shape[y.ndim - rank + i]
      return n === m || n === 1 || m === 1
    })
    return fits ? f(x, y) : f(x, sum(y))
  }
