import { isComplex } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, range, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { asArray } from '../numpy/operands.ts'
import { mul } from '../primitives/arithmetic.ts'
import { full, like } from '../primitives/broadcast.ts'
import { complex, imag, real } from '../primitives/complex.ts'
import { asComplex, asReal, fft, type FftType, halfLength } from '../primitives/fft.ts'
import { inversePermutation, transpose } from '../primitives/reshape.ts'
import { pad, slice } from '../primitives/slicing.ts'

/**
 * What is divided by the length: the inverse (`'backward'`), the transform itself (`'forward'`), or each by its root
 * (`'ortho'`).
 */
export type Norm = 'backward' | 'ortho' | 'forward'

export interface FftOptions {
  /** The length to transform: zeros are added or the end is cut off. @defaultValue the axis as it is long */
  readonly n?: number | null
  /** @defaultValue -1 */
  readonly axis?: number
  /** @defaultValue 'backward' */
  readonly norm?: Norm | null
}

export interface FftNOptions {
  /** The length of each axis: zeros are added or the end is cut off. @defaultValue the axes as they are long */
  readonly s?: readonly number[] | null
  /** @defaultValue the last axes, as many as `s` has lengths; all without `s` */
  readonly axes?: readonly number[] | null
  /** @defaultValue 'backward' */
  readonly norm?: Norm | null
}

/** A transform as a public function names it. */
export interface Transform {
  readonly name: string
  readonly type: FftType
  /** Whether the norms are those of an inverse. */
  readonly inverse: boolean
}

const norms: readonly unknown[] = ['backward', 'ortho', 'forward']

/** What a result is multiplied by. */
function normFactor({ name, inverse }: Transform, norm: Norm | null | undefined, size: number): number {
  const given = norm ?? 'backward'
  if (!norms.includes(given))
    throw new ValueError(`${name}: norm ${showGiven(norm)} is unknown; use "backward", "ortho" or "forward"`)
  if (given === 'backward') return 1
  const factor = given === 'ortho' ? Math.sqrt(size) : size
  return inverse ? factor : 1 / factor
}

/** A transform over one axis. */
export function transform1(transform: Transform, x: Operand, { n, axis = -1, norm }: FftOptions): NDArray {
  if (typeof axis !== 'number')
    throw new ValueError(`${transform.name}: axis is one number, not ${showGiven(axis)}; ${transform.name}n takes axes`)
  return transformN(transform, x, { s: n == null ? null : [n], axes: [axis], norm: norm ?? null })
}

/** A transform over two axes. */
export function transform2(transform: Transform, x: Operand, { axes, ...options }: FftNOptions): NDArray {
  if (axes != null && axes.length !== 2)
    throw new ValueError(
      `${transform.name}: takes two axes, not ${showShape(axes)}; ${transform.name.slice(0, -1)}n takes any number`,
    )
  return transformN(transform, x, { ...options, axes: axes ?? [-2, -1] })
}

/** A transform over any axes: they are moved to the end, cut or padded, transformed, and moved back. */
export function transformN(transform: Transform, x: Operand, options: FftNOptions): NDArray {
  const { name, type } = transform
  const array = asArray(x)
  const numbers =
    type === 'RFFT' ? asReal(array, name, name.replace('r', '').replace('ih', 'i')) : asComplex(array, name)
  const axes = axesOf(name, numbers, options)
  if (axes.length === 0 && type === 'IRFFT')
    throw new ShapeError(
      `${name}: no axis of ${showShape(numbers.shape)} is transformed; a transform to real numbers takes at least 1`,
    )
  const order = [...range(numbers.ndim).filter((axis) => !axes.includes(axis)), ...axes]
  const front = transpose(numbers, order)
  const lead = numbers.ndim - axes.length
  const lengths = lengthsOf(name, type, front.shape.slice(lead), options.s)
  const taken = type === 'IRFFT' ? lengths.with(-1, halfLength(lengths.at(-1) as number)) : lengths
  const factor = normFactor(transform, options.norm, sizeOf(lengths))
  const transformed = fft(resized(front, [...front.shape.slice(0, lead), ...taken]), type, lengths)
  return transpose(scaled(transformed, factor), inversePermutation(order))
}

function axesOf(name: string, x: NDArray, { s, axes }: FftNOptions): number[] {
  if (s != null && axes != null && s.length !== axes.length)
    throw new ValueError(
      `${name}: s ${showShape(s)} and axes ${showShape(axes)} are not equally long; there is one length for each axis`,
    )
  if (axes == null && s != null && s.length > x.ndim)
    throw new ShapeError(`${name}: s ${showShape(s)} has more lengths than the shape ${showShape(x.shape)} has axes`)
  const chosen = axes ?? (s == null ? range(x.ndim) : range(s.length).map((i) => x.ndim - s.length + i))
  return normalizeAxes(chosen, x.ndim, name)
}

function lengthsOf(name: string, type: FftType, shape: readonly number[], s: FftNOptions['s']): number[] {
  const natural = type === 'IRFFT' && shape.length > 0 ? shape.with(-1, 2 * ((shape.at(-1) as number) - 1)) : shape
  const lengths = s == null ? [...natural] : [...s]
  if (lengths.some((n) => !Number.isInteger(n) || n < 1))
    throw new ShapeError(
      `${name}: the lengths to transform are ${showShape(lengths)}; they must be whole and at least 1${s == null ? ', and can be given' : ''}`,
    )
  return lengths
}

/** `x` cut, or padded with zeros, at the end of its axes. */
function resized(x: NDArray, shape: readonly number[]): NDArray {
  const none = x.shape.map(() => 0)
  const cut = slice(x, {
    starts: none,
    limits: x.shape.map((n, axis) => Math.min(n, shape[axis] as number)),
    strides: x.shape.map(() => 1),
  })
  const high = cut.shape.map((n, axis) => (shape[axis] as number) - n)
  return pad(cut, full([], 0, x.dtype), { low: none, high, interior: none })
}

/** `x` times a real number. */
export function scaled(x: NDArray, factor: number): NDArray {
  if (factor === 1) return x
  if (!isComplex(x.dtype)) return mul(x, like(x, factor))
  const re = real(x)
  const by = like(re, factor)
  return complex(mul(re, by), mul(imag(x), by))
}
