import type { NDArray } from '../array/ndarray.ts'
import type { ComplexRule } from '../core/complex.ts'
import type { Primitive } from '../core/primitive.ts'
import { erf as erfNumber, erfInvDouble, erfInvPolynomial, erfInvSingle } from '../interpreter/special.ts'
import { atanOf, erfOf, isNegative } from './approximations.ts'
import { abs, add, div, integerPow, max, min, mul, neg, plus, sub, times } from './arithmetic.ts'
import { and, eq, gt, lt, or, select } from './comparison.ts'
import { complexFunctions } from './complex-functions.ts'
import {
  apply,
  type Derivative,
  elementwise,
  type Kernel,
  type Lowering,
  lowerAs,
  type NoParams,
} from './elementwise.ts'
import { like, zerosLike } from './broadcast.ts'

/** A function of one real number. `derivative` has the tangent, the operand and the result. */
function realFunction(
  name: string,
  kernel: Kernel,
  derivative: (tangent: NDArray, x: NDArray, output: NDArray) => NDArray,
  lower: Lowering,
  complex?: ComplexRule<NoParams>,
): Primitive<NoParams> {
  const rule: Derivative = (tangent, [x], output) => derivative(tangent, x!, output)
  return elementwise({
    name,
    domain: 'float',
    kernel,
    derivatives: [rule],
    lower,
    ...(complex !== undefined && { complex }),
  })
}

/** A node where the provider has a kernel for float32, and operations elsewhere (float64, other providers). */
const nodeOr =
  (op: string, f: (x: NDArray) => NDArray): Lowering =>
  (graph, inputs, output) =>
    output.dtype === 'float32' && graph.target !== 'cuda'
      ? graph.elementwise(op, inputs, output)
      : lowerAs(op.toLowerCase(), f)(graph, inputs, output)

const ofComplex = complexFunctions(() => ({ atan2, cos, cosh, exp, expm1, log, log1p, sin, sinh, sqrt }))

// ── exponentials ───────────────────────────────────────────────────────────

export const expPrimitive: Primitive<NoParams> = realFunction(
  'exp',
  (x) => Math.exp(x!),
  (d, _, y) => mul(d, y),
  'Exp',
  ofComplex.exp,
)
/** eˣ. */
export const exp = (x: NDArray): NDArray => apply(expPrimitive, x)

export const logPrimitive: Primitive<NoParams> = realFunction(
  'log',
  (x) => Math.log(x!),
  (d, x) => div(d, x),
  'Log',
  ofComplex.log,
)
/** The natural logarithm: −∞ at 0, NaN below. */
export const log = (x: NDArray): NDArray => apply(logPrimitive, x)

/** eˣ − 1, exact near 0. */
export const expm1Primitive: Primitive<NoParams> = realFunction(
  'expm1',
  (x) => Math.expm1(x!),
  (d, _, y) => mul(d, plus(y, 1)),
  // tanh(x/2)·(eˣ + 1) is exact near 0, and overflows into NaN for large x, where eˣ − 1 is right.
  lowerAs('expm1', (x) =>
    select(gt(x, like(x, 1)), sub(exp(x), like(x, 1)), mul(tanh(times(x, 0.5)), plus(exp(x), 1))),
  ),
  ofComplex.expm1,
)
/** eˣ − 1, exact near 0. */
export const expm1 = (x: NDArray): NDArray => apply(expm1Primitive, x)

/** ln(1 + x), exact near 0. */
export const log1pPrimitive: Primitive<NoParams> = realFunction(
  'log1p',
  (x) => Math.log1p(x!),
  (d, x) => div(d, plus(x, 1)),
  (graph, inputs, output) =>
    (
      lowerAs('log1p', (x) => {
        // Goldberg's correction of the rounding in 1 + x (ACM Computing Surveys 23, 1991).
        const u = plus(x, 1)
        const exact = or(eq(u, like(x, 1)), eq(u, like(x, Infinity)))
        const corrected = select(exact, x, mul(log(u), div(x, plus(u, -1))))
        if (graph.target !== 'webgpu') return corrected
        // The logarithms of a GPU have few right digits near 1.
        const series = [1 / 5, -1 / 4, 1 / 3, -1 / 2, 1].reduce((sum, c) => plus(mul(sum, x), c), zerosLike(x))
        return select(lt(abs(x), like(x, 0.03)), mul(series, x), corrected)
      }) as Exclude<Lowering, string>
    )(graph, inputs, output),
  ofComplex.log1p,
)
/** ln(1 + x), exact near 0. */
export const log1p = (x: NDArray): NDArray => apply(log1pPrimitive, x)

// ── roots ──────────────────────────────────────────────────────────────────

export const sqrtPrimitive: Primitive<NoParams> = realFunction(
  'sqrt',
  (x) => Math.sqrt(x!),
  (d, x, y) => mul(d, div(like(x, 0.5), y)),
  'Sqrt',
  ofComplex.sqrt,
)
/** The square root; NaN below 0. */
export const sqrt = (x: NDArray): NDArray => apply(sqrtPrimitive, x)

export const rsqrtPrimitive: Primitive<NoParams> = realFunction(
  'rsqrt',
  (x) => 1 / Math.sqrt(x!),
  (d, x, y) => mul(d, mul(like(x, -0.5), div(y, x))),
  lowerAs('rsqrt', (x) => div(like(x, 1), sqrt(x))),
  ofComplex.rsqrt,
)
/** 1 / √x. */
export const rsqrt = (x: NDArray): NDArray => apply(rsqrtPrimitive, x)

// ── circular and hyperbolic functions ──────────────────────────────────────

export const sinPrimitive: Primitive<NoParams> = realFunction(
  'sin',
  (x) => Math.sin(x!),
  (d, x) => mul(d, cos(x)),
  'Sin',
  ofComplex.sin,
)
/** The sine. */
export const sin = (x: NDArray): NDArray => apply(sinPrimitive, x)

export const cosPrimitive: Primitive<NoParams> = realFunction(
  'cos',
  (x) => Math.cos(x!),
  (d, x) => neg(mul(d, sin(x))),
  'Cos',
  ofComplex.cos,
)
/** The cosine. */
export const cos = (x: NDArray): NDArray => apply(cosPrimitive, x)

export const tanPrimitive: Primitive<NoParams> = realFunction(
  'tan',
  (x) => Math.tan(x!),
  (d, _, y) => mul(d, plus(mul(y, y), 1)),
  nodeOr('Tan', (x) => div(sin(x), cos(x))),
  ofComplex.tan,
)
/** The tangent. */
export const tan = (x: NDArray): NDArray => apply(tanPrimitive, x)

export const tanhPrimitive: Primitive<NoParams> = realFunction(
  'tanh',
  (x) => Math.tanh(x!),
  (d, x, y) => mul(d, mul(sub(like(x, 1), y), plus(y, 1))),
  'Tanh',
  ofComplex.tanh,
)
/** The hyperbolic tangent, sinh x / cosh x. */
export const tanh = (x: NDArray): NDArray => apply(tanhPrimitive, x)

export const sinhPrimitive: Primitive<NoParams> = realFunction(
  'sinh',
  (x) => Math.sinh(x!),
  (d, x) => mul(d, cosh(x)),
  nodeOr('Sinh', (x) => {
    const u = expm1(x)
    const large = times(sub(exp(x), exp(neg(x))), 0.5)
    return select(and(lt(x, like(x, 1)), gt(x, like(x, -1))), times(add(u, div(u, plus(u, 1))), 0.5), large)
  }),
  ofComplex.sinh,
)
/** (eˣ − e⁻ˣ) / 2. */
export const sinh = (x: NDArray): NDArray => apply(sinhPrimitive, x)

export const coshPrimitive: Primitive<NoParams> = realFunction(
  'cosh',
  (x) => Math.cosh(x!),
  (d, x) => mul(d, sinh(x)),
  nodeOr('Cosh', (x) => times(add(exp(x), exp(neg(x))), 0.5)),
  ofComplex.cosh,
)
/** (eˣ + e⁻ˣ) / 2. */
export const cosh = (x: NDArray): NDArray => apply(coshPrimitive, x)

/** 1 / (1 + e⁻ˣ). The runtime's Sigmoid is off by 2e-4 in the tail, so it is not used. */
export const logisticPrimitive: Primitive<NoParams> = realFunction(
  'logistic',
  (x) => 1 / (1 + Math.exp(-x!)),
  (d, x, y) => mul(d, mul(y, sub(like(x, 1), y))),
  lowerAs('logistic', (x) => div(like(x, 1), plus(exp(neg(x)), 1))),
)
/** 1 / (1 + e⁻ˣ), without overflow. */
export const logistic = (x: NDArray): NDArray => apply(logisticPrimitive, x)

// ── error function ─────────────────────────────────────────────────────────

export const erfPrimitive: Primitive<NoParams> = realFunction(
  'erf',
  (x) => erfNumber(x!),
  (d, x) => mul(d, times(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  (graph, inputs, output) =>
    output.dtype === 'float32'
      ? graph.elementwise('Erf', inputs, output)
      : lowerAs('erf', (x) => erfOf(x, exp))(graph, inputs, output),
)
/** The error function, 2/√π ∫ exp(−t²) dt from 0 to x. */
export const erf = (x: NDArray): NDArray => apply(erfPrimitive, x)

/**
 * The inverse of erf on (−1, 1), ±∞ at ±1 and NaN outside: Giles, "Approximating the erfinv function" (GPU Computing
 * Gems, 2011), the polynomials that XLA uses.
 */
export const erfInvPrimitive: Primitive<NoParams> = elementwise({
  name: 'erf_inv',
  domain: 'float',
  kernelFor: (dtype) => (dtype === 'float64' ? erfInvDouble : erfInvSingle) as Kernel,
  derivatives: [(d, _, y) => mul(d, times(exp(mul(y, y)), Math.sqrt(Math.PI) / 2))],
  lower: lowerAs('erf_inv', (x) => {
    const w = neg(log(mul(sub(like(x, 1), x), plus(x, 1))))
    const value = erfInvPolynomial(x.dtype).reduceRight<NDArray | undefined>(
      (rest, { below, center, root, coefficients }) => {
        const t = plus(root ? sqrt(w) : w, -center)
        const polynomial = coefficients.slice(1).reduce((sum, c) => plus(mul(sum, t), c), like(x, coefficients[0]!))
        return rest === undefined ? polynomial : select(lt(w, like(x, below)), polynomial, rest)
      },
      undefined,
    )
    const edge = eq(mul(x, x), like(x, 1))
    return select(edge, times(x, Infinity), mul(value!, x))
  }),
})
/** The inverse of `erf`: ±∞ at ±1, NaN outside. */
export const erfInv = (x: NDArray): NDArray => apply(erfInvPrimitive, x)

// ── pow ────────────────────────────────────────────────────────────────────

/**
 * `x` to the power `y`. As in JAX the derivative in `x` is y·x^(y−1) everywhere (NaN for 0⁰), and the derivative in `y`
 * takes 0 for ln 0.
 */
export const powPrimitive: Primitive<NoParams> = elementwise({
  name: 'pow',
  domain: 'float',
  // IEEE 754 has 1^NaN = 1 and (−1)^±∞ = 1, JavaScript has NaN.
  complex: ofComplex.pow,
  kernel: (x, y) => (x === 1 || (x === -1 && Math.abs(y!) === Infinity) ? 1 : x! ** y!),
  derivatives: [
    (d, [x, y]) => mul(d, mul(y!, pow(x!, plus(y!, -1)))),
    (d, [x], out) => mul(d, mul(log(select(eq(x!, zerosLike(x!)), like(x!, 1), x!)), out)),
  ],
  lower: 'Pow',
})
/** `x` to the power `y`; NaN for a negative `x` and a `y` that is not whole. */
export const pow = (x: NDArray, y: NDArray): NDArray => apply(powPrimitive, x, y)

// ── inverse circular functions ─────────────────────────────────────────────

/** 1 − x² with all its digits near 1, and a derivative with all its digits near 0. */
export const oneMinusSquare = (x: NDArray): NDArray => {
  const small = lt(mul(x, x), like(x, 0.25))
  return select(small, sub(like(x, 1), mul(x, x)), mul(sub(like(x, 1), x), plus(x, 1)))
}

export const asinPrimitive: Primitive<NoParams> = realFunction(
  'asin',
  (x) => Math.asin(x!),
  (d, x) => mul(d, rsqrt(oneMinusSquare(x))),
  nodeOr('Asin', (x) => atanOf(div(x, sqrt(oneMinusSquare(x))))),
)
export const acosPrimitive: Primitive<NoParams> = realFunction(
  'acos',
  (x) => Math.acos(x!),
  (d, x) => neg(mul(d, rsqrt(oneMinusSquare(x)))),
  nodeOr('Acos', (x) => times(atanOf(sqrt(div(sub(like(x, 1), x), plus(x, 1)))), 2)),
)
export const atanPrimitive: Primitive<NoParams> = realFunction(
  'atan',
  (x) => Math.atan(x!),
  (d, x) => div(d, plus(integerPow(x, 2), 1)),
  nodeOr('Atan', atanOf),
)
/** The inverse of sin, in [−π/2, π/2]; NaN outside [−1, 1]. */
export const asin = (x: NDArray): NDArray => apply(asinPrimitive, x)
/** The inverse of cos, in [0, π]; NaN outside [−1, 1]. */
export const acos = (x: NDArray): NDArray => apply(acosPrimitive, x)
/** The inverse of tan, in (−π/2, π/2). */
export const atan = (x: NDArray): NDArray => apply(atanPrimitive, x)

export const atan2Primitive: Primitive<NoParams> = elementwise({
  name: 'atan2',
  domain: 'float',
  kernel: (y, x) => Math.atan2(y!, x!),
  derivatives: [
    (d, [y, x]) => mul(d, div(x!, add(mul(y!, y!), mul(x!, x!)))),
    (d, [y, x]) => mul(d, div(neg(y!), add(mul(y!, y!), mul(x!, x!)))),
  ],
  lower: lowerAs('atan2', (y, x) => {
    const [a, b] = [abs(y), abs(x)]
    // Equal ones may both be 0 or infinite, where there is no ratio.
    const equal = select(eq(a, zerosLike(a)), zerosLike(a), like(a, 1))
    const acute = atan(select(eq(a, b), equal, div(min(a, b), max(a, b))))
    const right = select(gt(a, b), sub(like(x, Math.PI / 2), acute), acute)
    const upper = select(isNegative(x), sub(like(x, Math.PI), right), right)
    return select(isNegative(y), neg(upper), upper)
  }),
})
/** The angle from the x-axis to the point (`x`, `y`), in (−π, π]; `y` comes first, and −0 counts as below. */
export const atan2 = (y: NDArray, x: NDArray): NDArray => apply(atan2Primitive, y, x)

/** `x` with 0 for ∞, so that ∞ − ∞ is 0. */
export const finite = (x: NDArray): NDArray => select(eq(x, like(x, Infinity)), zerosLike(x), x)
const share: Derivative = (d, [x], out) => mul(d, exp(sub(finite(x!), finite(out))))

export const logaddexpPrimitive: Primitive<NoParams> = elementwise({
  name: 'logaddexp',
  domain: 'float',
  kernel: (x, y) => (x === y ? x! + Math.LN2 : Math.max(x!, y!) + Math.log1p(Math.exp(-Math.abs(x! - y!)))),
  derivatives: [share, (d, [x, y], out) => share(d, [y!, x!], out)],
  lower: lowerAs('logaddexp', (x, y) => {
    const difference = sub(x, y)
    const gap = select(eq(x, y), zerosLike(x), neg(abs(difference)))
    return add(max(x, y), log1p(exp(gap)))
  }),
})
/** ln(eˣ + eʸ) without overflow. */
export const logaddexp = (x: NDArray, y: NDArray): NDArray => apply(logaddexpPrimitive, x, y)
