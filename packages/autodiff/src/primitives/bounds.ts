import { type DType, integerRange, isHalf } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import { abs, add, max, min, mul, plus, sign, sub } from './arithmetic.ts'
import { broadcastInDim, like, zerosLike } from './broadcast.ts'
import { and, eq, gt, lt, ne, or, select } from './comparison.ts'
import { convert } from './convert.ts'
import { apply, type Derivative, elementwise, type Kernel, lowerAs, type NoParams } from './elementwise.ts'
import { stop } from './stop-gradient.ts'

// ── clamp ──────────────────────────────────────────────────────────────────

export const clampPrimitive: Primitive<NoParams> = elementwise({
  name: 'clamp',
  domain: 'number',
  kernel: (low, x, high) => Math.min(Math.max(x!, low!), high!),
  big(low, x, high) {
    const raised = x! > low! ? x! : low!
    return raised < high! ? raised : high!
  },
  // As in JAX an operand on a bound moves neither way.
  derivatives: [
    (d, [low, x]) => select(gt(low!, x!), d, zerosLike(d)),
    (d, [low, x, high]) => select(and(gt(x!, low!), lt(x!, high!)), d, zerosLike(d)),
    (d, [, x, high]) => select(lt(high!, x!), d, zerosLike(d)),
  ],
  lower: lowerAs('clamp', (low, x, high) => min(max(x, low), high)),
})
/**
 * `x` held between `low` and `high`, which may be scalars. The derivative is 0 on the bounds.
 *
 * @example lax.clamp(np.array(0), np.array([-1, 0.5, 2]), np.array(1)) // [0, 0.5, 1]
 */
export const clamp = (low: NDArray, x: NDArray, high: NDArray): NDArray => {
  const spread = (bound: NDArray): NDArray =>
    bound.ndim === 0 && x.ndim > 0 ? broadcastInDim(bound, x.shape, []) : bound
  return apply(clampPrimitive, spread(low), x, spread(high))
}

/** Integers as int32; what is beyond its range is clamped to it, so that an index far outside stays outside. */
export function asInt32(x: NDArray): NDArray {
  const [low, high] = integerRange('int32')
  const [least, most] = integerRange(x.dtype)
  const below = most > high ? min(x, like(x, high)) : x
  return convert(least < low ? max(below, like(x, low)) : below, 'int32')
}

// ── nextafter ──────────────────────────────────────────────────────────────

const double = new Float64Array(1)
const doubleBits = new BigInt64Array(double.buffer)
const single = new Float32Array(1)
const singleBits = new Int32Array(single.buffer)

const neighbour = (x: number, towards: number, smallest: number, step: (up: boolean) => number): number => {
  if (Number.isNaN(x) || Number.isNaN(towards)) return NaN
  if (x === towards) return towards
  if (x === 0) return towards > 0 ? smallest : -smallest
  // Away from 0 the bits count up.
  return step(towards > x === x > 0)
}

const nextafterKernel = (dtype: DType): Kernel =>
  dtype === 'float64'
    ? (x, y) =>
        neighbour(x!, y!, 5e-324, (up) => {
          double[0] = x!
          doubleBits[0]! += up ? 1n : -1n
          return double[0]
        })
    : (x, y) =>
        neighbour(x!, y!, 2 ** -149, (up) => {
          single[0] = x!
          singleBits[0]! += up ? 1 : -1
          return single[0]
        })

const noDerivative: Derivative = () => {
  throw new ValueError('nextafter: it has no derivative, as in JAX; hold its 2 operands with stopGradient')
}

/**
 * The half of a step is smaller than the distance to a neighbour, and three halves are larger: what rounds to the
 * neighbour lies between. A relative step is right at both ends of a binade, an absolute one where numbers are
 * subnormal.
 */
const STEP = { relative: 1.25 * 2 ** -24, absolute: 0.6 * 2 ** -149 } as const
/** S. Rump, P. Zimmermann, S. Boldo, G. Melquiond, "Computing predecessor and successor in rounding to nearest" (2009). */
const RUMP = 2 ** -53 * (1 + 2 ** -52)

export const nextafterPrimitive: Primitive<NoParams> = elementwise({
  name: 'nextafter',
  domain: 'wide',
  kernelFor: nextafterKernel,
  derivatives: [noDerivative, noDerivative],
  lower: (graph, inputs, output) =>
    lowerAs('nextafter', (x, y) => nextOf(x, y, graph.target !== 'webgpu'))(graph, inputs, output),
})

/** A step that rounds to the neighbour; of float32 in float64 where the device has it, and so for subnormals too. */
function nextOf(x: NDArray, y: NDArray, hasDouble: boolean): NDArray {
  const up = gt(y, x)
  const step = (from: NDArray, by: NDArray): NDArray => select(up, add(from, by), sub(from, by))
  const moved = (): NDArray => {
    if (x.dtype === 'float64') return step(x, plus(mul(abs(x), like(x, RUMP)), 5e-324))
    if (!hasDouble) {
      const smallest = select(up, like(x, 2 ** -149), like(x, -(2 ** -149)))
      return select(eq(x, zerosLike(x)), smallest, step(x, mul(abs(x), like(x, 2 ** -24 * (1 + 2 ** -23)))))
    }
    const wide = convert(x, 'float64')
    const by = plus(mul(abs(wide), like(wide, STEP.relative)), STEP.absolute)
    return convert(step(wide, by), x.dtype)
  }
  const largest = x.dtype === 'float64' ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127
  const inward = select(gt(x, zerosLike(x)), like(x, largest), like(x, -largest))
  const stepped = select(eq(abs(x), like(x, Infinity)), inward, moved())
  const value = select(eq(x, y), y, stepped)
  return select(or(ne(x, x), ne(y, y)), like(x, NaN), value)
}
/** The next number after `x` on the way to `y` that the dtype has. */
export const nextafter = (x: NDArray, y: NDArray): NDArray =>
  isHalf(x.dtype) && y.dtype === x.dtype ? nextHalf(x, y) : apply(nextafterPrimitive, x, y)

/** What a kernel sees as float32 has other neighbours: a step in float32 that rounds to the right one. */
function nextHalf(x: NDArray, y: NDArray): NDArray {
  const { step, smallest, largest } = HALVES[x.dtype as keyof typeof HALVES]
  const [from, to] = [convert(stop(x), 'float32'), convert(stop(y), 'float32')]
  const up = gt(to, from)
  const by = plus(mul(abs(from), like(from, step)), 0.6 * smallest)
  const infinite = eq(abs(from), like(from, Infinity))
  const moved = select(infinite, mul(sign(from), like(from, largest)), select(up, add(from, by), sub(from, by)))
  const value = select(eq(from, to), to, moved)
  return convert(select(or(ne(from, from), ne(to, to)), like(from, NaN), value), x.dtype)
}
const HALVES = {
  float16: { step: 1.25 * 2 ** -11, smallest: 2 ** -24, largest: 65504 },
  bfloat16: { step: 1.25 * 2 ** -8, smallest: 2 ** -133, largest: (2 - 2 ** -7) * 2 ** 127 },
} as const
