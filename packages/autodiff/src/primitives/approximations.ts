import type { NDArray } from '../array/ndarray.ts'
import { abs, add, div, mul, neg, plus, sub } from './arithmetic.ts'
import { eq, gt, lt, select } from './comparison.ts'
import { like, zerosLike } from './broadcast.ts'

/**
 * Functions for which a device has no kernel (float64 on the CPU, inverse functions on CUDA), composed of arithmetic
 * to the precision of float64.
 */

/** The polynomial in `x` with these coefficients, the highest power first. */
export const polynomial = (x: NDArray, [first, ...rest]: readonly number[]): NDArray =>
  rest.reduce((sum, c) => plus(mul(sum, x), c), like(x, first!))
const rational = (x: NDArray, over: readonly number[], under: readonly number[]): NDArray =>
  div(polynomial(x, over), polynomial(x, under))

// ── arctangent ─────────────────────────────────────────────────────────────

/** S. Moshier, "Methods and Programs for Mathematical Functions" (1989): (atan r − r) / r³ in r², for |r| ≤ 0.66. */
const ATAN_OVER = [
  -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.50085579231470466734e1, -1.22886668449013617341e2,
  -6.485021904942025371773e1,
]
const ATAN_UNDER = [
  1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2, 4.853903996359136964868e2,
  1.945506571482613964425e2,
]
const TAN_3_PI_8 = 2.4142135623730950488

export function atanOf(x: NDArray): NDArray {
  const a = abs(x)
  const large = gt(a, like(x, TAN_3_PI_8))
  const middle = gt(a, like(x, 0.66))
  // atan a = π/2 + atan(−1/a) = π/4 + atan((a − 1)/(a + 1))
  const r = select(large, div(like(x, -1), a), select(middle, div(plus(a, -1), plus(a, 1)), a))
  const start = select(large, like(x, Math.PI / 2), select(middle, like(x, Math.PI / 4), like(x, 0)))
  const square = mul(r, r)
  const value = add(start, add(r, mul(mul(r, square), rational(square, ATAN_OVER, ATAN_UNDER))))
  return withSignOf(x, value)
}

/** `value` for x ≥ 0 as an odd function of x; zeros keep their sign. */
export const withSignOf = (x: NDArray, value: NDArray): NDArray =>
  select(eq(x, like(x, 0)), x, select(lt(x, like(x, 0)), neg(value), value))

/** Whether `x` has a minus sign, that of −0 too. A NaN has none. */
export const isNegative = (x: NDArray): NDArray => {
  const zero = zerosLike(x)
  return lt(select(eq(x, zero), div(like(x, 1), x), x), zero)
}

// ── error function ─────────────────────────────────────────────────────────

/** The pieces of Sun Microsystems' s_erf.c (1993), each a ratio of polynomials. */
const ERF_SMALL = {
  over: [
    -2.37630166566501626084e-5, -5.77027029648944159157e-3, -2.84817495755985104766e-2, -3.2504210724700149937e-1,
    1.28379167095512558561e-1,
  ],
  under: [
    -3.9602282787753681232e-6, 1.32494738004321644526e-4, 5.08130628187576562776e-3, 6.50222499887672944485e-2,
    3.97917223959155352819e-1, 1,
  ],
}
const ERF_NEAR_ONE = 8.45062911510467529297e-1
const ERF_MIDDLE = {
  over: [
    -2.166375594868790843e-3, 3.54783043256182359371e-2, -1.10894694282396677476e-1, 3.18346619901161753674e-1,
    -3.72207876035701323847e-1, 4.14856118683748331666e-1, -2.36211856075265944077e-3,
  ],
  under: [
    1.1984499846799107417e-2, 1.36370839120290507362e-2, 1.26171219808761642112e-1, 7.18286544141962662868e-2,
    5.40397917702171048937e-1, 1.06420880400844228286e-1, 1,
  ],
}
const ERF_LARGE = {
  over: [
    -9.81432934416914548592, -8.12874355063065934246e1, -1.84605092906711035994e2, -1.62396669462573470355e2,
    -6.23753324503260060396e1, -1.05586262253232909814e1, -6.93858572707181764372e-1, -9.86494403484714822705e-3,
  ],
  under: [
    -6.04244152148580987438e-2, 6.57024977031928170135, 1.08635005541779435134e2, 4.29008140027567833386e2,
    6.45387271733267880336e2, 4.34565877475229228821e2, 1.376577541435190426e2, 1.96512716674392571292e1, 1,
  ],
}
const ERF_TAIL = {
  over: [
    -4.83519191608651397019e2, -1.02509513161107724954e3, -6.37566443368389627722e2, -1.60636384855821916062e2,
    -1.77579549177547519889e1, -7.99283237680523006574e-1, -9.86494292470009928597e-3,
  ],
  under: [
    -2.24409524465858183362e1, 4.74528541206955367215e2, 2.55305040643316442583e3, 3.19985821950859553908e3,
    1.53672958608443695994e3, 3.25792512996573918826e2, 3.03380607434824582924e1, 1,
  ],
}

/** The pieces by |x|: near 0 (erf itself), in the middle (1 − erf), and e^(x²) times erfc beyond. */
function erfPieces(x: NDArray, exp: (x: NDArray) => NDArray): { small: NDArray; middle: NDArray; scaled: NDArray } {
  const a = abs(x)
  const square = mul(x, x)
  const small = add(x, mul(x, rational(square, ERF_SMALL.over, ERF_SMALL.under)))
  const middle = plus(rational(plus(a, -1), ERF_MIDDLE.over, ERF_MIDDLE.under), ERF_NEAR_ONE)
  const t = div(like(x, 1), square)
  const ratio = select(
    lt(a, like(x, 1 / 0.35)),
    rational(t, ERF_LARGE.over, ERF_LARGE.under),
    rational(t, ERF_TAIL.over, ERF_TAIL.under),
  )
  return { small, middle, scaled: div(exp(plus(ratio, -0.5625)), a) }
}

export function erfOf(x: NDArray, exp: (x: NDArray) => NDArray): NDArray {
  const a = abs(x)
  const { small, middle, scaled } = erfPieces(x, exp)
  const complement = mul(exp(neg(mul(x, x))), scaled)
  const large = select(gt(a, like(x, 6)), like(x, 1), sub(like(x, 1), complement))
  const rest = select(lt(a, like(x, 1.25)), middle, large)
  return select(gt(a, like(x, 0.84375)), select(lt(x, like(x, 0)), neg(rest), rest), small)
}

export function erfcOf(x: NDArray, exp: (x: NDArray) => NDArray): NDArray {
  const a = abs(x)
  const { small, middle, scaled } = erfPieces(x, exp)
  const large = select(gt(a, like(x, 28)), like(x, 0), mul(exp(neg(mul(x, x))), scaled))
  const positive = select(lt(a, like(x, 1.25)), sub(like(x, 1), middle), large)
  const rest = select(lt(x, like(x, 0)), sub(like(x, 2), positive), positive)
  return select(gt(a, like(x, 0.84375)), rest, sub(like(x, 1), small))
}

/** (2n − 1)!! / (−2)ⁿ: what e^(x²) erfc(x) · x √π is in 1/x² far out. */
const ERFCX_FAR = [6.5625, -1.875, 0.75, -0.5, 1]

export function erfcxOf(x: NDArray, exp: (x: NDArray) => NDArray): NDArray {
  const { scaled } = erfPieces(x, exp)
  const t = div(like(x, 1), mul(x, x))
  const far = div(polynomial(t, ERFCX_FAR), mul(x, like(x, Math.sqrt(Math.PI))))
  const large = select(gt(x, like(x, 28)), far, scaled)
  return select(lt(x, like(x, 1.25)), mul(exp(mul(x, x)), erfcOf(x, exp)), large)
}
