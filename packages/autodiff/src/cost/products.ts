import { sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { Params } from '../core/primitive.ts'
import type { ConvolutionParams } from '../primitives/convolution-layout.ts'
import type { DotParams } from '../primitives/dot.ts'
import type { WindowParams } from '../primitives/window-params.ts'

/** A product and an addition for each pair of numbers. */
export function dotGeneral([x]: readonly Aval[], [y]: readonly Aval[], params: Params): number {
  const { contract } = params as DotParams
  return 2 * sizeOf(y!.shape) * sizeOf(contract[0].map((axis) => x!.shape[axis]!))
}

/** The same of a convolution; products with padding and with the gaps of dilation do not count. */
export function convolution([x, w]: readonly Aval[], [y]: readonly Aval[], params: Params): number {
  const { strides, padding, lhsDilation, rhsDilation } = params as ConvolutionParams
  const [batch, features] = y!.shape as [number, number]
  const perGroup = w!.shape[1] as number
  const pairs = strides.map((stride, i) => {
    const axis = i + 2
    return pairsAlong({
      length: x!.shape[axis]!,
      window: w!.shape[axis]!,
      results: y!.shape[axis]!,
      stride,
      low: padding[i]![0],
      gaps: lhsDilation[i]!,
      windowGaps: rhsDilation[i]!,
    })
  })
  return 2 * batch * features * perGroup * sizeOf(pairs)
}

interface AxisOfWindow {
  readonly length: number
  readonly window: number
  readonly results: number
  readonly stride: number
  readonly low: number
  readonly gaps: number
  readonly windowGaps: number
}

/** How many pairs of a result and an entry of the window meet a number of the array, along one axis. */
function pairsAlong({ length, window, results, stride, low, gaps, windowGaps }: AxisOfWindow): number {
  const reach = (length - 1) * gaps
  let count = 0
  for (let entry = 0; entry < window; entry++) {
    const offset = entry * windowGaps - low
    if (gaps === 1) {
      // Results r with 0 ≤ r · stride + offset ≤ reach.
      const first = Math.max(0, Math.ceil(-offset / stride))
      const last = Math.min(results - 1, Math.floor((reach - offset) / stride))
      count += Math.max(0, last - first + 1)
      continue
    }
    for (let r = 0; r < results; r++) {
      const at = r * stride + offset
      if (at >= 0 && at <= reach && at % gaps === 0) count++
    }
  }
  return count
}

/** The entries of a window. */
export const windowEntries = (params: Params): number => sizeOf((params as WindowParams).dimensions)
