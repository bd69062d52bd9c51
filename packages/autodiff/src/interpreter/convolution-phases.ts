import { allocate, type DType, type TypedArray } from '../array/dtype.ts'
import { range, sizeOf } from '../array/shape.ts'
import type { ConvolutionSizes } from './convolution.ts'
import { dilated, type WindowAxis, windowCount } from './window.ts'

/** Windows on one axis that meet the same entries of the window, as windows on an axis whose entries stand close. */
interface Phase {
  readonly axis: WindowAxis
  /** The places of the windows and of the entries of the window among all. */
  readonly windows: readonly number[]
  readonly taps: readonly number[]
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const steps = (from: number, to: number, by: number): number[] =>
  range(Math.max(0, Math.ceil((to - from) / by))).map((i) => from + i * by)

/** Which entries of the operand a window meets repeats after some windows, and after some of its entries. */
function phasesOf(axis: WindowAxis): Phase[] {
  const { n, size, stride, low, baseDilation, windowDilation } = axis
  const count = windowCount(axis)
  const period = baseDilation / gcd(stride, baseDilation)
  const tapPeriod = baseDilation / gcd(windowDilation, baseDilation)
  return range(Math.min(period, count)).flatMap((first): Phase[] => {
    const at = (tap: number): number => (first * stride - low + tap * windowDilation) / baseDilation
    const start = range(Math.min(tapPeriod, size)).find((tap) => Number.isInteger(at(tap)))
    if (start === undefined) return []
    const [windows, taps] = [steps(first, count, period), steps(start, size, tapPeriod)]
    const close = {
      n,
      size: taps.length,
      stride: (period * stride) / baseDilation,
      low: -at(start),
      baseDilation: 1,
      windowDilation: (tapPeriod * windowDilation) / baseDilation,
    }
    const reach = (windows.length - 1) * close.stride + dilated(close.size, close.windowDilation)
    return [{ axis: { ...close, high: reach - close.low - n }, windows, taps }]
  })
}

/** Row-major places in the whole of what is chosen on each axis. */
const placesOf = (chosen: readonly (readonly number[])[], sizes: readonly number[]): number[] =>
  chosen.reduce<number[]>((places, on, i) => places.flatMap((p) => on.map((k) => p * sizes[i]! + k)), [0])

type Convolve = (x: TypedArray, kernel: TypedArray, dtype: DType, sizes: ConvolutionSizes) => TypedArray

/**
 * A convolution of an operand whose entries stand apart, as the gradient of one with strides is: each window meets few
 * of the operand's entries, and those that meet the same entries of the window are a convolution of their own.
 */
export function convolveByPhases(
  x: TypedArray,
  kernel: TypedArray,
  dtype: DType,
  sizes: ConvolutionSizes,
  convolve: Convolve,
): TypedArray {
  const { batch, groups, inputs, outputs, axes } = sizes
  const counts = axes.map(windowCount)
  const windows = sizeOf(counts)
  const window = axes.map((axis) => axis.size)
  const taps = sizeOf(window)
  const out = allocate(dtype, batch * groups * outputs * windows)
  const all = axes
    .map(phasesOf)
    .reduce<Phase[][]>((some, phases) => some.flatMap((before) => phases.map((phase) => [...before, phase])), [[]])
  for (const phases of all) {
    const chosen = placesOf(
      phases.map((p) => p.taps),
      window,
    )
    const rows = groups * outputs * inputs
    const part = allocate(dtype, rows * chosen.length)
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < chosen.length; i++) part[row * chosen.length + i] = kernel[row * taps + chosen[i]!]!
    }
    const result = convolve(x, part, dtype, { ...sizes, axes: phases.map((p) => p.axis) })
    const places = placesOf(
      phases.map((p) => p.windows),
      counts,
    )
    for (let row = 0; row < batch * groups * outputs; row++) {
      for (let i = 0; i < places.length; i++) out[row * windows + places[i]!] = result[row * places.length + i]!
    }
  }
  return out
}
