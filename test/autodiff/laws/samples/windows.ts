import { isFloat } from '@cotangent/autodiff/array'
import fc from 'fast-check'
import { floats, numbers } from '../../../helpers/dtypes.ts'
import { dilated, windowPositions } from '../../../../packages/autodiff/src/interpreter/window.ts'
import { operand, type Samples } from './shared.ts'

/** Operand and window of one axis, which fit each other. */
interface Axis {
  readonly n: number
  readonly size: number
  readonly stride: number
  readonly low: number
  readonly high: number
  readonly base: number
  readonly window: number
}

const axis: fc.Arbitrary<Axis> = fc
  .record({
    n: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    low: fc.integer({ min: -1, max: 2 }),
    high: fc.integer({ min: -1, max: 2 }),
    base: fc.integer({ min: 1, max: 2 }),
    window: fc.integer({ min: 1, max: 2 }),
  })
  .filter(({ n, base, low, high }) => low + dilated(n, base) + high >= 0)

/** Whether each window holds an entry of the operand: the maximum of padding alone is −∞, which has no differences. */
const isFilled = (a: Axis): boolean => {
  const positions = windowPositions({ ...a, baseDilation: a.base, windowDilation: a.window })
  const count = counts(a)
  return Array.from({ length: count }, (_, i) => i).every((i) => positions.some((at, j) => at >= 0 && j % count === i))
}

const axes = (maxRank: number): fc.Arbitrary<Axis[]> => fc.array(axis, { minLength: 0, maxLength: maxRank })
const counts = ({ n, size, stride, low, high, base, window }: Axis): number => {
  const space = low + dilated(n, base) + high - dilated(size, window)
  return space < 0 ? 0 : Math.floor(space / stride) + 1
}
const small = fc.integer({ min: 1, max: 2 })

const convolution: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc.tuple(axes(2), small, small, small, small).map(([list, batch, groups, inputs, outputs]) => ({
      params: {
        strides: list.map((a) => a.stride),
        padding: list.map((a) => [a.low, a.high]),
        lhsDilation: list.map((a) => a.base),
        rhsDilation: list.map((a) => a.window),
        groups,
      },
      operands: [
        operand([batch, groups * inputs, ...list.map((a) => a.n)], dtype),
        operand([groups * outputs, inputs, ...list.map((a) => a.size)], dtype),
      ],
    })),
}

const windowParams = (list: readonly Axis[]): Record<string, unknown> => ({
  dimensions: list.map((a) => a.size),
  strides: list.map((a) => a.stride),
  padding: list.map((a) => [a.low, a.high]),
  baseDilation: list.map((a) => a.base),
  windowDilation: list.map((a) => a.window),
})

const windows = (distinct: boolean): Samples => ({
  dtypes: numbers,
  of: (dtype) =>
    (distinct ? fc.array(axis.filter(isFilled), { maxLength: 2 }) : axes(2)).map((list) => ({
      params: windowParams(list),
      operands: [
        operand(
          list.map((a) => a.n),
          dtype,
          distinct && isFloat(dtype) ? { distinct } : {},
        ),
      ],
    })),
})

const selection = (scattered: boolean): Samples => ({
  dtypes: floats,
  of: (dtype) =>
    fc.tuple(axes(2), fc.constantFrom('max', 'min')).map(([list, select]) => ({
      params: { ...windowParams(list), select },
      operands: [
        operand(list.map(scattered ? counts : (a) => a.n), dtype), // biome-ignore format: one call
        operand(
          list.map((a) => a.n),
          dtype,
          { distinct: true },
        ),
      ],
    })),
})

export const windowSamples: Readonly<Record<string, Samples>> = {
  conv_general_dilated: convolution,
  reduce_window_max: windows(true),
  reduce_window_min: windows(true),
  reduce_window_sum: windows(false),
  select_and_gather_add: selection(false),
  select_and_scatter_add: selection(true),
}
