import { showGiven } from '../array/show.ts'
import { type DType, integerRange, isFloat, isInteger, isSigned } from '../array/dtype.ts'
import { DTypeError, ShapeError, TreeError, ValueError } from '../array/errors.ts'
import { NDArray, scalar } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import type { TreeDef } from '../array/tree.ts'
import { treeUnflatten } from '../array/tree.ts'
import { showAval } from '../core/jaxpr.ts'
import { scalarValue } from '../core/trace.ts'
import { add, max, min, mul } from '../primitives/arithmetic.ts'
import { broadcastInDim } from '../primitives/broadcast.ts'
import { and, or, xor } from '../primitives/comparison.ts'
import { reshape } from '../primitives/reshape.ts'
import { extremeOf } from '../primitives/window-params.ts'
import { flattenArrays } from '../transforms/function.ts'
import { vmap } from '../transforms/vmap.ts'
import { originalOf } from './operands.ts'

/** Operations that combine entries in any grouping, by name. */
export type MonoidName = 'add' | 'mul' | 'max' | 'min' | 'and' | 'or' | 'xor'

/** Combines what is held with the next entry; a name, one of lax's own functions, or any function of scalars. */
export type Computation<T> = MonoidName | ((held: T, next: T) => unknown)

type Elementwise = (x: NDArray, y: NDArray) => NDArray

export const monoids: Readonly<Record<MonoidName, Elementwise>> = { add, mul, max, min, and, or, xor }

/** The name of an operation that is known, if it is. */
export function monoidOf(name: string, computation: unknown): MonoidName | undefined {
  if (typeof computation === 'string') {
    if (Object.hasOwn(monoids, computation)) return computation as MonoidName
    throw new ValueError(
      `${name}: unknown computation "${computation}"; use ${Object.keys(monoids).join(', ')} or a function`,
    )
  }
  if (typeof computation !== 'function')
    throw new ValueError(
      `${name}: the computation must be a function or a name, as "add"; it is ${showGiven(computation)}`,
    )
  const original = originalOf(computation)
  return (Object.keys(monoids) as MonoidName[]).find((kind) => monoids[kind] === original)
}

/** Whether `init` changes nothing that it is combined with. */
export function isIdentity(kind: MonoidName, init: NDArray): boolean {
  const value = scalarValue(init)
  const { dtype } = init
  if (value === undefined) return false
  switch (kind) {
    case 'add':
    case 'or':
    case 'xor':
      return value === 0
    case 'mul':
      return value === 1
    case 'max':
      return value === extremeOf(dtype, false)
    case 'min':
      return value === extremeOf(dtype, true)
    case 'and':
      return value === (isSigned(dtype) ? -1 : integerRange(dtype)[1])
  }
}

/** The arrays of the operands, and their initial values as scalars of the same dtypes. */
export function reductionOperands(
  name: string,
  operands: unknown,
  initValues: unknown,
): { readonly arrays: readonly NDArray[]; readonly inits: readonly NDArray[]; readonly def: TreeDef } {
  const [arrays, def] = flattenArrays(operands, `the operands of ${name}`)
  const [first] = arrays
  if (first === undefined) throw new TreeError(`${name}: there are 0 operands; give at least 1 array`)
  const odd = arrays.find((x) => showShape(x.shape) !== showShape(first.shape))
  if (odd !== undefined) {
    throw new ShapeError(`${name}: the operands ${showAval(first)} and ${showAval(odd)} must have one shape`)
  }
  const given =
    arrays.length === 1 && (typeof initValues === 'number' || typeof initValues === 'bigint')
      ? [initValues]
      : leavesOf(name, initValues, def)
  return { arrays, inits: arrays.map((x, i) => initialValue(name, given[i]!, x.dtype)), def }
}

function leavesOf(name: string, initValues: unknown, def: TreeDef): (NDArray | number | bigint)[] {
  const numbers: (NDArray | number | bigint)[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'number' || typeof value === 'bigint' || value instanceof NDArray) numbers.push(value)
    else if (typeof value === 'boolean') numbers.push(Number(value))
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
  }
  const [, structure] = flattenArrays(initValues, `the initial values of ${name}`)
  if (structure.text !== def.text) {
    throw new TreeError(
      `${name}: the operands are ${def.text}, but the initial values ${structure.text}; give one for each`,
    )
  }
  collect(initValues)
  return numbers
}

function initialValue(name: string, value: NDArray | number | bigint, dtype: DType): NDArray {
  if (typeof value === 'bigint') return scalar(value, dtype)
  if (typeof value === 'number') {
    const fits = isFloat(dtype) || Number.isInteger(value) || (isInteger(dtype) && !Number.isFinite(value))
    if (fits && !Number.isNaN(value)) return scalar(value, dtype)
    if (isFloat(dtype)) return scalar(value, dtype)
    throw new ValueError(`${name}: the initial value ${value} is none of ${dtype}; convert the operand first`)
  }
  if (value.ndim !== 0) {
    throw new ShapeError(`${name}: the initial value ${showAval(value)} must be a scalar`)
  }
  if (value.dtype !== dtype) {
    throw new DTypeError(`${name}: the initial value ${showAval(value)} must have the operand's dtype, ${dtype}`)
  }
  return value
}

/** A function of scalars (trees of them) on arrays of one shape. */
export function onElements(
  name: string,
  computation: (held: never, next: never) => unknown,
  def: TreeDef,
): (held: readonly NDArray[], next: readonly NDArray[]) => NDArray[] {
  const mapped = vmap(computation as (held: unknown, next: unknown) => unknown)
  return (held, next) => {
    const { shape, size } = held[0]!
    const flat = (xs: readonly NDArray[]): unknown => treeUnflatten(def, xs.map((x) => reshape(x, [size]))) // biome-ignore format: one call
    const [out, structure] = flattenArrays(mapped(flat(held), flat(next)), `the result of ${name}'s computation`)
    if (structure.text !== def.text) {
      throw new TreeError(`${name}: the computation gives ${structure.text}, it must give ${def.text} as it takes`)
    }
    return out.map((x, i) => {
      if (x.ndim === 1 && x.dtype === held[i]!.dtype) return reshape(x, shape)
      throw new DTypeError(
        `${name}: the computation gives ${showAval({ dtype: x.dtype, shape: x.shape.slice(1) })} for ${held[i]!.dtype}; it must give scalars of the dtype it takes`,
      )
    })
  }
}

/** An initial value for each element. */
export const spread = (init: NDArray, shape: readonly number[]): NDArray => broadcastInDim(init, shape, [])
