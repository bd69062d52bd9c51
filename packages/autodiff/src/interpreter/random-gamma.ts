import { erfInvDouble, erfInvSingle } from './special.ts'
import { threefryBlock } from './threefry.ts'

/**
 * Draws of the gamma distribution: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables" (ACM
 * Transactions on Mathematical Software 26, 2000), each from a key of its own, rounded as JAX rounds.
 */
export interface GammaDraws {
  readonly layout: 'partitionable' | 'legacy'
  /** Whether the logarithm is given. */
  readonly log: boolean
  readonly dtype: 'float32' | 'float64'
}

// The words of one block.
const x = new Int32Array(1)
const y = new Int32Array(1)

/** The draws; numbers of `alpha` are floats, keys the words of one key for each of them. */
export function randomGamma(
  key0: Int32Array,
  key1: Int32Array,
  alpha: ArrayLike<number>,
  out: Float32Array | Float64Array,
  { layout, log, dtype }: GammaDraws,
): void {
  const isLegacy = layout === 'legacy'
  const isSingle = dtype === 'float32'
  const round = isSingle ? Math.fround : (value: number): number => value
  const keys = new Int32Array(6)

  /** The words of `n` keys from one. */
  const split = (a: number, b: number, n: number): void => {
    for (let i = 0; i < n; i++) {
      threefryBlock(a, b, isLegacy ? i : 0, isLegacy ? i + n : i, x, y, 0)
      keys[isLegacy ? i : 2 * i] = x[0]!
      keys[isLegacy ? i + n : 2 * i + 1] = y[0]!
    }
  }
  const uniform = (a: number, b: number): number => {
    if (!isSingle) {
      threefryBlock(a, b, 0, isLegacy ? 1 : 0, x, y, 0)
      return ((x[0]! >>> 0) * 2 ** 20 + (y[0]! >>> 12)) * 2 ** -52
    }
    threefryBlock(a, b, 0, 0, x, y, 0)
    return ((isLegacy ? x[0]! : x[0]! ^ y[0]!) >>> 9) * 2 ** -23
  }
  const low = isSingle ? 2 ** -24 - 1 : 2 ** -53 - 1
  const rootTwo = round(Math.SQRT2)
  const normal = (a: number, b: number): number => {
    const u = round(2 * uniform(a, b) + low)
    return round(rootTwo * round(isSingle ? erfInvSingle(u) : erfInvDouble(u)))
  }

  const third = round(1 / 3)
  const squeeze = round(0.0331)
  const [each0, each1, eachA] = [key0, key1, alpha].map((values) => (values.length === 1 ? 0 : -1)) as [
    number,
    number,
    number,
  ]
  for (let i = 0; i < out.length; i++) {
    const a = alpha[i & eachA]!
    // A shape below 1 is drawn as one more, times a power of a uniform number.
    const isBoosted = !(a >= 1)
    const d = round(round(isBoosted ? a + 1 : a) - third)
    const c = round(third / round(Math.sqrt(d)))
    split(key0[i & each0]!, key1[i & each1]!, 2)
    let [a0, a1] = [keys[0]!, keys[1]!]
    const [b0, b1] = [keys[2]!, keys[3]!]
    let v = 1
    let goes = true
    while (goes) {
      split(a0, a1, 3)
      a0 = keys[0]!
      a1 = keys[1]!
      let [n0, n1] = [keys[2]!, keys[3]!]
      const [u0, u1] = [keys[4]!, keys[5]!]
      let z = 0
      v = -1
      while (v <= 0) {
        split(n0, n1, 2)
        n0 = keys[0]!
        n1 = keys[1]!
        z = normal(keys[2]!, keys[3]!)
        v = round(1 + round(z * c))
      }
      const square = round(z * z)
      v = round(round(v * v) * v)
      const u = uniform(u0, u1)
      goes =
        u >= round(1 - round(squeeze * round(square * square))) &&
        round(Math.log(u)) >= round(round(square / 2) + round(d * round(round(1 - v) + round(Math.log(v)))))
    }
    const u = uniform(b0, b1)
    if (log) {
      const drawn = round(Math.log1p(-u))
      const boost = isBoosted && drawn !== 0 ? round(drawn * round(1 / a)) : 0
      out[i] = round(round(Math.log(d)) + round(Math.log(v))) + boost
    } else {
      const boost = isBoosted ? round(round(1 - u) ** round(1 / a)) : 1
      out[i] = round(d * v) * boost
    }
  }
}
