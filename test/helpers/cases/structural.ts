import { lax, type NDArray } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import {
  all,
  arrayOf,
  type Call,
  caseList,
  edges,
  edgesOf,
  floats,
  integers,
  numbers,
  pairsOf,
  plain,
} from './operands.ts'

const { cases, add } = caseList()
export const structuralCases = cases

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
  'edges, all',
  (x) => lax.reduceSum(x, [0]),
  integers,
  (d) => [edgesOf(d)],
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
  'gather',
  all,
  (x, i) => lax.take(x!, i!, 1),
  (d) => [plain([2, 3, 2], d), indices],
  'outside',
  (d) => [plain([2, 3, 2], d), indices],
)
add(
  'gather',
  all,
  (x, i) => lax.take(x!, i!, 0),
  (d) => [plain([3], d), arrayOf([], 'int32')],
  'nothing',
)
add(
  'gather',
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
