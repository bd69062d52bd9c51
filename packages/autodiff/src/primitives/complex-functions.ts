import type { NDArray } from '../array/ndarray.ts'
import type { ComplexRule, Parts } from '../core/complex.ts'
import { abs, add, complexProduct, complexQuotient, div, max, min, mul, neg, plus, sub, times } from './arithmetic.ts'
import { like, zerosLike } from './broadcast.ts'
import { and, eq, gt, lt, select } from './comparison.ts'
import type { NoParams } from './elementwise.ts'

/** Functions of complex numbers in those of real ones, which are handed in: their file needs these rules. */
interface RealFunctions {
  readonly atan2: (y: NDArray, x: NDArray) => NDArray
  readonly cos: (x: NDArray) => NDArray
  readonly cosh: (x: NDArray) => NDArray
  readonly exp: (x: NDArray) => NDArray
  readonly expm1: (x: NDArray) => NDArray
  readonly log: (x: NDArray) => NDArray
  readonly log1p: (x: NDArray) => NDArray
  readonly sin: (x: NDArray) => NDArray
  readonly sinh: (x: NDArray) => NDArray
  readonly sqrt: (x: NDArray) => NDArray
}

type ComplexFunction =
  | 'cos'
  | 'cosh'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'pow'
  | 'rsqrt'
  | 'sin'
  | 'sinh'
  | 'sqrt'
  | 'tan'
  | 'tanh'

const isZero = (x: NDArray): NDArray => eq(x, zerosLike(x))

/** √(re² + im²): squares could overflow; 0 and infinity stay what they are. */
export function modulus({ re, im }: Parts, sqrt: (x: NDArray) => NDArray): NDArray {
  const [a, b] = [abs(re), abs(im)]
  const [large, small] = [max(a, b), min(a, b)]
  const plain = eq(mul(large, like(large, 0)), zerosLike(large))
  const scale = select(isZero(large), like(large, 1), large)
  const ratio = div(small, scale)
  return select(plain, mul(large, sqrt(add(like(large, 1), mul(ratio, ratio)))), large)
}

/** The rules of the elementary functions. */
export function complexFunctions(real: () => RealFunctions): Readonly<Record<ComplexFunction, ComplexRule<NoParams>>> {
  const argument = ({ re, im }: Parts): NDArray => real().atan2(im, re)

  /** ln(re² + im²) / 2, exact near 1 too. */
  const logModulus = ({ re, im }: Parts): NDArray => {
    const { log, log1p } = real()
    const [a, b] = [abs(re), abs(im)]
    const [large, small] = [max(a, b), min(a, b)]
    const ratio = div(small, select(isZero(large), like(large, 1), large))
    const finite = select(eq(small, like(small, Infinity)), zerosLike(small), ratio)
    const far = add(log(large), times(log1p(mul(finite, finite)), 0.5))
    const fromOne = add(mul(plus(large, -1), plus(large, 1)), mul(small, small))
    const near = and(lt(large, like(large, 1.5)), gt(large, like(large, 0.5)))
    return select(near, times(log1p(fromOne), 0.5), far)
  }

  const log = (z: Parts): Parts => ({ re: logModulus(z), im: argument(z) })

  const exp = ({ re, im }: Parts): Parts => {
    const { exp: e, cos, sin } = real()
    const size = e(re)
    // A real number stays one, also where the power is infinite.
    return { re: select(isZero(im), size, mul(size, cos(im))), im: select(isZero(im), im, mul(size, sin(im))) }
  }

  const sqrt = (z: Parts): Parts => {
    const { re, im } = z
    const root = real().sqrt
    const half = root(add(times(abs(re), 0.5), times(modulus(z, root), 0.5)))
    const safe = select(isZero(half), like(half, 1), half)
    const other = div(times(im, 0.5), safe)
    const left = lt(re, zerosLike(re))
    // As in JAX −0 counts as 0 here.
    const turned = select(lt(im, zerosLike(im)), neg(half), half)
    return { re: select(left, abs(other), half), im: select(left, turned, other) }
  }

  const sinh = ({ re, im }: Parts): Parts => {
    const { cos, cosh, sin, sinh: s } = real()
    return { re: mul(s(re), cos(im)), im: mul(cosh(re), sin(im)) }
  }
  const cosh = ({ re, im }: Parts): Parts => {
    const { cos, cosh: c, sin, sinh: s } = real()
    return { re: mul(c(re), cos(im)), im: mul(s(re), sin(im)) }
  }
  const tanh = ({ re, im }: Parts): Parts => {
    const { cos, cosh: c, sin, sinh: s } = real()
    // From 20 on it is ±1, and the hyperbolic functions need not overflow.
    const held = max(min(re, like(re, 20)), like(re, -20))
    const [sh, co] = [s(held), cos(im)]
    const size = add(mul(co, co), mul(sh, sh))
    return { re: div(mul(sh, c(held)), size), im: div(mul(sin(im), co), size) }
  }
  /** f(z) = −i · g(iz), as of sin and sinh. */
  const turned = (g: (z: Parts) => Parts): ((z: Parts) => Parts) => {
    return ({ re, im }) => {
      const w = g({ re: neg(im), im: re })
      return { re: w.im, im: neg(w.re) }
    }
  }

  const expm1 = ({ re, im }: Parts): Parts => {
    const { exp: e, expm1: e1, cos, sin } = real()
    const half = sin(times(im, 0.5))
    return { re: sub(mul(e1(re), cos(im)), times(mul(half, half), 2)), im: mul(e(re), sin(im)) }
  }
  const log1p = ({ re, im }: Parts): Parts => {
    const shifted: Parts = { re: plus(re, 1), im }
    const small = and(lt(abs(re), like(re, 0.5)), lt(abs(im), like(im, 0.5)))
    const square = add(mul(re, plus(re, 2)), mul(im, im))
    return {
      re: select(small, times(real().log1p(square), 0.5), logModulus(shifted)),
      im: argument(shifted),
    }
  }

  const rsqrt = (z: Parts): Parts => complexQuotient({ re: like(z.re, 1), im: zerosLike(z.im) }, sqrt(z))

  /** exp(y · ln x). As NumPy's 0⁰ is 1, 0 to a positive number 0, and to any other NaN. */
  const pow = (x: Parts, y: Parts): Parts => {
    const zero = and(isZero(x.re), isZero(x.im))
    const safe: Parts = { re: select(zero, like(x.re, 1), x.re), im: x.im }
    const { re, im } = exp(complexProduct(y, log(safe)))
    const [none, nan] = [zerosLike(re), like(re, NaN)]
    const whole = select(isZero(y.re), like(re, 1), select(gt(y.re, none), none, nan))
    const ofZero: Parts = { re: select(isZero(y.im), whole, nan), im: select(isZero(y.im), mul(whole, none), nan) }
    return { re: select(zero, ofZero.re, re), im: select(zero, ofZero.im, im) }
  }

  const unary =
    (f: (z: Parts) => Parts): ComplexRule<NoParams> =>
    ([z]) => [f(z as Parts)]
  return {
    cos: unary(({ re, im }) => cosh({ re: neg(im), im: re })),
    cosh: unary(cosh),
    exp: unary(exp),
    expm1: unary(expm1),
    log: unary(log),
    log1p: unary(log1p),
    pow: ([x, y]) => [pow(x as Parts, y as Parts)],
    rsqrt: unary(rsqrt),
    sin: unary(turned(sinh)),
    sinh: unary(sinh),
    sqrt: unary(sqrt),
    tan: unary(turned(tanh)),
    tanh: unary(tanh),
  }
}
