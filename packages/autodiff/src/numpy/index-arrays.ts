import { checkOptions } from '../array/options.ts'
import { checkDiagonal } from './creation.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { fromHost, type NDArray, type Operand } from '../array/ndarray.ts'
import { checkShape, range, type Shape, showShape, stridesOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { isConcrete } from '../core/trace.ts'
import { reshape } from '../primitives/reshape.ts'
import * as e from './elementwise.ts'
import { flatnonzero } from './nonzero.ts'
import { diagonalOf, type KOption } from './creation.ts'
import { asArray, asIndices } from './operands.ts'

type Indices = NDArray<'int32'>[]

const ofNumbers = (values: readonly number[]): NDArray<'int32'> =>
  fromHost(Int32Array.from(values), [values.length], 'int32')

/**
 * The indices of the diagonal of an array with `ndim` axes of length `n`, one array an axis.
 *
 * @see NumPy's `numpy.diag_indices`
 * @example np.arange(9).reshape([3, 3]).slice(...np.diagIndices(3)) // [0, 4, 8]
 */
export const diagIndices = (n: number, ndim = 2): Indices => {
  checkShape([n, ndim], 'diagIndices')
  return range(ndim).map(() => ofNumbers(range(n)))
}

/** The indices of the diagonal of `x`, whose axes are equally long; see `diagIndices`. */
export function diagIndicesFrom(x: Operand): Indices {
  const { shape } = asArray(x)
  if (shape.length < 2 || shape.some((n) => n !== shape[0])) {
    throw new ShapeError(
      `diagIndicesFrom: an array of shape ${showShape(shape)}; at least two axes, equally long, are needed`,
    )
  }
  return diagIndices(shape[0]!, shape.length)
}

function triangle(
  name: string,
  n: number,
  m: number,
  k: number,
  inside: (row: number, column: number) => boolean,
): Indices {
  checkShape([n, m], name)
  checkDiagonal(name, k)
  const rows: number[] = []
  const columns: number[] = []
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      if (inside(i, j)) {
        rows.push(i)
        columns.push(j)
      }
    }
  }
  return [ofNumbers(rows), ofNumbers(columns)]
}

export interface TriangleOptions {
  /** The diagonal that bounds the triangle. @defaultValue 0 */
  readonly k?: number
  /** How many columns there are. @defaultValue as many as rows */
  readonly m?: number
}

/**
 * The indices of the lower triangle of a matrix of `n` rows, of the rows and of the columns.
 *
 * @see NumPy's `numpy.tril_indices`
 * @example np.trilIndices(2) // [[0, 1, 1], [0, 0, 1]]
 */
export const trilIndices = (n: number, options: TriangleOptions = {}): Indices => {
  const { k = 0, m = n } = checkOptions('trilIndices', options, ['k', 'm'])
  return triangle('trilIndices', n, m, k, (i, j) => j - i <= k)
}
/**
 * The indices of the upper triangle of a matrix of `n` rows.
 *
 * @see NumPy's `numpy.triu_indices`
 * @example np.triuIndices(2) // [[0, 0, 1], [0, 1, 1]]
 */
export const triuIndices = (n: number, options: TriangleOptions = {}): Indices => {
  const { k = 0, m = n } = checkOptions('triuIndices', options, ['k', 'm'])
  return triangle('triuIndices', n, m, k, (i, j) => j - i >= k)
}

function matrixShape(name: string, x: Operand): [number, number] {
  const { shape } = asArray(x)
  if (shape.length !== 2) throw new ShapeError(`${name}: an array of shape ${showShape(shape)} is no matrix`)
  return shape as [number, number]
}

/** The indices of the lower triangle of the matrix `x`. */
export function trilIndicesFrom(x: Operand, which: number | KOption = 0): Indices {
  const [n, m] = matrixShape('trilIndicesFrom', x)
  const k = diagonalOf('trilIndicesFrom', which)
  return trilIndices(n, { k, m })
}
/** The indices of the upper triangle of the matrix `x`. */
export function triuIndicesFrom(x: Operand, which: number | KOption = 0): Indices {
  const [n, m] = matrixShape('triuIndicesFrom', x)
  const k = diagonalOf('triuIndicesFrom', which)
  return triuIndices(n, { k, m })
}

/**
 * Lists of indices, one an axis, shaped so that together they name every combination; a mask names what is true.
 *
 * @throws ShapeError for lists that have not one axis.
 * @see NumPy's `numpy.ix_`
 * @example np.arange(6).reshape([2, 3]).slice(...np.ix([0, 1], [2, 0])) // [[2, 0], [5, 3]]
 */
export const ix = (...lists: Operand[]): Indices =>
  lists.map((list, axis) => {
    const array = asArray(list)
    if (array.ndim !== 1) throw new ShapeError(`ix: list ${axis} has shape ${showShape(array.shape)}, not one axis`)
    const indices = array.dtype === 'bool' ? flatnonzero(array) : asIndices('ix', list)
    return reshape(
      indices,
      lists.map((_, i) => (i === axis ? indices.size : 1)),
    ) as NDArray<'int32'>
  })

/**
 * Indices into the flattened array as one array for each axis of `shape`. Those outside are held at the ends.
 *
 * @see NumPy's `numpy.unravel_index`
 * @example np.unravelIndex([3, 5], [2, 3]) // [[1, 1], [0, 2]]
 */
export function unravelIndex(index: Operand, shape: Shape): Indices {
  let rest = asIndices('unravelIndex', index)
  const found = checkShape(shape, 'unravelIndex')
    .toReversed()
    .map((n) => {
      const remainder = e.mod(rest, n)
      rest = e.floorDivide(rest, n)
      return remainder
    })
  const [after, before] = [e.greater(rest, 0), e.less(rest, -1)]
  return found
    .toReversed()
    .map((i, axis) => e.where(after, shape[axis]! - 1, e.where(before, 0, i)) as NDArray<'int32'>)
}

export interface RavelOptions {
  /** Indices outside: an error (not when traced), the remainder, the nearest, or as they are. @defaultValue 'raise' */
  readonly mode?: 'raise' | 'wrap' | 'clip' | 'ignore'
  /** Whether the last axis counts fastest (C) or the first (F). @defaultValue 'C' */
  readonly order?: 'C' | 'F'
}

/**
 * One array of indices an axis as indices into the flattened array of `shape`.
 *
 * @throws ValueError for indices outside.
 * @see NumPy's `numpy.ravel_multi_index`
 * @example np.ravelMultiIndex([[1, 1], [0, 2]], [2, 3]) // [3, 5]
 */
export function ravelMultiIndex(
  multiIndex: readonly Operand[],
  shape: Shape,
  options: RavelOptions = {},
): NDArray<'int32'> {
  const { mode = 'raise', order = 'C' } = checkOptions('ravelMultiIndex', options, ['mode', 'order'])
  if (multiIndex.length !== shape.length || shape.length === 0) {
    throw new ShapeError(
      `ravelMultiIndex: ${multiIndex.length} arrays of indices for the shape ${showShape(shape)}; one for each axis is needed`,
    )
  }
  const strides = order === 'C' ? stridesOf(shape) : stridesOf(shape.toReversed()).toReversed()
  return multiIndex
    .map((operand, axis) => {
      const index = asIndices('ravelMultiIndex', operand)
      return e.multiply(held(index, shape[axis]!, mode), strides[axis]!)
    })
    .reduce((x, y) => e.add(x, y)) as NDArray<'int32'>
}

function held(index: NDArray, n: number, mode: RavelOptions['mode']): NDArray {
  if (mode === 'wrap') return e.mod(index, n)
  if (mode === 'clip') return e.clip(index, 0, n - 1)
  if (mode === 'ignore') return index
  if (mode !== 'raise') {
    throw new ValueError(`ravelMultiIndex: the mode is ${showGiven(mode)}; it is 'raise', 'wrap', 'clip' or 'ignore'`)
  }
  if (!isConcrete(index)) {
    throw new ValueError(
      "ravelMultiIndex: traced indices cannot be checked; say what becomes of those outside: { mode: 'clip' } or 'wrap'",
    )
  }
  if (!index.storage.host?.every((i) => Number(i) >= 0 && Number(i) < n)) {
    throw new ValueError(`ravelMultiIndex: some indices are not in 0 … ${n - 1}`)
  }
  return index
}
