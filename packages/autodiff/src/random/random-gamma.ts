import { allocate, isFloat } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, trace } from '../core/trace.ts'
import { randomGamma as randomGammaNumbers } from '../interpreter/random-gamma.ts'
import { whileLoop } from '../lax/loops.ts'
import { abs, add, div, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { full, like, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, select, shiftRightLogical, xor } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { batchElementwise, checkAlike } from '../primitives/elementwise.ts'
import { randomGammaGrad } from '../primitives/incomplete.ts'
import { reduceOr } from '../primitives/reductions.ts'
import { signed, threefry2x32 } from '../primitives/threefry.ts'
import { erfInv, exp, log, log1p, pow, sqrt } from '../primitives/transcendental.ts'
import { floatInfo } from './draw.ts'

type GammaParams = { readonly layout: 'partitionable' | 'legacy'; readonly log: boolean }

/**
 * Draws of the gamma distribution, elementwise: two words of a key and a shape parameter each; `log` gives their
 * logarithms. A draw moves with its parameter as its quantile does.
 */
export const randomGammaPrimitive: Primitive<GammaParams> = definePrimitive<GammaParams>({
  name: 'random_gamma',
  abstractEval([k0, k1, a]) {
    const bits = { shape: a!.shape, dtype: 'uint32' } as const
    checkAlike('random_gamma', [bits, k0!, k1!], 'integer')
    if (!isFloat(a!.dtype)) {
      throw new DTypeError(`random_gamma: the parameter is ${a!.dtype}, it must be a float; use a.astype("float32")`)
    }
    return [{ shape: a!.shape, dtype: a!.dtype }]
  },
  takesRepeated: true,
  evaluate([k0, k1, a], _, { layout, log: isLog }, [output]) {
    const { shape, dtype } = output as Aval
    const out = allocate(dtype, sizeOf(shape))
    randomGammaNumbers(signed(k0!), signed(k1!), a!, out as Float32Array, {
      layout,
      log: isLog,
      dtype: dtype === 'float64' ? 'float64' : 'float32',
    })
    return [out]
  },
  jvp([k0, k1, a], [, , da], params) {
    const output = randomGamma(k0!, k1!, a!, params)
    return { outputs: [output], tangents: [da ? mul(da, slope(a!, output, params)) : null] }
  },
  transpose: notLinear,
  batch(inputs, dims, params, size) {
    const { inputs: aligned, dim } = batchElementwise(inputs, dims, size)
    return { outputs: [bind1(randomGammaPrimitive, aligned, params)], dims: [dim] }
  },
  lower(graph, inputs, params) {
    const avals = inputs.map((x) => x.aval)
    const { jaxpr } = trace('random_gamma', avals, (k0, k1, a) => [drawGamma(k0!, k1!, a!, params)])
    return graph.inline(jaxpr, inputs)
  },
})

/** Draws of the gamma distribution with shape parameters `a` from keys of the words `k0` and `k1`. */
export const randomGamma = (k0: NDArray, k1: NDArray, a: NDArray, params: GammaParams): NDArray =>
  bind1(randomGammaPrimitive, [k0, k1, a], params)

/** How a draw moves with its parameter. */
function slope(a: NDArray, draw: NDArray, { log: isLog }: GammaParams): NDArray {
  if (!isLog) return randomGammaGrad(a, draw)
  const sample = exp(draw)
  const tiny = like(sample, floatInfo[sample.dtype as 'float32'].tiny)
  const safe = select(eq(sample, zerosLike(sample)), tiny, sample)
  return div(randomGammaGrad(a, safe), safe)
}

// ── composed of operations on all elements at once ─────────────────────────

type Words = readonly [NDArray, NDArray]

/** The draws as interpreter/random-gamma.ts has them: loops go on until the last element is done. */
function drawGamma(k0: NDArray, k1: NDArray, a: NDArray, { layout, log: isLog }: GammaParams): NDArray {
  const one = like(a, 1)
  const zero = zerosLike(a)
  const words = (value: number): NDArray => full(a.shape, value, 'uint32')

  const split = ([x, y]: Words, n: number): Words[] => {
    const isLegacy = layout === 'legacy'
    const blocks = range(n).map((i) => threefry2x32(x, y, words(isLegacy ? i : 0), words(isLegacy ? i + n : i)))
    if (!isLegacy) return blocks
    const stream = [...blocks.map(([first]) => first), ...blocks.map(([, second]) => second)]
    return range(n).map((i) => [stream[2 * i]!, stream[2 * i + 1]!])
  }
  const shifted = (word: NDArray, by: number): NDArray => convert(shiftRightLogical(word, words(by)), a.dtype)
  const uniform = ([x, y]: Words): NDArray => {
    const isLegacy = layout === 'legacy'
    if (a.dtype === 'float64') {
      const [high, lower] = threefry2x32(x, y, words(0), words(isLegacy ? 1 : 0))
      return mul(add(mul(convert(high, a.dtype), like(a, 2 ** 20)), shifted(lower, 12)), like(a, 2 ** -52))
    }
    const [first, second] = threefry2x32(x, y, words(0), words(0))
    return mul(shifted(isLegacy ? first : xor(first, second), 9), like(a, 2 ** -23))
  }
  const { eps } = floatInfo[a.dtype as 'float32']
  const normal = (key: Words): NDArray =>
    mul(like(a, Math.SQRT2), erfInv(plus(mul(uniform(key), like(a, 2)), eps / 2 - 1)))

  const isPlain = ge(a, one)
  const d = plus(select(isPlain, a, plus(a, 1)), -1 / 3)
  const c = div(like(a, 1 / 3), sqrt(d))
  const [start, boostKey] = split([k0, k1], 2) as [Words, Words]
  const some = (flags: NDArray): NDArray => reduceOr(flags, range(flags.ndim))

  const [, , v] = whileLoop(
    ([, , , goes]) => some(goes),
    ([x, y, before, goes]) => {
      const [next, normalKey, uniformKey] = split([x, y], 3) as [Words, Words, Words]
      const isOff = (value: NDArray): NDArray => and(goes, le(value, zero))
      const [, , z, root] = whileLoop(
        ([, , , value]) => some(isOff(value)),
        ([n0, n1, drawn, value]) => {
          const [rest, key] = split([n0, n1], 2) as [Words, Words]
          const fresh = normal(key)
          const again = isOff(value)
          return [rest[0], rest[1], select(again, fresh, drawn), select(again, plus(mul(fresh, c), 1), value)] as const
        },
        [normalKey[0], normalKey[1], zero, neg(one)] as const,
      )
      const square = mul(z, z)
      const cube = mul(mul(root, root), root)
      const u = uniform(uniformKey)
      const outside = ge(u, sub(one, mul(like(a, 0.0331), mul(square, square))))
      const limit = add(mul(square, like(a, 0.5)), mul(d, add(sub(one, cube), log(cube))))
      return [next[0], next[1], select(goes, cube, before), and(goes, and(outside, ge(log(u), limit)))] as const
    },
    [start[0], start[1], one, full(a.shape, 1, 'bool')] as const,
  )
  if (isLog) {
    const drawn = log1p(neg(uniform(boostKey)))
    const inside = gt(abs(drawn), zero)
    const boost = select(isPlain, zero, select(inside, mul(drawn, div(one, a)), zero))
    return add(add(log(d), log(v)), boost)
  }
  const boost = select(isPlain, one, pow(sub(one, uniform(boostKey)), div(one, a)))
  return mul(mul(d, v), boost)
}
