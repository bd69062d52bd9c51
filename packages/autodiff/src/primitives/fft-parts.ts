import type { NDArray } from '../array/ndarray.ts'
import { isParts, type Parts, type Splittable } from '../core/complex.ts'
import { mul, neg, sub, add } from './arithmetic.ts'
import { broadcastInDim, full, zerosLike } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { dot } from './dot.ts'
import { chirp, chirpSpectrum, inverseMatrix, transformMatrix, twiddles } from './fft-constants.ts'
import { moveAxis, reshape } from './reshape.ts'
import { rev } from './rev.ts'
import { pad, sliceAxis } from './slicing.ts'

/**
 * Fourier transforms as matrix products of real numbers, for programs that are compiled. A matrix does for short
 * lengths; n = n1·n2 is two transforms with a factor between them (Cooley and Tukey, Mathematics of Computation 19,
 * 1965); what has a large prime factor is a convolution (Bluestein).
 */

/** Lengths up to here are one matrix. */
const MATRIX_LIMIT = 64
/** Prime lengths up to here, too. */
const PRIME_LIMIT = 128

/** Real numbers, or complex ones in parts. */
interface Signal {
  readonly re: NDArray
  readonly im: NDArray | null
}

/** What is wanted of a transform of the last axis: the first `keep` entries, and perhaps their real parts alone. */
interface Wanted {
  readonly inverse: boolean
  readonly keep: number
  readonly real: boolean
}

/** The transform of one of the types over the last axes. */
export function transformParts(x: Splittable, type: string, lengths: readonly number[]): Splittable {
  const rank = (isParts(x) ? x.re : x).ndim
  const inverse = type === 'IFFT' || type === 'IRFFT'
  const n = lengths.at(-1) as number
  const others = lengths.slice(0, -1).map((_, i) => rank - lengths.length + i)
  const overOthers = (parts: Parts): Parts =>
    others.reduce<Parts>((z, axis) => {
      const moved: Parts = { re: moveAxis(z.re, axis, rank - 1), im: moveAxis(z.im, axis, rank - 1) }
      const result = transformAll(moved, inverse)
      return { re: moveAxis(result.re, rank - 1, axis), im: moveAxis(result.im, rank - 1, axis) }
    }, parts)
  switch (type) {
    case 'RFFT': {
      const signal: Signal = { re: x as NDArray, im: null }
      return overOthers(complexOf(transform(signal, { inverse: false, keep: Math.floor(n / 2) + 1, real: false })))
    }
    case 'IRFFT':
      return toReal(overOthers(x as Parts), n)
    default:
      return overOthers(transformAll(x as Parts, inverse))
  }
}

const lastAxis = (x: NDArray): number => x.ndim - 1
const lengthOf = ({ re }: Signal): number => re.shape.at(-1) as number
const complexOf = ({ re, im }: Signal): Parts => ({ re, im: im ?? zerosLike(re) })

const transformAll = (x: Parts, inverse: boolean): Parts =>
  complexOf(transform(x, { inverse, keep: lengthOf(x), real: false }))

function transform(x: Signal, wanted: Wanted): Signal {
  const n = lengthOf(x)
  if (n === 1) return wanted.real ? { re: x.re, im: null } : x
  if (n <= MATRIX_LIMIT) return byMatrix(x, wanted)
  const divisor = nearRoot(n)
  if (largestFactor(n) > PRIME_LIMIT) return byConvolution(x, wanted)
  return divisor === 1 ? byMatrix(x, wanted) : byFactors(x, divisor, wanted)
}

/** The largest divisor up to the square root. */
function nearRoot(n: number): number {
  let divisor = Math.floor(Math.sqrt(n))
  while (n % divisor !== 0) divisor--
  return divisor
}

function largestFactor(n: number): number {
  let rest = n
  let largest = 1
  for (let p = 2; p * p <= rest; p++) for (; rest % p === 0; rest /= p) largest = p
  return Math.max(largest, rest)
}

function byMatrix(x: Signal, { inverse, keep, real }: Wanted): Signal {
  const matrix = transformMatrix(lengthOf(x), { inverse, keep, fromReal: x.im === null, toReal: real })
  const product = timesMatrix(sideBySide(x), matrix)
  return real ? { re: product, im: null } : halves(product, keep)
}

/** Entries j = n2·j1 + j2 and k = k1 + n1·k2: over j1 for every j2, times exp(−2πi·j2·k1/n), over j2 for every k1. */
function byFactors(x: Signal, n1: number, { inverse, keep, real }: Wanted): Signal {
  const n = lengthOf(x)
  const n2 = n / n1
  const lead = x.re.shape.slice(0, -1)
  const rows = on(x, (part) => swapLast(reshape(part, [...lead, n1, n2])))
  const inner = transform(rows, { inverse, keep: n1, real: false })
  const turned = times(complexOf(inner), twiddles(n1, n2, inverse))
  const keepRows = Math.ceil(keep / n1)
  const outer = transform(on(turned, swapLast), { inverse, keep: keepRows, real })
  return on(outer, (part) => firstOf(reshape(swapLast(part), [...lead, n1 * keepRows]), keep))
}

/** The convolution with exp(πi·k²/n), by transforms of a power of two (see interpreter/fourier-plan.ts). */
function byConvolution(x: Signal, { inverse, keep, real }: Wanted): Signal {
  const n = lengthOf(x)
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1))
  const { re, im } = chirp(n, inverse, 1)
  const started = x.im === null ? scaleReal(x.re, re, im) : times(complexOf(x), { re, im })
  const padded = on(started, (part) => padLast(part, size - n))
  const spectrum = times(transformAll(complexOf(padded), false), chirpSpectrum(n, size, inverse))
  const convolved = transform(spectrum, { inverse: true, keep, real: false })
  const last = chirp(n, inverse, inverse ? n : 1)
  const ended = times(complexOf(convolved), { re: firstOf(last.re, keep), im: firstOf(last.im, keep) })
  return real ? { re: ended.re, im: null } : ended
}

/** `n` real numbers from the half of their spectrum. */
function toReal(x: Parts, n: number): NDArray {
  if (n === 1) return x.re
  if (n <= MATRIX_LIMIT) return timesMatrix(sideBySide(x), inverseMatrix(n))
  const axis = lastAxis(x.re)
  const half = lengthOf(x)
  // What is its own mirror image has no imaginary part in the spectrum of real numbers.
  const paired = n - half + 1
  const zero = zerosLike(sliceAxis(x.im, axis, 0, 1))
  const re = rev(sliceAxis(x.re, axis, 1, paired), [axis])
  const im = sliceAxis(x.im, axis, 1, paired)
  const middle = n % 2 === 0 ? [zero] : []
  const whole: Parts = {
    re: concatenate([x.re, re], axis),
    im: concatenate([zero, im, ...middle, neg(rev(im, [axis]))], axis),
  }
  return transform(whole, { inverse: true, keep: n, real: true }).re
}

// ── pieces ─────────────────────────────────────────────────────────────────

const on = (x: Signal, f: (part: NDArray) => NDArray): Signal => ({ re: f(x.re), im: x.im && f(x.im) })

const swapLast = (x: NDArray): NDArray => moveAxis(x, x.ndim - 1, x.ndim - 2)
const firstOf = (x: NDArray, count: number): NDArray => sliceAxis(x, lastAxis(x), 0, count)

const sideBySide = ({ re, im }: Signal): NDArray => (im === null ? re : concatenate([re, im], lastAxis(re)))
const halves = (x: NDArray, count: number): Parts => ({
  re: firstOf(x, count),
  im: sliceAxis(x, lastAxis(x), count, 2 * count),
})

const timesMatrix = (x: NDArray, matrix: NDArray): NDArray =>
  dot(x, matrix, { contract: [[lastAxis(x)], [0]], batch: [[], []] })

/** Constant factors over the last axes. */
function along(factors: NDArray, x: NDArray): NDArray {
  const lead = x.ndim - factors.ndim
  return broadcastInDim(
    factors,
    x.shape,
    factors.shape.map((_, i) => lead + i),
  )
}

const scaleReal = (x: NDArray, re: NDArray, im: NDArray): Parts => ({
  re: mul(x, along(re, x)),
  im: mul(x, along(im, x)),
})

function times(x: Parts, factors: Parts): Parts {
  const [re, im] = [along(factors.re, x.re), along(factors.im, x.re)]
  return { re: sub(mul(x.re, re), mul(x.im, im)), im: add(mul(x.re, im), mul(x.im, re)) }
}

const padLast = (x: NDArray, count: number): NDArray => {
  const none = x.shape.map(() => 0)
  return pad(x, full([], 0, x.dtype), { low: none, high: none.with(-1, count), interior: none })
}
