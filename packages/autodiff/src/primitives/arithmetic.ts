import { showGiven } from '../array/show.ts'
import {
  allocate,
  type DType,
  integerRange,
  isBig,
  isComplex,
  isDifferentiable,
  isFloat,
  isSigned,
  type TypedArray,
} from '../array/dtype.ts'
import { convertData } from '../array/convert-data.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Parts } from '../core/complex.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy, isScalar } from '../core/trace.ts'
import { and, eq, ge, gt, le, lt, or, select } from './comparison.ts'
import { convert } from './convert.ts'
import { apply, type BigKernel, checkAlike, elementwise, type Kernel, lowerAs, type NoParams } from './elementwise.ts'
import { Loops } from '../interpreter/loops.ts'
import { isLinear, known } from './linear.ts'
import { broadcastPrimitive, like, zerosLike } from './broadcast.ts'

/** Whether every element of `x` is the known number `value`. */
function isFilledWith(x: NDArray, value: number): boolean {
  const broadcast = definedBy(x, broadcastPrimitive)
  return isScalar(broadcast === undefined ? x : (broadcast.inputs[0] as NDArray), value)
}

// ── neg, add, sub: linear ──────────────────────────────────────────────────

export const negPrimitive: Primitive<NoParams> = elementwise({
  name: 'neg',
  domain: 'number',
  kernel: (x) => -x!,
  big: true,
  complex: 'byParts',
  derivatives: [(dx) => neg(dx)],
  transpose: (ct) => [neg(ct)],
  // Neg has no kernel for unsigned integers.
  lower: (graph, [x], output) =>
    !isSigned(output.dtype)
      ? graph.elementwise('Sub', [graph.scalar(0, output.dtype), x!], output)
      : graph.elementwise('Neg', [x!], output),
  simplify([x]) {
    const inner = definedBy(x!, negPrimitive)
    return inner && [inner.inputs[0]!]
  },
})
/** −x. */
export const neg = (x: NDArray): NDArray => apply(negPrimitive, x)

export const addPrimitive: Primitive<NoParams> = elementwise({
  name: 'add',
  commutative: true,
  domain: 'number',
  kernel: (x, y) => x! + y!,
  big: true,
  complex: 'byParts',
  derivatives: [(dx) => dx, (dy) => dy],
  transpose: (ct, [x, y]) => [isLinear(x!) ? ct : null, isLinear(y!) ? ct : null],
  lower: 'Add',
  // Only −0 is neutral: x + 0 loses the sign of a zero.
  simplify: ([x, y]) =>
    isFloat(x!.dtype) || isComplex(x!.dtype)
      ? isFilledWith(y!, -0)
        ? [x!]
        : isFilledWith(x!, -0)
          ? [y!]
          : undefined
      : isFilledWith(y!, 0)
        ? [x!]
        : isFilledWith(x!, 0)
          ? [y!]
          : undefined,
})
/** x + y. */
export const add = (x: NDArray, y: NDArray): NDArray => apply(addPrimitive, x, y)
/** `x` plus one number. */
export const plus = (x: NDArray, value: number): NDArray => add(x, like(x, value))

export const subPrimitive: Primitive<NoParams> = elementwise({
  name: 'sub',
  domain: 'number',
  kernel: (x, y) => x! - y!,
  big: true,
  complex: 'byParts',
  derivatives: [(dx) => dx, (dy) => neg(dy)],
  transpose: (ct, [x, y]) => [isLinear(x!) ? ct : null, isLinear(y!) ? neg(ct) : null],
  lower: 'Sub',
  simplify: ([x, y]) => (isFilledWith(y!, 0) ? [x!] : undefined),
})
/** x − y. */
export const sub = (x: NDArray, y: NDArray): NDArray => apply(subPrimitive, x, y)

// ── mul, div ───────────────────────────────────────────────────────────────

const product: (dtype: DType) => Kernel = (dtype) => (isFloat(dtype) ? (x, y) => x! * y! : (x, y) => Math.imul(x!, y!))

export const mulPrimitive: Primitive<NoParams> = elementwise({
  name: 'mul',
  commutative: true,
  domain: 'number',
  kernelFor: product,
  big: (x, y) => x! * y!,
  complex: ([x, y]) => [complexProduct(x as Parts, y as Parts)],
  derivatives: [(dx, [, y]) => mul(dx, y!), (dy, [x]) => mul(x!, dy)],
  transpose: (ct, [x, y]) => (isLinear(x!) ? [mul(ct, known('mul', y!)), null] : [null, mul(x as NDArray, ct)]),
  lower: 'Mul',
  simplify: ([x, y]) => (isFilledWith(y!, 1) ? [x!] : isFilledWith(x!, 1) ? [y!] : undefined),
})
/** x · y. */
export const mul = (x: NDArray, y: NDArray): NDArray => apply(mulPrimitive, x, y)
/** `x` times one number. */
export const times = (x: NDArray, value: number): NDArray => mul(x, like(x, value))

/** Integers divide as in JAX: towards zero, x / 0 is −1 (all bits set), and INT_MIN / −1 is INT_MIN. */
const quotient: (dtype: DType) => Kernel = (dtype) =>
  isFloat(dtype) ? (x, y) => x! / y! : (x, y) => (y === 0 ? -1 : Math.trunc(x! / y!))

const bigQuotient: BigKernel = (x, y) => (y === 0n ? -1n : x! / y!)

/**
 * A divisor that the runtime survives: integer division by zero throws there, and INT_MIN / −1 ends the process.
 */
function unsafe(x: NDArray, y: NDArray): NDArray {
  const zero = eq(y, like(y, 0))
  if (!isSigned(x.dtype)) return zero
  return or(zero, and(eq(x, like(x, integerRange(x.dtype)[0])), eq(y, like(y, -1))))
}

const divideIntegers = (x: NDArray, y: NDArray): NDArray => {
  const safe = select(unsafe(x, y), like(y, 1), y)
  const outcome = apply(integerQuotientPrimitive, x, safe)
  return select(eq(y, like(y, 0)), like(x, isSigned(x.dtype) ? -1 : integerRange(x.dtype)[1]), outcome)
}

/** Division of integers that is known to be safe; only lowering makes it. */
const integerQuotientPrimitive: Primitive<NoParams> = elementwise({
  name: 'integer_quotient',
  domain: 'integer',
  kernelFor: quotient,
  big: bigQuotient,
  derivatives: [null, null],
  lower: 'Div',
})

export const divPrimitive: Primitive<NoParams> = elementwise({
  name: 'div',
  domain: 'number',
  kernelFor: quotient,
  big: bigQuotient,
  complex: ([x, y]) => [complexQuotient(x as Parts, y as Parts)],
  derivatives: [(dx, [, y]) => div(dx, y!), (dy, [, y], out) => mul(neg(dy), div(out, y!))],
  transpose: (ct, [, y]) => [div(ct, known('div', y!)), null],
  lower: (graph, inputs, output) =>
    isFloat(output.dtype)
      ? graph.elementwise('Div', inputs, output)
      : lowerAs('div', divideIntegers)(graph, inputs, output),
  simplify: ([x, y]) => (isFilledWith(y!, 1) ? [x!] : undefined),
})
/** x / y. Integers divide towards zero, x / 0 is −1. */
export const div = (x: NDArray, y: NDArray): NDArray => apply(divPrimitive, x, y)

// (a + bi)(c + di) = (ac − bd) + (ad + bc)i
export const complexProduct = (x: Parts, y: Parts): Parts => ({
  re: sub(mul(x.re, y.re), mul(x.im, y.im)),
  im: add(mul(x.re, y.im), mul(x.im, y.re)),
})

/** Smith's division ("Algorithm 116: complex division", Communications of the ACM 5, 1962), which does not overflow on the way. */
export function complexQuotient(x: Parts, y: Parts): Parts {
  const steep = lt(abs(y.re), abs(y.im))
  const [large, small] = [select(steep, y.im, y.re), select(steep, y.re, y.im)]
  const ratio = div(small, large)
  const scale = add(large, mul(small, ratio))
  const [p, q] = [select(steep, x.im, x.re), select(steep, x.re, x.im)]
  const slanted = mul(p, ratio)
  const crossed = sub(select(steep, slanted, q), select(steep, q, slanted))
  return { re: div(add(p, mul(q, ratio)), scale), im: div(crossed, scale) }
}

/** The remainder of division towards zero: it has the sign of `x`; integers modulo 0 give `x`. */
export const remPrimitive: Primitive<NoParams> = elementwise({
  name: 'rem',
  domain: 'number',
  kernelFor: (dtype) => (isFloat(dtype) ? (x, y) => x! % y! : (x, y) => (y === 0 ? x! : x! % y!)),
  big: (x, y) => (y === 0n ? x! : x! % y!),
  // The quotient towards zero, as in JAX infinite where y is 0.
  derivatives: [
    (dx) => dx,
    (dy, [x, y]) => {
      const quotient = div(x!, y!)
      return mul(neg(dy), mul(sign(quotient), floor(abs(quotient))))
    },
  ],
  lower: (graph, inputs, output) =>
    isFloat(output.dtype)
      ? graph.elementwise('Mod', inputs, output, { fmod: 1 })
      : lowerAs('rem', (x, y) => sub(x, mul(divideIntegers(x, y), y)))(graph, inputs, output),
})
/** The remainder of x / y, with the sign of `x`. */
export const rem = (x: NDArray, y: NDArray): NDArray => apply(remPrimitive, x, y)

// ── max, min, abs, sign ────────────────────────────────────────────────────

/**
 * The derivative of max and min: all of it to the operand that was taken, half to each of two equal ones, none where
 * one is NaN. Comparisons as numbers: the runtime's Where is several times slower on conditions it cannot foresee.
 */
const taken = (dx: NDArray, isBetter: NDArray, isAsGood: NDArray): NDArray =>
  mul(dx, mul(add(convert(isBetter, dx.dtype), convert(isAsGood, dx.dtype)), like(dx, 0.5)))

// The runtime's Max, Min and Sign look at the lower half of 64-bit integers alone.

export const maxPrimitive: Primitive<NoParams> = elementwise({
  name: 'max',
  domain: 'number',
  kernel: (x, y) => Math.max(x!, y!),
  big: (x, y) => (x! > y! ? x! : y!),
  derivatives: [(dx, [x, y]) => taken(dx, gt(x!, y!), ge(x!, y!)), (dy, [x, y]) => taken(dy, lt(x!, y!), le(x!, y!))],
  lower: (graph, inputs, output) =>
    isBig(output.dtype)
      ? lowerAs('max', (x, y) => select(gt(x, y), x, y))(graph, inputs, output)
      : graph.elementwise('Max', inputs, output),
})
/** The larger of two numbers; NaN if either is NaN. */
export const max = (x: NDArray, y: NDArray): NDArray => apply(maxPrimitive, x, y)

export const minPrimitive: Primitive<NoParams> = elementwise({
  name: 'min',
  domain: 'number',
  kernel: (x, y) => Math.min(x!, y!),
  big: (x, y) => (x! < y! ? x! : y!),
  derivatives: [(dx, [x, y]) => taken(dx, lt(x!, y!), le(x!, y!)), (dy, [x, y]) => taken(dy, gt(x!, y!), ge(x!, y!))],
  lower: (graph, inputs, output) =>
    isBig(output.dtype)
      ? lowerAs('min', (x, y) => select(lt(x, y), x, y))(graph, inputs, output)
      : graph.elementwise('Min', inputs, output),
})
/** The smaller of two numbers; NaN if either is NaN. */
export const min = (x: NDArray, y: NDArray): NDArray => apply(minPrimitive, x, y)

export const absPrimitive: Primitive<NoParams> = elementwise({
  name: 'abs',
  domain: 'number',
  kernel: (x) => Math.abs(x!),
  big: (x) => (x! < 0n ? -x! : x!),
  // At 0 the derivative is 1, as in JAX.
  derivatives: [(dx, [x]) => select(ge(x!, zerosLike(x!)), dx, neg(dx))],
  lower: 'Abs',
})
export const abs = (x: NDArray): NDArray => apply(absPrimitive, x)

export const signPrimitive: Primitive<NoParams> = elementwise({
  name: 'sign',
  domain: 'number',
  kernel: (x) => Math.sign(x!),
  big: (x) => (x! > 0n ? 1n : x! < 0n ? -1n : 0n),
  derivatives: [null],
  // Sign gives 0 for −0.
  lower: (graph, inputs, output) =>
    isFloat(output.dtype) || isBig(output.dtype)
      ? lowerAs('sign', (x) => {
          const zero = like(x, 0)
          return select(gt(x, zero), like(x, 1), select(lt(x, zero), like(x, -1), x))
        })(graph, inputs, output)
      : graph.elementwise('Sign', inputs, output),
})
export const sign = (x: NDArray): NDArray => apply(signPrimitive, x)

// ── floor, ceil, round ─────────────────────────────────────────────────────

/** Halves go to the even neighbour. */
const roundHalfToEven: Kernel = (x) => {
  const floor = Math.floor(x!)
  const rest = x! - floor
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0)
  return up ? floor + 1 || (x! < 0 ? -0 : 0) : Object.is(x, -0) ? -0 : floor
}

const rounding = (name: string, kernel: Kernel, op: string): Primitive<NoParams> =>
  elementwise({ name, domain: 'float', kernel, derivatives: [null], lower: op })

export const floorPrimitive: Primitive<NoParams> = rounding('floor', (x) => Math.floor(x!), 'Floor')
export const ceilPrimitive: Primitive<NoParams> = rounding('ceil', (x) => Math.ceil(x!), 'Ceil')
export const roundPrimitive: Primitive<NoParams> = rounding('round', roundHalfToEven, 'Round')
/** Rounded down. */
export const floor = (x: NDArray): NDArray => apply(floorPrimitive, x)
/** Rounded up. */
export const ceil = (x: NDArray): NDArray => apply(ceilPrimitive, x)
export const round = (x: NDArray): NDArray => apply(roundPrimitive, x)

// ── integer_pow ────────────────────────────────────────────────────────────

type IntegerPowParams = { readonly exponent: number }

/** `x` to a fixed whole power, by repeated squaring. */
export const integerPowPrimitive: Primitive<IntegerPowParams> = definePrimitive<IntegerPowParams>({
  name: 'integer_pow',
  abstractEval(inputs, { exponent }) {
    const { shape, dtype } = checkAlike('integer_pow', inputs, 'number')
    if (!Number.isInteger(exponent)) {
      throw new ValueError(
        `integer_pow: the exponent ${showGiven(exponent)} is not whole; lax.pow and np.power take any`,
      )
    }
    if (exponent < 0 && !isDifferentiable(dtype)) {
      throw new DTypeError(`integer_pow: ${dtype} has no power ${exponent}; convert with x.astype("float32")`)
    }
    return [{ shape, dtype }]
  },
  evaluate([x], [aval], { exponent }) {
    // Rounded at each step, as a float32 is, so that what overflows does so here too.
    const value = powerOfData(x!, aval!.dtype, Math.abs(exponent))
    if (exponent >= 0) return [value]
    return [reciprocals.run((v) => 1 / v!, aval!.dtype, [value], allocate(aval!.dtype, x!.length))]
  },
  jvp([x], [dx], { exponent }) {
    const output = integerPow(x!, exponent)
    if (dx == null || exponent === 0) return { outputs: [output], tangents: [null] }
    return { outputs: [output], tangents: [mul(dx, mul(like(x!, exponent), integerPow(x!, exponent - 1)))] }
  },
  transpose: notLinear,
  complex: ([x], { exponent }) => [complexPower(x as Parts, exponent)],
  batch: ([x], [dim], { exponent }) => ({ outputs: [integerPow(x!, exponent)], dims: [dim!] }),
  lower(graph, inputs, { exponent }, [output]) {
    const positive = lowerAs('integer_pow', (x) => powerOf(x, Math.abs(exponent)))
    const value = positive(graph, inputs, output!)
    return [exponent < 0 ? graph.elementwise('Reciprocal', [value], output!) : value]
  },
  simplify([x], { exponent }) {
    return exponent === 1 ? [x!] : exponent === 0 ? [like(x!, 1)] : undefined
  },
})
/** `x` to a whole power, by multiplications; of a negative one the reciprocal. */
export const integerPow = (x: NDArray, exponent: number): NDArray => bind1(integerPowPrimitive, [x], { exponent })

const products = new Loops()
const reciprocals = new Loops()

/** Each number to a power from 1 on, by repeated squaring. */
function powerOfData(x: TypedArray, dtype: DType, exponent: number): TypedArray {
  const times = (a: TypedArray, b: TypedArray): TypedArray =>
    products.run(isBig(dtype) ? (v, w) => v! * w! : product(dtype), dtype, [a, b], allocate(dtype, x.length))
  if (exponent === 0) return convertData(new Uint8Array(x.length).fill(1), 'bool', dtype)
  if (exponent === 1) return x
  const half = powerOfData(x, dtype, Math.floor(exponent / 2))
  return exponent % 2 === 0 ? times(half, half) : times(times(half, half), x)
}

function complexPower(x: Parts, exponent: number): Parts {
  const one: Parts = { re: like(x.re, 1), im: zerosLike(x.im) }
  if (exponent < 0) return complexQuotient(one, complexPower(x, -exponent))
  if (exponent === 0) return one
  const half = exponent === 1 ? undefined : complexPower(x, Math.floor(exponent / 2))
  const square = half && complexProduct(half, half)
  if (square === undefined) return x
  return exponent % 2 === 0 ? square : complexProduct(square, x)
}

function powerOf(x: NDArray, exponent: number): NDArray {
  if (exponent === 1) return x
  const half = powerOf(x, Math.floor(exponent / 2))
  const square = mul(half, half)
  return exponent % 2 === 0 ? square : mul(square, x)
}
