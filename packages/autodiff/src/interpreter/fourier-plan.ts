/**
 * Discrete Fourier transforms of one length, in double precision. Lengths of small prime factors by a self-sorting mixed
 * radix transform (Stockham; see Van Loan, "Computational frameworks for the fast Fourier transform", 1992), others as a
 * convolution of a power of two (Bluestein, "A linear filtering approach to the computation of the discrete Fourier
 * transform", 1970).
 */
export interface Plan {
  readonly length: number
  /** Replaces the numbers by Σⱼ xⱼ exp(−2πi·jk/n). The inverse is the same with the parts exchanged, divided by n. */
  run(re: Float64Array, im: Float64Array): void
}

/** Larger prime factors are left to Bluestein's convolution. */
const LARGEST_RADIX = 31

/** How many plans are kept. */
const KEPT = 32
const plans = new Map<number, Plan>()

/** The plan of a length; the latest ones are kept. */
export function planOf(length: number): Plan {
  let plan = plans.get(length)
  if (plan === undefined) {
    const factors = factorsOf(length)
    plan = Math.max(1, ...factors) <= LARGEST_RADIX ? mixedRadix(length, factors) : convolution(length)
    if (plans.size >= KEPT) plans.delete(plans.keys().next().value as number)
    plans.set(length, plan)
  }
  return plan
}

/** cos(π/2 · t/n) for a whole t, from an angle of at most π/4, so that all symmetries of the circle hold exactly. */
function cosine(t: number, n: number): number {
  const turn = 4 * n
  const within = ((t % turn) + turn) % turn
  const half = Math.min(within, turn - within)
  const [quarter, sign] = half > n ? [2 * n - half, -1] : [half, 1]
  // π/3, of which the rounded sine is not ½.
  if (3 * quarter === 2 * n) return sign / 2
  const angle = Math.PI / 2 / n
  return sign * (2 * quarter > n ? Math.sin(angle * (n - quarter)) : Math.cos(angle * quarter))
}

/** exp(2πi·k/n). */
export const rootOfUnity = (k: number, n: number): readonly [re: number, im: number] => [
  cosine(4 * k, n),
  cosine(4 * k - n, n),
]

/** The factors to transform by: fours, then primes. */
function factorsOf(length: number): number[] {
  const factors: number[] = []
  let rest = length
  for (; rest % 4 === 0; rest /= 4) factors.push(4)
  for (let p = 2; p * p <= rest; p++) for (; rest % p === 0; rest /= p) factors.push(p)
  if (rest > 1) factors.push(rest)
  return factors
}

// ── mixed radix ────────────────────────────────────────────────────────────

function mixedRadix(length: number, factors: readonly number[]): Plan {
  const cos = new Float64Array(length)
  const sin = new Float64Array(length)
  for (let k = 0; k < length; k++) [cos[k], sin[k]] = rootOfUnity(k, length) as [number, number]
  const scratch: Numbers = { re: new Float64Array(length), im: new Float64Array(length) }
  const sums = new Float64Array(4 * LARGEST_RADIX)
  return {
    length,
    run(re, im) {
      let from: Numbers = { re, im }
      let to = scratch
      let stride = 1
      for (const p of factors) {
        const step: Step = { from, to, cos, sin, stride, count: length / stride / p }
        if (p === 4) radix4(step)
        else if (p === 2) radix2(step)
        else if (p === 3) radix3(step)
        else if (p === 5) radix5(step)
        else oddRadix(step, p, sums)
        stride *= p
        ;[from, to] = [to, from]
      }
      if (from === scratch) {
        re.set(scratch.re)
        im.set(scratch.im)
      }
    },
  }
}

interface Numbers {
  readonly re: Float64Array
  readonly im: Float64Array
}

/**
 * One step: `stride` transforms of length p·count, side by side, become p times as many of length `count`. The entry
 * j + r·count of a transform is of class r; the k-th sum over the classes, times exp(−2πi·jk/(p·count)), goes to
 * p·j + k.
 */
interface Step {
  readonly from: Numbers
  readonly to: Numbers
  readonly cos: Float64Array
  readonly sin: Float64Array
  readonly stride: number
  readonly count: number
}

function radix2({ from, to, cos, sin, stride, count }: Step): void {
  const [xr, xi, yr, yi] = [from.re, from.im, to.re, to.im]
  const half = stride * count
  for (let j = 0; j < count; j++) {
    const c = cos[j * stride] as number
    const s = sin[j * stride] as number
    for (let q = 0; q < stride; q++) {
      const a = q + stride * j
      const b = a + half
      const out = q + stride * 2 * j
      const dr = (xr[a] as number) - (xr[b] as number)
      const di = (xi[a] as number) - (xi[b] as number)
      yr[out] = (xr[a] as number) + (xr[b] as number)
      yi[out] = (xi[a] as number) + (xi[b] as number)
      yr[out + stride] = dr * c + di * s
      yi[out + stride] = di * c - dr * s
    }
  }
}

function radix4({ from, to, cos, sin, stride, count }: Step): void {
  const [xr, xi, yr, yi] = [from.re, from.im, to.re, to.im]
  const quarter = stride * count
  for (let j = 0; j < count; j++) {
    const at = j * stride
    const c1 = cos[at] as number
    const s1 = sin[at] as number
    const c2 = cos[2 * at] as number
    const s2 = sin[2 * at] as number
    const c3 = cos[3 * at] as number
    const s3 = sin[3 * at] as number
    for (let q = 0; q < stride; q++) {
      const a = q + at
      const b = a + quarter
      const c = b + quarter
      const d = c + quarter
      const evenR = (xr[a] as number) + (xr[c] as number)
      const evenI = (xi[a] as number) + (xi[c] as number)
      const oddR = (xr[b] as number) + (xr[d] as number)
      const oddI = (xi[b] as number) + (xi[d] as number)
      const acrossR = (xr[a] as number) - (xr[c] as number)
      const acrossI = (xi[a] as number) - (xi[c] as number)
      const turnedR = (xi[b] as number) - (xi[d] as number)
      const turnedI = (xr[d] as number) - (xr[b] as number)
      let out = q + 4 * at
      yr[out] = evenR + oddR
      yi[out] = evenI + oddI
      let r = acrossR + turnedR
      let i = acrossI + turnedI
      out += stride
      yr[out] = r * c1 + i * s1
      yi[out] = i * c1 - r * s1
      r = evenR - oddR
      i = evenI - oddI
      out += stride
      yr[out] = r * c2 + i * s2
      yi[out] = i * c2 - r * s2
      r = acrossR - turnedR
      i = acrossI - turnedI
      out += stride
      yr[out] = r * c3 + i * s3
      yi[out] = i * c3 - r * s3
    }
  }
}

function radix3({ from, to, cos, sin, stride, count }: Step): void {
  const [xr, xi, yr, yi] = [from.re, from.im, to.re, to.im]
  const third = stride * count
  const s = Math.sqrt(3) / 2
  for (let j = 0; j < count; j++) {
    const at = j * stride
    for (let q = 0; q < stride; q++) {
      const a = q + at
      const b = a + third
      const c = b + third
      const sumR = (xr[b] as number) + (xr[c] as number)
      const sumI = (xi[b] as number) + (xi[c] as number)
      const oddR = ((xr[b] as number) - (xr[c] as number)) * s
      const oddI = ((xi[b] as number) - (xi[c] as number)) * s
      const evenR = (xr[a] as number) - sumR / 2
      const evenI = (xi[a] as number) - sumI / 2
      const out = q + 3 * at
      yr[out] = (xr[a] as number) + sumR
      yi[out] = (xi[a] as number) + sumI
      turned(yr, yi, out + stride, evenR + oddI, evenI - oddR, cos, sin, at)
      turned(yr, yi, out + 2 * stride, evenR - oddI, evenI + oddR, cos, sin, 2 * at)
    }
  }
}

function radix5({ from, to, cos, sin, stride, count }: Step): void {
  const [xr, xi, yr, yi] = [from.re, from.im, to.re, to.im]
  const fifth = stride * count
  const [c1, s1] = rootOfUnity(1, 5)
  const [c2, s2] = rootOfUnity(2, 5)
  for (let j = 0; j < count; j++) {
    const at = j * stride
    for (let q = 0; q < stride; q++) {
      const a = q + at
      const b = a + fifth
      const c = b + fifth
      const d = c + fifth
      const e = d + fifth
      const nearR = (xr[b] as number) + (xr[e] as number)
      const nearI = (xi[b] as number) + (xi[e] as number)
      const farR = (xr[c] as number) + (xr[d] as number)
      const farI = (xi[c] as number) + (xi[d] as number)
      const acrossNearR = (xr[b] as number) - (xr[e] as number)
      const acrossNearI = (xi[b] as number) - (xi[e] as number)
      const acrossFarR = (xr[c] as number) - (xr[d] as number)
      const acrossFarI = (xi[c] as number) - (xi[d] as number)
      const out = q + 5 * at
      yr[out] = (xr[a] as number) + nearR + farR
      yi[out] = (xi[a] as number) + nearI + farI
      let evenR = (xr[a] as number) + nearR * c1 + farR * c2
      let evenI = (xi[a] as number) + nearI * c1 + farI * c2
      let oddR = acrossNearR * s1 + acrossFarR * s2
      let oddI = acrossNearI * s1 + acrossFarI * s2
      turned(yr, yi, out + stride, evenR + oddI, evenI - oddR, cos, sin, at)
      turned(yr, yi, out + 4 * stride, evenR - oddI, evenI + oddR, cos, sin, 4 * at)
      evenR = (xr[a] as number) + nearR * c2 + farR * c1
      evenI = (xi[a] as number) + nearI * c2 + farI * c1
      oddR = acrossNearR * s2 - acrossFarR * s1
      oddI = acrossNearI * s2 - acrossFarI * s1
      turned(yr, yi, out + 2 * stride, evenR + oddI, evenI - oddR, cos, sin, 2 * at)
      turned(yr, yi, out + 3 * stride, evenR - oddI, evenI + oddR, cos, sin, 3 * at)
    }
  }
}

/** Any odd radix: the classes r and p − r are taken together, of which the roots are conjugate. */
function oddRadix({ from, to, cos, sin, stride, count }: Step, p: number, sums: Float64Array): void {
  const [xr, xi, yr, yi] = [from.re, from.im, to.re, to.im]
  const pairs = (p - 1) / 2
  const apart = stride * count
  const root = cos.length / p
  for (let j = 0; j < count; j++) {
    for (let q = 0; q < stride; q++) {
      const first = q + stride * j
      const x0r = xr[first] as number
      const x0i = xi[first] as number
      let totalR = x0r
      let totalI = x0i
      for (let r = 1; r <= pairs; r++) {
        const a = first + r * apart
        const b = first + (p - r) * apart
        const at = 4 * r
        sums[at] = (xr[a] as number) + (xr[b] as number)
        sums[at + 1] = (xi[a] as number) + (xi[b] as number)
        sums[at + 2] = (xr[a] as number) - (xr[b] as number)
        sums[at + 3] = (xi[a] as number) - (xi[b] as number)
        totalR += sums[at] as number
        totalI += sums[at + 1] as number
      }
      const out = q + stride * p * j
      yr[out] = totalR
      yi[out] = totalI
      for (let k = 1; k <= pairs; k++) {
        let evenR = x0r
        let evenI = x0i
        let oddR = 0
        let oddI = 0
        for (let r = 1, turn = k; r <= pairs; r++, turn = (turn + k) % p) {
          const c = cos[turn * root] as number
          const s = sin[turn * root] as number
          const at = 4 * r
          evenR += (sums[at] as number) * c
          evenI += (sums[at + 1] as number) * c
          oddR += (sums[at + 2] as number) * s
          oddI += (sums[at + 3] as number) * s
        }
        turned(yr, yi, out + k * stride, evenR + oddI, evenI - oddR, cos, sin, j * k * stride)
        turned(yr, yi, out + (p - k) * stride, evenR - oddI, evenI + oddR, cos, sin, j * (p - k) * stride)
      }
    }
  }
}

function turned(
  yr: Float64Array,
  yi: Float64Array,
  out: number,
  r: number,
  i: number,
  cos: Float64Array,
  sin: Float64Array,
  at: number,
): void {
  const c = cos[at] as number
  const s = sin[at] as number
  yr[out] = r * c + i * s
  yi[out] = i * c - r * s
}

// ── any length ─────────────────────────────────────────────────────────────

/** jk = (j² + k² − (k − j)²) / 2 makes the transform a convolution with exp(πi·k²/n). */
function convolution(length: number): Plan {
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1))
  const inner = planOf(size)
  const cos = new Float64Array(length)
  const sin = new Float64Array(length)
  // k² modulo 2n, exact also where k² is not.
  for (let k = 0, square = 0; k < length; square = (square + 2 * k + 1) % (2 * length), k++)
    [cos[k], sin[k]] = rootOfUnity(square, 2 * length) as [number, number]
  const kernel: Numbers = { re: new Float64Array(size), im: new Float64Array(size) }
  for (let k = 0; k < length; k++) {
    for (const at of k === 0 ? [0] : [k, size - k]) {
      kernel.re[at] = cos[k] as number
      kernel.im[at] = sin[k] as number
    }
  }
  inner.run(kernel.re, kernel.im)
  const work: Numbers = { re: new Float64Array(size), im: new Float64Array(size) }
  return {
    length,
    run(re, im) {
      const { re: wr, im: wi } = work
      wr.fill(0, length)
      wi.fill(0, length)
      for (let k = 0; k < length; k++) {
        const r = re[k] as number
        const i = im[k] as number
        const c = cos[k] as number
        const s = sin[k] as number
        wr[k] = r * c + i * s
        wi[k] = i * c - r * s
      }
      inner.run(wr, wi)
      for (let k = 0; k < size; k++) {
        const r = wr[k] as number
        const i = wi[k] as number
        const c = kernel.re[k] as number
        const s = kernel.im[k] as number
        wr[k] = r * c - i * s
        wi[k] = r * s + i * c
      }
      inner.run(wi, wr)
      for (let k = 0; k < length; k++) {
        const r = wr[k] as number
        const i = wi[k] as number
        const c = cos[k] as number
        const s = sin[k] as number
        re[k] = (r * c + i * s) / size
        im[k] = (i * c - r * s) / size
      }
    },
  }
}
