import { fft, lax, linalg, NDArray, np, random } from '@cotangent/autodiff'
import fc from 'fast-check'

/** The values at which devices differ, overflow, divide by nothing or leave an array. */
const values = {
  float32: [0, -0, 1, -1, 0.5, Number.NaN, Infinity, -Infinity, 1e-45, -1e-38, 3.4e38, 2147483648, -2147483649, 1e10],
  float64: [0, -0, 1, -1, 0.5, Number.NaN, Infinity, -Infinity, 5e-324, 1.8e308, 2 ** 53, -9.3e18, 1.9e19],
  float16: [0, -0, 1, Number.NaN, Infinity, -Infinity, 65504, 6e-8],
  int32: [0, 1, -1, 2, 31, 32, 33, 2147483647, -2147483648, 46341],
  uint32: [0, 1, 2, 31, 32, 33, 2147483648, 4294967295],
  int8: [0, 1, -1, 7, 8, 127, -128],
  uint8: [0, 1, 7, 8, 255],
  int64: [0n, 1n, -1n, 63n, 64n, 9223372036854775807n, -9223372036854775808n],
  uint64: [0n, 1n, 64n, 18446744073709551615n],
  bool: [false, true],
} as const
export type EdgeDType = keyof typeof values

type Operation = (x: NDArray, y: NDArray, n: number) => NDArray

const integers = (x: NDArray): NDArray => x.astype('int32')
const square = (x: NDArray): NDArray => np.outer(x.ravel(), x.ravel())
const scalar = (x: NDArray): NDArray => x.sum().astype(x.dtype)

/** Operations that take anything; what they refuse, they refuse with an error of the library. */
export const operations: Readonly<Record<string, Operation>> = {
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y),
  laxDiv: (x, y) => lax.div(x, y),
  laxRem: (x, y) => lax.rem(x, y),
  floorDivide: (x, y) => np.floorDivide(x, y),
  mod: (x, y) => np.mod(x, y),
  divmod: (x, y) => np.divmod(x, y)[1],
  pow: (x, y) => x.pow(y),
  integerPow: (x, _, n) => lax.integerPow(x, n - 2),
  bits: (x, y) => lax.bitwiseXor(lax.bitwiseAnd(x, y), lax.bitwiseNot(y)),
  shiftLeft: (x, y) => lax.shiftLeft(x, y),
  shiftRight: (x, y) => lax.shiftRightArithmetic(x, y),
  shiftLogical: (x, y) => lax.shiftRightLogical(x, y),
  extremes: (x, y) => np.maximum(np.minimum(x, y), y.neg()),
  sign: (x) => np.sign(x).add(x.abs()),
  sqrt: (x) => x.sqrt(),
  logs: (x) => np.log1p(x).add(np.expm1(x)),
  inverses: (x) => np.arcsin(x).add(np.arccosh(x)).add(np.arctan(x)),
  tan: (x) => np.tan(x),
  tanh: (x, y) => np.tanh(x).mul(np.sinh(y)),
  round: (x) => x.round().add(np.floor(x)),
  where: (x, y) => np.where(x.lt(y), x, y),
  isClose: (x, y) => np.isclose(x, y),
  clip: (x, y) => x.clip(y.mul(0).sub(1), y),
  castInt: (x) => x.astype('int32').astype(x.dtype),
  castSmall: (x) => x.astype('uint8').add(x.astype('int8')),
  castLong: (x) => x.astype('int64'),
  castHalf: (x) => x.astype('float16').astype('bfloat16'),
  castFloat: (x) => x.astype('float32'),
  take: (x, y) => lax.take(x.ravel(), integers(y.ravel()), 0),
  takeMode: (x, y, n) => np.take(x.ravel(), integers(y.ravel()), { mode: n % 2 === 0 ? 'fill' : 'wrap' }),
  dynamicSlice: (x, y, n) => lax.dynamicSlice(x.ravel(), [scalar(integers(y))], [Math.min(n, x.size)]),
  dynamicUpdate: (x, y) => lax.dynamicUpdateSlice(x.ravel(), x.ravel().slice([0, 1]), [scalar(integers(y))]),
  scatter: (x, y) => lax.scatterAdd(integers(y.ravel()), x.ravel(), 0, 3),
  set: (x, y) => x.ravel().set([integers(y.ravel())], 1),
  sort: (x) => np.sort(x.ravel()),
  argsort: (x) => np.argsort(x.ravel()),
  topK: (x, _, n) => lax.topK(x.ravel(), Math.min(n, x.size))[0],
  argmax: (x) => x.argmax(),
  sum: (x) => x.sum(),
  mean: (x) => x.mean().add(x.std()),
  prod: (x) => x.prod(),
  max: (x) => x.max().sub(x.min()),
  cumsum: (x) => x.cumsum(),
  cumprod: (x) => np.cumprod(x),
  logsumexp: (x) => np.logaddexp(x, x.neg()),
  reshape: (x) => x.reshape([-1, 1]),
  transpose: (x) => square(x).T,
  concatenate: (x, y) => np.concatenate([x.ravel(), y.ravel()]),
  reversed: (x) => np.flip(x),
  part: (x, _, n) => x.ravel().slice([n, null, 2]),
  matmul: (x, y) => square(x).matmul(square(y)),
  dot: (x, y) => np.dot(x.ravel(), y.ravel()),
  outer: (x, y) => np.outer(x.ravel(), y.ravel()),
  cholesky: (x) => linalg.cholesky(square(x)),
  solve: (x) => linalg.solve(square(x), x.ravel()),
  inv: (x) => linalg.inv(square(x)),
  qr: (x) => linalg.qr(square(x))[0],
  det: (x) => linalg.det(square(x)),
  eigh: (x) => linalg.eigh(square(x))[0],
  fft: (x) => np.abs(fft.fft(x.ravel())),
  scan: (x, y) => lax.scan((c: NDArray, a: NDArray) => [c.add(a).astype(c.dtype), c.mul(a)], scalar(y), x.ravel())[1],
  loop: (x, y) =>
    lax.whileLoop(
      ([i]: [NDArray, NDArray]) => i.lt(5),
      ([i, a]: [NDArray, NDArray]) => [i.add(1), a.mul(a).astype(a.dtype)] as [NDArray, NDArray],
      [np.minimum(integers(scalar(y)), 3).clip(0, 5), x] as [NDArray, NDArray],
    )[1],
  forLoop: (x, _, n) => lax.foriLoop(0, n, (_i: NDArray, a: NDArray) => a.add(a).astype(a.dtype), x),
  cond: (x, y) =>
    lax.cond(
      scalar(y).gt(0),
      (a: NDArray) => a.mul(2).astype(a.dtype),
      (a: NDArray) => a,
      x,
    ),
  random: (x) => random.uniform(random.PRNGKey(7), x.shape).mul(x),
  bitsOf: (x) => random.split(random.PRNGKey(3), Math.max(1, x.size)),
  convolve: (x, y) => np.convolve(x.ravel(), y.ravel()),
  histogram: (x, y) => np.searchsorted(np.sort(x.ravel()), y.ravel()),
  pad: (x, _, n) => np.pad(x.ravel(), [n, n]),
}

/** A program of some operations on edge values, as numbers: it can be told, and run again. */
export interface EdgeProgram {
  readonly dtypes: readonly [EdgeDType, EdgeDType]
  readonly length: number
  /** Indices of the values. */
  readonly picks: readonly number[]
  readonly steps: readonly (readonly [name: string, i: number, j: number, n: number])[]
}

const dtype = fc.constantFrom(...(Object.keys(values) as EdgeDType[]))
export const edgePrograms: fc.Arbitrary<EdgeProgram> = fc.record({
  dtypes: fc.oneof(
    dtype.map((d) => [d, d] as const),
    fc.tuple(dtype, dtype),
  ),
  length: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) }),
  picks: fc.array(fc.nat({ max: 1000 }), { minLength: 8, maxLength: 8 }),
  steps: fc.array(
    fc.tuple(fc.constantFrom(...Object.keys(operations)), fc.nat({ max: 6 }), fc.nat({ max: 6 }), fc.nat({ max: 4 })),
    { minLength: 1, maxLength: 5 },
  ),
})

export const argumentsOf = ({ dtypes, length, picks }: EdgeProgram): [NDArray, NDArray] =>
  dtypes.map((kind, k) => {
    const all = values[kind] as readonly (number | bigint | boolean)[]
    const chosen = Array.from({ length }, (_, i) => all[(picks[(4 * k + i) % picks.length] as number) % all.length])
    return np.array(chosen as number[], { dtype: kind })
  }) as [NDArray, NDArray]
