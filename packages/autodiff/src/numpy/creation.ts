import { checkDType, type DType } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { type ArrayOptions, array as hostArray } from '../array/create.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { checkShape, type Shape, showShape } from '../array/shape.ts'
import { add, mul } from '../primitives/arithmetic.ts'
import { eq, ge, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { asArray, holdsArrays } from './operands.ts'
import { reshape } from './shape.ts'

/**
 * An array of nested lists, a typed array (copied), a number or a boolean. Numbers are float32 unless `dtype` says
 * otherwise, also whole ones.
 *
 * @throws ShapeError when lists are ragged or `shape` does not hold the numbers given.
 * @see NumPy's `array`; there whole numbers give integers
 * @example
 * np.array([[1, 2], [3, 4]]).dtype // float32
 * np.array([0, 1], { dtype: 'int32' }).dtype // int32
 */
export function array<D extends DType = DType>(value: Operand, options: ArrayOptions<D> = {}): NDArray<D> {
  if (!holdsArrays(value)) return hostArray(value, options)
  const stacked = asArray(value)
  const typed = options.dtype === undefined ? stacked : convert(stacked, options.dtype)
  return (options.shape === undefined ? typed : reshape(typed, options.shape)) as NDArray as NDArray<D>
}
/** As `array`; an array of another dtype is converted. */
export const asarray: typeof array = array

interface DTypeOption<D extends DType> {
  /** @defaultValue 'float32' */
  readonly dtype?: D
}

/**
 * An array of this shape filled with a value.
 *
 * @example np.full([2], 7, { dtype: 'int32' }) // [7, 7]
 */
export const full = <D extends DType = 'float32'>(
  shape: Shape,
  value: number | boolean,
  options: DTypeOption<D> = {},
): NDArray<D> => filled('full', shape, value, options)
/** Zeros of this shape. */
export const zeros = <D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): NDArray<D> =>
  filled('zeros', shape, 0, options)
/** Ones of this shape. */
export const ones = <D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): NDArray<D> =>
  filled('ones', shape, 1, options)

function filled<D extends DType>(
  name: string,
  shape: Shape,
  value: number | boolean,
  { dtype }: DTypeOption<D>,
): NDArray<D> {
  const natural = typeof value === 'boolean' ? 'bool' : 'float32'
  return broadcasting.full(
    checkShape(shape, name),
    Number(value),
    dtype === undefined ? natural : checkDType(dtype, name),
  ) as NDArray as NDArray<D>
}
/** A value repeated in the shape and dtype of `x`; so `zerosLike` and `onesLike`. */
export const fullLike = <D extends DType>(x: NDArray<D>, value: number): NDArray<D> =>
  broadcasting.full(x.shape, value, x.dtype) as NDArray as NDArray<D>
export const zerosLike = <D extends DType>(x: NDArray<D>): NDArray<D> => fullLike(x, 0)
export const onesLike = <D extends DType>(x: NDArray<D>): NDArray<D> => fullLike(x, 1)

/** Numbers in their places and an options object after the last of them. */
function splitOptions<O extends object>(
  args: readonly (number | O | undefined)[],
): [numbers: (number | undefined)[], options: O] {
  const options = args.find((arg): arg is O => typeof arg === 'object')
  return [args.filter((arg): arg is number | undefined => typeof arg !== 'object'), options ?? ({} as O)]
}

/**
 * Ones on the main diagonal of an `n` × `m` matrix.
 *
 * @example
 * np.eye(2) // [[1, 0], [0, 1]]
 * np.eye(1, 2, { dtype: 'int32' }) // [[1, 0]]
 */
export function eye(n: number, options?: DTypeOption<DType>): NDArray
export function eye(n: number, m: number, options?: DTypeOption<DType>): NDArray
export function eye(n: number, ...rest: (number | DTypeOption<DType> | undefined)[]): NDArray {
  const [[m = n], { dtype = 'float32' }] = splitOptions(rest)
  checkShape([n, m], 'eye')
  return convert(eq(iota([n, m], 0, 'int32'), iota([n, m], 1, 'int32')), dtype)
}

/**
 * `start`, `start + step` … up to before `stop`; with one number 0 … `stop` − 1. float32 unless `dtype` says
 * otherwise.
 *
 * @throws ValueError when the step is 0 or a number is not finite.
 * @example
 * np.arange(3) // [0, 1, 2]
 * np.arange(1, 6, 2, { dtype: 'int32' }) // [1, 3, 5]
 */
export function arange(stop: number, options?: DTypeOption<DType>): NDArray
export function arange(start: number, stop: number, options?: DTypeOption<DType>): NDArray
export function arange(start: number, stop: number, step: number, options?: DTypeOption<DType>): NDArray
export function arange(first: number, ...rest: (number | DTypeOption<DType> | undefined)[]): NDArray {
  const [[stop, step = 1], { dtype = 'float32' }] = splitOptions(rest)
  const [from, to] = stop === undefined ? [0, first] : [first, stop]
  if (step === 0) throw new ValueError('arange: the step is 0')
  if (!Number.isFinite((to - from) / step))
    throw new ValueError(`arange: there is no range from ${from} to ${to} by ${step}; the numbers must be finite`)
  const n = Math.max(0, Math.ceil((to - from) / step))
  return hostArray(
    Array.from({ length: n }, (_, i) => from + i * step),
    { dtype, shape: [n] },
  )
}

interface LinspaceOptions extends DTypeOption<DType> {
  /** Whether `stop` is the last number. @defaultValue true */
  readonly endpoint?: boolean
}

/**
 * `num` numbers (50 by default) from `start` to `stop`, both included unless `endpoint` is false.
 *
 * @example np.linspace(0, 1, 3) // [0, 0.5, 1]
 */
export function linspace(start: number, stop: number, options?: LinspaceOptions): NDArray
export function linspace(start: number, stop: number, num: number, options?: LinspaceOptions): NDArray
export function linspace(start: number, stop: number, ...rest: (number | LinspaceOptions | undefined)[]): NDArray {
  const [[num = 50], { dtype = 'float32', endpoint = true }] = splitOptions(rest)
  checkShape([num], 'linspace')
  const steps = endpoint ? num - 1 : num
  return hostArray(
    Array.from({ length: num }, (_, i) =>
      endpoint && i === num - 1 && num > 1 ? stop : start + (i * (stop - start)) / Math.max(1, steps),
    ),
    { dtype, shape: [num] },
  )
}

/**
 * The matrix with zeros above the `k`-th diagonal.
 *
 * @example np.tril(np.ones([2, 2])) // [[1, 0], [1, 1]]
 */
export const tril = (x: Operand, k = 0): NDArray => triangle(asArray(x), k, true)
/** The matrix with zeros below the `k`-th diagonal. */
export const triu = (x: Operand, k = 0): NDArray => triangle(asArray(x), k, false)

function triangle(x: NDArray, k: number, lower: boolean): NDArray {
  checkMatrix(lower ? 'tril' : 'triu', x)
  const row = iota(x.shape, x.ndim - 2, 'int32')
  const column = iota(x.shape, x.ndim - 1, 'int32')
  const offset = broadcasting.full(x.shape, k, 'int32')
  const inside = lower ? ge(add(row, offset), column) : ge(column, add(row, offset))
  return select(inside, x, broadcasting.zerosLike(x))
}

/**
 * A matrix with this diagonal, or the diagonal of a matrix.
 *
 * @example
 * np.diag([1, 2]) // [[1, 0], [0, 2]]
 * np.diag([[1, 2], [3, 4]]) // [1, 4]
 */
export function diag(x: Operand): NDArray {
  const array = asArray(x)
  if (array.ndim === 1) {
    const n = array.size
    return mul(broadcasting.broadcastAxis(array, 0, n), eye(n, n, { dtype: array.dtype }))
  }
  return diagonal(array)
}

/** The main diagonal of the last two axes. */
export function diagonal(x: Operand): NDArray {
  const array = checkMatrix('diagonal', asArray(x))
  const [rows, columns] = array.shape.slice(-2) as [number, number]
  const n = Math.min(rows, columns)
  const lead = array.shape.slice(0, -2)
  const flat = reshaping.reshape(array, [...lead, rows * columns])
  const index = mul(iota([n], 0, 'int32'), broadcasting.full([n], columns + 1, 'int32'))
  return takeLast(flat, index)
}

function checkMatrix(name: string, x: NDArray): NDArray {
  if (x.ndim >= 2) return x
  throw new ShapeError(
    `${name}: an array of shape ${showShape(x.shape)} has no rows and columns; it takes two axes or more`,
  )
}

const takeLast = (x: NDArray, index: NDArray): NDArray => x.slice(...x.shape.slice(0, -1).map(() => null), index)
