import type { DType } from '../array/dtype.ts'

export const TWO_OVER_ROOT_PI: number = 2 / Math.sqrt(Math.PI)

/** erf in double precision: Kummer's series below 2.5, the continued fraction of erfc above. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN
  const a = Math.abs(x)
  if (a < 2.5) {
    // erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum
  }
  return Math.sign(x) * (1 - erfcLarge(a))
}

/** e^(x²) erfc(x) for x ≥ 1: 1/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), from the tail. */
function erfcxLarge(x: number): number {
  let fraction = x
  for (let n = Math.ceil(20 + 200 / (x * x)); n >= 1; n--) fraction = x + n / 2 / fraction
  return 1 / (Math.sqrt(Math.PI) * fraction)
}

/** e^(−x²); the square is split so that it is exact. */
function gaussian(x: number): number {
  if (Math.abs(x) > 1e3) return 0
  const z = Math.fround(x)
  return Math.exp(-z * z) * Math.exp((z - x) * (z + x))
}

const erfcLarge = (x: number): number => (x > 30 ? 0 : gaussian(x) * erfcxLarge(x))

/** 1 − erf x, with all its digits where it is small. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN
  if (x < 0) return 1 + erf(-x)
  return x < 1 ? 1 - erf(x) : erfcLarge(x)
}

/** e^(x²) erfc(x). */
export const erfcx = (x: number): number => (x < 1 ? erfc(x) / gaussian(x) : erfcxLarge(x))

/** ln Φ(x). */
export function logNdtr(x: number): number {
  return x < -1 ? (-x * x) / 2 + Math.log(erfcx(-x * Math.SQRT1_2) / 2) : Math.log1p(-erfc(x * Math.SQRT1_2) / 2)
}

/** One piece of the approximation of erfInv(x)/x in w = −ln(1 − x²). */
export interface ErfInvPiece {
  /** The piece holds for w below this. */
  readonly below: number
  /** Whether the polynomial is in √w − center, else in w − center. */
  readonly root: boolean
  readonly center: number
  /** Highest power first. */
  readonly coefficients: readonly number[]
}

export const erfInvPolynomial = (dtype: DType): readonly ErfInvPiece[] => (dtype === 'float64' ? double : single)

const single: readonly ErfInvPiece[] = [
  {
    below: 5,
    root: false,
    center: 2.5,
    coefficients: [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
      0.246640727, 1.50140941,
    ],
  },
  {
    below: Infinity,
    root: true,
    center: 3,
    coefficients: [
      -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
      1.00167406, 2.83297682,
    ],
  },
]

const double: readonly ErfInvPiece[] = [
  {
    below: 6.25,
    root: false,
    center: 3.125,
    coefficients: [
      -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18, 1.115787767802518096e-17,
      -1.333171662854620906e-16, 2.0972767875968561637e-17, 6.6376381343583238325e-15, -4.0545662729752068639e-14,
      -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11, -5.4154120542946279317e-11,
      1.051212273321532285e-9, -4.1126339803469836976e-9, -2.9070369957882005086e-8, 4.2347877827932403518e-7,
      -1.3654692000834678645e-6, -1.3882523362786468719e-5, 0.0001867342080340571352, -0.00074070253416626697512,
      -0.0060336708714301490533, 0.24015818242558961693, 1.6536545626831027356,
    ],
  },
  {
    below: 16,
    root: true,
    center: 3.25,
    coefficients: [
      2.2137376921775787049e-9, 9.0756561938885390979e-8, -2.7517406297064545428e-7, 1.8239629214389227755e-8,
      1.5027403968909827627e-6, -4.013867526981545969e-6, 2.9234449089955446044e-6, 1.2475304481671778723e-5,
      -4.7318229009055733981e-5, 6.8284851459573175448e-5, 2.4031110387097893999e-5, -0.0003550375203628474796,
      0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066, -0.0037512085075692412107,
      0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635,
    ],
  },
  {
    below: Infinity,
    root: true,
    center: 5,
    coefficients: [
      -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-9, -3.7894654401267369937e-9,
      7.6157012080783393804e-9, -1.4960026627149240478e-8, 2.9147953450901080826e-8, -6.7711997758452339498e-8,
      2.2900482228026654717e-7, -9.9298272942317002539e-7, 4.5260625972231537039e-6, -1.9681778105531670567e-5,
      7.5995277030017761139e-5, -0.00021503011930044477347, -0.00013871931833623122026, 1.0103004648645343977,
      4.8499064014084844221,
    ],
  },
]

const horner = (coefficients: Float64Array, t: number): number => {
  let sum = coefficients[0]!
  for (let k = 1; k < coefficients.length; k++) sum = sum * t + coefficients[k]!
  return sum
}

const [singleNear, singleFar] = single.map((piece) => Float64Array.from(piece.coefficients)) as [
  Float64Array,
  Float64Array,
]
const [doubleNear, doubleFar, doubleTail] = double.map((piece) => Float64Array.from(piece.coefficients)) as [
  Float64Array,
  Float64Array,
  Float64Array,
]

/** erf⁻¹ to the precision of float32. */
export function erfInvSingle(x: number): number {
  if (x === 1 || x === -1) return x * Infinity
  const w = -Math.log1p(-x * x)
  return x * (w < 5 ? horner(singleNear, w - 2.5) : horner(singleFar, Math.sqrt(w) - 3))
}

/** erf⁻¹ in double precision. */
export function erfInvDouble(x: number): number {
  if (x === 1 || x === -1) return x * Infinity
  const w = -Math.log1p(-x * x)
  if (w < 6.25) return x * horner(doubleNear, w - 3.125)
  const root = Math.sqrt(w)
  return x * (w < 16 ? horner(doubleFar, root - 3.25) : horner(doubleTail, root - 5))
}
