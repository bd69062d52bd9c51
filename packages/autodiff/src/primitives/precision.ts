import { showGiven } from '../array/show.ts'
import { convertData } from '../array/convert-data.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { abs, div, floor, min, mul, neg, plus, round, sub } from './arithmetic.ts'
import { like, zerosLike } from './broadcast.ts'
import { ge, gt, isFinite, lt, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { linear } from './linear.ts'
import { log, pow } from './transcendental.ts'

type PrecisionParams = { readonly exponentBits: number; readonly mantissaBits: number }

/** The least normal number of a format, and the first power of two beyond it. */
const rangeOf = (exponentBits: number): { least: number; beyond: number } => {
  const bias = 2 ** (exponentBits - 1) - 1
  return { least: 2 ** (1 - bias), beyond: 2 ** (bias + 1) }
}

const roundHalfToEven = (x: number): number => {
  const below = Math.floor(x)
  const rest = x - below
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below
}

function reduce(x: number, { exponentBits, mantissaBits }: PrecisionParams): number {
  if (x === 0 || !Number.isFinite(x)) return x
  const { least, beyond } = rangeOf(exponentBits)
  let exponent = Math.floor(Math.log2(Math.abs(x)))
  if (2 ** exponent > Math.abs(x)) exponent--
  else if (2 ** (exponent + 1) <= Math.abs(x)) exponent++
  const unit = 2 ** Math.max(exponent - mantissaBits, -1074)
  const rounded = roundHalfToEven(Math.abs(x) / unit) * unit
  if (rounded >= beyond) return x * Infinity
  return Math.sign(x) * (rounded < least && exponentBits < 11 ? 0 : rounded)
}

/** The same in float64: powers of two are exact, and so is all but the rounding. */
function reduceOf(x: NDArray, { exponentBits, mantissaBits }: PrecisionParams): NDArray {
  const { least, beyond } = rangeOf(exponentBits)
  const zero = zerosLike(x)
  const regular = select(isFinite(x), gt(abs(x), zero), lt(zero, zero))
  const a = select(regular, abs(x), like(x, 1))
  const two = like(x, 2)
  const guess = floor(div(log(a), like(x, Math.LN2)))
  const power = pow(two, guess)
  const low = select(gt(power, a), plus(guess, -1), guess)
  const exponent = select(ge(a, mul(power, two)), plus(guess, 1), low)
  // 2⁻¹⁰²² and less is not divided by: a float64 so small keeps its digits only where it is not to be changed.
  const unit = pow(two, sub(exponent, min(like(x, mantissaBits), plus(exponent, 1022))))
  const rounded = mul(round(div(a, unit)), unit)
  const flushed = exponentBits < 11 ? select(lt(rounded, like(x, least)), zero, rounded) : rounded
  const held = select(ge(rounded, like(x, beyond)), like(x, Infinity), flushed)
  return select(regular, select(lt(x, zero), neg(held), held), x)
}

const checkBits = ({ exponentBits, mantissaBits }: PrecisionParams): void => {
  if (Number.isInteger(exponentBits) && exponentBits >= 1 && Number.isInteger(mantissaBits) && mantissaBits >= 0) return
  throw new ValueError(
    `reduce_precision: ${showGiven(exponentBits)} bits of exponent and ${showGiven(mantissaBits)} of mantissa are no format; give whole numbers, at least 1 and 0`,
  )
}

export const reducePrecisionPrimitive: Primitive<PrecisionParams> = definePrimitive<PrecisionParams>({
  name: 'reduce_precision',
  abstractEval([x], params) {
    if (!isDifferentiable(x!.dtype)) {
      throw new DTypeError(
        `reduce_precision: ${x!.dtype} is not possible here; it takes floats; convert with x.astype("float32")`,
      )
    }
    checkBits(params)
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate: ([x], [aval], params) => [
    convertData(
      Float64Array.from(x!, (v) => reduce(v, params)),
      'float64',
      aval!.dtype,
    ),
  ],
  ...linear<PrecisionParams>(
    (x, params) => reducePrecision(x, params),
    (ct, _, params) => reducePrecision(ct, params),
  ),
  batch: ([x], [dim], params) => ({ outputs: [reducePrecision(x!, params)], dims: [dim!] }),
  lower(graph, inputs, params, [output]) {
    const lowering = lowerInDouble('reduce_precision', (x) => reduceOf(x, params))
    return [
      typeof lowering === 'string' ? graph.elementwise(lowering, inputs, output!) : lowering(graph, inputs, output!),
    ]
  },
})
/**
 * `x` rounded to a format of fewer bits: halves to even, numbers too large to ∞, too small to 0.
 *
 * @example lax.reducePrecision(np.array([1.01, 1e6]), { exponentBits: 5, mantissaBits: 10 }) // [1.0097656, Infinity]
 */
export const reducePrecision = (x: NDArray, params: PrecisionParams): NDArray =>
  bind1(reducePrecisionPrimitive, [x], params)
