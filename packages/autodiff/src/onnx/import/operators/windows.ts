import { range } from '../../../array/shape.ts'
import type { Node } from '../node.ts'

/** How windows move over the spatial axes. */
export interface Windows {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Before and after each axis; negative ones cut. */
  readonly padding: readonly (readonly [number, number])[]
}

const positive = (node: Node, name: string, values: readonly number[], rank: number): readonly number[] => {
  if (values.length !== rank || values.some((n) => n < 1))
    throw node.error(`${name} is [${values.join(', ')}] for ${rank} spatial axes`)
  return values
}

/** The attributes that convolutions and pooling share. */
export function windowsOf(node: Node, space: readonly number[], kernel: readonly number[]): Windows {
  const rank = space.length
  const ones = range(rank).map(() => 1)
  const strides = positive(node, 'strides', node.ints('strides') ?? ones, rank)
  const dilations = positive(node, 'dilations', node.ints('dilations') ?? ones, rank)
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1)
  const auto = node.string('auto_pad', 'NOTSET')
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const padding = space.map((n, i): [number, number] => {
      const total = Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + reach[i]! - n)
      const small = Math.floor(total / 2)
      return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small]
    })
    return { strides, dilations, padding }
  }
  if (auto === 'VALID') return { strides, dilations, padding: space.map(() => [0, 0]) }
  if (auto !== 'NOTSET' && auto !== '') throw node.error(`auto_pad is ${JSON.stringify(auto)}`)
  return { strides, dilations, padding: pairsOf(node, node.ints('pads') ?? [], rank) }
}

/** `pads` has all numbers before the axes first, then all after them. */
export function pairsOf(node: Node, pads: readonly number[], rank: number): [number, number][] {
  if (pads.length === 0) return range(rank).map(() => [0, 0])
  if (pads.length !== 2 * rank || pads.some((n) => !Number.isInteger(n)))
    throw node.error(`pads is [${pads.join(', ')}] for ${rank} axes; it needs ${2 * rank} whole numbers`)
  return range(rank).map((i) => [pads[i]!, pads[rank + i]!])
}

/** The sizes of the spatial axes of a batch of features. */
export function spaceOf(node: Node, shape: readonly number[]): readonly number[] {
  if (shape.length < 3) throw node.error(`an operand has the shape [${shape.join(', ')}]; it needs spatial axes`)
  return shape.slice(2)
}
