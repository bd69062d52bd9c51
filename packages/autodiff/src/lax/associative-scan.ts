import { ShapeError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { insertAxis, normalizeAxis } from '../array/shape.ts'
import { type Arrays, type TreeDef, treePaths, treeUnflatten } from '../array/tree.ts'
import { checkAlike, type Given } from '../control/stage.ts'
import { showAval } from '../core/jaxpr.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { slice, sliceAxis } from '../primitives/slicing.ts'
import { flattenArrays, nameOf, type TreeFunction } from '../transforms/function.ts'

export interface AssociativeScanOptions {
  /** From the last entry to the first. @defaultValue false */
  readonly reverse?: boolean
  /** The axis to go along, of every array. @defaultValue 0 */
  readonly axis?: number
}

/**
 * All partial results of an associative operation: `[x₀, fn(x₀, x₁), fn(fn(x₀, x₁), x₂), …]`, in as many rounds as the
 * length has binary digits. `fn` gets many entries at once, along the same axis, and works on each by itself.
 *
 * @throws TreeError, ShapeError or DTypeError when `fn` gives something else than it takes; ShapeError when the arrays
 * have different lengths.
 * @see JAX's `jax.lax.associative_scan`
 * @example lax.associativeScan((a, b) => a.mul(b), np.array([1, 2, 3, 4])) // [1, 2, 6, 24]
 */
export function associativeScan<const T>(
  fn: (a: NoInfer<Arrays<T>>, b: NoInfer<Arrays<T>>) => NoInfer<Given<Arrays<T>>>,
  elems: T,
  { reverse = false, axis = 0 }: AssociativeScanOptions = {},
): Arrays<T> {
  const where = nameOf('lax.associativeScan', fn as TreeFunction)
  const [arrays, def] = flattenArrays(elems, `${where}: elems`)
  const axes = axesOf(where, elems, arrays, axis)
  const turned = (xs: readonly NDArray[]): NDArray[] => (reverse ? xs.map((x, i) => rev(x, [axes[i]!])) : [...xs])
  const combine = (a: readonly NDArray[], b: readonly NDArray[]): NDArray[] => {
    const call = fn as (x: unknown, y: unknown) => unknown
    const [results, resultDef] = flattenArrays(
      call(treeUnflatten(def, a), treeUnflatten(def, b)),
      `${where}: the result`,
    )
    checkResult(where, def, a, resultDef, results)
    return results
  }
  return treeUnflatten(def, turned(prefixes(combine, turned(arrays), axes))) as Arrays<T>
}

function axesOf(where: string, elems: unknown, arrays: readonly NDArray[], axis: number): number[] {
  const paths = treePaths(elems, 'elems')
  if (arrays.length === 0) throw new TreeError(`${where}: elems holds no arrays; give at least 1`)
  const axes = arrays.map((x, i) => normalizeAxis(axis, x.ndim, `${where}: axis of ${paths[i]}`))
  const length = arrays[0]!.shape[axes[0]!]
  const other = arrays.findIndex((x, i) => x.shape[axes[i]!] !== length)
  if (other >= 0) {
    throw new ShapeError(
      `${where}: ${paths[0]} is ${showAval(arrays[0]!)} and ${paths[other]} is ${showAval(arrays[other]!)}; they must have one length along axis ${axis}`,
    )
  }
  return axes
}

const checkResult = (
  where: string,
  def: TreeDef,
  operands: readonly NDArray[],
  resultDef: TreeDef,
  results: readonly NDArray[],
): void =>
  checkAlike(
    where,
    'the value',
    { def, avals: operands, name: 'in elems' },
    { def: resultDef, avals: results, name: 'from the function' },
    'the operation gives the structure, shapes and dtypes of its operands',
  )

type Combine = (a: readonly NDArray[], b: readonly NDArray[]) => NDArray[]

/**
 * Pairs are combined, the results of the pairs found in the same way: these are the entries at odd places. Those at
 * even places are one operation more.
 */
function prefixes(combine: Combine, xs: readonly NDArray[], axes: readonly number[]): NDArray[] {
  const length = xs[0]!.shape[axes[0]!]!
  if (length < 2) return [...xs]
  const every = (arrays: readonly NDArray[], start: number, end: number, stride = 2): NDArray[] =>
    arrays.map((x, i) => {
      const along = <V>(at: V, others: readonly V[]): V[] => others.map((v, k) => (k === axes[i] ? at : v))
      const zeros = x.shape.map(() => 0)
      return slice(x, {
        starts: along(start, zeros),
        limits: along(end, x.shape),
        strides: along(
          stride,
          zeros.map(() => 1),
        ),
      })
    })
  const pairs = Math.floor(length / 2)
  const odd = prefixes(combine, combine(every(xs, 0, 2 * pairs), every(xs, 1, 2 * pairs)), axes)
  const firsts = every(xs, 0, 1, 1)
  if (length === 2) return join(firsts, odd, axes)
  const laterEven = every(xs, 2, length)
  const before = odd.map((x, i) => sliceAxis(x, axes[i]!, 0, laterEven[i]!.shape[axes[i]!]!))
  const even = join(firsts, combine(before, laterEven), axes)
  return even.map((x, i) => interleave(x, odd[i]!, axes[i]!))
}

const join = (a: readonly NDArray[], b: readonly NDArray[], axes: readonly number[]): NDArray[] =>
  a.map((x, i) => concatenate([x, b[i]!], axes[i]!))

/** The entries of two arrays in turn; the first may have one more. */
function interleave(even: NDArray, odd: NDArray, axis: number): NDArray {
  const pairs = odd.shape[axis]!
  const column = (x: NDArray): NDArray => reshape(x, insertAxis(x.shape, axis + 1, 1))
  const both = concatenate([column(sliceAxis(even, axis, 0, pairs)), column(odd)], axis + 1)
  const mixed = reshape(
    both,
    odd.shape.map((n, i) => (i === axis ? 2 * n : n)),
  )
  const count = even.shape[axis]!
  return count === pairs ? mixed : concatenate([mixed, sliceAxis(even, axis, pairs, count)], axis)
}
