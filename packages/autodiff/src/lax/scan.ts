import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { ShapeError, TreeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays } from '../array/tree-types.ts'
import { arrayDef, treeLeaves, treePaths, treeUnflatten } from '../array/tree.ts'
import { scanLoop } from '../control/scan.ts'
import { checkAlike, type Given, outputAvals } from '../control/stage.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { flattenArrays, nameOf, stageFunction, type TreeFunction } from '../transforms/function.ts'
import { vmap } from '../transforms/vmap.ts'

export interface ScanOptions {
  /** The number of steps: needed without `xs`. @defaultValue the length of the first axis of `xs` */
  readonly length?: number
  /** From the last entry to the first; outputs stand where their entries do. @defaultValue false */
  readonly reverse?: boolean
  /** How many steps a compiled program makes in one iteration; `true` for all. @defaultValue 1 */
  readonly unroll?: number | boolean
}

/**
 * A loop over the first axis of the arrays in `xs`: `f(carry, x)` gives `[carry, y]`, the carry goes into the next
 * step and the `y`s are stacked. `f` is traced once, whatever the length; the loop has derivatives in both modes.
 *
 * What `f` gives as carry must have the structure, shapes and dtypes of `init`, where a bare number is float32. Where
 * nothing is scanned `xs` is `null`, and the options give the `length`.
 *
 * @returns `[carry, ys]`: the last carry, and the outputs with an axis of the steps in front.
 * @throws TreeError, ShapeError or DTypeError when the carry changes its type; ShapeError when `xs` have different
 * lengths; ValueError when there is no length.
 * @see JAX's `jax.lax.scan`
 * @example lax.scan((sum, x) => [sum.add(x), sum], 0, np.array([1, 2, 3])) // [6, [0, 1, 3]]
 */
export function scan<const C, const X, Y>(
  f: (
    carry: NoInfer<Arrays<C>>,
    x: NoInfer<Arrays<X>>,
  ) => readonly [carry: NoInfer<Given<Arrays<C>>>, y: Y | readonly []],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [carry: Arrays<C>, ys: Arrays<Y>] {
  const where = nameOf('lax.scan', f as TreeFunction)
  checkOptions(where, options, ['length', 'reverse', 'unroll'])
  const [start, carryDef] = flattenArrays(init, `${where}: init`)
  const [arrays, xsDef] = flattenArrays(xs, `${where}: xs`)
  const length = lengthOf(where, xs, arrays, options.length)
  const entries = arrays.map((x): Aval => ({ shape: x.shape.slice(1), dtype: x.dtype }))
  const staged = stageFunction(where, f as TreeFunction, arrayDef([carryDef, xsDef]), [...start, ...entries])
  const [nextDef, ysDef] = staged.result.children
  if (staged.result.kind !== 'array' || staged.result.children.length !== 2) {
    throw new TreeError(
      `${where}: the function gives ${staged.result.kind === 'none' ? 'nothing (is there a return?)' : staged.result.text}; it must give [carry, y], with null for no y`,
    )
  }
  checkAlike(
    where,
    'the carry',
    { def: carryDef, avals: start, name: 'in init' },
    { def: nextDef!, avals: outputAvals(staged).slice(0, nextDef!.leaves), name: 'from the function' },
    'a carry keeps its structure, shapes and dtypes',
  )
  const values = scanLoop(start, arrays, staged.captured, {
    jaxpr: staged.jaxpr,
    length,
    reverse: options.reverse === true,
    unroll: unrollOf(where, options.unroll, length),
  })
  return [
    treeUnflatten(carryDef, values.slice(0, carryDef.leaves)),
    treeUnflatten(ysDef!, values.slice(carryDef.leaves)),
  ] as [Arrays<C>, Arrays<Y>]
}

function lengthOf(where: string, xs: unknown, arrays: readonly NDArray[], length: number | undefined): number {
  if (length !== undefined && (!Number.isInteger(length) || length < 0)) {
    throw new ValueError(`${where}: length is ${showGiven(length)}; it must be a whole number from 0`)
  }
  const paths = treePaths(xs, 'xs')
  const scalar = arrays.findIndex((x) => x.ndim === 0)
  if (scalar >= 0) {
    throw new ShapeError(
      `${where}: ${paths[scalar]} is ${showAval(arrays[scalar]!)}, a scalar, which has no axis to go along; close over it instead`,
    )
  }
  const expected = length ?? arrays[0]?.shape[0]
  if (expected === undefined)
    throw new ValueError(`${where}: xs holds 0 arrays; give the number of steps as { length }`)
  const other = arrays.findIndex((x) => x.shape[0] !== expected)
  if (other >= 0) {
    const whose = length === undefined ? `${paths[0]} is ${showAval(arrays[0]!)}` : `length is ${length}`
    throw new ShapeError(
      `${where}: ${whose} and ${paths[other]} is ${showAval(arrays[other]!)}; the first axes must have the same length`,
    )
  }
  return expected
}

/** `unroll` as a number of steps. */
export function unrollOf(where: string, unroll: number | boolean | undefined, length: number): number {
  if (unroll === undefined || unroll === false) return 1
  if (unroll === true) return Math.max(1, length)
  if (Number.isInteger(unroll) && unroll >= 1) return Math.min(unroll, Math.max(1, length))
  throw new ValueError(`${where}: unroll is ${showGiven(unroll)}; it must be a whole number from 1, or true`)
}

export interface MapOptions {
  /** How many entries `f` is applied to at once, by `vmap`: more memory, fewer steps. @defaultValue one after the other */
  readonly batchSize?: number
}

/**
 * `f` of each entry of the first axis, one after the other, and the results stacked. It takes the memory of one call at
 * a time, where `vmap` takes that of all.
 *
 * @throws ShapeError when the arrays in `xs` have different lengths, ValueError when there are none.
 * @see JAX's `jax.lax.map`
 * @example lax.map((x) => x.mul(x.sum()), np.array([[1, 2], [3, 4]])) // [[3, 6], [21, 28]]
 */
export function map<const X, Y>(f: (x: NoInfer<Arrays<X>>) => Y, xs: X, options: MapOptions = {}): Arrays<Y> {
  const where = nameOf('lax.map', f as TreeFunction)
  const { batchSize } = checkOptions(where, options, ['batchSize'])
  const call = f as (x: unknown) => unknown
  const over = (g: (x: unknown) => unknown, all: unknown): unknown => scan((_, x) => [null, g(x)], null, all)[1]
  const [arrays, def] = flattenArrays(xs, `${where}: xs`)
  const length = lengthOf(where, xs, arrays, undefined)
  if (batchSize === undefined) return over(named(call, f.name), xs) as Arrays<Y>
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new ValueError(`${where}: batchSize is ${showGiven(batchSize)}; it must be a whole number from 1`)
  }
  const whole = Math.floor(length / batchSize)
  const part = (from: number, to: number): NDArray[] => arrays.map((x) => sliceAxis(x, 0, from, to))
  const blocks = part(0, whole * batchSize).map((x) => reshape(x, [whole, batchSize, ...x.shape.slice(1)]))
  const batched = vmap(call as (x: never) => unknown) as (x: unknown) => unknown
  const stacked = over(batched, treeUnflatten(def, blocks))
  const [results, resultDef] = flattenArrays(stacked, 'ys')
  const joined = results.map((y) => reshape(y, [whole * batchSize, ...y.shape.slice(2)]))
  if (whole * batchSize === length) return treeUnflatten(resultDef, joined) as Arrays<Y>
  const rest = treeLeaves(batched(treeUnflatten(def, part(whole * batchSize, length)))) as NDArray[]
  return treeUnflatten(
    resultDef,
    joined.map((y, i) => concatenate([y, rest[i]!], 0)),
  ) as Arrays<Y>
}

/** The function under another name, for messages. */
function named<F extends (x: unknown) => unknown>(f: F, name: string): F {
  const g = ((x: unknown) => f(x)) as F
  Object.defineProperty(g, 'name', { value: name })
  return g
}
