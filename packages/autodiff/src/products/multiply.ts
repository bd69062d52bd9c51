import type { NDArray } from '../array/ndarray.ts'
import { range, shapesEqual } from '../array/shape.ts'
import { mul } from '../primitives/arithmetic.ts'
import { broadcastInDim, reduceSum } from '../primitives/broadcast.ts'
import { dot } from '../primitives/dot.ts'
import { transpose } from '../primitives/reshape.ts'
import { isMatrixProduct } from './cost.ts'
import type { Label } from './term.ts'

/** An array, and what its axes are called. */
export interface Labelled {
  readonly value: NDArray
  readonly labels: readonly Label[]
}

/** The product of two arrays, summed over the labels that are not kept. */
export function multiply(a: Labelled, b: Labelled, kept: ReadonlySet<Label>): Labelled {
  const result = [...new Set([...a.labels, ...b.labels])].filter((label) => kept.has(label))
  const isSum = [...a.labels, ...b.labels].some((label) => !kept.has(label))
  return isSum && isMatrixProduct(a.labels, b.labels, result) ? matrixProduct(a, b, kept) : elementwise(a, b, kept)
}

/** The same with its axes in an order. */
export function multiplyTo(a: Labelled, b: Labelled, order: readonly Label[]): NDArray {
  const kept = new Set(order)
  for (const [x, y] of orders(a, b, order)) {
    const { value, labels } = multiply(x, y, kept)
    if (shapesEqual(labels, order)) return value
  }
  const { value, labels } = multiply(a, b, kept)
  return transpose(
    value,
    order.map((label) => labels.indexOf(label)),
  )
}

/** Ways to multiply them: one first or the other, and one repeated over the first axes of the result that it has not. */
function* orders(a: Labelled, b: Labelled, order: readonly Label[]): Generator<[Labelled, Labelled]> {
  const sides: [Labelled, Labelled][] = [
    [a, b],
    [b, a],
  ]
  yield* sides
  for (const [x, y] of sides) {
    const lead = order.findIndex((label) => x.labels.includes(label))
    if (lead <= 0) continue
    const labels = order.slice(0, lead)
    const shape = labels.map((label) => y.value.shape[y.labels.indexOf(label)]!)
    const dims = range(x.value.ndim).map((axis) => axis + lead)
    const value = broadcastInDim(x.value, [...shape, ...x.value.shape], dims)
    yield [{ value, labels: [...labels, ...x.labels] }, y]
  }
}

function matrixProduct(a: Labelled, b: Labelled, kept: ReadonlySet<Label>): Labelled {
  const both = a.labels.filter((label) => b.labels.includes(label))
  const [batch, contract] = [both.filter((label) => kept.has(label)), both.filter((label) => !kept.has(label))]
  const axes = (labels: readonly Label[]): [number[], number[]] => [
    labels.map((label) => a.labels.indexOf(label)),
    labels.map((label) => b.labels.indexOf(label)),
  ]
  const free = [...a.labels, ...b.labels].filter((label) => !both.includes(label))
  const value = dot(a.value, b.value, { contract: axes(contract), batch: axes(batch) })
  return { value, labels: [...batch, ...free] }
}

function elementwise(a: Labelled, b: Labelled, kept: ReadonlySet<Label>): Labelled {
  const [small, large] = a.value.size < b.value.size ? [a, b] : [b, a]
  const labels = [...small.labels.filter((label) => !large.labels.includes(label)), ...large.labels]
  const shape = labels.map((label) => {
    const from = large.labels.includes(label) ? large : small
    return from.value.shape[from.labels.indexOf(label)]!
  })
  const summed = range(labels.length).filter((axis) => !kept.has(labels[axis]!))
  const product = mul(spread(a, labels, shape), spread(b, labels, shape))
  return { value: reduceSum(product, summed), labels: labels.filter((label) => kept.has(label)) }
}

/** The array with all axes, in their order. */
function spread({ value, labels }: Labelled, all: readonly Label[], shape: readonly number[]): NDArray {
  const order = all.filter((label) => labels.includes(label))
  const ordered = transpose(
    value,
    order.map((label) => labels.indexOf(label)),
  )
  return broadcastInDim(
    ordered,
    shape,
    order.map((label) => all.indexOf(label)),
  )
}
