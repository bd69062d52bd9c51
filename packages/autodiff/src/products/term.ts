import { isFloat, isHalf } from '../array/dtype.ts'
import { insertAxis, range } from '../array/shape.ts'
import type { Atom, Equation, Jaxpr } from '../core/jaxpr.ts'
import { mulPrimitive } from '../primitives/arithmetic.ts'
import { broadcastPrimitive, reduceSumPrimitive } from '../primitives/broadcast.ts'
import { type DotParams, dotPrimitive, freeAxes } from '../primitives/dot.ts'
import { transposePrimitive } from '../primitives/reshape.ts'

/** An axis that arrays of a product have in common, by its number in that product. */
export type Label = number

/** An array of a product, and what its axes are called there. */
export interface Factor {
  readonly atom: Atom
  readonly labels: readonly Label[]
}

/** The sum of the products of three arrays over the labels that the result has not. */
export interface Term {
  /** The equation whose result it is. */
  readonly root: Equation
  /** The two arrays that the program multiplies first. */
  readonly pair: readonly [Factor, Factor]
  /** The equation that multiplies them. */
  readonly first: Equation
  /** Whether the root reads its result as it is, neither transposed nor repeated. */
  readonly isDirect: boolean
  /** Whether nothing but the root reads it. */
  readonly isOnly: boolean
  readonly third: Factor
  /** The labels of the result, axis by axis. */
  readonly output: readonly Label[]
  /** How long the axis of a label is. */
  readonly sizes: readonly number[]
}

/** What is known of the values of a Jaxpr. */
export class Values {
  readonly #makers = new Map<Atom, Equation>()
  readonly #uses = new Map<Atom, number>()

  constructor({ equations, outputs }: Jaxpr) {
    const use = (atom: Atom): void => void this.#uses.set(atom, this.uses(atom) + 1)
    for (const equation of equations) {
      if (equation.outputs.length === 1) this.#makers.set(equation.outputs[0]!, equation)
      equation.inputs.forEach(use)
    }
    outputs.forEach(use)
  }

  /** How often a value is read. */
  uses(atom: Atom): number {
    return this.#uses.get(atom) ?? 0
  }

  maker(atom: Atom): Equation | undefined {
    return this.#makers.get(atom)
  }
}

/** The sums of products of three arrays that an equation is the end of. */
export function termsOf(root: Equation, values: Values): Term[] {
  const sizes: number[] = []
  const label = (size: number): Label => sizes.push(size) - 1
  const { aval } = root.outputs[0]!
  // In half precision a program puts its factors where no sum overflows: (x / n) · y is not (x · y) / n.
  if (!isFloat(aval.dtype) || isHalf(aval.dtype)) return []
  const output = aval.shape.map(label)
  const operands = operandsOfRoot(root, output, label, values)?.map((factor) => peeled(factor, values))
  if (operands === undefined) return []
  return operands.flatMap(({ factor, isDirect, isOnly }, side): Term[] => {
    const first = values.maker(factor.atom)
    const pair = first && operandsOf(first, factor.labels, label)
    if (pair === undefined) return []
    const [a, b] = pair.map((x) => peeled(x, values).factor) as [Factor, Factor]
    const third = operands[1 - side]!.factor
    const term = { root, pair: [a, b] as const, first: first!, isDirect, isOnly, third, output, sizes }
    return isSumOfProducts(term) ? [term] : []
  })
}

/** Every label is one of the result's, or is summed over and has two factors. */
function isSumOfProducts({ pair, third, output, sizes }: Term): boolean {
  const count = (label: Label): number => [...pair, third].filter(({ labels }) => labels.includes(label)).length
  return range(sizes.length).every((label) => count(label) >= (output.includes(label) ? 1 : 2))
}

type NewLabel = (size: number) => Label
type Pair = readonly [Factor, Factor]

function operandsOfRoot(root: Equation, labels: readonly Label[], label: NewLabel, values: Values): Pair | undefined {
  if (root.primitive === dotPrimitive) return operandsOf(root, labels, label)
  if (root.primitive !== reduceSumPrimitive) return undefined
  const [x] = root.inputs as [Atom]
  const product = values.maker(x)
  if (product?.primitive !== mulPrimitive || values.uses(x) !== 1) return undefined
  const axes = root.params['axes'] as readonly number[]
  // The axes are in order, so that each is inserted where it will stay.
  const all = axes.reduce<readonly Label[]>(
    (known, axis) => insertAxis(known, axis, label(x.aval.shape[axis]!)),
    labels,
  )
  return operandsOf(product, all, label)
}

/** The operands of a product, if its result's axes are called `labels`. */
function operandsOf(
  { primitive, inputs, params }: Equation,
  labels: readonly Label[],
  label: NewLabel,
): Pair | undefined {
  const [x, y] = inputs as [Atom, Atom]
  if (primitive === mulPrimitive) {
    return [
      { atom: x, labels },
      { atom: y, labels },
    ]
  }
  if (primitive !== dotPrimitive) return undefined
  const { contract, batch } = params as DotParams
  const summed = contract[0].map((axis) => label(x.aval.shape[axis]!))
  let next = batch[0].length
  const sideOf = (atom: Atom, side: 0 | 1): Factor => {
    const own: Label[] = []
    batch[side].forEach((axis, i) => (own[axis] = labels[i]!))
    contract[side].forEach((axis, i) => (own[axis] = summed[i]!))
    for (const axis of freeAxes(atom.aval.shape.length, contract[side], batch[side])) own[axis] = labels[next++]!
    return { atom, labels: own }
  }
  return [sideOf(x, 0), sideOf(y, 1)]
}

interface Peeled extends Pick<Term, 'isDirect' | 'isOnly'> {
  readonly factor: Factor
}

/** What an array is that was only transposed or repeated. */
function peeled(factor: Factor, values: Values): Peeled {
  let { atom, labels } = factor
  let isOnly = values.uses(atom) === 1
  for (;;) {
    const maker = values.maker(atom)
    if (maker?.primitive === broadcastPrimitive) {
      const { dims } = maker.params as { dims: readonly number[] }
      labels = dims.map((axis) => labels[axis]!)
    } else if (maker?.primitive === transposePrimitive) {
      const { permutation } = maker.params as { permutation: readonly number[] }
      const before: Label[] = []
      permutation.forEach((axis, i) => (before[axis] = labels[i]!))
      labels = before
    } else return { factor: { atom, labels }, isDirect: atom === factor.atom, isOnly }
    atom = maker.inputs[0]!
    isOnly &&= values.uses(atom) === 1
  }
}
