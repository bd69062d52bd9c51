import { showGiven } from '../array/show.ts'
import { type DType, type FloatDType, isFloat, isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { broadcastShapes, checkShape, type Shape, showShape } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { convert } from '../primitives/convert.ts'
import { broadcastTo, full } from '../primitives/broadcast.ts'
import { log } from '../primitives/transcendental.ts'
import { checkKey, type Key } from './key.ts'

/** The dtypes of whole numbers. */
export type IntegerDType = 'int8' | 'int16' | 'int32' | 'int64' | UnsignedDType
export type UnsignedDType = 'uint8' | 'uint16' | 'uint32' | 'uint64'

export interface FloatOptions<D extends FloatDType> {
  /** @defaultValue 'float32' */
  readonly dtype?: D
}

export interface IntegerOptions<D extends IntegerDType> {
  /** @defaultValue 'int32' */
  readonly dtype?: D
}

/** A draw from a distribution with one parameter, of the parameter's shape by default. */
export type FloatDraw1 = <D extends FloatDType = 'float32'>(
  key: Key,
  parameter: Operand,
  shape?: Shape,
  options?: FloatOptions<D>,
) => NDArray<D>

/** A draw from a distribution with two parameters, of their common shape by default. */
export type FloatDraw2 = <D extends FloatDType = 'float32'>(
  key: Key,
  first: Operand,
  second: Operand,
  shape?: Shape,
  options?: FloatOptions<D>,
) => NDArray<D>

/** Throws unless a draw of this shape and dtype from this key is possible; gives the dtype. */
export function checkDraw<D extends FloatDType>(name: string, key: Key, shape: Shape, dtype: D | undefined): D {
  checkKey(name, key)
  checkShape(shape, `random.${name}`)
  const chosen: DType = dtype ?? 'float32'
  if (!floats.has(chosen)) {
    throw new DTypeError(
      `random.${name}: the dtype is ${typeof chosen === 'string' ? chosen : showGiven(chosen)}; it must be one of ${[...floats].join(', ')}`,
    )
  }
  return chosen as D
}
const floats: ReadonlySet<unknown> = new Set<FloatDType>(['float16', 'bfloat16', 'float32', 'float64'])

/** Throws unless `dtype` is one of integers; gives it, int32 by default. */
export function checkInteger<D extends IntegerDType>(name: string, dtype: D | undefined): D {
  const chosen: DType = dtype ?? 'int32'
  if (!integers.has(chosen)) {
    throw new DTypeError(
      `random.${name}: the dtype is ${typeof chosen === 'string' ? chosen : showGiven(chosen)}; it must be one of ${[...integers].join(', ')}`,
    )
  }
  return chosen as D
}
const integers: ReadonlySet<unknown> = new Set<IntegerDType>([
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
])

/** A parameter of a distribution, in the dtype and shape of the draw. */
export const parameter = (value: Operand, shape: Shape, dtype: DType): NDArray =>
  typeof value === 'number' ? full(shape, value, dtype) : broadcastTo(convert(asArray(value), dtype), shape)

/** The shape of a parameter; numbers have none. */
export const shapeOf = (value: Operand): Shape => (value instanceof NDArray ? value : asArray(value)).shape

/** The shape of a draw: the one that is asked for, to which the parameters broadcast, or theirs. */
export function shapeOfDraw(
  name: string,
  shape: Shape | undefined,
  parameters: Readonly<Record<string, Operand>>,
): Shape {
  if (shape === undefined) return broadcastShapes(Object.values(parameters).map(shapeOf), `random.${name}`)
  checkShape(shape, `random.${name}`)
  for (const [what, value] of Object.entries(parameters)) checkFits(name, what, shapeOf(value), shape)
  return shape
}

/** A draw whose parameters were brought to its shape and dtype. */
type FloatRule = (
  key: Key,
  draw: { readonly shape: Shape; readonly dtype: FloatDType },
  ...parameters: NDArray[]
) => NDArray

/** A draw with parameters of these names, of their common shape by default. */
export const floatDraw =
  (name: string, whats: readonly string[], rule: FloatRule) =>
  (key: Key, values: readonly Operand[], shape: Shape | undefined, options: FloatOptions<FloatDType>): NDArray => {
    checkKey(name, key)
    const size = shapeOfDraw(name, shape, Object.fromEntries(whats.map((what, i) => [what, values[i]!])))
    const dtype = checkDraw(name, key, size, options.dtype)
    return rule(key, { shape: size, dtype }, ...values.map((value) => parameter(value, size, dtype)))
  }

/** A draw with one parameter. */
export function floatDraw1(name: string, what: string, rule: FloatRule): FloatDraw1 {
  const draw = floatDraw(name, [what], rule)
  return ((key, a, shape, options = {}) => draw(key, [a], shape, options)) as FloatDraw1
}

/** A draw with two parameters. */
export function floatDraw2(name: string, whats: readonly [string, string], rule: FloatRule): FloatDraw2 {
  const draw = floatDraw(name, whats, rule)
  return ((key, a, b, shape, options = {}) => draw(key, [a, b], shape, options)) as FloatDraw2
}

/** Throws unless an array of shape `own` broadcasts to `shape`. */
export function checkFits(name: string, what: string, own: Shape, shape: Shape): void {
  const lead = shape.length - own.length
  if (lead >= 0 && own.every((n, i) => n === 1 || n === shape[lead + i])) return
  throw new ShapeError(
    `random.${name}: ${what} of shape ${showShape(own)} does not broadcast to ${showShape(shape)}, the shape of the draw; leave the shape out, or make it end in ${showShape(own)}`,
  )
}

/**
 * ln x, rounded once on every device. Times a large number it decides what is accepted, and a compiled draw is to be the
 * same as a direct one.
 */
export const exactLog = (x: NDArray): NDArray => convert(log(convert(x, 'float64')), x.dtype)

/** The dtype of a parameter that may be of integers: its own if it is a float, else float32. */
export const floatDTypeOf = (x: NDArray): FloatDType => (isFloat(x.dtype) ? x.dtype : 'float32')

/** Throws a DTypeError unless an array holds whole numbers. */
export function checkWhole(name: string, what: string, x: NDArray): NDArray {
  if (isInteger(x.dtype)) return x
  throw new DTypeError(`random.${name}: ${what} is ${x.dtype}; convert it with x.astype("int32")`)
}

interface FloatInfo {
  /** The smallest normal number. */
  readonly tiny: number
  /** The distance from 1 to the next larger number. */
  readonly eps: number
}

export const floatInfo: Readonly<Record<FloatDType, FloatInfo>> = {
  float16: { tiny: 2 ** -14, eps: 2 ** -10 },
  bfloat16: { tiny: 2 ** -126, eps: 2 ** -7 },
  float32: { tiny: 2 ** -126, eps: 2 ** -23 },
  float64: { tiny: 2 ** -1022, eps: 2 ** -52 },
}
