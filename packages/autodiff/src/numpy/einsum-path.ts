import { ValueError } from '../array/errors.ts'
import { range } from '../array/shape.ts'
import type { Label, Subscripts } from './einsum-subscripts.ts'

/** Operands to contract, by their places among those that are left; the result comes last. */
export type ContractionPath = readonly (readonly number[])[]

/** How the order of contractions is found. */
export type Optimize = boolean | 'auto' | 'optimal' | 'greedy' | ContractionPath

/** More operands than these are contracted greedily: the best order takes 3ⁿ steps to find. */
const OPTIMAL_LIMIT = 8

type Labels = ReadonlySet<Label>

export const sizeOfLabels = (labels: Iterable<Label>, sizes: ReadonlyMap<Label, number>): number => {
  let size = 1
  for (const label of labels) size *= sizes.get(label) as number
  return size
}

const union = (a: Labels, b: Labels): Set<Label> => new Set([...a, ...b])

/** The labels of a contraction's result: those that the output or other operands still need. */
export const keptLabels = (all: Labels, output: readonly Label[], others: readonly Labels[]): Set<Label> =>
  new Set([...all].filter((label) => output.includes(label) || others.some((labels) => labels.has(label))))

/** More operands than these are too many even where the best order is asked for. */
const MOST = 16

/** The pairs to contract one after the other. */
export function findPath(
  subscripts: Subscripts,
  optimize: boolean | 'auto' | 'optimal' | 'greedy',
): [number, number][] {
  const n = subscripts.inputs.length
  if (optimize === false) return range(Math.max(0, n - 1)).map((i) => (i === 0 ? [0, 1] : [0, n - 1 - i]))
  if (optimize === 'optimal' && n > MOST) {
    throw new ValueError(
      `einsum: the best order of ${n} operands takes 3^${n} steps to find; use { optimize: 'greedy' } for more than ${MOST}`,
    )
  }
  return optimize !== 'greedy' && (n <= OPTIMAL_LIMIT || optimize === 'optimal')
    ? optimalPath(subscripts)
    : greedyPath(subscripts)
}

/** The cheapest tree of contractions of every set of operands, from smaller sets to larger. */
function optimalPath({ inputs, output, sizes }: Subscripts): [number, number][] {
  const n = inputs.length
  const full = 2 ** n - 1
  const members = (set: number): number[] => range(n).filter((i) => (set & (1 << i)) !== 0)
  const labels = new Map<number, Labels>()
  for (let set = 1; set <= full; set++) {
    const inside = new Set(members(set).flatMap((i) => inputs[i] as Label[]))
    const outside = members(full & ~set).map((i) => new Set(inputs[i]))
    labels.set(set, set & (set - 1) ? keptLabels(inside, output, outside) : inside)
  }
  const best = new Map<number, { cost: number; left: number }>()
  for (let set = 1; set <= full; set++) {
    if ((set & (set - 1)) === 0) {
      best.set(set, { cost: 0, left: 0 })
      continue
    }
    let found = { cost: Infinity, left: 0 }
    for (let left = (set - 1) & set; left > 0; left = (left - 1) & set) {
      const right = set & ~left
      if (left < right) continue
      const all = union(labels.get(left) as Labels, labels.get(right) as Labels)
      const cost =
        sizeOfLabels(all, sizes) +
        (best.get(left) as { cost: number }).cost +
        (best.get(right) as { cost: number }).cost
      if (cost < found.cost) found = { cost, left }
    }
    best.set(set, found)
  }
  const order: number[] = range(n).map((i) => 1 << i)
  const path: [number, number][] = []
  const contract = (set: number): void => {
    const { left } = best.get(set) as { left: number }
    if (left === 0) return
    contract(left)
    contract(set & ~left)
    const pair = [order.indexOf(left), order.indexOf(set & ~left)].sort((a, b) => a - b) as [number, number]
    path.push(pair)
    order.splice(pair[1], 1)
    order.splice(pair[0], 1)
    order.push(set)
  }
  if (n > 1) contract(full)
  return path
}

/** Always the pair whose result saves most memory, the cheaper of equals. */
function greedyPath({ inputs, output, sizes }: Subscripts): [number, number][] {
  const left: Labels[] = inputs.map((labels) => new Set(labels))
  const path: [number, number][] = []
  while (left.length > 1) {
    let best: { pair: [number, number]; grows: number; cost: number; labels: Labels } | undefined
    for (let i = 0; i < left.length; i++) {
      for (let j = i + 1; j < left.length; j++) {
        const [a, b] = [left[i] as Labels, left[j] as Labels]
        const all = union(a, b)
        const labels = keptLabels(
          all,
          output,
          left.filter((_, k) => k !== i && k !== j),
        )
        const grows = sizeOfLabels(labels, sizes) - sizeOfLabels(a, sizes) - sizeOfLabels(b, sizes)
        const cost = sizeOfLabels(all, sizes)
        if (best === undefined || grows < best.grows || (grows === best.grows && cost < best.cost))
          best = { pair: [i, j], grows, cost, labels }
      }
    }
    const { pair, labels } = best as { pair: [number, number]; labels: Labels }
    path.push(pair)
    left.splice(pair[1], 1)
    left.splice(pair[0], 1)
    left.push(labels)
  }
  return path
}
