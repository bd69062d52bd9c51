import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { checkDType, type DType, isFloat, allocate } from '../array/dtype.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import { array } from '../array/create.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { roll } from '../numpy/rearranging.ts'

export interface FrequencyOptions {
  /** The distance of two samples. @defaultValue 1 */
  readonly d?: number
  /** @defaultValue 'float32' */
  readonly dtype?: DType
}

const halfOf = (n: number): number => (typeof n === 'number' ? Math.floor(n / 2) + 1 : 0)

function frequencies(
  name: string,
  n: number,
  { d = 1, dtype = 'float32' }: FrequencyOptions,
  count: number,
  at: (i: number) => number,
): NDArray {
  if (!Number.isInteger(n) || n < 1)
    throw new ValueError(`${name}: n is ${showGiven(n)}; it must be whole and positive`)
  if (typeof d !== 'number') throw new ValueError(`${name}: d is ${showGiven(d)}; it must be one number`)
  if (!isFloat(checkDType(dtype, name)))
    throw new DTypeError(
      `${name}: frequencies are no ${dtype}; use a float dtype, and convert with x.astype("${dtype}")`,
    )
  const numbers = allocate('float64', count)
  for (let i = 0; i < count; i++) numbers[i] = at(i) / (d * n)
  return array(numbers, { dtype, shape: [count] })
}

/**
 * The frequencies of the entries of `fft`, in cycles for a unit of `d`: 0, 1, … and then the negative ones, over d·n.
 *
 * @throws ValueError unless `n` is positive.
 * @see JAX's `jax.numpy.fft.fftfreq`
 * @example fft.fftfreq(5, { d: 0.5 }) // [0, 0.4, 0.8, -0.8, -0.4]
 */
export const fftfreq = (n: number, options: FrequencyOptions = {}): NDArray => {
  checkOptions('fftfreq', options, ['d', 'dtype'])
  return frequencies('fftfreq', n, options, n, (i) => (i < Math.ceil(n / 2) ? i : i - n))
}

/**
 * The frequencies of the entries of `rfft`.
 *
 * @see JAX's `jax.numpy.fft.rfftfreq`
 * @example fft.rfftfreq(4) // [0, 0.25, 0.5]
 */
export const rfftfreq = (n: number, options: FrequencyOptions = {}): NDArray => {
  checkOptions('rfftfreq', options, ['d', 'dtype'])
  return frequencies('rfftfreq', n, options, halfOf(n), (i) => i)
}

export interface ShiftOptions {
  /** The axes to shift. @defaultValue all */
  readonly axes?: number | readonly number[] | null
}

function rolled(name: string, x: Operand, axes: ShiftOptions['axes'], by: (n: number) => number): NDArray {
  const array = asArray(x)
  const axis = normalizeAxes(axes, array.ndim, name)
  return axis.length === 0
    ? array
    : roll(
        array,
        axis.map((i) => by(array.shape[i] as number)),
        { axis },
      )
}

/**
 * A spectrum with frequency 0 in the middle.
 *
 * @see JAX's `jax.numpy.fft.fftshift`
 * @example fft.fftshift([0, 1, 2, -2, -1]) // [-2, -1, 0, 1, 2]
 */
export const fftshift = (x: Operand, options: ShiftOptions = {}): NDArray => {
  const { axes } = checkOptions('fftshift', options, ['axes'])
  return rolled('fftshift', x, axes, (n) => Math.floor(n / 2))
}

/** The inverse of `fftshift`. */
export const ifftshift = (x: Operand, options: ShiftOptions = {}): NDArray => {
  const { axes } = checkOptions('ifftshift', options, ['axes'])
  return rolled('ifftshift', x, axes, (n) => Math.ceil(n / 2))
}
