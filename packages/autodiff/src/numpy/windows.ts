import { array } from '../array/create.ts'
import { ValueError } from '../array/errors.ts'
import { showGiven } from '../array/show.ts'
import type { NDArray } from '../array/ndarray.ts'

/** A window of `m` numbers, each of its place in 0 … 1; of one number it is 1. */
function windowOf(name: string, m: number, f: (place: number) => number): NDArray<'float32'> {
  if (!Number.isInteger(m) || m < 0)
    throw new ValueError(`${name}: ${showGiven(m)} numbers; m must be whole and not negative`)
  const values = Array.from({ length: m }, (_, i) => (m === 1 ? 1 : f(i / (m - 1))))
  return array(values, { dtype: 'float32', shape: [m] })
}

const { PI, abs, cos, sqrt } = Math

/**
 * Bartlett's window, a triangle; so `blackman`, `hamming`, `hanning` and `kaiser`, float32.
 *
 * @throws ValueError for a length that is not whole or negative.
 * @see NumPy's `bartlett`
 * @example np.bartlett(5) // [0, 0.5, 1, 0.5, 0]
 */
export const bartlett = (m: number): NDArray<'float32'> => windowOf('bartlett', m, (t) => 1 - abs(2 * t - 1))
/** Blackman's window, of three cosines. */
export const blackman = (m: number): NDArray<'float32'> =>
  windowOf('blackman', m, (t) => 0.42 - 0.5 * cos(2 * PI * t) + 0.08 * cos(4 * PI * t))
/** Hamming's window, a raised cosine that ends at 0.08. */
export const hamming = (m: number): NDArray<'float32'> => windowOf('hamming', m, (t) => 0.54 - 0.46 * cos(2 * PI * t))
/** Von Hann's window, a raised cosine that ends at 0. */
export const hanning = (m: number): NDArray<'float32'> => windowOf('hanning', m, (t) => 0.5 - 0.5 * cos(2 * PI * t))
/**
 * Kaiser's window: a Bessel function of which `beta` sets the width.
 *
 * @example np.kaiser(3, 0) // [1, 1, 1]
 */
export const kaiser = (m: number, beta: number): NDArray<'float32'> =>
  windowOf('kaiser', m, (t) => besselI0(beta * sqrt(Math.max(0, 1 - (2 * t - 1) ** 2))) / besselI0(beta))

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
