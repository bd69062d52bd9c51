import { lax, type NDArray, np, special } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { erfcx, logNdtr } from '../../../packages/autodiff/src/primitives/error-functions.ts'
import { xlog1py, xlogx, xlogy } from '../../../packages/autodiff/src/primitives/entropy.ts'
import { expi, expn } from '../../../packages/autodiff/src/primitives/exponential-integrals.ts'
import { logaddexp } from '../../../packages/autodiff/src/primitives/transcendental.ts'
import { arrayOf, between, type Call, caseList, edgesOf, floats, numbers, pairsOf, plain } from './operands.ts'

const { cases, add } = caseList()
export const specialCases = cases

type Unary = (x: NDArray) => NDArray
const edgeNumbers = [
  NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5, 2.5, 3, -3.7, 0.1, -0.3, 0.999, 1.0001, 1e-7, -1e-7,
  1e-30, 7.25, -7.25, 9.5, 10, 12.75, 20, 27.5, 31, -20.5, 45, 60, 100, 1000, 123456.75, 3e9, 1e20, 1e30,
] // biome-ignore format: a list of numbers
const edges = (dtype: DType): NDArray => arrayOf(edgeNumbers, dtype)

const unary = (
  name: string,
  f: Unary,
  range: readonly [number, number],
  operand: (dtype: DType) => NDArray = edgesOf,
): void => {
  const smooth = (d: DType): NDArray[] => [between(range[0], range[1], d)]
  add(name, floats, f as Call, (d) => [operand(d)], 'edges', smooth)
  add(name, floats, f as Call, (d) => [between(range[0], range[1], d)], 'smooth')
  add(name, floats, f as Call, (d) => [plain([0, 3], d)], 'empty')
  add(name, floats, f as Call, (d) => [plain([], d)], 'scalar')
}

unary('acosh', lax.acosh, [1.2, 5])
unary('asinh', lax.asinh, [-5, 5])
unary('atanh', lax.atanh, [-0.9, 0.9])
unary('cbrt', lax.cbrt, [0.2, 5])
unary('lgamma', lax.lgamma, [0.2, 14], edges)
unary('digamma', lax.digamma, [0.2, 14], edges)
unary('erfc', lax.erfc, [-3, 9], edges)
unary('erfcx', erfcx, [-2, 30], edges)
unary('log_ndtr', logNdtr, [-40, 5], edges)
unary('bessel_i0e', lax.besselI0e, [0.2, 20])
unary('bessel_i1e', lax.besselI1e, [0.2, 20])
unary('expi', expi, [0.5, 60], edges)
unary('xlogx', xlogx, [0.2, 5], edges)

/** Every pair of some values. */
const pairs = (xs: readonly number[], ys: readonly number[], dtype: DType): [NDArray, NDArray] => {
  const both = xs.flatMap((x) => ys.map((y) => [x, y] as const))
  return [
    arrayOf(
      both.map(([x]) => x),
      dtype,
    ),
    arrayOf(
      both.map(([, y]) => y),
      dtype,
    ),
  ]
}
const shapesOf = [NaN, 0, 1e-3, 0.3, 1, 2.5, 9.9, 10, 40, 300, Infinity, -1]
const gammaOperands = (d: DType): [NDArray, NDArray] =>
  pairs(shapesOf, [NaN, 0, 1e-6, 0.2, 0.99, 1, 1.7, 5, 9.9, 38, 41, 290, Infinity, -1], d)
const inside = (d: DType): NDArray[] => [between(0.3, 20, d), between(0.4, 15, d)]
const two = (
  name: string,
  f: (x: NDArray, y: NDArray) => NDArray,
  operands: (d: DType) => readonly NDArray[],
  smooth = true,
): void => {
  add(name, floats, f as Call, operands, 'edges', smooth ? inside : undefined)
  add(name, floats, f as Call, (d) => [plain([2, 0], d), plain([2, 0], d)], 'empty')
}
two('igamma', lax.igamma, gammaOperands)
two('igammac', lax.igammac, gammaOperands)
two(
  'random_gamma_grad',
  lax.randomGammaGrad,
  (d) => pairs([0.3, 1, 2.5, 40, NaN, -1], [0, 0.2, 1, 5, 38, NaN, -1], d),
  false,
)
two('zeta', lax.zeta, (d) =>
  pairs([NaN, 0.5, 1, 1.5, 2, 3, 8.5, 30, Infinity], [NaN, 0, 1e-3, 0.5, 1, 7, 100, -0.5, -1, -2, -5.5, Infinity], d),
)
two('atan2', lax.atan2, (d) => pairsOf(d))
two('logaddexp', logaddexp, (d) => pairsOf(d))
two('nextafter', lax.nextafter, (d) => pairsOf(d), false)
two('xlogy', xlogy, (d) => pairsOf(d))
two('xlog1py', xlog1py, (d) => pairsOf(d))
add(
  'expn',
  floats,
  expn as Call,
  (d) => pairs([0, 1, 2, 3, 7, 20, -1, NaN], [0, 1e-6, 0.3, 1, 1.1, 4, 60, Infinity, -1, NaN], d),
  'edges',
)

const betaShapes = [0, 0.05, 1, 2.5, 30, 200, Infinity]
const thirds = (d: DType): NDArray[] => {
  const rows = betaShapes.flatMap((a) =>
    betaShapes.flatMap((b) => [0, 1e-3, 0.3, 0.5, 0.9, 1, 1.5, NaN].map((x) => [a, b, x] as const)),
  )
  return ([0, 1, 2] as const).map((side) =>
    arrayOf(
      rows.map((row) => row[side]),
      d,
    ),
  )
}
add('regularized_incomplete_beta', floats, lax.betainc as Call, thirds, 'edges')
add(
  'regularized_incomplete_beta',
  floats,
  (x) => lax.betainc(np.fullLike(x!, 2.5), np.fullLike(x!, 0.7), x!),
  (d) => [between(0.1, 0.9, d)],
  'in x',
  (d) => [between(0.1, 0.9, d)],
)

add(
  'clamp',
  numbers,
  (x) => lax.clamp(np.array(1, { dtype: x!.dtype }), x!, np.array(3, { dtype: x!.dtype })),
  (d) => [edgesOf(d)],
  'edges',
  (d) => [between(0.1, 4, d)],
)
add(
  'clamp',
  floats,
  lax.clamp as Call,
  (d) => [between(-2, 0, d), between(-3, 3, d), between(0.5, 2, d)],
  'bounds',
  (d) => [between(-2, 0, d), between(-3, 3, d), between(0.5, 2, d)],
)

for (const [exponentBits, mantissaBits] of [
  [5, 10],
  [8, 7],
  [8, 23],
  [4, 3],
] as const) {
  // biome-ignore format: formats
  add(
    'reduce_precision',
    floats,
    (x) => lax.reducePrecision(x!, { exponentBits, mantissaBits }),
    (d) => [arrayOf([...edgeNumbers, 1.0625, 1.1875, 65504, 65519, 65520, 6e-5, 6.2e-5, 448, 1 / 3], d)],
    `${exponentBits}, ${mantissaBits}`,
  )
}

// ── what is composed of primitives, where devices differ ───────────────────

const integers: readonly DType[] = ['int32', 'uint32']
add('shift_right_logical', integers, lax.populationCount as Call, (d) => [edgesOf(d)], 'population count')
add('shift_right_logical', integers, lax.clz as Call, (d) => [edgesOf(d)], 'leading zeros')
add('shift_right_logical', integers, lax.shiftRightArithmetic as Call, (d) => pairsOf(d), 'arithmetic')
add('mul', integers, np.power as Call, (d) => pairsOf(d), 'integer powers')
add('rem', integers, np.gcd as Call, (d) => [arrayOf([0, 12, 18, 7, 100], d), arrayOf([5, 18, 12, 0, 75], d)], 'gcd')
add('round', floats, lax.round as Call, (d) => [edgesOf(d)], 'halves away from 0')
add('select', floats, np.copysign as Call, (d) => pairsOf(d, (x, y) => x === x && y === y), 'copysign')
add(
  'select',
  floats,
  (x) => np.frexp(x!),
  (d) => [edgesOf(d)],
  'frexp',
)
add(
  'select',
  floats,
  (x) => special.ndtri(x!),
  (d) => [arrayOf([0, 1e-9, 0.01, 0.2, 0.5, 0.9, 0.999, 1, 2, NaN], d)],
  'ndtri',
)
add(
  'select',
  floats,
  (x) => special.spence(x!),
  (d) => [edges(d)],
  'spence',
)
add(
  'select',
  floats,
  (x) => special.polygamma(2, x!),
  (d) => [between(0.2, 9, d)],
  'polygamma',
)
