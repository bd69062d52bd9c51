import { allocate, type DType, isBig, type TypedArray } from '../array/dtype.ts'
import { bigMatmul } from './big.ts'
import { convolveByPhases } from './convolution-phases.ts'
import { matmul } from './matmul.ts'
import { type WindowAxis, windowCount, windowOffsets } from './window.ts'

export interface ConvolutionSizes {
  readonly batch: number
  readonly groups: number
  /** Features of the operand and of the result, in each group. */
  readonly inputs: number
  readonly outputs: number
  readonly axes: readonly WindowAxis[]
}

/** The most elements of the matrix of patches that is made at once. */
const PATCH_ELEMENTS = 1 << 21

/**
 * `[batch, groups·inputs, …] ⋆ [groups·outputs, inputs, …window]`, as products of the kernel with matrices of patches:
 * one column a window, of as many windows (and entries of the batch) as fit.
 */
export function convolve(x: TypedArray, kernel: TypedArray, dtype: DType, sizes: ConvolutionSizes): TypedArray {
  const { batch, groups, inputs, outputs, axes } = sizes
  const windows = axes.reduce((product, axis) => product * windowCount(axis), 1)
  const taps = axes.reduce((product, axis) => product * axis.size, 1)
  const space = axes.reduce((product, axis) => product * axis.n, 1)
  const out = allocate(dtype, batch * groups * outputs * windows)
  const depth = inputs * taps
  if (out.length === 0 || depth === 0) return out
  if (axes.some((axis) => axis.baseDilation > 1)) return convolveByPhases(x, kernel, dtype, sizes, convolve)
  const width = Math.max(64, Math.min(4096, Math.floor(PATCH_ELEMENTS / depth)))
  const entries = Math.max(1, Math.floor(width / windows))
  for (let from = 0; from < windows; from += width) {
    const count = Math.min(width, windows - from)
    const offsets = windowOffsets(axes, from, from + count)
    for (let first = 0; first < batch; first += entries) {
      const size = Math.min(entries, batch - first)
      const patches = allocate(dtype, depth * size * count)
      for (let group = 0; group < groups; group++) {
        for (let entry = 0; entry < size; entry++) {
          const start = ((first + entry) * groups + group) * inputs * space
          for (let input = 0; input < inputs; input++) {
            for (let tap = 0; tap < taps; tap++) {
              const to = ((input * taps + tap) * size + entry) * count
              fillRow(patches, to, x, start + input * space, offsets, tap * count, count)
            }
          }
        }
        const weights = kernel.subarray(group * outputs * depth, (group + 1) * outputs * depth)
        const sizes = { batch: 1, m: outputs, k: depth, n: size * count }
        const product = isBig(dtype)
          ? bigMatmul(weights, patches, dtype, sizes)
          : matmul(weights, patches, dtype, sizes)
        for (let output = 0; output < outputs; output++) {
          for (let entry = 0; entry < size; entry++) {
            const row = (output * size + entry) * count
            const to = (((first + entry) * groups + group) * outputs + output) * windows + from
            out.set(product.subarray(row, row + count), to)
          }
        }
      }
    }
  }
  return out
}

/** One entry of the window, over all windows; what lies in the padding stays 0. */
function fillRow(
  patches: TypedArray,
  to: number,
  x: TypedArray,
  start: number,
  offsets: Int32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const offset = offsets[from + i] as number
    if (offset >= 0) patches[to + i] = x[start + offset] as number
  }
}
