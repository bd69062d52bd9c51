import { lax, type NDArray, np } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import {
  all,
  arrayOf,
  between,
  type Call,
  caseList,
  edgesOf,
  floats,
  integers,
  numbers,
  pairsOf,
  plain,
} from './operands.ts'

const { cases, add } = caseList()
export const elementwiseCases = cases

const unary = (
  name: string,
  dtypes: readonly DType[],
  f: (x: NDArray) => NDArray,
  range?: readonly [number, number],
) => {
  const call = f as Call
  add(name, dtypes, call, (d) => [edgesOf(d)], 'edges', range && ((d) => [between(range[0], range[1], d)]))
  add(name, dtypes, call, (d) => [plain([0, 3], d)], 'empty')
  add(name, dtypes, call, (d) => [plain([], d)], 'scalar')
}
/** Of 0 and −0 either is the larger: IEEE 754 leaves it open, and the runtime's answer depends on the processor. */
const oneZero = (x: number, y: number): boolean => x !== y || Object.is(x, y)
const binary = (
  name: string,
  dtypes: readonly DType[],
  f: (x: NDArray, y: NDArray) => NDArray,
  smooth = true,
  keep?: (x: number, y: number) => boolean,
) => {
  const call = f as Call
  add(
    name,
    dtypes,
    call,
    (d) => pairsOf(d, keep),
    'edges',
    smooth ? (d) => [between(0.2, 3, d), between(0.4, 2.1, d)] : undefined,
  )
  add(name, dtypes, call, (d) => [plain([2, 0], d), plain([2, 0], d)], 'empty')
}

unary('neg', numbers, lax.neg, [-2, 2])
unary('abs', numbers, lax.abs, [0.1, 2])
unary('sign', numbers, lax.sign, [0.1, 2])
unary('floor', floats, lax.floor)
unary('ceil', floats, lax.ceil)
unary('round', floats, lax.round)
unary('exp', floats, lax.exp, [-2, 2])
unary('log', floats, lax.log, [0.1, 5])
unary('expm1', floats, lax.expm1, [-3, 3])
unary('log1p', floats, lax.log1p, [-0.9, 5])
unary('sqrt', floats, lax.sqrt, [0.1, 5])
unary('rsqrt', floats, lax.rsqrt, [0.1, 5])
unary('sin', floats, lax.sin, [-7, 7])
unary('cos', floats, lax.cos, [-7, 7])
unary('tan', floats, lax.tan, [-1.4, 1.4])
unary('tanh', floats, lax.tanh, [-3, 3])
unary('sinh', floats, lax.sinh, [-3, 3])
unary('cosh', floats, lax.cosh, [-3, 3])
unary('asin', floats, lax.asin, [-0.95, 0.95])
unary('acos', floats, lax.acos, [-0.95, 0.95])
unary('atan', floats, lax.atan, [-5, 5])
unary('logistic', floats, lax.logistic, [-8, 8])
unary('erf', floats, lax.erf, [-3, 3])
unary('erf_inv', floats, lax.erfInv, [-0.99, 0.99])
unary('is_finite', floats, lax.isFinite)
unary('not', [...integers, 'bool'], lax.bitwiseNot)
for (const exponent of [-3, -1, 0, 1, 2, 3, 7]) {
  const f = (x: NDArray): NDArray => lax.integerPow(x, exponent)
  const dtypes = exponent < 0 ? floats : numbers
  add(
    'integer_pow',
    dtypes,
    f as Call,
    (d) => [edgesOf(d)],
    `${exponent}`,
    (d) => [between(0.3, 2, d)],
  )
}

binary('add', numbers, lax.add)
binary('sub', numbers, lax.sub)
binary('mul', numbers, lax.mul)
binary('div', numbers, lax.div)
binary('rem', numbers, lax.rem)
binary('pow', floats, lax.pow)
binary('max', numbers, lax.max, true, oneZero)
binary('min', numbers, lax.min, true, oneZero)
binary('eq', all, lax.eq, false)
binary('lt', numbers, lax.lt, false)
binary('le', numbers, lax.le, false)
binary('gt', numbers, lax.gt, false)
binary('ge', numbers, lax.ge, false)
binary('and', [...integers, 'bool'], lax.bitwiseAnd, false)
binary('or', [...integers, 'bool'], lax.bitwiseOr, false)
binary('xor', [...integers, 'bool'], lax.bitwiseXor, false)
binary('shift_left', integers, lax.shiftLeft, false)
binary('shift_right_logical', integers, lax.shiftRightLogical, false)

add(
  'select',
  all,
  (c, x, y) => lax.select(c!, x!, y!),
  (d) => {
    const [x, y] = pairsOf(d)
    return [
      arrayOf(
        Array.from({ length: x.size }, (_, i) => Number(i % 3 === 0)),
        'bool',
      ),
      x,
      y,
    ]
  },
  'edges',
)
add(
  'select',
  numbers,
  (x) => np.where(lax.gt(x!, np.zeros(x!.shape, { dtype: x!.dtype })), x!, 0),
  (d) => [edgesOf(d)],
  'with a constant',
  (d) => [between(-2, 2, d)],
)
for (const slope of [0, 0.2, 1, -0.5, 2]) {
  const leaky = (x: NDArray): NDArray => np.where(x.gt(0), x, x.mul(slope))
  add(
    'select',
    floats,
    leaky as Call,
    (d) => [edgesOf(d)],
    `a slope of ${slope}`,
    (d) => [between(-2, 2, d)],
  )
}

for (const to of all) {
  add(
    'convert_element_type',
    all,
    (x) => x!.astype(to),
    (d) => [edgesOf(d)],
    `to ${to}`,
  )
  add(
    'convert_element_type',
    all,
    (x) => x!.astype(to),
    (d) => [plain([0], d)],
    `empty, to ${to}`,
  )
}
