import { lax, type NDArray, np } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'

/** A call of a primitive on one dtype, with operands that hold every value where devices are known to differ. */
export interface PrimitiveCase {
  /** The primitive's own name. */
  readonly primitive: string
  /** What is special about the operands or parameters. */
  readonly note: string
  readonly dtype: DType
  readonly f: (...operands: NDArray[]) => NDArray | NDArray[]
  readonly operands: readonly NDArray[]
  /** Operands where it is smooth, for gradients; none where it has no derivative. */
  readonly smooth?: readonly NDArray[]
}

export const floats: readonly DType[] = ['float32', 'float64']
export const integers: readonly DType[] = ['int32', 'uint32']
export const numbers: readonly DType[] = [...floats, ...integers]
export const all: readonly DType[] = [...numbers, 'bool']

const floatEdges = [
  NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3.7, 0.1, -0.3, 0.999, -0.97, 1.0001, 1e-7,
  -1e-7, 1e-30, 7.25, -7.25, 20, -20, 50, -50, 1000, -1000, 123456.75, 2147483647, -2147483648, 3e9, -3e9, 5e9, 1e20,
  -1e20, 1e30, -1e30,
] // biome-ignore format: a list of numbers
const edges: Readonly<Record<DType, readonly number[]>> = {
  float32: floatEdges,
  float64: [...floatEdges, 1e100, -1e100, 1e-200],
  int32: [0, 1, -1, 2, -2, 3, 7, -7, 10, 31, 32, 33, -31, -32, 65536, 46341, 2147483647, -2147483647, -2147483648],
  uint32: [0, 1, 2, 3, 7, 10, 31, 32, 33, 65536, 46341, 2147483647, 2147483648, 2147483649, 4294967294, 4294967295],
  bool: [0, 1, 1, 0, 1],
}

/** An array of these numbers, exactly (integers beyond float32 too). */
export const arrayOf = (values: readonly number[], dtype: DType, shape: readonly number[] = [values.length]): NDArray =>
  np.array(Float64Array.from(values), { dtype, shape: [...shape] })

const edgesOf = (dtype: DType): NDArray => arrayOf(edges[dtype], dtype)
/** Every pair of edge values. */
function pairsOf(dtype: DType, keep: (x: number, y: number) => boolean = () => true): [NDArray, NDArray] {
  const pairs = edges[dtype].flatMap((x) => edges[dtype].flatMap((y) => (keep(x, y) ? [[x, y] as const] : [])))
  const of = (side: 0 | 1): NDArray =>
    arrayOf(
      pairs.map((pair) => pair[side]),
      dtype,
    )
  return [of(0), of(1)]
}

/** Unremarkable numbers, none equal, for a shape. */
export function plain(shape: readonly number[], dtype: DType, salt = 0): NDArray {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: n }, (_, i) => Math.sin(3.7 * i + salt + 0.3) * 2.5)
  if (dtype === 'bool')
    return arrayOf(
      values.map((v) => Number(v > 0)),
      dtype,
      shape,
    )
  if (dtype === 'int32')
    return arrayOf(
      values.map((v) => Math.trunc(v * 7)),
      dtype,
      shape,
    )
  if (dtype === 'uint32')
    return arrayOf(
      values.map((v) => Math.trunc(Math.abs(v) * 7)),
      dtype,
      shape,
    )
  return arrayOf(values, dtype, shape)
}

/** Numbers between `low` and `high`. */
const between = (low: number, high: number, dtype: DType): NDArray =>
  arrayOf(
    Array.from({ length: 12 }, (_, i) => low + ((high - low) * ((i * 7) % 12) + 0.4) / 12),
    dtype,
  )

type Call = PrimitiveCase['f']
const cases: PrimitiveCase[] = []
const add = (
  primitive: string,
  dtypes: readonly DType[],
  f: Call,
  operands: (dtype: DType) => readonly NDArray[],
  note = '',
  smooth?: (dtype: DType) => readonly NDArray[],
): void => {
  for (const dtype of dtypes) {
    const away = dtype.startsWith('float') ? smooth?.(dtype) : undefined
    cases.push({ primitive, note, dtype, f, operands: operands(dtype), ...(away && { smooth: away }) })
  }
}

// ── elementwise ────────────────────────────────────────────────────────────

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

// ── shapes ─────────────────────────────────────────────────────────────────

const cube = (d: DType): NDArray[] => [plain([2, 3, 4], d)]
const move = (name: string, note: string, f: (x: NDArray) => NDArray, dtypes = all, operands = cube): void =>
  add(name, dtypes, f as Call, operands, note, operands)

move('reshape', '', (x) => lax.reshape(x, [4, 6]))
move('reshape', 'of a broadcast value', (x) => lax.reshape(lax.broadcastInDim(x, [5, 2, 3, 4], [1, 2, 3]), [10, 12]))
move(
  'reshape',
  'empty',
  (x) => lax.reshape(x, [3, 0, 2]),
  all,
  (d) => [plain([0, 5], d)],
)
move('transpose', '', (x) => lax.transpose(x, [2, 0, 1]))
move('broadcast_in_dim', '', (x) => lax.broadcastInDim(x, [2, 5, 3, 4], [0, 2, 3]))
move(
  'broadcast_in_dim',
  'of ones',
  (x) => lax.broadcastInDim(x, [1, 3, 2, 4], [0, 1]),
  all,
  (d) => [plain([1, 3], d)],
)
move(
  'broadcast_in_dim',
  'to nothing',
  (x) => lax.broadcastInDim(x, [0, 3], [1]),
  all,
  (d) => [plain([3], d)],
)
move('reduce_sum', '', (x) => lax.reduceSum(x, [0, 2]), numbers)
move(
  'reduce_sum',
  'edges',
  (x) => lax.reduceSum(x, [1]),
  numbers,
  (d) => {
    const finite = edges[d].filter((v) => Math.abs(v) < 1e25)
    return [arrayOf([...finite, ...finite], d, [finite.length, 2])]
  },
)
move(
  'reduce_sum',
  'with NaN and infinities',
  (x) => lax.reduceSum(x, [1]),
  floats,
  (d) => [arrayOf([NaN, 1, Infinity, 1, Infinity, -Infinity, -0, -0], d, [4, 2])],
)
move(
  'reduce_sum',
  'over nothing',
  (x) => lax.reduceSum(x, [1]),
  numbers,
  (d) => [plain([2, 0], d)],
)
move('slice', '', (x) => lax.slice(x, { starts: [0, 1, 1], limits: [2, 3, 4], strides: [1, 1, 2] }))
move('slice', 'empty', (x) => lax.slice(x, { starts: [0, 1, 1], limits: [2, 1, 4], strides: [1, 1, 2] }))
move('rev', '', (x) => lax.rev(x, [0, 2]))
move(
  'rev',
  'empty',
  (x) => lax.rev(x, [1]),
  all,
  (d) => [plain([2, 0], d)],
)
for (const [note, low, high, interior] of [
  ['around', [1, 0, 2], [0, 3, 1], [0, 0, 0]],
  ['between', [0, 0, 0], [0, 0, 0], [1, 2, 3]],
  ['cutting', [-1, 0, -2], [0, -1, -1], [0, 0, 0]],
  ['cutting and between', [-1, 2, -2], [1, -1, 2], [2, 1, 1]],
] as const) {
  add(
    'pad',
    all,
    (x, v) => lax.pad(x!, v!, { low, high, interior }),
    (d) => [plain([2, 3, 4], d), d === 'bool' ? arrayOf([1], d, []) : arrayOf([5], d, [])],
    note,
    (d) => [plain([2, 3, 4], d), arrayOf([5], d, [])],
  )
}
add(
  'pad',
  all,
  (x, v) => lax.pad(x!, v!, { low: [1, 1], high: [0, 2], interior: [1, 1] }),
  (d) => [plain([0, 2], d), arrayOf([1], d, [])],
  'empty',
)
add(
  'concatenate',
  all,
  (x, y, z) => lax.concatenate([x!, y!, z!], 1),
  (d) => [plain([2, 3], d), plain([2, 0], d), plain([2, 2], d, 1)],
  'with an empty part',
  (d) => [plain([2, 3], d), plain([2, 0], d), plain([2, 2], d, 1)],
)
for (const dtype of numbers) {
  add(
    'iota',
    [dtype],
    () => lax.broadcastedIota([4, 3], 0, dtype),
    () => [],
  )
}

// ── reductions ─────────────────────────────────────────────────────────────

const shuffled = (d: DType): NDArray[] => {
  const list = edges[d].filter((v) => !Number.isNaN(v) && !Object.is(v, -0))
  return [
    arrayOf(
      Array.from({ length: 60 }, (_, i) => list[(i * 7) % list.length]!),
      d,
      [5, 3, 4],
    ),
  ]
}
const withNaN = (d: DType): NDArray[] => [arrayOf([1, NaN, 3, NaN, NaN, -1, Infinity, 2, NaN], d, [3, 3])]
for (const [name, f] of [
  ['reduce_max', lax.reduceMax],
  ['reduce_min', lax.reduceMin],
  ['reduce_prod', lax.reduceProd],
] as const) {
  add(name, numbers, (x) => f(x!, [1]), shuffled, 'edges', cube)
  add(name, numbers, (x) => f(x!, [0, 2]), cube, 'two axes', cube)
  add(name, floats, (x) => f(x!, [1]), withNaN, 'NaN')
  add(
    name,
    numbers,
    (x) => f(x!, [1]),
    (d) => [plain([0, 3], d)],
    'empty',
  )
}
add(
  'reduce_prod',
  numbers,
  (x) => lax.reduceProd(x!, [0]),
  (d) => [plain([0, 3], d)],
  'over nothing',
)
add(
  'reduce_prod',
  floats,
  (x) => lax.reduceProd(x!, [0]),
  (d) => [arrayOf([0, 2, 3], d)],
  'a zero',
  (d) => [arrayOf([0, 2, 3], d)],
)
for (const [name, f] of [
  ['reduce_and', lax.reduceAnd],
  ['reduce_or', lax.reduceOr],
] as const) {
  add(
    name,
    ['bool'],
    (x) => f(x!, [0, 2]),
    (d) => [arrayOf([0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1], d, [2, 3, 2])],
  )
  add(
    name,
    ['bool'],
    (x) => f(x!, [0]),
    (d) => [plain([0, 3], d)],
    'over nothing',
  )
  add(
    name,
    ['bool'],
    (x) => f(x!, [0]),
    (d) => [plain([3, 0], d)],
    'empty',
  )
}
for (const [name, f] of [
  ['argmax', lax.argmax],
  ['argmin', lax.argmin],
] as const) {
  add(name, all, (x) => f(x!, 1), shuffled, 'edges')
  add(name, floats, (x) => f(x!, 1), withNaN, 'NaN')
  add(
    name,
    all,
    (x) => f(x!, 0),
    (d) => [arrayOf([1, 1, 0, 0, 1, 1], d, [3, 2])],
    'ties',
  )
  add(
    name,
    all,
    (x) => f(x!, 1),
    (d) => [plain([0, 3], d)],
    'empty',
  )
}
for (const reverse of [false, true]) {
  const note = reverse ? 'reverse' : ''
  add('cumsum', numbers, (x) => lax.cumsum(x!, 1, reverse), cube, note, cube)
  add(
    'cumsum',
    integers,
    (x) => lax.cumsum(x!, 0, reverse),
    (d) => [edgesOf(d)],
    `edges ${note}`,
  )
  add(
    'cumsum',
    numbers,
    (x) => lax.cumsum(x!, 0, reverse),
    (d) => [plain([0, 3], d)],
    `empty ${note}`,
  )
}

// ── products and indices ───────────────────────────────────────────────────

const dots: readonly [string, readonly number[], readonly number[], lax.DotParams][] = [
  ['matrices', [3, 4], [4, 5], { contract: [[1], [0]], batch: [[], []] }],
  ['left transposed', [4, 3], [4, 5], { contract: [[0], [0]], batch: [[], []] }],
  ['right transposed', [3, 4], [5, 4], { contract: [[1], [1]], batch: [[], []] }],
  ['vectors', [6], [6], { contract: [[0], [0]], batch: [[], []] }],
  ['outer', [3], [4], { contract: [[], []], batch: [[], []] }],
  ['stack', [2, 3, 4], [4, 5], { contract: [[2], [0]], batch: [[], []] }],
  ['two axes crossed', [3, 4, 2], [2, 5, 4], { contract: [[1, 2], [2, 0]], batch: [[], []] }],
  ['batched', [2, 3, 4], [4, 2, 5], { contract: [[2], [0]], batch: [[0], [1]] }],
  ['batched elementwise', [2, 3], [2, 3], { contract: [[], []], batch: [[0, 1], [0, 1]] }],
  ['over nothing', [3, 0], [0, 5], { contract: [[1], [0]], batch: [[], []] }],
  ['over nothing, batched', [2, 3, 0], [2, 0, 5], { contract: [[2], [1]], batch: [[0], [0]] }],
  ['empty', [0, 4], [4, 5], { contract: [[1], [0]], batch: [[], []] }],
] // biome-ignore format: a table
for (const [note, left, right, params] of dots) {
  const operands = (d: DType): NDArray[] => [plain(left, d), plain(right, d, 1)]
  add('dot_general', numbers, (x, y) => lax.dotGeneral(x!, y!, params), operands, note, operands)
}
add(
  'dot_general',
  integers,
  (x, y) => lax.dotGeneral(x!, y!, { contract: [[0], [0]], batch: [[], []] }),
  (d) => pairsOf(d),
  'wrapping',
)

const indices = arrayOf([0, 5, -1, 2, 2, 2147483647, -2147483648, 1], 'int32', [4, 2])
add(
  'take',
  all,
  (x, i) => lax.take(x!, i!, 1),
  (d) => [plain([2, 3, 2], d), indices],
  'outside',
  (d) => [plain([2, 3, 2], d), indices],
)
add(
  'take',
  all,
  (x, i) => lax.take(x!, i!, 0),
  (d) => [plain([3], d), arrayOf([], 'int32')],
  'nothing',
)
add(
  'take',
  all,
  (x, i) => lax.take(x!, i!, 0),
  (d) => [plain([0, 3], d), arrayOf([], 'int32')],
  'nothing of nothing',
)
add(
  'scatter_add',
  numbers,
  (i, u) => lax.scatterAdd(i!, u!, 1, 3),
  (d) => [indices, plain([2, 4, 2, 2], d)],
  'outside and double',
  (d) => [indices, plain([2, 4, 2, 2], d)],
)
add(
  'scatter_add',
  numbers,
  (i, u) => lax.scatterAdd(i!, u!, 0, 3),
  (d) => [arrayOf([], 'int32'), plain([0, 2], d)],
  'nothing',
)

export const primitiveCases: readonly PrimitiveCase[] = cases
