import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { range, withoutAxes } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { mul } from '../primitives/arithmetic.ts'
import { broadcastInDim, reduceSum } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { dot } from '../primitives/dot.ts'
import { reshape, transpose } from '../primitives/reshape.ts'
import { slice } from '../primitives/slicing.ts'
import { operandsAndOptions } from './arguments.ts'
import { type ContractionPath, findPath, keptLabels, type Optimize, sizeOfLabels } from './einsum-path.ts'
import { type Label, parseSubscripts, type Subscripts } from './einsum-subscripts.ts'
import { unifyDTypes } from './operands.ts'

export interface EinsumOptions {
  /**
   * How the order of contractions is found: `true` and 'auto' take the one with the fewest multiplications for up to 8
   * operands and then go greedily, 'optimal' and 'greedy' do one of the two, `false` goes from the left; or the order
   * itself, as `einsumPath` gives it. @defaultValue 'auto'
   */
  readonly optimize?: Optimize
}

type InputsOf<S extends string> = S extends `${infer Inputs}->${string}` ? Inputs : S
type EachOperand<S extends string> = S extends `${string},${infer Rest}` ? [Operand, ...EachOperand<Rest>] : [Operand]
/** As many operands as the subscripts name, where they are written out. */
export type EinsumOperands<S extends string> = string extends S ? Operand[] : EachOperand<InputsOf<S>>
/** The operands of `einsum`, and its options. */
export type EinsumArguments<S extends string> = EinsumOperands<S> | [...EinsumOperands<S>, EinsumOptions]

function readArguments(args: readonly (Operand | EinsumOptions)[]): [operands: NDArray[], optimize: Optimize] {
  const [operands, options] = operandsAndOptions<EinsumOptions>(args)
  return [unifyDTypes(operands), options?.optimize ?? 'auto']
}

/**
 * Sums of products of entries, in Einstein's notation: `ij,jk->ik` is the matrix product, a label that the output lacks is
 * summed over, one that an operand has twice is its diagonal, `...` stands for any further axes, which broadcast.
 * Without `->` the output has `...` and the labels that appear once, in alphabetical order.
 *
 * @throws ValueError for subscripts that cannot be read or do not fit the operands, ShapeError for axes of one label
 *   that are not equally long.
 * @see NumPy's `einsum`
 * @example
 * np.einsum('ij,j->i', [[1, 2], [3, 4]], [1, 10]) // [21, 43]
 * np.einsum('ii', [[1, 2], [3, 4]]) // 5
 * np.einsum('...ij->...ji', np.zeros([5, 2, 3])).shape // [5, 3, 2]
 */
export function einsum<S extends string>(subscripts: S, ...args: EinsumArguments<S>): NDArray {
  const [operands, optimize] = readArguments(args as (Operand | EinsumOptions)[])
  const parsed = parseSubscripts(
    subscripts,
    operands.map((x) => x.shape),
  )
  const isBool = operands[0]?.dtype === 'bool'
  let terms = operands.map((x, i) =>
    diagonalTerm({ value: isBool ? convert(x, 'int32') : x, labels: parsed.inputs[i] as readonly Label[] }, parsed),
  )
  for (const places of pathOf(parsed, optimize)) {
    const chosen = places.map((place) => terms[place] as Term)
    const others = terms.filter((_, i) => !places.includes(i))
    const result = chosen.slice(1).reduce((left, right, i) => {
      const rest = [...others, ...chosen.slice(i + 2)].map(({ labels }) => new Set(labels))
      return contractPair(left, right, parsed.output, rest)
    }, chosen[0] as Term)
    terms = [...others, result]
  }
  const value = arranged(terms[0] as Term, parsed)
  return isBool ? convert(value, 'bool') : value
}

/** What the contractions of an `einsum` cost, in multiplications. */
export interface EinsumPathInfo {
  /** All in one step. */
  readonly naiveCost: number
  /** In the order of the path. */
  readonly optimizedCost: number
  /** The number of entries of the largest result on the way. */
  readonly largestIntermediate: number
}

/**
 * The order in which `einsum` contracts its operands: pairs of places among the operands that are left, the result of
 * each coming last; and what it costs.
 *
 * @throws ValueError, ShapeError as `einsum`.
 * @see NumPy's `einsum_path`
 * @example np.einsumPath('ij,jk,k->i', np.ones([9, 9]), np.ones([9, 9]), np.ones([9]))[0] // [[1, 2], [0, 1]]
 */
export function einsumPath<S extends string>(
  subscripts: S,
  ...args: EinsumArguments<S>
): [path: ContractionPath, info: EinsumPathInfo] {
  const [operands, optimize] = readArguments(args as (Operand | EinsumOptions)[])
  const parsed = parseSubscripts(
    subscripts,
    operands.map((x) => x.shape),
  )
  const path = pathOf(parsed, optimize)
  let left = parsed.inputs.map((labels) => new Set(labels))
  const all = new Set(parsed.inputs.flat())
  let [cost, largest] = [0, sizeOfLabels(parsed.output, parsed.sizes)]
  for (const places of path) {
    const labels = new Set(places.flatMap((place) => [...(left[place] as Set<Label>)]))
    left = left.filter((_, i) => !places.includes(i))
    const kept = keptLabels(labels, parsed.output, left)
    cost += sizeOfLabels(labels, parsed.sizes)
    largest = Math.max(largest, sizeOfLabels(kept, parsed.sizes))
    left.push(kept)
  }
  const naiveCost = sizeOfLabels(all, parsed.sizes) * Math.max(1, parsed.inputs.length - 1)
  return [path, { naiveCost, optimizedCost: path.length === 0 ? naiveCost : cost, largestIntermediate: largest }]
}

function pathOf(subscripts: Subscripts, optimize: Optimize): ContractionPath {
  if (typeof optimize === 'boolean' || typeof optimize === 'string') {
    const known = [true, false, 'auto', 'optimal', 'greedy'].includes(optimize)
    if (known) return findPath(subscripts, optimize)
  } else if (isPath(optimize, subscripts.inputs.length)) return optimize
  throw new ValueError(
    `einsum: optimize is ${showGiven(optimize)}; it is a boolean, 'auto', 'optimal', 'greedy', or places of the ${subscripts.inputs.length} operands to contract, as np.einsumPath gives them`,
  )
}

/** Whether each step names operands that are there, and one is left in the end. */
function isPath(path: ContractionPath, operands: number): boolean {
  let left = operands
  return (
    path.every((places) => {
      const fits = places.every(
        (place, i) => Number.isInteger(place) && place >= 0 && place < left && places.indexOf(place) === i,
      )
      left += 1 - places.length
      return fits && places.length > 0
    }) && left === 1
  )
}

/** An operand, or a result on the way, with the labels of its axes; no label twice. */
interface Term {
  readonly value: NDArray
  readonly labels: readonly Label[]
}

/** Without axes of length 1 whose label is longer elsewhere, and with a label that came twice once: its diagonal. */
function diagonalTerm({ value, labels }: Term, { sizes }: Subscripts): Term {
  const stretched = range(labels.length).filter((axis) => value.shape[axis] !== sizes.get(labels[axis] as Label))
  let term: Term = {
    value: reshape(value, withoutAxes(value.shape, stretched)),
    labels: labels.filter((_, axis) => !stretched.includes(axis)),
  }
  for (;;) {
    const { labels: names, value: x } = term
    const second = names.findIndex((label, axis) => names.indexOf(label) !== axis)
    if (second < 0) return term
    const first = names.indexOf(names[second] as Label)
    const rest = range(names.length).filter((axis) => axis !== first && axis !== second)
    const n = x.shape[first] as number
    const lead = rest.map((axis) => x.shape[axis] as number)
    const flat = reshape(transpose(x, [...rest, first, second]), [...lead, n * n])
    const diagonal = slice(flat, {
      starts: [...lead.map(() => 0), 0],
      limits: [...lead, n * n],
      strides: [...lead.map(() => 1), n + 1],
    })
    term = { value: diagonal, labels: [...rest.map((axis) => names[axis] as Label), names[first] as Label] }
  }
}

/** Summed over the labels that nothing needs any more. */
function summed({ value, labels }: Term, needed: (label: Label) => boolean): Term {
  const axes = range(labels.length).filter((axis) => !needed(labels[axis] as Label))
  return { value: reduceSum(value, axes), labels: labels.filter(needed) }
}

function contractPair(x: Term, y: Term, output: readonly Label[], others: readonly ReadonlySet<Label>[]): Term {
  const later = (label: Label): boolean => output.includes(label) || others.some((labels) => labels.has(label))
  const left = summed(x, (label) => later(label) || y.labels.includes(label))
  const right = summed(y, (label) => later(label) || left.labels.includes(label))
  const shared = left.labels.filter((label) => right.labels.includes(label))
  const batch = shared.filter(later)
  const contract = shared.filter((label) => !later(label))
  const free = (labels: readonly Label[]): Label[] => labels.filter((label) => !shared.includes(label))
  const labels = [...batch, ...free(left.labels), ...free(right.labels)]
  if (contract.length === 0) return { value: mul(spread(left, labels, right), spread(right, labels, left)), labels }
  const places = (term: Term, list: readonly Label[]): number[] => list.map((label) => term.labels.indexOf(label))
  const value = dot(left.value, right.value, {
    contract: [places(left, contract), places(right, contract)],
    batch: [places(left, batch), places(right, batch)],
  })
  return { value, labels }
}

/** The array with the axes of `labels`, repeated over those that only `other` has. */
function spread(term: Term, labels: readonly Label[], other: Term): NDArray {
  const own = labels.filter((label) => term.labels.includes(label))
  const sorted = transpose(
    term.value,
    own.map((label) => term.labels.indexOf(label)),
  )
  const size = ({ value, labels: names }: Term, label: Label): number => value.shape[names.indexOf(label)] as number
  const shape = labels.map((label) => size(own.includes(label) ? term : other, label))
  return broadcastInDim(
    sorted,
    shape,
    own.map((label) => labels.indexOf(label)),
  )
}

/** The last term summed and transposed to the output. */
function arranged(term: Term, { output }: Subscripts): NDArray {
  const { value, labels } = summed(term, (label) => output.includes(label))
  return transpose(
    value,
    output.map((label) => labels.indexOf(label)),
  )
}
