import { type DType, isBig, isFloat } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes } from '../array/shape.ts'
import type { Parts, Splittable } from '../core/complex.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, trace } from '../core/trace.ts'
import { bigProduct } from '../interpreter/big.ts'
import { cumulateAxis, type Line, running } from '../interpreter/cumulate.ts'
import { add, max, maxPrimitive, minPrimitive, mul, mulPrimitive, sub } from './arithmetic.ts'
import { associativeScan, type Combine } from './associative-scan.ts'
import { zerosLike } from './broadcast.ts'
import { eq, select } from './comparison.ts'
import type { NoParams } from './elementwise.ts'
import { rev } from './rev.ts'
import { exp, finite, log1p } from './transcendental.ts'

export type CumulativeParams = {
  readonly axis: number
  /** From the end of the axis. */
  readonly reverse: boolean
}

interface CumulativeDefinition {
  readonly name: string
  readonly takes: (dtype: DType) => boolean
  readonly says: string
  /** What a line of `n` numbers becomes. */
  readonly kernel: (dtype: DType) => Line
  readonly combine: (left: NDArray, right: NDArray) => NDArray
  /** The combination and its tangent. */
  readonly combineTangents: Combine
  /** The combination of the real and imaginary parts of complex numbers. */
  readonly combineParts?: Combine
}

function cumulative({
  name,
  takes,
  says,
  kernel,
  combine,
  combineTangents,
  combineParts,
}: CumulativeDefinition): Primitive<CumulativeParams> {
  const scanned = (f: Combine, arrays: readonly NDArray[], { axis, reverse }: CumulativeParams): readonly NDArray[] => {
    const turned = (xs: readonly NDArray[]): readonly NDArray[] => (reverse ? xs.map((x) => rev(x, [axis])) : xs)
    return turned(
      associativeScan(
        f,
        turned(arrays),
        arrays.map(() => axis),
      ),
    )
  }
  const primitive: Primitive<CumulativeParams> = definePrimitive<CumulativeParams>({
    name,
    abstractEval([x], { axis }) {
      if (!takes(x!.dtype)) throw new DTypeError(`${name}: ${x!.dtype} is not possible here; it takes ${says}`)
      checkAxes([axis], x!.shape, name)
      return [{ shape: x!.shape, dtype: x!.dtype }]
    },
    evaluate: ([x], [aval], params) => [cumulateAxis(x!, aval!, params, kernel(aval!.dtype))],
    jvp([x], [dx], params) {
      const output = bind1(primitive, [x!], params)
      return { outputs: [output], tangents: [dx ? scanned(combineTangents, [x!, dx], params)[1]! : null] }
    },
    ...(combineParts !== undefined && {
      complex([x]: readonly Splittable[], params: CumulativeParams): Splittable[] {
        const { re, im } = x as Parts
        const parts = scanned(combineParts, [re, im], params)
        return [{ re: parts[0]!, im: parts[1]! }]
      },
    }),
    transpose: notLinear,
    batch([x], [dim], { axis, reverse }) {
      const d = dim!
      return { outputs: [bind1(primitive, [x!], { axis: axis >= d ? axis + 1 : axis, reverse })], dims: [d] }
    },
    lower(graph, [x], params, [output]) {
      const { jaxpr } = trace(name, [x!.aval], (y) =>
        scanned(([left], [right]) => [combine(left!, right!)], [y!], params),
      )
      return [{ ...graph.inline(jaxpr, [graph.materialize(x!)])[0]!, aval: output! }]
    },
    simplify: ([x], { axis }) => (x!.shape[axis] === 1 ? [x!] : undefined),
  })
  return primitive
}

/** The combination of values and tangents that an elementwise operation of two operands and its jvp give. */
const withTangents =
  (primitive: Primitive<NoParams>): Combine =>
  ([x, dx], [y, dy]) => {
    const { outputs, tangents } = primitive.jvp([x!, y!], [dx!, dy!], {})
    return [outputs[0]!, tangents[0] ?? zerosLike(outputs[0]!)]
  }

const number = (dtype: DType): boolean => dtype !== 'bool'
const numbers = 'numbers; convert with x.astype("int32")'

/** Running products; the derivative is right also where there are zeros. */
export const cumprodPrimitive: Primitive<CumulativeParams> = cumulative({
  name: 'cumprod',
  takes: number,
  says: numbers,
  kernel: (dtype) =>
    // Storing keeps the low bits.
    running('product', dtype, isFloat(dtype) ? (a, b) => a * b : isBig(dtype) ? bigProduct : Math.imul),
  combine: mul,
  combineTangents: withTangents(mulPrimitive),
  combineParts: ([a, b], [c, d]) => [sub(mul(a!, c!), mul(b!, d!)), add(mul(a!, d!), mul(b!, c!))],
})
/** Running maxima; a NaN stays. */
export const cummaxPrimitive: Primitive<CumulativeParams> = cumulative({
  name: 'cummax',
  takes: number,
  says: numbers,
  kernel: (dtype) => running('max', dtype, isBig(dtype) ? (a, b) => (a > b ? a : b) : Math.max),
  combine: max,
  combineTangents: withTangents(maxPrimitive),
})
/** Running minima; a NaN stays. */
export const cumminPrimitive: Primitive<CumulativeParams> = cumulative({
  name: 'cummin',
  takes: number,
  says: numbers,
  kernel: (dtype) => running('min', dtype, isBig(dtype) ? (a, b) => (a < b ? a : b) : Math.min),
  combine: (x, y) => bind1(minPrimitive, [x, y], {}),
  combineTangents: withTangents(minPrimitive),
})

const lower = (x: NDArray, y: NDArray): NDArray => bind1(minPrimitive, [x, y], {})

/** log(eˣ + eʸ); equal infinities have no difference. */
function logAddExp(x: NDArray, y: NDArray): NDArray {
  const most = max(x, y)
  const away = select(eq(x, y), zerosLike(x), sub(lower(x, y), most))
  return add(most, log1p(exp(away)))
}

/** Logarithms of running sums of exponentials, without overflow. */
export const cumlogsumexpPrimitive: Primitive<CumulativeParams> = cumulative({
  name: 'cumlogsumexp',
  takes: isFloat,
  says: 'floats; convert with x.astype("float32")',
  kernel: () => (x, out, start, by, n) => {
    // The largest so far, and the sum of the exponentials below it.
    let [most, sum] = [-Infinity, 0]
    for (let i = 0, at = start; i < n; i++, at += by) {
      const value = x[at]!
      if (value > most || Number.isNaN(value)) {
        sum = (most === value || most === -Infinity ? 0 : sum * Math.exp(most - value)) + 1
        most = value
      } else if (value !== -Infinity) sum += value === most ? 1 : Math.exp(value - most)
      out[at] = most === -Infinity ? most : most + Math.log(sum)
    }
  },
  combine: logAddExp,
  combineTangents: ([x, dx], [y, dy]) => {
    const total = logAddExp(x!, y!)
    const share = (of: NDArray): NDArray => exp(sub(finite(of), finite(total)))
    return [total, add(mul(dx!, share(x!)), mul(dy!, share(y!)))]
  },
})

type Cumulative = (x: NDArray, axis: number, reverse?: boolean) => NDArray

const applied =
  (primitive: Primitive<CumulativeParams>): Cumulative =>
  (x, axis, reverse = false) =>
    bind1(primitive, [x], { axis, reverse })
/**
 * Running products along an axis, from its end with `reverse`.
 *
 * @example lax.cumprod(np.array([1, 2, 3]), 0) // [1, 2, 6]
 */
export const cumprod: Cumulative = applied(cumprodPrimitive)
/**
 * Running maxima along an axis.
 *
 * @example lax.cummax(np.array([1, 3, 2]), 0) // [1, 3, 3]
 */
export const cummax: Cumulative = applied(cummaxPrimitive)
/**
 * Running minima along an axis.
 *
 * @example lax.cummin(np.array([1, 3, 2]), 0, true) // [1, 2, 2]
 */
export const cummin: Cumulative = applied(cumminPrimitive)
/**
 * Running log(Σ eˣ) along an axis.
 *
 * @example lax.cumlogsumexp(np.array([0, 0]), 0) // [0, 0.6931472]
 */
export const cumlogsumexp: Cumulative = applied(cumlogsumexpPrimitive)
