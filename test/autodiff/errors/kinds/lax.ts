import { lax, np } from '@cotangent/autodiff'
import { type Call, type Calls, guessed, options } from '../../../helpers/wrong-kinds.ts'

const x = np.array([[0.5, 0.25, 0.75], [0.2, 0.4, 0.6]]) // biome-ignore format: a matrix
const v = np.array([0.5, 0.25, 0.75])
const n = np.array([[1, 2, 3], [4, 5, 6]], { dtype: 'int32' }) // biome-ignore format: a matrix
const b = x.gt(0.3)
const int = (list: unknown) => np.array(list as never, { dtype: 'int32' })
const image = np.ones([1, 2, 4, 4])
const kernel = np.ones([2, 2, 2, 2])

const convolution = { lhsDilation: [1, 1], rhsDilation: [1, 1], preferredElementType: 'float32' }
const layout = { lhsSpec: [0, 1, 2, 3], rhsSpec: [0, 1, 2, 3], outSpec: [0, 1, 2, 3] }
const gathering = {
  dimensionNumbers: {
    offsetDims: [1],
    collapsedSliceDims: [0],
    startIndexMap: [0],
    operandBatchingDims: [],
    startIndicesBatchingDims: [],
  },
  sliceSizes: [1, 3],
  mode: 'fill',
  fillValue: 0,
  uniqueIndices: false,
  indicesAreSorted: false,
}
const scattering = options({
  dimensionNumbers: {
    updateWindowDims: [1],
    insertedWindowDims: [0],
    scatterDimsToOperandDims: [0],
    operandBatchingDims: [],
    scatterIndicesBatchingDims: [],
  },
  mode: 'drop',
  uniqueIndices: false,
  indicesAreSorted: false,
})
const places = int([[0], [1]])
const scatters = ['scatter', 'scatterAdd', 'scatterMul', 'scatterMin', 'scatterMax'] as const
const running = ['cumsum', 'cumprod', 'cummax', 'cummin', 'cumlogsumexp'] as const
const reductions = ['reduceSum', 'reduceMax', 'reduceMin', 'reduceProd'] as const
const from = (names: readonly (keyof typeof lax)[], ...args: readonly unknown[]): Calls =>
  Object.fromEntries(names.map((name) => [name, [lax[name] as Call, ...args]]))

const written: Calls = {
  round: [lax.round as Call, x, options({ roundingMethod: 'toNearestEven' })],
  selectN: [lax.selectN, b, x, x],
  select: [lax.select, b, x, x],
  convertElementType: [lax.convertElementType, x, 'int32'],
  reshape: [lax.reshape, x, [3, 2]],
  transpose: [lax.transpose, x, [1, 0]],
  rev: [lax.rev, x, [0]],
  concatenate: [lax.concatenate, [x, x], 0],
  take: [lax.take, x, int([0]), 1, 'clip'],
  'take, fill': [lax.take, x, int([0]), 1, { fill: 0 }],
  integerPow: [lax.integerPow, x, 2],
  gather: [lax.gather as Call, x, places, options(gathering)],
  ...from(scatters, x, places, x, scattering),
  'scatterAdd, along an axis': [lax.scatterAdd as Call, int([0, 1]), x, 0, 3],
  dynamicSlice: [lax.dynamicSlice, x, [0, 0], [1, 1]],
  dynamicUpdateSlice: [lax.dynamicUpdateSlice, x, x, [0, 0]],
  dynamicSliceInDim: [lax.dynamicSliceInDim, x, 0, 1, 0],
  dynamicIndexInDim: [lax.dynamicIndexInDim, x, 0, 0, true],
  indexInDim: [lax.indexInDim, x, 0, 0, true],
  dynamicUpdateSliceInDim: [lax.dynamicUpdateSliceInDim, x, x, 0, 0],
  dynamicUpdateIndexInDim: [lax.dynamicUpdateIndexInDim, x, v, 0, 0],
  ...from(reductions, x, [0]),
  ...from(['reduceAnd', 'reduceOr'], b, [0]),
  reduceXor: [lax.reduceXor, n, [0]],
  reduce: [lax.reduce as Call, x, 0, 'add', [0]],
  'reduce, a function': [
    lax.reduce as Call,
    [x, x],
    [0, 0],
    (a: [typeof x], c: [typeof x]) => [np.add(a[0], c[0]), c[0]],
    [0],
  ],
  reduceWindow: [
    lax.reduceWindow as Call,
    x,
    0,
    'add',
    [1, 2],
    [1, 1],
    'VALID',
    options({ baseDilation: [1, 1], windowDilation: [1, 1] }),
  ],
  'reduceWindow, pairs': [
    lax.reduceWindow as Call,
    x,
    0,
    (a: typeof x, c: typeof x) => lax.max(a, c),
    [1, 2],
    [1, 1],
    [
      [0, 0],
      [1, 1],
    ],
  ],
  associativeScan: [
    lax.associativeScan as Call,
    (a: typeof x, c: typeof x) => np.add(a, c),
    x,
    options({ reverse: false, axis: 0 }),
  ],
  sort: [lax.sort as Call, x, options({ dimension: 0, isStable: true, numKeys: 1 })],
  'sort, several': [lax.sort as Call, [x, n], options({ dimension: 0, isStable: true, numKeys: 2 })],
  sortKeyVal: [lax.sortKeyVal, x, n, options({ dimension: 0, isStable: true })],
  topK: [lax.topK, x, 2, options({ axis: 1 })],
  conv: [lax.conv as Call, image, kernel, [1, 1], 'SAME', options({ preferredElementType: 'float32' })],
  convGeneralDilated: [
    lax.convGeneralDilated as Call,
    image,
    kernel,
    [1, 1],
    [
      [0, 1],
      [1, 0],
    ],
    options({ ...convolution, dimensionNumbers: ['NCHW', 'OIHW', 'NCHW'], featureGroupCount: 1, batchGroupCount: 1 }),
  ],
  'convGeneralDilated, by numbers': [
    lax.convGeneralDilated as Call,
    image,
    kernel,
    [1, 1],
    'VALID',
    options({ dimensionNumbers: layout }),
  ],
  convGeneralDilatedPatches: [
    lax.convGeneralDilatedPatches as Call,
    image,
    [2, 2],
    [1, 1],
    'SAME',
    options({ ...convolution, dimensionNumbers: layout }),
  ],
  convTranspose: [
    lax.convTranspose as Call,
    np.ones([1, 4, 4, 2]),
    kernel,
    [1, 1],
    'SAME',
    options({
      rhsDilation: [1, 1],
      dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'],
      transposeKernel: false,
      preferredElementType: 'float32',
      useConsistentPadding: true,
    }),
  ],
  convWithGeneralPadding: [
    lax.convWithGeneralPadding as Call,
    image,
    kernel,
    [1, 1],
    [
      [0, 0],
      [0, 0],
    ],
    options(convolution),
  ],
  convDimensionNumbers: [lax.convDimensionNumbers as Call, [1, 2, 4, 4], [2, 2, 2, 2], ['NCHW', 'OIHW', 'NCHW']],
  'convDimensionNumbers, numbers': [lax.convDimensionNumbers as Call, [1, 2, 4, 4], [2, 2, 2, 2], layout],
  padtypeToPads: [lax.padtypeToPads, [4, 4], [2, 2], [1, 1], 'SAME'],
  fft: [lax.fft, x.astype('complex64'), 'FFT', [3]],
  'fft, real': [lax.fft, x, 'RFFT', [3]],
  cond: [lax.cond as Call, true, (y: typeof x) => y, (y: typeof x) => np.negative(y), x],
  switch: [lax.switch as Call, 0, [(y: typeof x) => y, (y: typeof x) => np.negative(y)], x],
  whileLoop: [lax.whileLoop as Call, (i: typeof x) => np.less(i, 3), (i: typeof x) => np.add(i, 1), np.array(0)],
  foriLoop: [lax.foriLoop as Call, 0, 3, (_: typeof x, y: typeof x) => np.multiply(y, 2), x, options({ unroll: 1 })],
  'foriLoop, unrolled': [
    lax.foriLoop as Call,
    0,
    3,
    (_: typeof x, y: typeof x) => np.multiply(y, 2),
    x,
    options({ unroll: true }),
  ],
  scan: [
    lax.scan as Call,
    (c: typeof x, y: typeof x) => [np.add(c, y), y],
    0,
    v,
    options({ length: 3, reverse: false, unroll: 1 }),
  ],
  map: [lax.map as Call, (y: typeof x) => np.multiply(y, 2), v, options({ batchSize: 2 })],
  stopGradient: [lax.stopGradient as Call, { x }],
  optimizationBarrier: [lax.optimizationBarrier as Call, { x }],
  full: [lax.full as Call, [2], 1, 'float32'],
  fullLike: [lax.fullLike as Call, x, 1, 'float32', [2]],
  broadcast: [lax.broadcast, x, [2]],
  broadcastInDim: [lax.broadcastInDim, x, [4, 2, 3], [1, 2]],
  broadcastToRank: [lax.broadcastToRank, x, 3],
  broadcastShapes: [lax.broadcastShapes as Call, [2, 1], [3]],
  expandDims: [lax.expandDims, x, [0]],
  squeeze: [lax.squeeze, x.reshape([1, 2, 3]), [0]],
  stack: [lax.stack as Call, [x, x], 0],
  tile: [lax.tile, x, [1, 2]],
  unstack: [lax.unstack as Call, x, 0],
  split: [lax.split as Call, x, [1, 2], 1],
  collapse: [lax.collapse, x, 0, 2],
  dot: [
    lax.dot as Call,
    x,
    x.transpose(),
    options({
      dimensionNumbers: [
        [[1], [0]],
        [[], []],
      ],
    }),
  ],
  batchMatmul: [lax.batchMatmul, np.ones([2, 2, 3]), np.ones([2, 3, 2])],
  pad: [lax.pad as Call, v, 0, [[0, 1, 0]]],
  'pad, by name': [lax.pad as Call, v, 0, { low: [0], high: [1], interior: [0] }],
  slice: [lax.slice as Call, x, [0, 0], [1, 2], [1, 1]],
  'slice, by name': [lax.slice as Call, x, { starts: [0, 0], limits: [1, 2], strides: [1, 1] }],
  sliceInDim: [lax.sliceInDim as Call, x, 0, 1, 1, 0],
  broadcastedIota: [lax.broadcastedIota as Call, 'int32', [2, 3], 0],
  'broadcastedIota, shape first': [lax.broadcastedIota as Call, [2, 3], 0, 'int32'],
  iota: [lax.iota as Call, 'int32', 3],
  dotGeneral: [
    lax.dotGeneral as Call,
    x,
    x,
    [
      [[1], [1]],
      [[], []],
    ],
    options({ preferredElementType: 'float32' }),
  ],
  'dotGeneral, by name': [lax.dotGeneral as Call, x, x, { contract: [[1], [1]], batch: [[0], [0]] }],
  reducePrecision: [lax.reducePrecision as Call, x, 5, 10],
  'reducePrecision, by name': [lax.reducePrecision as Call, x, options({ exponentBits: 5, mantissaBits: 10 })],
  ...from(running, x, 0, true),
  ...Object.fromEntries(
    running.map((name) => [`${name}, by name`, [lax[name], x, 0, options({ reverse: true })]] as const),
  ),
  ...from(['argmax', 'argmin'], x, 0, 'int32'),
}

const operands = [[x], [n], [b], [x, x], [n, n], [x, x, x], [x.astype('complex64')]]
const others = Object.entries(lax as unknown as Record<string, unknown>).flatMap(([name, f]) => {
  const call = typeof f === 'function' && !(name in written) ? guessed(f as Call, operands) : undefined
  return call === undefined ? [] : [[name, call] as const]
})

export const laxCalls: Calls = { ...written, ...Object.fromEntries(others) }
