import { checkNumberList, checkOptions } from '../array/options.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { showShape, sizeOf } from '../array/shape.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { dilated } from '../interpreter/window.ts'
import { full } from '../primitives/broadcast.ts'
import { select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { type WindowParams, windowAxes } from '../primitives/window-params.ts'
import { completeTaps, paddedTo, tapSlice, tapsOf } from '../primitives/window-taps.ts'
import { reduceWindowMax, reduceWindowMin, reduceWindowSum, windowedShape } from '../primitives/windows.ts'
import { type Computation, isIdentity, monoidOf, monoids, onElements, reductionOperands, spread } from './monoid.ts'
import { type Padding, namedPadding } from './padding.ts'

export interface ReduceWindowOptions {
  /** The distance of neighbouring entries of the operand on each axis. @defaultValue 1 */
  readonly baseDilation?: readonly number[]
  /** The distance of neighbouring entries of a window on each axis. @defaultValue 1 */
  readonly windowDilation?: readonly number[]
}

/**
 * Combines the entries of each window of an operand, beginning with `initValue`. What lies in the padding is left out.
 *
 * The computation is `'add'`, `'mul'`, `'max'`, `'min'`, `'and'`, `'or'` or `'xor'`, the function of `lax` of that
 * name, or any associative function of scalars; of several operands in a tree, a function of two such trees. All can be
 * differentiated; of equal entries the first in a window has the derivative of its maximum.
 *
 * @throws ShapeError when windows, strides, padding or dilations do not fit; ValueError for an unknown computation.
 * @see JAX's `jax.lax.reduce_window`
 * @example lax.reduceWindow(np.array([1, 3, 2, 4]), -Infinity, lax.max, [2], [2], 'VALID') // [3, 4]
 */
export function reduceWindow<T>(
  operand: T,
  initValue: Liberal<T>,
  computation: Computation<Arrays<T>>,
  windowDimensions: readonly number[],
  windowStrides?: readonly number[],
  padding: Padding = 'VALID',
  options: ReduceWindowOptions = {},
): Arrays<T> {
  const name = 'reduceWindow'
  checkOptions(name, options, ['baseDilation', 'windowDilation'])
  const { arrays, inits, def } = reductionOperands(name, operand, initValue)
  const params = windowParams(arrays[0]!, windowDimensions, windowStrides, padding, options)
  const shape = windowedShape(name, arrays[0]!, params)
  const kind = monoidOf(name, computation)
  if (kind !== undefined && arrays.length === 1) {
    const [x, init] = [arrays[0]!, inits[0]!]
    const known = ofMonoid(kind, x, params)
    if (known !== undefined) {
      const result = isIdentity(kind, init) ? known : monoids[kind](spread(init, shape), known)
      return treeUnflatten(def, [result]) as Arrays<T>
    }
  }
  const combine =
    kind === undefined
      ? onElements(name, computation as (held: never, next: never) => unknown, def)
      : (held: readonly NDArray[], next: readonly NDArray[]) => held.map((x, i) => monoids[kind](x, next[i]!))
  return treeUnflatten(def, folded(arrays, inits, shape, params, combine)) as Arrays<T>
}

function windowParams(
  x: NDArray,
  dimensions: readonly number[],
  windowStrides: readonly number[] | undefined,
  padding: Padding,
  options: ReduceWindowOptions,
): WindowParams {
  checkNumberList('reduceWindow', 'windowDimensions', dimensions)
  const ones = dimensions.map(() => 1)
  const { baseDilation = ones, windowDilation = ones } = options
  const strides = windowStrides ?? ones
  for (const [what, list] of Object.entries({ windowStrides: strides, baseDilation, windowDilation }))
    checkNumberList('reduceWindow', what, list)
  if (typeof padding === 'string') {
    if (baseDilation.some((d) => d !== 1) && padding !== 'VALID') {
      throw new ValueError(
        `reduceWindow: the padding "${padding}" is not defined for the base dilation ${showShape(baseDilation)}; give pairs`,
      )
    }
    const window = dimensions.map((n, i) => dilated(n, windowDilation[i] ?? 1))
    return {
      dimensions,
      strides,
      padding: namedPadding('reduceWindow', x.shape, window, strides, padding),
      baseDilation,
      windowDilation,
    }
  }
  return { dimensions, strides, padding, baseDilation, windowDilation }
}

/** The windows of an operation that has a primitive; of booleans, in int32. */
function ofMonoid(kind: keyof typeof monoids, x: NDArray, params: WindowParams): NDArray | undefined {
  if (x.dtype === 'bool') {
    const of =
      kind === 'or' || kind === 'max' ? reduceWindowMax : kind === 'and' || kind === 'min' ? reduceWindowMin : undefined
    if (of === undefined) return undefined
    // What lies outside is the least int32, or the greatest: held between 0 and 1 it is what it is for booleans.
    const extremes = of(convert(x, 'int32'), params)
    const bound = full(extremes.shape, kind === 'or' || kind === 'max' ? 0 : 1, 'int32')
    const held = kind === 'or' || kind === 'max' ? monoids.max(extremes, bound) : monoids.min(extremes, bound)
    return convert(held, 'bool')
  }
  if (kind === 'add') return reduceWindowSum(x, params)
  if (kind === 'max') return reduceWindowMax(x, params)
  return kind === 'min' ? reduceWindowMin(x, params) : undefined
}

/** Any other operation: one entry of all windows after the other. */
function folded(
  arrays: readonly NDArray[],
  inits: readonly NDArray[],
  shape: readonly number[],
  params: WindowParams,
  combine: (held: readonly NDArray[], next: readonly NDArray[]) => readonly NDArray[],
): readonly NDArray[] {
  let held: readonly NDArray[] = inits.map((init) => spread(init, shape))
  if (sizeOf(shape) === 0) return held
  const axes = windowAxes(arrays[0]!.shape, params)
  const padded = arrays.map((x, i) => paddedTo(x, params, inits[i]!))
  const inside = paddedTo(full(arrays[0]!.shape, 1, 'bool'), params, full([], 0, 'bool'))
  const complete = completeTaps(axes)
  const paddedAxes = axes.map((axis, i) => ({ ...axis, n: inside.shape[i]!, low: 0, high: 0, baseDilation: 1 }))
  for (const tap of tapsOf(axes)) {
    const next = padded.map((x) => tapSlice(x, paddedAxes, tap))
    const combined = combine(held, next)
    if (complete[tap] === true) held = combined
    else {
      const there = tapSlice(inside, paddedAxes, tap)
      held = combined.map((x, i) => select(there, x, held[i]!))
    }
  }
  return held
}
