import { checkOptions, checkNumbers } from '../array/options.ts'
import { checkDType, type DType } from '../array/dtype.ts'
import { array as hostArray } from '../array/create.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, checkShape, normalizeAxis, range, showShape } from '../array/shape.ts'
import { integerPow } from '../primitives/arithmetic.ts'
import { broadcastInDim } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { reshape } from '../primitives/reshape.ts'
import { operandsAndOptions } from './arguments.ts'
import { arange, eye, linspace, type LinspaceOptions, ones, tril, zeros } from './creation.ts'
import { log10, power, sign } from './elementwise.ts'
import { asArray, unifyDTypes } from './operands.ts'
import { stack } from './shape.ts'
import { showGiven } from '../array/show.ts'

/**
 * Ones on the diagonal of a square matrix.
 *
 * @example np.identity(2) // [[1, 0], [0, 1]]
 */
export const identity = (n: number, options: { readonly dtype?: DType } = {}): NDArray => {
  const { dtype = 'float32' } = checkOptions('identity', options, ['dtype'])
  return eye(n, { dtype })
}

export interface TriOptions {
  /** The last diagonal of ones. @defaultValue 0, the main one */
  readonly k?: number
  /** The dtype of the result. @defaultValue 'float32' */
  readonly dtype?: DType
}

/**
 * Ones on and below a diagonal of an `n` × `m` matrix, zeros above.
 *
 * @throws ShapeError for sizes that are not whole or negative.
 * @example np.tri(2, 3) // [[1, 0, 0], [1, 1, 0]]
 */
export function tri(n: number, options?: TriOptions): NDArray
export function tri(n: number, m: number, options?: TriOptions): NDArray
export function tri(n: number, ...rest: (number | TriOptions | undefined)[]): NDArray {
  const m = typeof rest[0] === 'number' ? rest[0] : n
  const { k = 0, dtype = 'float32' } = rest.find((arg): arg is TriOptions => typeof arg === 'object') ?? {}
  return tril(ones(checkShape([n, m], 'tri'), { dtype: checkDType(dtype, 'tri') }), k)
}

export interface VanderOptions {
  /** How many columns. @defaultValue as many as entries */
  readonly n?: number
  /** Whether powers rise from the left. @defaultValue false */
  readonly increasing?: boolean
}

/**
 * Vandermonde's matrix: the powers of the entries of a vector, in columns.
 *
 * @throws ShapeError for anything but a vector, ValueError for a number of columns that is not whole or negative.
 * @see NumPy's `vander`
 * @example np.vander([2, 3], { n: 3 }) // [[4, 2, 1], [9, 3, 1]]
 */
export function vander(x: Operand, options: VanderOptions = {}): NDArray {
  const { n, increasing = false } = checkOptions('vander', options, ['n', 'increasing'])
  const array = asArray(x)
  if (array.ndim !== 1) throw new ShapeError(`vander: takes a vector, not ${showShape(array.shape)}`)
  const columns = n ?? array.size
  if (!Number.isInteger(columns) || columns < 0)
    throw new ValueError(`vander: ${columns} columns; n must be whole and not negative`)
  const numbers = array.dtype === 'bool' ? convert(array, 'int32') : array
  if (columns === 0) return reshape(numbers.slice([0, 0]), [array.size, 0])
  const powers = range(columns).map((i) => integerPow(numbers, increasing ? i : columns - 1 - i))
  return stack(powers, { axis: 1 })
}

export interface LogspaceOptions extends LinspaceOptions {
  /** What the exponents are of. @defaultValue 10 */
  readonly base?: number
}

type Rest<O> = (number | O | undefined)[]
const readRest = <O extends object>(rest: Rest<O>): [num: number, options: O] => {
  const options = rest.find((arg): arg is O => typeof arg === 'object')
  return [typeof rest[0] === 'number' ? rest[0] : 50, options ?? ({} as O)]
}

/**
 * `num` numbers (50 by default) from `base` to the power `start` to `base` to the power `stop`, evenly apart in the
 * exponent. Ends may be arrays, that broadcast.
 *
 * @see NumPy's `logspace`
 * @example np.logspace(0, 2, 3) // [1, 10, 100]
 */
export function logspace(start: Operand, stop: Operand, options?: LogspaceOptions): NDArray
export function logspace(start: Operand, stop: Operand, num: number, options?: LogspaceOptions): NDArray
export function logspace(start: Operand, stop: Operand, ...rest: Rest<LogspaceOptions>): NDArray {
  const [num, { base = 10, dtype, ...options }] = readRest<LogspaceOptions>(rest)
  // Of plain numbers the powers are rounded once, from double precision.
  const plain = typeof start === 'number' && typeof stop === 'number'
  const exponents = linspace(start, stop, num, plain ? { ...options, dtype: 'float64' } : options)
  const powers = power(base, exponents)
  return convert(powers, dtype === undefined ? (plain ? 'float32' : powers.dtype) : checkDType(dtype, 'logspace'))
}

/**
 * `num` numbers (50 by default) from `start` to `stop`, each the same multiple of the one before. Ends may be arrays,
 * that broadcast.
 *
 * @throws ValueError for numbers of which one is 0, or that have not one sign.
 * @see NumPy's `geomspace`
 * @example np.geomspace(1, 8, 4) // [1, 2, 4, 8]
 */
export function geomspace(start: Operand, stop: Operand, options?: LinspaceOptions): NDArray
export function geomspace(start: Operand, stop: Operand, num: number, options?: LinspaceOptions): NDArray
export function geomspace(start: Operand, stop: Operand, ...rest: Rest<LinspaceOptions>): NDArray {
  const [num, { dtype, ...options }] = readRest<LinspaceOptions>(rest)
  if (typeof start === 'number' && typeof stop === 'number') {
    if (!(start * stop > 0))
      throw new ValueError(
        `geomspace: from ${start} to ${stop} no multiples lead; both must have one sign, and not be 0`,
      )
    const exponents = linspace(Math.log(Math.abs(start)), Math.log(Math.abs(stop)), num, {
      ...options,
      dtype: 'float64',
    })
    const values = Float64Array.from(exponents.dataSync(), (x, i) => {
      const isLast = i === num - 1 && num > 1 && options.endpoint !== false
      return i === 0 ? start : isLast ? stop : Math.sign(start) * Math.exp(Number(x))
    })
    return hostArray(values, { dtype: checkDType(dtype ?? 'float32', 'geomspace') })
  }
  const [from, to] = unifyDTypes([start, stop]) as [NDArray, NDArray]
  const signs = sign(from)
  const powers = logspace(log10(from.div(signs)), log10(to.div(signs)), num, { ...options, axis: 0 })
  const values = powers.mul(signs)
  const axis = normalizeAxis(options.axis ?? 0, values.ndim, 'geomspace')
  const placed = axis === 0 ? values : values.transpose(axisOrder(values.ndim, axis))
  return dtype === undefined ? placed : convert(placed, checkDType(dtype, 'geomspace'))
}

/** The order that puts the first axis at `axis`. */
const axisOrder = (rank: number, axis: number): number[] => {
  const at = axis < 0 ? axis + rank : axis
  return [...range(at).map((i) => i + 1), 0, ...range(rank - at - 1).map((i) => at + 1 + i)]
}

export interface MeshgridOptions {
  /** Whether the first array goes along the second axis ('xy', as in pictures) or the first ('ij'). @defaultValue 'xy' */
  readonly indexing?: 'xy' | 'ij'
  /** Whether the other axes stay 1 long, to be broadcast. @defaultValue false */
  readonly sparse?: boolean
}

/**
 * The coordinates of a grid, one array for each vector of places on an axis.
 *
 * @throws ShapeError for arrays that are no vectors, ValueError for an unknown indexing.
 * @see NumPy's `meshgrid`
 * @example np.meshgrid([1, 2], [3, 4]) // [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
 */
export function meshgrid(...args: Operand[] | [...arrays: Operand[], options: MeshgridOptions]): NDArray[] {
  const [given, { indexing = 'xy', sparse = false } = {}] = operandsAndOptions<MeshgridOptions>(
    args as (Operand | MeshgridOptions)[],
  )
  if (indexing !== 'xy' && indexing !== 'ij')
    throw new ValueError(`meshgrid: unknown indexing ${showGiven(indexing)}; use 'xy' or 'ij'`)
  const arrays = given.map(asArray)
  const odd = arrays.find((x) => x.ndim !== 1)
  if (odd !== undefined)
    throw new ShapeError(`meshgrid: takes vectors, not an array of shape ${showShape(odd.shape)}; x.ravel() makes one`)
  const swaps = indexing === 'xy' && arrays.length >= 2
  const axisOf = (i: number): number => (swaps && i < 2 ? 1 - i : i)
  const shape = range(arrays.length).map((axis) => (arrays[axisOf(axis)] as NDArray).size)
  return arrays.map((x, i) => {
    const axis = axisOf(i)
    return broadcastInDim(x, sparse ? shape.map((n, j) => (j === axis ? n : 1)) : shape, [axis])
  })
}

/** Places on an axis: up to before a number, or from one number up to before another by steps. */
export type GridRange = number | readonly [start: number, stop: number, step?: number]

const placesOf = (place: GridRange): NDArray =>
  typeof place === 'number' ? arange(place) : rangeOf(checkNumbers('grid', 'a range', place as readonly number[]))

const rangeOf = ([start, stop, step]: readonly number[]): NDArray =>
  stop === undefined ? arange(start ?? 0) : arange(start!, stop, step ?? 1)

/**
 * A grid's coordinates as one array, a coordinate at each index of its first axis.
 *
 * @see NumPy's `mgrid`, which is indexed instead of called
 * @example np.mgrid(2, [1, 3]) // [[[0, 0], [1, 1]], [[1, 2], [1, 2]]]
 */
export const mgrid = (...ranges: GridRange[]): NDArray => stack(meshgrid(...ranges.map(placesOf), { indexing: 'ij' }))
/** A grid's coordinates as arrays that broadcast: each along its own axis. */
export const ogrid = (...ranges: GridRange[]): NDArray[] =>
  meshgrid(...ranges.map(placesOf), { indexing: 'ij', sparse: true })

/**
 * The indices of the entries of an array of this shape, int32: at each index of the first axis those of one axis. With
 * `sparse` a list of arrays that broadcast.
 *
 * @see NumPy's `indices`
 * @example np.indices([2, 2]) // [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 */
export function indices(
  dimensions: readonly number[],
  options: { readonly dtype?: DType; readonly sparse: true },
): NDArray[]
export function indices(
  dimensions: readonly number[],
  options?: { readonly dtype?: DType; readonly sparse?: false },
): NDArray
export function indices(
  dimensions: readonly number[],
  options: { readonly dtype?: DType; readonly sparse?: boolean } = {},
): NDArray | NDArray[] {
  const { dtype = 'int32', sparse = false } = checkOptions('indices', options, ['dtype', 'sparse'])
  const places = checkShape(dimensions, 'indices').map((n) => arange(n, { dtype: checkDType(dtype, 'indices') }))
  if (sparse) return meshgrid(...places, { indexing: 'ij', sparse: true })
  return places.length === 0 ? zeros([0], { dtype }) : stack(meshgrid(...places, { indexing: 'ij' }))
}

/**
 * The shape that arrays of these shapes broadcast to; a number is a shape of one axis.
 *
 * @throws ShapeError when they do not broadcast together.
 * @example np.broadcastShapes([2, 1], [3]) // [2, 3]
 */
export const broadcastShapesOf = (...shapes: (number | readonly number[])[]): number[] =>
  broadcastShapes(
    shapes.map((shape) => (typeof shape === 'number' ? [shape] : shape)),
    'broadcastShapes',
  )
