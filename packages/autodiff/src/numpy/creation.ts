import { allocate, checkDType, type DType, isFloat, isInteger } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { type ArrayOptions, array as hostArray } from '../array/create.ts'
import { aliasOf, type NDArray, type Operand } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { checkShape, insertAxis, normalizeAxis, type Shape, showShape } from '../array/shape.ts'
import { isConcrete } from '../core/trace.ts'
import { add, floor } from '../primitives/arithmetic.ts'
import { eq } from '../primitives/comparison.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { lowerPart, upperPart } from '../primitives/matrices.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { asArray, asFloat, holdsArrays, unify } from './operands.ts'
import { reshape } from './shape.ts'
import { showGiven } from '../array/show.ts'

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
  checkOptions('array', options, ['dtype', 'shape'])
  if (!holdsArrays(value)) return hostArray(value, options)
  const stacked = asArray(value)
  const typed = options.dtype === undefined ? stacked : convert(stacked, options.dtype)
  return (options.shape === undefined ? typed : reshape(typed, options.shape)) as NDArray as NDArray<D>
}
/** As `array`; an array of another dtype is converted. */
export const asarray: typeof array = array

export interface DTypeOption<D extends DType> {
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
  value: number | bigint | boolean,
  options: DTypeOption<D> = {},
): NDArray<D> => {
  checkOptions('full', options, ['dtype'])
  return filled('full', shape, value, options)
}
/** Zeros of this shape. */
export const zeros = <D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): NDArray<D> => {
  checkOptions('zeros', options, ['dtype'])
  return filled('zeros', shape, 0, options)
}
/** Ones of this shape. */
export const ones = <D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): NDArray<D> => {
  checkOptions('ones', options, ['dtype'])
  return filled('ones', shape, 1, options)
}

/** What an array is filled with. */
function numberOf(name: string, value: number | bigint | boolean): number | bigint {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' || typeof value === 'bigint') return value
  const given = value === null ? 'null' : typeof value
  throw new ValueError(
    `${name}: the value must be a number or a boolean, not ${given}; np.broadcastTo repeats an array`,
  )
}

function filled<D extends DType>(
  name: string,
  shape: Shape,
  value: number | bigint | boolean,
  { dtype }: DTypeOption<D>,
): NDArray<D> {
  const natural = typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'float32'
  return broadcasting.full(
    checkShape(shape, name),
    numberOf(name, value),
    dtype === undefined ? natural : checkDType(dtype, name),
  ) as NDArray as NDArray<D>
}
/**
 * Zeros of this shape: there is no memory here that is not set.
 *
 * @see NumPy's `empty`
 */
export const empty: typeof zeros = zeros

export interface LikeOptions<D extends DType> {
  /** The dtype of the result. @defaultValue that of the array */
  readonly dtype?: D
  /** The shape of the result. @defaultValue that of the array */
  readonly shape?: Shape
}

/**
 * A value repeated in the shape and dtype of `x`, or another; so `zerosLike`, `onesLike` and `emptyLike`.
 *
 * @example np.fullLike([1, 2], 7, { dtype: 'int32' }) // [7, 7]
 */
export const fullLike = <D extends DType>(
  x: NDArray<D> | Operand,
  value: number | bigint | boolean,
  options: LikeOptions<D> = {},
): NDArray<D> => {
  const { dtype, shape } = checkOptions('fullLike', options, ['dtype', 'shape'])
  const array = asArray(x)
  const to = dtype === undefined ? array.dtype : checkDType(dtype, 'fullLike')
  return broadcasting.full(
    checkShape(shape ?? array.shape, 'fullLike'),
    numberOf('fullLike', value),
    to,
  ) as NDArray as NDArray<D>
}
/** Zeros in the shape and dtype of an array. */
export const zerosLike = <D extends DType>(x: NDArray<D> | Operand, options: LikeOptions<D> = {}): NDArray<D> => {
  checkOptions('zerosLike', options, ['dtype', 'shape'])
  return fullLike(x, 0, options)
}
/** Ones in the shape and dtype of an array. */
export const onesLike = <D extends DType>(x: NDArray<D> | Operand, options: LikeOptions<D> = {}): NDArray<D> => {
  checkOptions('onesLike', options, ['dtype', 'shape'])
  return fullLike(x, 1, options)
}
/** Zeros in the shape and dtype of an array: nothing is left uninitialized. */
export const emptyLike: typeof zerosLike = zerosLike

/**
 * The same numbers as an array of its own: giving back the memory of one leaves the other.
 *
 * @see NumPy's `copy`; as arrays cannot be changed there is seldom need of it
 */
export const copy = <D extends DType>(x: NDArray<D> | Operand): NDArray<D> => {
  const array = asArray(x)
  return (isConcrete(array) ? aliasOf(array) : array) as NDArray as NDArray<D>
}

/** Numbers in their places and an options object after the last of them. */
function splitOptions<O extends object>(
  name: string,
  args: readonly (number | O | undefined)[],
  known: readonly (keyof O & string)[],
): [numbers: (number | undefined)[], options: O] {
  const options = args.find((arg): arg is O => typeof arg === 'object')
  const numbers = args.filter((arg): arg is number | undefined => typeof arg !== 'object')
  return [numbers, options === undefined ? ({} as O) : checkOptions(name, options, known)]
}

export interface EyeOptions {
  /** Which diagonal: above the main one, below it when negative. @defaultValue 0 */
  readonly k?: number
  /** @defaultValue 'float32' */
  readonly dtype?: DType
}

/**
 * Ones on the main diagonal of an `n` × `m` matrix, or on the `k`-th.
 *
 * @example
 * np.eye(2) // [[1, 0], [0, 1]]
 * np.eye(1, 2, { k: 1, dtype: 'int32' }) // [[0, 1]]
 */
export function eye(n: number, options?: EyeOptions): NDArray
export function eye(n: number, m: number, options?: EyeOptions): NDArray
export function eye(n: number, ...rest: (number | EyeOptions | undefined)[]): NDArray {
  const [[m = n], { k = 0, dtype = 'float32' }] = splitOptions<EyeOptions>('eye', rest, ['k', 'dtype'])
  checkShape([n, m], 'eye')
  checkDiagonal('eye', k)
  const row = add(iota([n, m], 0, 'int32'), broadcasting.full([n, m], k, 'int32'))
  return convert(eq(row, iota([n, m], 1, 'int32')), checkDType(dtype, 'eye'))
}

/** @internal Throws a ValueError that names the function for a diagonal that is not whole. */
export function checkDiagonal(name: string, k: number): void {
  if (Number.isInteger(k)) return
  const given = typeof k === 'number' ? k : showGiven(k)
  throw new ValueError(`${name}: there is no diagonal ${given}; diagonals are whole numbers`)
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
  const [[stop, step = 1], { dtype = 'float32' }] = splitOptions<DTypeOption<DType>>('arange', rest, ['dtype'])
  const [from, to] = stop === undefined ? [0, first] : [first, stop]
  for (const n of [from, to, step])
    if (typeof n !== 'number') throw new ValueError(`arange: takes numbers, not ${showGiven(n)}`)
  if (step === 0) throw new ValueError('arange: the step is 0; give one that leads from start to stop')
  if (!Number.isFinite((to - from) / step))
    throw new ValueError(`arange: there is no range from ${from} to ${to} by ${step}; the numbers must be finite`)
  const n = Math.max(0, Math.ceil((to - from) / step))
  return hostArray(
    numbered(n, (i) => from + i * step),
    { dtype, shape: [n] },
  )
}

function numbered(n: number, of: (i: number) => number): Float64Array {
  const out = allocate('float64', n)
  for (let i = 0; i < n; i++) out[i] = of(i)
  return out
}

export interface LinspaceOptions {
  /** Whether `stop` is the last number. @defaultValue true */
  readonly endpoint?: boolean
  /** The dtype of the result. @defaultValue that of the ends; float32 for numbers and integers */
  readonly dtype?: DType
  /** Where the new axis stands, when the ends are arrays. @defaultValue 0 */
  readonly axis?: number
}

/** Whether the distance of the numbers is given too. */
type Retstep = { readonly retstep: true }

/**
 * `num` numbers (50 by default) from `start` to `stop`, both included unless `endpoint` is false. Ends may be arrays,
 * that broadcast. With `retstep` also the distance of the numbers.
 *
 * @see NumPy's `linspace`
 * @example
 * np.linspace(0, 1, 3) // [0, 0.5, 1]
 * np.linspace([0, 1], 3, 2, { axis: 1 }) // [[0, 3], [1, 3]]
 */
export function linspace(
  start: Operand,
  stop: Operand,
  num: number | undefined,
  options: LinspaceOptions & Retstep,
): [samples: NDArray, step: NDArray]
export function linspace(start: Operand, stop: Operand, options?: LinspaceOptions): NDArray
export function linspace(start: Operand, stop: Operand, num: number, options?: LinspaceOptions): NDArray
export function linspace(
  start: Operand,
  stop: Operand,
  ...rest: (number | (LinspaceOptions & { readonly retstep?: boolean }) | undefined)[]
): NDArray | [NDArray, NDArray] {
  const [[num = 50], { dtype, endpoint = true, axis = 0, retstep = false }] = splitOptions<
    LinspaceOptions & { readonly retstep?: boolean }
  >('linspace', rest, ['dtype', 'endpoint', 'axis', 'retstep'])
  checkShape([num], 'linspace')
  const steps = endpoint ? num - 1 : num
  if (typeof start !== 'number' || typeof stop !== 'number') {
    const [from, to] = unify('linspace', [floatOf(start), floatOf(stop)]) as [NDArray, NDArray]
    const samples = between(from, to, num, endpoint, normalizeAxis(axis, from.ndim + 1, 'linspace'))
    const typed = dtype === undefined ? samples : convert(isFloat(dtype) ? samples : floor(samples), dtype)
    return retstep ? [typed, to.sub(from).div(steps > 0 ? steps : NaN)] : typed
  }
  const numbers = numbered(num, (i) =>
    endpoint && i === num - 1 && num > 1 ? stop : start + (i * (stop - start)) / Math.max(1, steps),
  )
  const whole = dtype !== undefined && isInteger(checkDType(dtype, 'linspace'))
  const samples = hostArray(whole ? numbers.map(Math.floor) : numbers, { dtype: dtype ?? 'float32', shape: [num] })
  return retstep ? [samples, hostArray(steps > 0 ? (stop - start) / steps : NaN)] : samples
}

/** A number stays one, to take the dtype of the array beside it. */
const floatOf = (x: Operand): Operand => (typeof x === 'number' ? x : asFloat(x))

/** Numbers along a new axis from one array to another of its shape. */
function between(from: NDArray, to: NDArray, num: number, endpoint: boolean, axis: number): NDArray {
  const steps = endpoint ? num - 1 : num
  const inside = num > 1 ? steps : num
  const shape = insertAxis(from.shape, axis, inside)
  const one = insertAxis(from.shape, axis, 1)
  const share = iota(shape, axis, from.dtype).div(Math.max(1, steps))
  const spread = (x: NDArray): NDArray => broadcasting.broadcastTo(reshaping.reshape(x, one), shape)
  const line = spread(from).mul(share.neg().add(1)).add(spread(to).mul(share))
  return endpoint && num > 1 ? concatenate([line, reshaping.reshape(to, one)], axis) : line
}

/**
 * The matrix with zeros above the `k`-th diagonal.
 *
 * @example np.tril(np.ones([2, 2])) // [[1, 0], [1, 1]]
 */
export const tril = (x: Operand, k: number | KOption = 0): NDArray => triangle(asArray(x), diagonalOf('tril', k), true)
/** The matrix with zeros below the `k`-th diagonal. */
export const triu = (x: Operand, k: number | KOption = 0): NDArray => triangle(asArray(x), diagonalOf('triu', k), false)

/** Which diagonal, by name. */
export interface KOption {
  /** Above the main one, below it when negative. @defaultValue 0 */
  readonly k?: number
}

/** @internal The number of a diagonal, checked. */
export function diagonalOf(name: string, k: number | KOption): number {
  const number = typeof k === 'object' ? (checkOptions<KOption>(name, k, ['k']).k ?? 0) : k
  checkDiagonal(name, number)
  return number
}

function triangle(x: NDArray, k: number, lower: boolean): NDArray {
  checkMatrix(lower ? 'tril' : 'triu', x)
  return lower ? lowerPart(x, k) : upperPart(x, k)
}

/** @internal Throws a ShapeError that names the function for fewer than two axes. */
export function checkMatrix(name: string, x: NDArray): NDArray {
  if (x.ndim >= 2) return x
  throw new ShapeError(
    `${name}: an array of shape ${showShape(x.shape)} has no rows and columns; it takes two axes or more`,
  )
}
