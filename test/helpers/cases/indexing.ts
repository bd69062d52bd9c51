import { lax, type NDArray, vmap } from '@cotangent/autodiff'
import { type DType, isFloat } from '@cotangent/autodiff/array'
import { all, arrayOf, type Call, caseList, edges, edgesOf, floats, integers, numbers, plain } from './operands.ts'

const { cases, add } = caseList()
export const indexingCases = cases

const int32 = (values: readonly number[], shape: readonly number[]): NDArray => arrayOf(values, 'int32', shape)
const both = (
  name: string,
  dtypes: readonly DType[],
  f: Call,
  operands: (d: DType) => readonly NDArray[],
  note: string,
): void => add(name, dtypes, f, operands, note, operands)

// ── gather ─────────────────────────────────────────────────────────────────

/** Rows, pairs of entries, and windows; each with starts before, in and behind the array. */
const rows = {
  gather: { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0] },
  scatter: { updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0] },
}
const entries = {
  gather: { offsetDims: [], collapsedSliceDims: [0, 1], startIndexMap: [1, 0] },
  scatter: { updateWindowDims: [], insertedWindowDims: [0, 1], scatterDimsToOperandDims: [1, 0] },
}
const windows = {
  gather: { offsetDims: [0, 2, 3], collapsedSliceDims: [], startIndexMap: [2, 0] },
  scatter: { updateWindowDims: [0, 2, 3], insertedWindowDims: [], scatterDimsToOperandDims: [2, 0] },
}
const batches = {
  gather: {
    offsetDims: [1],
    collapsedSliceDims: [1],
    startIndexMap: [1],
    operandBatchingDims: [0],
    startIndicesBatchingDims: [1],
  },
  scatter: {
    updateWindowDims: [1],
    insertedWindowDims: [1],
    scatterDimsToOperandDims: [1],
    operandBatchingDims: [0],
    scatterIndicesBatchingDims: [1],
  },
}
const some = int32([2, 0, 3, -1, 2, 1], [6, 1])
const inside = int32([2, 0, 2, 1], [4, 1])
const pairs = int32([0, 2, 3, 1, -1, 0, 4, 0, 3, 1, 0, 3], [6, 2])
const starts = int32([0, 0, 2, 1, 3, 0, 1, -2, 2, 0], [5, 2])
const perBatch = int32([0, 3, 1, 1, 2, -1], [3, 2, 1])

for (const mode of ['clip', 'fill'] as const) {
  const gather =
    (dimensionNumbers: lax.GatherDimensionNumbers, sliceSizes: readonly number[]): Call =>
    (x, i) =>
      lax.gather(x!, i!, { dimensionNumbers, sliceSizes, mode, ...(mode === 'fill' && { fillValue: 0 }) })
  both('gather', all, gather(rows.gather, [1, 4]), (d) => [plain([3, 4], d), some], `rows ${mode}`)
  both(
    'gather',
    all,
    (x, i) => vmap((row: NDArray, at: NDArray) => row.at(at))(x!, i!),
    (d) => [plain([3, 4], d), int32([2, 0, 9], [3])],
    'an entry of each row',
  )
  both('gather', all, gather(entries.gather, [1, 1]), (d) => [plain([3, 4], d), pairs], `entries ${mode}`)
  both('gather', all, gather(windows.gather, [2, 3, 1]), (d) => [plain([3, 3, 4], d), starts], `windows ${mode}`)
  both('gather', all, gather(batches.gather, [1, 1, 2]), (d) => [plain([2, 3, 2], d), perBatch], `batches ${mode}`)
}
add(
  'gather',
  all,
  (x, i) => lax.gather(x!, i!, { dimensionNumbers: rows.gather, sliceSizes: [1, 4] }),
  (d) => [plain([3, 4], d), some],
  'filled',
)
both(
  'gather',
  all,
  (x, i) => lax.gather(x!, i!, { dimensionNumbers: rows.gather, sliceSizes: [1, 4], mode: 'promiseInBounds' }),
  (d) => [plain([3, 4], d), inside],
  'in bounds',
)

// ── scatter ────────────────────────────────────────────────────────────────

const scatters = {
  scatter: lax.scatter,
  scatter_add: lax.scatterAdd,
  scatter_mul: lax.scatterMul,
  scatter_min: lax.scatterMin,
  scatter_max: lax.scatterMax,
} as const
for (const [name, f] of Object.entries(scatters)) {
  const dtypes = name === 'scatter' ? all : numbers
  const smooth = name !== 'scatter_mul'
  for (const mode of ['clip', 'drop'] as const) {
    const put = (
      note: string,
      dimensionNumbers: lax.ScatterDimensionNumbers,
      shapes: readonly (readonly number[])[],
      indices: NDArray,
    ): void => {
      const operands = (d: DType): NDArray[] => [plain(shapes[0]!, d), indices, plain(shapes[1]!, d, 2)]
      const call: Call = (x, i, u) => f(x!, i!, u!, { dimensionNumbers, mode })
      add(name, dtypes, call, operands, `${note} ${mode}`, smooth ? operands : undefined)
    }
    put('rows', rows.scatter, [[3, 4], [6, 4]], some) // biome-ignore format: one line
    put('entries', entries.scatter, [[3, 4], [6]], pairs) // biome-ignore format: one line
    put('windows', windows.scatter, [[3, 3, 4], [2, 5, 3, 1]], starts) // biome-ignore format: one line
    put('batches', batches.scatter, [[2, 3, 2], [3, 2, 2]], perBatch) // biome-ignore format: one line
  }
  add(
    name,
    dtypes,
    (x, i, u) => f(x!, i!, u!, { dimensionNumbers: rows.scatter }),
    (d) => [plain([3, 4], d), int32([], [0, 1]), plain([0, 4], d)],
    'nothing',
  )
  add(
    name,
    dtypes,
    (x, i, u) => f(x!, i!, u!, { dimensionNumbers: rows.scatter }),
    (d) => [plain([3, 0], d), int32([0], [1, 1]), plain([1, 0], d)],
    'into nothing',
  )
}
const unique = { dimensionNumbers: rows.scatter, uniqueIndices: true }
both(
  'scatter_mul',
  floats,
  (x, i, u) => lax.scatterMul(x!, i!, u!, unique),
  (d) => [plain([3, 4], d), int32([2, 0], [2, 1]), plain([2, 4], d, 1)],
  'unique',
)
both(
  'scatter',
  floats,
  (x, i, u) => lax.scatter(x!, i!, u!, unique),
  (d) => [plain([3, 4], d), int32([2, 0], [2, 1]), plain([2, 4], d, 1)],
  'unique',
)
for (const name of ['scatter_add', 'scatter_mul', 'scatter_min', 'scatter_max'] as const) {
  const dimensionNumbers = { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }
  if (name === 'scatter_min' || name === 'scatter_max')
    add(
      name,
      floats,
      (x, i, u) => scatters[name](x!, i!, u!, { dimensionNumbers }),
      (d) => [
        arrayOf([1, NaN, 2, Infinity, -Infinity, 3], d),
        int32([0, 1, 2, 2, 3, 4, 9, 5, 5], [9, 1]),
        arrayOf([NaN, 0, 1, 4, -Infinity, Infinity, NaN, 7, NaN], d),
      ],
      'NaN',
    )
  add(
    name,
    integers,
    (x, i, u) => scatters[name](x!, i!, u!, { dimensionNumbers }),
    (d) => [
      edgesOf(d),
      int32(
        edges[d].map((_, k) => (k * 5) % 20),
        [edges[d].length, 1],
      ),
      edgesOf(d),
    ],
    'edges',
  )
}
// Many updates of few entries: the last one remains, whatever the runtime does at once.
add(
  'scatter',
  all,
  (x, i, u) =>
    lax.scatter(x!, i!, u!, {
      dimensionNumbers: { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] },
    }),
  (d) => [
    plain([7], d),
    int32(
      Array.from({ length: 5000 }, (_, k) => (k * k) % 7),
      [5000, 1],
    ),
    plain([5000], d),
  ],
  'many',
)

// ── dynamic slices ─────────────────────────────────────────────────────────

for (const [note, at] of [
  ['inside', [1, 0, 2]],
  ['outside', [5, -7, 2147483647]],
] as const) {
  const [i, j, k] = at.map((s) => int32([s], [])) as [NDArray, NDArray, NDArray]
  for (const [which, sizes] of [
    ['all axes', [1, 2, 2]],
    ['one axis', [2, 3, 3]],
    ['no axis', [2, 3, 4]],
    ['nothing', [2, 0, 4]],
  ] as const) {
    both(
      'dynamic_slice',
      all,
      (x, a, b, c) => lax.dynamicSlice(x!, [a!, b!, c!], sizes),
      (d) => [plain([2, 3, 4], d), i, j, k],
      `${note}, ${which}`,
    )
    both(
      'dynamic_update_slice',
      all,
      (x, u, a, b, c) => lax.dynamicUpdateSlice(x!, u!, [a!, b!, c!]),
      (d) => [plain([2, 3, 4], d), plain(sizes, d, 1), i, j, k],
      `${note}, ${which}`,
    )
  }
}

// ── sort, top_k ────────────────────────────────────────────────────────────

const mixed = (d: DType): NDArray[] => {
  const list = [...edges[d], ...edges[d].toReversed()]
  return [arrayOf([...list, ...list.toReversed()], d, [2, list.length])]
}
const ties = (d: DType): NDArray[] => [
  arrayOf(
    Array.from({ length: 3000 }, (_, i) => (d === 'bool' ? (i * i) % 2 : (i * i) % 17)),
    d,
    [3000],
  ),
]
add('sort', all, (x) => lax.sort(x!), mixed, 'edges')
add('sort', all, (x) => lax.sort([x!, lax.broadcastedIota(x!.shape, 0, 'int32')]), ties, 'ties stay in order')
add('sort', all, (x) => lax.sort(x!, { dimension: 1 }), (d) => [plain([2, 5, 3], d)], 'of an inner axis', (d) => [plain([2, 5, 3], d)]) // biome-ignore format: one line
add(
  'sort',
  all,
  (x, y, z) => lax.sort([x!, y!, z!], { numKeys: 2 }),
  (d) => {
    const key = (k: number): NDArray =>
      arrayOf(
        Array.from({ length: 40 }, (_, i) => [1, 0, isFloat(d) ? NaN : 1][(i * k + (i >> 2)) % 3]!),
        d,
      )
    return [key(1), key(2), plain([40], d)]
  },
  'by two keys',
)
both(
  'sort',
  floats,
  (x, y) => lax.sort([x!, y!]),
  (d) => [plain([4, 5], d), plain([4, 5], d, 1)],
  'two together',
)
for (const shape of [[0, 3], [3, 0], [2, 1]]) add('sort', all, (x) => lax.sort(x!), (d) => [plain(shape, d)], `of ${shape.join()}`) // biome-ignore format: one line
add('top_k', all, (x) => lax.topK(x!, 5), mixed, 'edges')
add('top_k', all, (x) => lax.topK(x!, 100), ties, 'ties stay in order')
both(
  'top_k',
  floats,
  (x) => lax.topK(x!, 2)[0],
  (d) => [plain([3, 4], d)],
  'some',
)
add('top_k', all, (x) => lax.topK(x!, 0), (d) => [plain([3, 4], d)], 'none') // biome-ignore format: one line

// ── cumulative operations ──────────────────────────────────────────────────

const withNaN = (d: DType): NDArray[] => [arrayOf([1, 2, NaN, -Infinity, 3, Infinity, 0.5, 4, -1, 3, 2, 2], d, [2, 6])]
for (const [name, f, dtypes] of [
  ['cumprod', lax.cumprod, numbers],
  ['cummax', lax.cummax, numbers],
  ['cummin', lax.cummin, numbers],
  ['cumlogsumexp', lax.cumlogsumexp, floats],
] as const) {
  both(name, dtypes, (x) => f(x!, 1), (d) => [plain([2, 7, 3], d)], 'seven') // biome-ignore format: one line
  both(name, dtypes, (x) => f(x!, 0, true), (d) => [plain([4, 2], d)], 'reverse') // biome-ignore format: one line
  add(name, floats, (x) => f(x!, 1), withNaN, 'NaN and infinities')
  for (const shape of [[0, 3], [3, 0], [1, 2]]) add(name, dtypes, (x) => f(x!, 0), (d) => [plain(shape, d)], `of ${shape.join()}`) // biome-ignore format: one line
}
for (const [name, f] of [['cumprod', lax.cumprod], ['cummax', lax.cummax], ['cummin', lax.cummin]] as const)
  add(name, integers, (x) => f(x!, 0), (d) => [edgesOf(d).mul(name === 'cumprod' ? 2 : 1).add(name === 'cumprod' ? 1 : 0)], 'edges') // biome-ignore format: one line
