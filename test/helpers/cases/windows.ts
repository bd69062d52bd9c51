import { lax, type NDArray } from '@cotangent/autodiff'
import { bind } from '../../../packages/autodiff/src/core/trace.ts'
import type { SelectParams } from '../../../packages/autodiff/src/primitives/window-params.ts'
import {
  selectAndGatherAddPrimitive,
  selectAndScatterAddPrimitive,
} from '../../../packages/autodiff/src/primitives/windows.ts'
import { arrayOf, caseList, edgesOf, floats, integers, numbers, pairsOf, plain } from './operands.ts'
import type { DType } from '@cotangent/autodiff/array'

const { cases, add } = caseList()
export const windowCases = cases

// ── convolutions ───────────────────────────────────────────────────────────

type Convolution = readonly [
  note: string,
  lhs: readonly number[],
  rhs: readonly number[],
  strides: readonly number[],
  padding: lax.Padding,
  options?: lax.ConvolutionOptions,
]
const convolutions: readonly Convolution[] = [
  ['few large windows', [4, 2, 6, 5], [3, 2, 5, 4], [1, 1], 'VALID'],
  ['few large windows, apart and padded', [9, 1, 9, 3], [2, 1, 3, 4], [2, 1], [[1, -1], [0, 1]], { rhsDilation: [2, 1], lhsDilation: [1, 2] }],
  ['1-D', [2, 3, 7], [4, 3, 2], [1], 'SAME'],
  ['2-D, strides', [2, 3, 7, 6], [4, 3, 3, 2], [2, 3], 'SAME'],
  ['2-D, strides that leave entries over', [1, 2, 8, 6], [2, 2, 3, 2], [3, 4], 'VALID'],
  ['3-D', [1, 2, 3, 4, 3], [3, 2, 2, 2, 3], [1, 2, 1], 'SAME_LOWER'],
  ['NHWC', [2, 5, 4, 3], [3, 2, 3, 4], [1, 1], 'SAME', { dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'] }],
  ['padding', [1, 2, 4], [2, 2, 3], [2], [[5, 4]]],
  ['cutting', [1, 2, 7], [2, 2, 3], [1], [[-2, 1]]],
  ['dilated kernel', [1, 2, 8, 7], [2, 2, 2, 3], [1, 2], 'VALID', { rhsDilation: [3, 2] }],
  ['dilated operand', [1, 2, 4, 3], [2, 2, 3, 2], [1, 1], [[2, 2], [1, 1]], { lhsDilation: [2, 3] }],
  ['dilated operand, less padding', [2, 2, 4], [2, 2, 3], [1], [[1, 0]], { lhsDilation: [2] }],
  ['dilated operand, an odd end', [2, 2, 4], [2, 2, 3], [1], [[2, 3]], { lhsDilation: [2] }],
  ['dilated operand, more padding', [1, 2, 4], [2, 2, 2], [1], [[4, 5]], { lhsDilation: [2] }],
  ['dilated operand, strides and cutting', [1, 2, 4], [2, 2, 3], [2], [[-1, 2]], { lhsDilation: [3], rhsDilation: [2] }],
  ['dilated operand, groups', [1, 4, 3, 2], [6, 2, 2, 2], [1, 1], [[1, 1], [0, 1]], { lhsDilation: [2, 2], featureGroupCount: 2 }],
  ['dilated operand, 3-D', [1, 2, 2, 2, 2], [2, 2, 2, 1, 2], [1, 1, 1], [[1, 1], [0, 0], [1, 1]], { lhsDilation: [2, 1, 2] }],
  ['both dilated', [1, 2, 3], [2, 2, 3], [1], [[3, 2]], { lhsDilation: [2], rhsDilation: [2] }],
  ['groups', [2, 4, 5], [6, 2, 3], [1], 'SAME', { featureGroupCount: 2 }],
  ['depthwise', [1, 3, 5, 4], [6, 1, 2, 2], [2, 1], 'SAME', { featureGroupCount: 3 }],
  ['groups of the batch', [4, 2, 5], [6, 2, 2], [2], [[1, 0]], { batchGroupCount: 2 }],
  ['no spatial axes', [3, 4], [2, 4], [], []],
  ['four spatial axes', [1, 1, 2, 3, 2, 2], [2, 1, 2, 1, 2, 1], [1, 1, 1, 2], 'VALID'],
  ['a long window', [1, 1, 70], [2, 1, 60], [1], [[3, 0]]],
  ['a window of one', [1, 3, 4, 4], [2, 3, 1, 1], [1, 1], 'VALID'],
  ['no windows', [1, 1, 2], [1, 1, 5], [1], 'VALID'],
  ['no batch', [0, 2, 4], [3, 2, 2], [1], 'VALID'],
  ['no features', [2, 0, 4], [3, 0, 2], [1], 'VALID'],
] // biome-ignore format: a table
for (const [note, lhs, rhs, strides, padding, options] of convolutions) {
  const operands = (d: DType): NDArray[] => [plain(lhs, d), plain(rhs, d, 1)]
  const smooth = lhs.includes(0) || note === 'no windows' ? undefined : operands
  add(
    'conv_general_dilated',
    numbers,
    (x, w) => lax.convGeneralDilated(x!, w!, strides, padding, options),
    operands,
    note,
    smooth,
  )
}
add(
  'conv_general_dilated',
  integers,
  (x, w) => lax.convGeneralDilated(x!.reshape([1, 1, -1]), w!.reshape([-1, 1, 1]).slice([0, 5]), [1], 'VALID'),
  (d) => pairsOf(d),
  'wrapping',
)

// ── windows ────────────────────────────────────────────────────────────────

type Windows = readonly [
  note: string,
  shape: readonly number[],
  dimensions: readonly number[],
  strides: readonly number[],
  padding: lax.Padding,
  options?: lax.ReduceWindowOptions,
]
const windows: readonly Windows[] = [
  ['plain', [4, 5], [2, 2], [1, 1], 'VALID'],
  ['strides and padding', [2, 5, 6, 3], [1, 3, 2, 1], [1, 2, 2, 1], 'SAME'],
  ['side by side', [2, 5, 7], [1, 2, 3], [1, 2, 3], [[0, 0], [1, 0], [0, -1]]],
  ['cutting', [6, 5], [3, 2], [2, 2], [[-1, 2], [1, -1]]],
  ['dilated', [4, 3], [3, 2], [1, 2], [[1, 1], [0, 2]], { baseDilation: [2, 1], windowDilation: [1, 2] }],
  ['a long window', [30], [11], [2], [[3, 4]]],
  ['a window of the whole axis', [3, 8], [1, 8], [1, 1], 'VALID'],
  ['beside the operand', [3], [2], [2], [[3, 3]]],
  ['no windows', [3, 2], [4, 1], [1, 1], 'VALID'],
  ['empty', [0, 3], [1, 2], [1, 1], 'VALID'],
] // biome-ignore format: a table
for (const [name, computation, init] of [
  ['reduce_window_sum', lax.add, 0],
  ['reduce_window_max', lax.max, -Infinity],
  ['reduce_window_min', lax.min, Infinity],
] as const) {
  for (const [note, shape, dimensions, strides, padding, options] of windows) {
    const operands = (d: DType): NDArray[] => [plain(shape, d)]
    const smooth = shape.includes(0) || note === 'no windows' || note === 'beside the operand' ? undefined : operands
    add(
      name,
      numbers,
      (x) => lax.reduceWindow(x!, init, computation, dimensions, strides, padding, options),
      operands,
      note,
      smooth,
    )
  }
  add(
    name,
    floats,
    (x) => lax.reduceWindow(x!, init, computation, [3], [1], 'SAME'),
    (d) => [arrayOf([1, NaN, 3, 2, 5, Infinity, 1, -Infinity, -Infinity, -Infinity, 0, 0, 0], d)],
    'NaN and infinities',
  )
  add(
    name,
    integers,
    (x) => lax.reduceWindow(x!, init, computation, [2], [1], [[1, 0]]),
    (d) => [edgesOf(d)],
    'wrapping',
  )
}

// ── what the extremes of windows pass on ───────────────────────────────────

const params = (n: number, select: 'max' | 'min', padding: [number, number], baseDilation = 1): SelectParams => ({
  dimensions: [1, n],
  strides: [1, 2],
  padding: [[0, 0], padding],
  baseDilation: [1, baseDilation],
  windowDilation: [1, baseDilation === 1 ? 2 : 1],
  select,
})
const blocks = (select: 'max' | 'min'): SelectParams => ({
  ...params(2, select, [-1, 1]),
  windowDilation: [1, 1],
})
for (const select of ['max', 'min'] as const) {
  add(
    'select_and_scatter_add',
    floats,
    (v, x) => bind(selectAndScatterAddPrimitive, [v!, x!], blocks(select))[0]!,
    (d) => [plain([2, 3], d), arrayOf([5, 1, 1, NaN, 3, -Infinity, 2, 0, 2, 2, 2, 1, Infinity, -Infinity], d, [2, 7])],
    `${select}, side by side`,
    (d) => [plain([2, 3], d), plain([2, 7], d, 2)],
  )
  for (const [note, padding, dilation] of [
    ['padding', [1, 2], 1],
    ['cutting', [-1, 0], 1],
    ['dilated', [2, 1], 2],
  ] as const) {
    const p = params(3, select, [...padding], dilation)
    const ties = (d: DType): NDArray => arrayOf([1, 1, 2, 2, 1, 0, 0, 1, NaN, 3, 3, NaN, NaN, -Infinity], d, [2, 7])
    const count = Math.floor((padding[0] + padding[1] + (dilation === 1 ? 7 - 5 : 13 - 3)) / 2) + 1
    add(
      'select_and_gather_add',
      floats,
      (v, x) => bind(selectAndGatherAddPrimitive, [v!, x!], p)[0]!,
      (d) => [plain([2, 7], d), ties(d)],
      `${select}, ${note}`,
      (d) => [plain([2, 7], d), plain([2, 7], d, 2)],
    )
    add(
      'select_and_scatter_add',
      floats,
      (v, x) => bind(selectAndScatterAddPrimitive, [v!, x!], p)[0]!,
      (d) => [plain([2, count], d), ties(d)],
      `${select}, ${note}`,
      (d) => [plain([2, count], d), plain([2, 7], d, 2)],
    )
  }
}
