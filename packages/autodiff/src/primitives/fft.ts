import { checkNumberList } from '../array/options.ts'
import { isBig, isComplex, type TypedArray } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive, Undefined } from '../core/primitive.ts'
import { bind1, checkArrays } from '../core/trace.ts'
import { inverseToReal, transformComplex, transformReal } from '../interpreter/fourier.ts'
import { mul } from './arithmetic.ts'
import { broadcastInDim, full } from './broadcast.ts'
import { complex, conj, imag, real } from './complex.ts'
import { convert } from './convert.ts'
import { concatenate } from './concatenate.ts'
import { transformParts } from './fft-parts.ts'
import { moveAxis } from './reshape.ts'

/** Complex to complex and back, real to complex and back. */
export const FftType = { FFT: 'FFT', IFFT: 'IFFT', RFFT: 'RFFT', IRFFT: 'IRFFT' } as const
export type FftType = keyof typeof FftType

export type FftParams = { readonly type: FftType; readonly lengths: readonly number[] }

const types: readonly string[] = Object.keys(FftType)

/** How many entries the transform of `n` real numbers has: the others are conjugate to them. */
export const halfLength = (n: number): number => Math.floor(n / 2) + 1

/** The discrete Fourier transform over the last axes, as many as there are lengths. */
export const fftPrimitive: Primitive<FftParams> = definePrimitive<FftParams>({
  name: 'fft',
  abstractEval([x], { type, lengths }) {
    const { shape, dtype } = x!
    const name = type.toLowerCase()
    if (type === 'RFFT' ? dtype !== 'float32' : dtype !== 'complex64')
      throw new DTypeError(
        `fft: ${type} takes ${type === 'RFFT' ? 'float32' : 'complex64'}, not ${showAval(x!)}; fft.${name}(x) converts`,
      )
    if (lengths.length === 0 || lengths.length > shape.length)
      throw new ShapeError(
        `fft: ${showAval(x!)} has not the ${lengths.length} axes of the lengths ${showShape(lengths)}; give one length for each of the last axes`,
      )
    if (lengths.some((n) => !Number.isInteger(n) || n < 1))
      throw new ShapeError(`fft: the lengths ${showShape(lengths)} of ${showAval(x!)} must be whole and positive`)
    const lead = shape.slice(0, -lengths.length)
    const halved = [...lead, ...lengths.slice(0, -1), halfLength(lengths.at(-1) as number)]
    const whole = [...lead, ...lengths]
    const taken = type === 'IRFFT' ? halved : whole
    if (!shapesEqual(shape, taken))
      throw new ShapeError(
        `fft: for ${type} of the lengths ${showShape(lengths)} the shape ${showShape(shape)} must be ${showShape(taken)}; fft.${name}(x, { n }) pads and cuts`,
      )
    return [
      {
        shape: type === 'RFFT' ? halved : whole,
        dtype: type === 'IRFFT' ? ('float32' as const) : ('complex64' as const),
      },
    ]
  },
  evaluatesComplex: true,
  evaluate([x], [aval], { type, lengths }, [output]) {
    if (x!.length === 0) return [new Float32Array(sizeOf(output!.shape) * (type === 'IRFFT' ? 1 : 2))]
    return [transformed(x!, aval!, type, lengths)]
  },
  jvp([x], [dx], params) {
    const output = bind1(fftPrimitive, [x!], params)
    return { outputs: [output], tangents: [dx ? bind1(fftPrimitive, [dx], params) : null] }
  },
  transpose: ([ct], _, params) => [ct ? transposed(ct, params) : null],
  complex: ([x], { type, lengths }) => [transformParts(x!, type, lengths)],
  batch: ([x], [dim], params) => ({ outputs: [bind1(fftPrimitive, [moveAxis(x!, dim!, 0)], params)], dims: [0] }),
  lower: new Undefined('complex numbers are lowered by their parts'),
})

function transformed(x: TypedArray, { shape }: Aval, type: FftType, lengths: readonly number[]): Float32Array {
  const numbers = x as Float32Array
  switch (type) {
    case 'RFFT':
      return transformReal(numbers, shape, lengths.length)
    case 'IRFFT':
      return inverseToReal(numbers, shape, lengths.length, lengths.at(-1) as number)
    default:
      return transformComplex(numbers, shape, lengths.length, type === 'IFFT')
  }
}

/** The matrix of the transform is symmetric; of real signals every entry but those that are their own mirror image stands for two. */
function transposed(ct: NDArray, { type, lengths }: FftParams): NDArray {
  if (type === 'FFT' || type === 'IFFT') return bind1(fftPrimitive, [ct], { type, lengths })
  const size = sizeOf(lengths)
  const n = lengths.at(-1) as number
  if (type === 'RFFT') {
    const spectrum = conj(scaledBy(ct, mirrored(n, size, size / 2)))
    return bind1(fftPrimitive, [spectrum], { type: 'IRFFT', lengths })
  }
  return conj(scaledBy(bind1(fftPrimitive, [ct], { type: 'RFFT', lengths }), mirrored(n, 1 / size, 2 / size)))
}

/** A factor for each entry of half a spectrum: `own` where an entry is its own mirror image, `twice` elsewhere. */
function mirrored(n: number, own: number, twice: number): NDArray {
  const half = halfLength(n)
  const lengths = n % 2 === 0 && n > 1 ? [1, half - 2, 1] : [1, half - 1]
  const parts = lengths.map((length, i) => full([length], i === 1 ? twice : own, 'float32'))
  return concatenate(parts, 0)
}

/** Complex numbers times real factors along the last axis. */
function scaledBy(x: NDArray, factors: NDArray): NDArray {
  const along = broadcastInDim(factors, x.shape, [x.ndim - 1])
  return complex(mul(real(x), along), mul(imag(x), along))
}

/**
 * The discrete Fourier transform over the last axes, of these lengths: `'FFT'` of complex numbers (real ones are
 * converted) and its inverse `'IFFT'`; `'RFFT'` of real numbers, with the first half of the spectrum on the last axis
 * (the length halved, rounded down, and one), and its inverse `'IRFFT'`. The inverses divide by the product of the
 * lengths.
 *
 * @throws ShapeError when the lengths are not those of the axes, DTypeError for float64 (there is no complex128) and for
 * RFFT of complex numbers.
 * @see JAX's `jax.lax.fft`
 * @example lax.fft(np.array([1, 2, 3, 4]), 'RFFT', [4]).js() // [{ re: 10, im: 0 }, { re: -2, im: 2 }, { re: -2, im: 0 }]
 */
export function fft(x: NDArray, fftType: FftType | Lowercase<FftType>, fftLengths: readonly number[]): NDArray {
  const type = (typeof fftType === 'string' ? fftType.toUpperCase() : '') as FftType
  if (!types.includes(type))
    throw new ValueError(`fft: the type ${showGiven(fftType)} is unknown; use one of ${types.join(', ')}`)
  checkArrays('fft', x)
  checkNumberList('fft', 'the lengths', fftLengths)
  const operand = type === 'RFFT' ? asReal(x, 'fft', 'FFT') : asComplex(x, 'fft')
  return fftLengths.length === 0 ? operand : bind1(fftPrimitive, [operand], { type, lengths: [...fftLengths] })
}

/** `x` as complex64. */
export function asComplex(x: NDArray, name: string): NDArray {
  checkSingle(x, name)
  return convert(x, 'complex64')
}

/** `x` as float32; `other` takes complex numbers. */
export function asReal(x: NDArray, name: string, other: string): NDArray {
  if (isComplex(x.dtype))
    throw new DTypeError(`${name}: takes real numbers, not ${showAval(x)}; use ${other}, or np.real(x)`)
  checkSingle(x, name)
  return convert(x, 'float32')
}

function checkSingle(x: NDArray, name: string): void {
  if (x.dtype === 'float64' || isBig(x.dtype))
    throw new DTypeError(
      `${name}: there is no complex128, which ${showAval(x)} would need; convert it with x.astype("float32")`,
    )
}
