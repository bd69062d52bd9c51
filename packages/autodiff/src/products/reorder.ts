import type { NDArray } from '../array/ndarray.ts'
import { type Atom, type Equation, type Jaxpr, prune, Var } from '../core/jaxpr.ts'
import { trace } from '../core/trace.ts'
import { dotPrimitive } from '../primitives/dot.ts'
import { costOfPair } from './cost.ts'
import { type Labelled, multiply, multiplyTo } from './multiply.ts'
import { type Factor, type Label, type Term, termsOf, Values } from './term.ts'

/** A saving of fewer multiplications is none: some microseconds. */
const LEAST = 1e6
/** As a share of what the product takes. */
const SHARE = 0.05

/** Which two of three factors to multiply first, and what the product then takes. */
interface Order {
  readonly first: readonly [Factor, Factor]
  readonly last: Factor
  readonly cost: number
}

interface Plan {
  readonly term: Term
  readonly order: Order
  /** What the program takes for the pair it multiplies first, and for the rest. */
  readonly before: { readonly first: number; readonly rest: number }
}

/**
 * The Jaxpr with products of three arrays multiplied in the order that takes least: Σₙ (Σⱼ aₙⱼ bⱼₖ) mₙₖ is
 * Σⱼ bⱼₖ (Σₙ aₙⱼ mₙₖ), in which nothing is as large as n × k, and a product of which n is summed is often another term's too.
 * It changes the order of summation (docs/rewrites.md). A saving of fewer than `least` multiplications is left alone.
 *
 * @see opt_einsum, which orders the pairs of one such sum
 */
export function reorderProducts(jaxpr: Jaxpr, least: number = LEAST): Jaxpr {
  if (!jaxpr.equations.some(({ primitive }) => primitive === dotPrimitive)) return jaxpr
  const values = new Values(jaxpr)
  const planned = jaxpr.equations.flatMap((equation) => bestOf(termsOf(equation, values).map(planOf), least))
  const plans = new Map(lasting(planned, values, least).map((plan) => [plan.term.root, plan]))
  if (plans.size === 0) return jaxpr
  const known = new Map<string, readonly Var[]>()
  const numbers = new Map<Atom, number>()
  const equations = jaxpr.equations.flatMap((equation) => {
    const plan = plans.get(equation)
    return plan === undefined ? [equation] : replaced(plan, known, numbers)
  })
  return prune({ ...jaxpr, equations })
}

function planOf(term: Term): Plan {
  const { pair, third, output, sizes } = term
  const [a, b] = pair
  const costs = ([x, y]: readonly [Factor, Factor], last: Factor, areOne = [false, false]): Plan['before'] => {
    const product = keptOf(x, y, last, output)
    return {
      first: costOfPair(x.labels, y.labels, product, sizes, areOne[0]),
      rest: costOfPair(product, last.labels, output, sizes, areOne[1]),
    }
  }
  const orderOf = (first: readonly [Factor, Factor], last: Factor): Order => {
    const { first: one, rest } = costs(first, last)
    return { first, last, cost: one + rest }
  }
  const areDots = [term.first, term.root].map(({ primitive }) => primitive === dotPrimitive)
  const others = [orderOf([a, third], b), orderOf([b, third], a)] as const
  return { term, order: others[0].cost <= others[1].cost ? others[0] : others[1], before: costs(pair, third, areDots) }
}

/** The labels of the product of two that something after it needs. */
const keptOf = (x: Factor, y: Factor, last: Factor, output: readonly Label[]): Label[] =>
  [...new Set([...x.labels, ...y.labels])].filter((label) => output.includes(label) || last.labels.includes(label))

const saved = ({ order, before }: Plan, isGone: boolean): number =>
  (isGone ? before.first : 0) + before.rest - order.cost

function isWorth(plan: Plan, isGone: boolean, least: number): boolean {
  const { first, rest } = plan.before
  return saved(plan, isGone) >= Math.max(least, SHARE * (first + rest))
}

/** The plan that saves most, if any does. */
function bestOf(plans: readonly Plan[], least: number): Plan[] {
  const [best] = plans.filter((plan) => isWorth(plan, true, least)).sort((p, q) => saved(q, true) - saved(p, true))
  return best === undefined ? [] : [best]
}

/** The plans that are worth it although some first products have to be made, because something else reads them. */
function lasting(plans: readonly Plan[], values: Values, least: number): readonly Plan[] {
  const readers = new Map<Equation, number>()
  for (const { term } of plans) if (term.isDirect) readers.set(term.first, (readers.get(term.first) ?? 0) + 1)
  const isGone = ({ term: { first, isOnly, isDirect } }: Plan): boolean =>
    isOnly || (isDirect && readers.get(first) === values.uses(first.outputs[0]!))
  const kept = plans.filter((plan) => isWorth(plan, isGone(plan), least))
  return kept.length === plans.length ? plans : lasting(kept, values, least)
}

/** The equations that compute a term in its new order; what another term has computed already is taken from it. */
function replaced({ term, order }: Plan, known: Map<string, readonly Var[]>, numbers: Map<Atom, number>): Equation[] {
  const { root, output } = term
  const factors = [...order.first, order.last]
  const { jaxpr } = trace(
    'products',
    factors.map(({ atom }) => atom.aval),
    (...arrays: NDArray[]) => {
      const [a, b, last] = arrays.map((value, i): Labelled => ({ value, labels: factors[i]!.labels }))
      const product = multiply(...inOrder(a!, b!), new Set(keptOf(factors[0]!, factors[1]!, factors[2]!, output)))
      return [multiplyTo(...inOrder(product, last!), output)]
    },
  )
  // It simplified to an array that is there.
  if (jaxpr.equations.at(-1)?.outputs[0] !== jaxpr.outputs[0]) return [root]
  const atoms = new Map<Atom, Atom>(jaxpr.inputs.map((v, i) => [v, factors[i]!.atom]))
  const numberOf = (atom: Atom): number => {
    let number = numbers.get(atom)
    if (number === undefined) numbers.set(atom, (number = numbers.size))
    return number
  }
  return jaxpr.equations.flatMap((equation) => {
    const inputs = equation.inputs.map((atom) => atoms.get(atom) ?? atom)
    const isLast = equation.outputs[0] === jaxpr.outputs[0]
    const key = `${equation.primitive.name} ${inputs.map(numberOf).join(' ')} ${JSON.stringify(equation.params)}`
    const same = isLast ? undefined : known.get(key)
    const outputs = same ?? (isLast ? root.outputs : equation.outputs.map(({ aval }) => new Var(aval)))
    equation.outputs.forEach((v, i) => atoms.set(v, outputs[i]!))
    if (same !== undefined) return []
    if (!isLast) known.set(key, outputs)
    return [{ ...equation, inputs, outputs, source: root.source, origin: root.origin ?? root }]
  })
}

/** The one with more axes first: a stack of matrices goes to the left. */
const inOrder = (a: Labelled, b: Labelled): [Labelled, Labelled] =>
  a.labels.length >= b.labels.length ? [a, b] : [b, a]
