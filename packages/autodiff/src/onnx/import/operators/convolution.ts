import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'
import { pairsOf, spaceOf, windowsOf } from './windows.ts'

/** A number for each feature, beside a batch of features with spatial axes. */
export const perFeature = (x: NDArray, rank: number): NDArray => x.reshape([1, x.size, ...range(rank - 2).map(() => 1)])

const withBias = (y: NDArray, bias: NDArray | undefined): NDArray =>
  bias === undefined ? y : y.add(perFeature(bias, y.ndim))

function convolution(node: Node): NDArray {
  const [x, w] = [node.input(0), node.input(1)]
  const space = spaceOf(node, x.shape)
  if (w.ndim !== x.ndim) throw node.error(`the kernel has ${w.ndim} axes, the operand ${x.ndim}`)
  const { strides, dilations, padding } = windowsOf(node, space, w.shape.slice(2))
  const y = lax.convGeneralDilated(x, w, strides, padding, {
    rhsDilation: dilations,
    featureGroupCount: node.int('group', 1),
  })
  return withBias(y, node.inputs[2])
}

/** The gradient of a convolution: a convolution of the operand, its entries `strides` apart, with the kernel turned round. */
function transposed(node: Node): NDArray {
  const [x, w] = [node.input(0), node.input(1)]
  const space = spaceOf(node, x.shape)
  if (w.ndim !== x.ndim) throw node.error(`the kernel has ${w.ndim} axes, the operand ${x.ndim}`)
  const rank = space.length
  const groups = node.int('group', 1)
  const [features, perGroup] = [w.shape[0]!, w.shape[1]!]
  if (groups < 1 || features % groups !== 0) throw node.error(`${features} features fall into no ${groups} groups`)
  const kernel = w.shape.slice(2)
  const zeros = range(rank).map(() => 0)
  const extra = node.ints('output_padding') ?? zeros
  const { strides, dilations, padding } = windowsOf(node, space, kernel)
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]!)
  const pads = transposedPads(node, { space, strides, reach, extra, padding })
  // [in, out / groups, …] as [out, in / groups, …].
  const turned = np
    .flip(w, { axis: range(rank).map((i) => i + 2) })
    .reshape([groups, features / groups, perGroup, ...kernel])
  const oihw = np.swapaxes(turned, 1, 2).reshape([groups * perGroup, features / groups, ...kernel])
  const around = pads.map(([low, high], i): [number, number] => [reach[i]! - low, reach[i]! - high + extra[i]!])
  space.forEach((n, i) => node.shape([Math.max(0, (n - 1) * strides[i]! + 1 + around[i]![0] + around[i]![1])]))
  const y = lax.convGeneralDilated(
    x,
    oihw,
    zeros.map(() => 1),
    around,
    {
      lhsDilation: strides,
      rhsDilation: dilations,
      featureGroupCount: groups,
    },
  )
  return withBias(y, node.inputs[2])
}

interface Transposed {
  readonly space: readonly number[]
  readonly strides: readonly number[]
  readonly reach: readonly number[]
  readonly extra: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
}

/** From the shape of the output, where it is given or follows from auto_pad. */
function transposedPads(node: Node, { space, strides, reach, extra, padding }: Transposed): [number, number][] {
  const auto = node.string('auto_pad', 'NOTSET')
  const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER'
  const wanted = node.ints('output_shape') ?? (same ? space.map((n, i) => n * strides[i]!) : undefined)
  if (wanted === undefined) return auto === 'VALID' ? pairsOf(node, [], space.length) : padding.map(([a, b]) => [a, b])
  const sizes = wanted.slice(-space.length)
  return space.map((n, i) => {
    const total = strides[i]! * (n - 1) + extra[i]! + reach[i]! + 1 - sizes[i]!
    // What is lacking is added at the end.
    const [cut, lacking] = [Math.max(0, total), Math.max(0, -total)]
    const half = Math.floor(cut / 2)
    return auto === 'SAME_UPPER' ? [half, cut - half - lacking] : [cut - half, half - lacking]
  })
}

export const convolutions: Readonly<Record<string, Operator>> = {
  Conv: convolution,
  ConvTranspose: transposed,
}
