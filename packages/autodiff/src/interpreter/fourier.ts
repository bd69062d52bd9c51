import { sizeOf, stridesOf } from '../array/shape.ts'
import { planOf } from './fourier-plan.ts'

/** Real and imaginary parts, in double precision. */
interface Parts {
  readonly re: Float64Array
  readonly im: Float64Array
}

/** The transform, or its inverse, over the last `count` axes of complex numbers with their parts in turn. */
export function transformComplex(
  x: Float32Array,
  shape: readonly number[],
  count: number,
  inverse: boolean,
): Float32Array {
  const parts = separate(x)
  for (let axis = shape.length - count; axis < shape.length; axis++) transformAxis(parts, shape, axis, inverse)
  return joined(parts)
}

/** The transform over the last `count` axes of real numbers: of the last axis the entries up to half its length. */
export function transformReal(x: ArrayLike<number>, shape: readonly number[], count: number): Float32Array {
  const last = shape.length - 1
  const n = shape[last] as number
  const half = Math.floor(n / 2) + 1
  const rows = x.length / n
  const parts = emptyParts(rows * half)
  const plan = planOf(n)
  const row = emptyParts(n)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < n; k++) row.re[k] = x[i * n + k] as number
    row.im.fill(0)
    plan.run(row.re, row.im)
    for (let k = 0; k < half; k++) {
      parts.re[i * half + k] = row.re[k] as number
      parts.im[i * half + k] = row.im[k] as number
    }
  }
  const halved = [...shape.slice(0, -1), half]
  for (let axis = shape.length - count; axis < last; axis++) transformAxis(parts, halved, axis, false)
  return joined(parts)
}

/** The inverse of `transformReal`, with results of length `n` on the last axis. Imaginary parts that a real signal has not are left out. */
export function inverseToReal(x: Float32Array, shape: readonly number[], count: number, n: number): Float32Array {
  const last = shape.length - 1
  const half = shape[last] as number
  const parts = separate(x)
  for (let axis = shape.length - count; axis < last; axis++) transformAxis(parts, shape, axis, true)
  const rows = sizeOf(shape.slice(0, -1))
  const out = new Float32Array(rows * n)
  const plan = planOf(n)
  const row = emptyParts(n)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < half; k++) {
      const re = parts.re[i * half + k] as number
      const alone = k === 0 || 2 * k === n
      const im = alone ? 0 : (parts.im[i * half + k] as number)
      row.re[k] = re
      row.im[k] = im
      if (alone) continue
      row.re[n - k] = re
      row.im[n - k] = -im
    }
    plan.run(row.im, row.re)
    for (let k = 0; k < n; k++) out[i * n + k] = (row.re[k] as number) / n
  }
  return out
}

const emptyParts = (length: number): Parts => ({ re: new Float64Array(length), im: new Float64Array(length) })

function separate(x: Float32Array): Parts {
  const parts = emptyParts(x.length / 2)
  for (let i = 0; i < parts.re.length; i++) {
    parts.re[i] = x[2 * i] as number
    parts.im[i] = x[2 * i + 1] as number
  }
  return parts
}

function joined({ re, im }: Parts): Float32Array {
  const out = new Float32Array(2 * re.length)
  for (let i = 0; i < re.length; i++) {
    out[2 * i] = re[i] as number
    out[2 * i + 1] = im[i] as number
  }
  return out
}

function transformAxis({ re, im }: Parts, shape: readonly number[], axis: number, inverse: boolean): void {
  const n = shape[axis] as number
  const stride = stridesOf(shape)[axis] as number
  const plan = planOf(n)
  const row = emptyParts(n)
  const scale = inverse ? 1 / n : 1
  for (let outer = 0; outer < re.length; outer += n * stride) {
    for (let start = outer; start < outer + stride; start++) {
      for (let k = 0; k < n; k++) {
        row.re[k] = re[start + k * stride] as number
        row.im[k] = im[start + k * stride] as number
      }
      if (inverse) plan.run(row.im, row.re)
      else plan.run(row.re, row.im)
      for (let k = 0; k < n; k++) {
        re[start + k * stride] = (row.re[k] as number) * scale
        im[start + k * stride] = (row.im[k] as number) * scale
      }
    }
  }
}
