import type { Arrays, Liberal } from '../array/tree-types.ts'
import { checkArray } from './operands.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, showShape, sizeOf, withoutAxes } from '../array/shape.ts'
import { treeUnflatten } from '../array/tree.ts'
import { isFloat } from '../array/dtype.ts'
import { reduceSum } from '../primitives/broadcast.ts'
import { xor } from '../primitives/comparison.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { rowsOf } from '../primitives/reduction-nodes.ts'
import { reduceAnd, reduceMax, reduceMin, reduceOr, reduceProd } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { slice } from '../primitives/slicing.ts'
import {
  type Computation,
  isIdentity,
  type MonoidName,
  monoidOf,
  monoids,
  onElements,
  reductionOperands,
  spread,
} from './monoid.ts'

type Combine = (held: readonly NDArray[], next: readonly NDArray[]) => readonly NDArray[]

/**
 * Combines the entries over some axes, beginning with `initValues`. The computation is `'add'`, `'mul'`, `'max'`,
 * `'min'`, `'and'`, `'or'` or `'xor'`, the function of `lax` of that name, or any associative function of scalars (of
 * trees of them, for a tree of operands); it is applied to neighbours, in as many steps as halving takes.
 *
 * @throws ShapeError when axes are not there or the operands differ in shape; ValueError for an unknown computation;
 * TreeError when operands and initial values do not match.
 * @see JAX's `jax.lax.reduce`
 * @example lax.reduce(np.array([[1, 2], [3, 4]]), 1, lax.mul, [1]) // [2, 12]
 */
export function reduce<T>(
  operands: T,
  initValues: Liberal<T>,
  computation: Computation<Arrays<T>>,
  dimensions: readonly number[],
): Arrays<T> {
  const { arrays, inits, def } = reductionOperands('reduce', operands, initValues)
  const { shape } = arrays[0]!
  checkAxes(dimensions, shape, 'reduce')
  const left = withoutAxes(shape, dimensions)
  const first = inits.map((init) => spread(init, left))
  if (sizeOf(shape) === 0) return treeUnflatten(def, first) as Arrays<T>
  const kind = monoidOf('reduce', computation)
  const combine: Combine =
    kind === undefined
      ? onElements('reduce', computation as (held: never, next: never) => unknown, def)
      : (held, next) => held.map((x, i) => monoids[kind](x, next[i]!))
  if (kind !== undefined && arrays.length === 1) {
    const known = ofMonoid(kind, arrays[0]!, dimensions)
    if (known !== undefined) {
      return treeUnflatten(def, isIdentity(kind, inits[0]!) ? [known] : combine(first, [known])) as Arrays<T>
    }
  }
  return treeUnflatten(def, combine(first, halved(arrays, dimensions, combine))) as Arrays<T>
}

/** The reduction of an operation that has a primitive for the dtype. */
function ofMonoid(kind: MonoidName, x: NDArray, axes: readonly number[]): NDArray | undefined {
  if (x.dtype === 'bool') {
    if (kind === 'or' || kind === 'max') return reduceOr(x, axes)
    return kind === 'and' || kind === 'min' ? reduceAnd(x, axes) : undefined
  }
  const reductions: Partial<Record<MonoidName, (y: NDArray, axes: readonly number[]) => NDArray>> = {
    add: reduceSum,
    mul: reduceProd,
    max: reduceMax,
    min: reduceMin,
  }
  return reductions[kind]?.(x, axes)
}

/** Neighbours combined, again and again, in order. */
function halved(arrays: readonly NDArray[], axes: readonly number[], combine: Combine): readonly NDArray[] {
  const shape = withoutAxes(arrays[0]!.shape, axes)
  let rows: readonly NDArray[] = arrays.map((x) => rowsOf(x, axes))
  const last = shape.length
  const every = (x: NDArray, start: number, limit: number, stride: number): NDArray =>
    slice(x, {
      starts: [...shape.map(() => 0), start],
      limits: [...shape, limit],
      strides: [...shape.map(() => 1), stride],
    })
  for (let n = rows[0]!.shape[last]!; n > 1; n = Math.ceil(n / 2)) {
    const even = n - (n % 2)
    const pairs = combine(
      rows.map((x) => every(x, 0, even, 2)),
      rows.map((x) => every(x, 1, even, 2)),
    )
    rows = n % 2 === 0 ? pairs : pairs.map((x, i) => concatenate([x, every(rows[i]!, n - 1, n, 1)], last))
  }
  return rows.map((x) => reshape(x, shape))
}

/**
 * The exclusive or over `axes`, bit by bit, of integers or booleans; 0 over nothing.
 *
 * @throws DTypeError for floats; ShapeError when axes are not there.
 * @see JAX's `jax.lax.reduce_xor`
 * @example lax.reduceXor(np.array([true, true, true]), [0]) // true
 */
export function reduceXor(x: NDArray, axes: readonly number[]): NDArray {
  if (isFloat(checkArray('reduceXor', x).dtype)) {
    throw new DTypeError(
      `reduceXor: ${x.dtype}${showShape(x.shape)} has no bits to combine; it takes integers and bool`,
    )
  }
  return reduce(x, 0, xor, axes)
}
