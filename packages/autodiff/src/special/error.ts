import { polynomial } from '../primitives/approximations.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { add, div, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { like } from '../primitives/broadcast.ts'
import { eq, gt, lt, select } from '../primitives/comparison.ts'
import * as e from '../primitives/error-functions.ts'
import { erf as erfOf, erfInv, log, log1p, logistic, sqrt } from '../primitives/transcendental.ts'
import { floatFunction, type Unary } from '../numpy/lifting.ts'

/** The error function 2/√π ∫ e^(−t²) dt from 0 to x. */
export const erf: Unary = floatFunction(erfOf)
/** 1 − erf(x), with all its digits where it is small. */
export const erfc: Unary = floatFunction(e.erfc)
/** e^(x²) erfc(x). */
export const erfcx: Unary = floatFunction(e.erfcx)
/** The inverse of `erf`. */
export const erfinv: Unary = floatFunction(erfInv)

/**
 * The normal distribution function.
 *
 * @example special.ndtr([0, 1.96]) // [0.5, 0.9750021]
 */
export const ndtr: Unary = floatFunction(e.ndtr)
/** The logarithm of `ndtr`, exact in both tails. */
export const logNdtr = (x: Operand): NDArray => floatFunction(e.logNdtr)(x)

/** S. Moshier, "Methods and Programs for Mathematical Functions" (1989): by p, and by √(−2 ln p) below and above 8. */
const CENTER = {
  over: [
    -5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
    -1.23916583867381258016,
  ],
  under: [
    1, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1, -2.25462687854119370527e2,
    2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142,
  ],
}
const MIDDLE = {
  over: [
    4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.408050738932008347e1,
    1.46849561928858024014e1, 2.18663306850790267539, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
    -8.57456785154685413611e-4,
  ],
  under: [
    1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.1317203825467203044e1, 1.50425385692907503408e1,
    2.50464946208309415979, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
  ],
}
const TAIL = {
  over: [
    3.2377489177694603597, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389,
    2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
    6.2397453918498329373e-9,
  ],
  under: [
    1, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 2.1623699359449663589e-1,
    1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
  ],
}

/**
 * The inverse of `ndtr`: ±∞ at 0 and 1, NaN outside.
 *
 * @example special.ndtri([0.5, 0.975]) // [0, 1.9599644]
 */
export const ndtri: Unary = floatFunction((p) => {
  const one = like(p, 1)
  const upper = gt(p, like(p, 1 - Math.exp(-2)))
  const folded = select(upper, sub(one, p), p)
  const q = select(eq(folded, like(p, 0)), like(p, 0.5), folded)
  const w = plus(q, -0.5)
  const square = mul(w, w)
  const ratio = div(polynomial(square, CENTER.over), polynomial(square, CENTER.under))
  const center = mul(add(w, mul(mul(w, square), ratio)), like(p, -Math.sqrt(2 * Math.PI)))
  const z = sqrt(mul(log(q), like(p, -2)))
  const first = sub(z, div(log(z), z))
  const t = div(one, z)
  const rest = ({ over, under }: typeof TAIL): NDArray => div(div(polynomial(t, over), polynomial(t, under)), z)
  const outer = select(lt(z, like(p, 8)), sub(first, rest(MIDDLE)), sub(first, rest(TAIL)))
  const value = select(gt(q, like(p, Math.exp(-2))), center, outer)
  const signed = select(upper, value, neg(value))
  return select(eq(p, like(p, 0)), like(p, -Infinity), select(eq(p, one), like(p, Infinity), signed))
})

/** ln(x / (1 − x)). */
export const logit: Unary = floatFunction((x) => sub(log(x), log1p(neg(x))))
/** 1 / (1 + e⁻ˣ), the inverse of `logit`. */
export const expit: Unary = floatFunction(logistic)
