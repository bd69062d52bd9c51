import { isInteger } from '../array/dtype.ts'
import { checkOptions } from '../array/options.ts'
import { ShapeError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { normalizeAxis } from '../array/shape.ts'
import type { Arrays } from '../array/tree-types.ts'
import { type TreeDef, treePaths, treeUnflatten } from '../array/tree.ts'
import { checkAlike, type Given } from '../control/stage.ts'
import { showAval } from '../core/jaxpr.ts'
import { add } from '../primitives/arithmetic.ts'
import { associativeScan as scanned } from '../primitives/associative-scan.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { rev } from '../primitives/rev.ts'
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
  options: AssociativeScanOptions = {},
): Arrays<T> {
  const where = nameOf('lax.associativeScan', fn as TreeFunction)
  const { reverse = false, axis = 0 } = checkOptions(where, options, ['reverse', 'axis'])
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
  return treeUnflatten(def, turned(scanned(combine, turned(arrays), axes, unsigned))) as Arrays<T>
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

/** A zero has no sign: JAX puts the entries between each other by adding zeros. */
const unsigned = (arrays: readonly NDArray[]): NDArray[] =>
  arrays.map((x) => (x.dtype === 'bool' || isInteger(x.dtype) ? x : add(x, zerosLike(x))))

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
