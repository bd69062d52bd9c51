import { fromHost, type NDArray } from '../array/ndarray.ts'
import type { Parts } from '../core/complex.ts'
import { planOf, rootOfUnity } from '../interpreter/fourier-plan.ts'

/** The constants of compiled Fourier transforms, rounded once from double precision. Equal ones are one array, which programs then hold once. */

/** How many are kept. */
const KEPT = 64
const kept = new Map<string, unknown>()

function remember<T>(key: string, make: () => T): T {
  let value = kept.get(key) as T | undefined
  if (value === undefined) {
    value = make()
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value as string)
    kept.set(key, value)
  }
  return value
}

const float32 = (data: Float32Array, shape: readonly number[]): NDArray => fromHost(data, shape, 'float32')

/** An array of these two axes, from complex numbers for every place. */
function table(rows: number, columns: number, of: (i: number, j: number) => readonly [number, number]): Parts {
  const re = new Float32Array(rows * columns)
  const im = new Float32Array(rows * columns)
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const [a, b] = of(i, j)
      re[at] = a
      im[at] = b
    }
  }
  return { re: float32(re, [rows, columns]), im: float32(im, [rows, columns]) }
}

/** exp(∓2πi·k/n), the sign plus for an inverse. */
function root(k: number, n: number, inverse: boolean): readonly [number, number] {
  const [re, im] = rootOfUnity(k, n)
  return [re, inverse ? im : -im]
}

interface MatrixOptions {
  readonly inverse: boolean
  /** The first entries of the result. */
  readonly keep: number
  /** The operand has no imaginary part. */
  readonly fromReal: boolean
  /** Only the real part of the result. */
  readonly toReal: boolean
}

/** The matrix from [re, im] to [re, im] of a transform of length n; an inverse divides by n. */
export const transformMatrix = (n: number, options: MatrixOptions): NDArray =>
  remember(`matrix ${n} ${JSON.stringify(options)}`, () => {
    const { inverse, keep, fromReal, toReal } = options
    const rows = fromReal ? n : 2 * n
    const columns = toReal ? keep : 2 * keep
    const data = new Float32Array(rows * columns)
    const scale = inverse ? 1 / n : 1
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < keep; k++) {
        const [c, s] = root((j * k) % n, n, inverse)
        data[j * columns + k] = c * scale
        if (!toReal) data[j * columns + keep + k] = s * scale
        if (fromReal) continue
        data[(n + j) * columns + k] = -s * scale
        if (!toReal) data[(n + j) * columns + keep + k] = c * scale
      }
    }
    return float32(data, [rows, columns])
  })

/** The matrix from [re, im] of half a spectrum to n real numbers. */
export const inverseMatrix = (n: number): NDArray =>
  remember(`inverse ${n}`, () => {
    const half = Math.floor(n / 2) + 1
    const data = new Float32Array(2 * half * n)
    for (let k = 0; k < half; k++) {
      const alone = k === 0 || 2 * k === n
      const scale = (alone ? 1 : 2) / n
      for (let j = 0; j < n; j++) {
        const [c, s] = rootOfUnity((j * k) % n, n)
        data[k * n + j] = c * scale
        data[(half + k) * n + j] = alone ? 0 : -s * scale
      }
    }
    return float32(data, [2 * half, n])
  })

/** The factors [n2, n1] between the two transforms of n1·n2. */
export const twiddles = (n1: number, n2: number, inverse: boolean): Parts =>
  remember(`twiddles ${n1} ${n2} ${inverse}`, () => table(n2, n1, (j2, k1) => root(j2 * k1, n1 * n2, inverse)))

/** exp(∓πi·k²/n) / divisor. */
function chirpNumbers(n: number, inverse: boolean, divisor: number): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(n)
  const im = new Float64Array(n)
  for (let k = 0, square = 0; k < n; square = (square + 2 * k + 1) % (2 * n), k++) {
    const [a, b] = root(square, 2 * n, inverse)
    re[k] = a / divisor
    im[k] = b / divisor
  }
  return { re, im }
}

export const chirp = (n: number, inverse: boolean, divisor: number): Parts =>
  remember(`chirp ${n} ${inverse} ${divisor}`, () => {
    const { re, im } = chirpNumbers(n, inverse, divisor)
    return { re: float32(Float32Array.from(re), [n]), im: float32(Float32Array.from(im), [n]) }
  })

/** The transform, of length `size`, of what a chirp is convolved with: its conjugate, mirrored. */
export const chirpSpectrum = (n: number, size: number, inverse: boolean): Parts =>
  remember(`spectrum ${n} ${size} ${inverse}`, () => {
    const { re, im } = chirpNumbers(n, !inverse, 1)
    const [wideRe, wideIm] = [new Float64Array(size), new Float64Array(size)]
    for (let k = 0; k < n; k++) {
      for (const at of k === 0 ? [0] : [k, size - k]) {
        wideRe[at] = re[k] as number
        wideIm[at] = im[k] as number
      }
    }
    planOf(size).run(wideRe, wideIm)
    return { re: float32(Float32Array.from(wideRe), [size]), im: float32(Float32Array.from(wideIm), [size]) }
  })
