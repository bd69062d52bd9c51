import { array, NDArray, TreeError, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { isThenable, perElement } from './each.ts'
import { checkFunction } from './filter.ts'
import { type Cardinality, readAll, type Stage } from './stage.ts'
import { type ElementLeaf, flatten, isElementLeaf, isPlainObject, sameStructure, toElement } from './structure.ts'

export type StateStep = (state: unknown, element: unknown) => unknown

/** A state that is handed from element to element, and keeps its structure and dtypes. */
class State {
  value: unknown
  readonly #where: string
  /** Bare numbers take the dtype of the first state that was computed from them. */
  #weak: boolean

  constructor(initial: unknown, where: string) {
    this.value = toElement(initial, `${where}: the initial state`)
    this.#where = where
    this.#weak = hasNumbers(initial)
  }

  become(given: unknown): void {
    const where = `${this.#where}: the new state`
    const before = flatten<ElementLeaf>(this.value, isElementLeaf, where)
    const now = this.#weak ? toElement(given, where) : likeBefore(this.value, given, where)
    const after = flatten<ElementLeaf>(now, isElementLeaf, where)
    if (!sameStructure(before.structure, after.structure)) {
      throw new DatasetError(`${where} has another structure than the state before; it must stay the same`)
    }
    if (!this.#weak) {
      after.leaves.forEach((leaf, i) => {
        const { dtype } = before.leaves[i] as { dtype?: string }
        const is = (leaf as { dtype?: string }).dtype
        if (is !== dtype)
          throw new DatasetError(`${after.paths[i]} is ${is}, the state before ${dtype}; it must stay the same`)
      })
    }
    this.#weak = false
    this.value = now
  }
}

const hasNumbers = (tree: unknown): boolean =>
  typeof tree === 'number' ||
  (typeof tree === 'object' && tree !== null && !isElementLeaf(tree) && Object.values(tree).some(hasNumbers))

/** `given` as an element; a number in the place of an array takes its dtype. */
function likeBefore(before: unknown, given: unknown, where: string): unknown {
  if (typeof given === 'number' && before instanceof NDArray) return array(given, { dtype: before.dtype })
  if (Array.isArray(given) && Array.isArray(before))
    return given.map((child, i) => likeBefore(before[i], child, `${where}[${i}]`))
  if (isPlainObject(given) && isPlainObject(before)) {
    return Object.fromEntries(
      Object.entries(given).map(([key, child]) => [key, likeBefore(before[key], child, `${where}.${key}`)]),
    )
  }
  return toElement(given, where)
}

/** What `f(state, element)` gives beside the state it hands on: `[newState, output]`. */
export function scan(source: Stage, initial: unknown, f: StateStep): Stage {
  checkFunction(f, 'scan')
  const start = () => new State(initial, 'scan')
  // Whatever is wrong with the initial state is wrong now.
  start()
  return {
    spec: () => undefined,
    cardinality: source.cardinality,
    cycle: undefined,
    open: () => {
      const state = start()
      const accept = (pair: unknown): unknown => {
        if (!Array.isArray(pair) || pair.length !== 2) {
          throw new TreeError('scan: the function must return a pair, the new state and the output: [state, output]')
        }
        state.become(pair[0])
        return toElement(pair[1], 'scan: the output')
      }
      return perElement(source.open(), (element) => {
        const pair = f(state.value, element)
        return isThenable(pair) ? pair.then(accept) : accept(pair)
      })
    },
  }
}

/** The state after the last element. */
export async function reduce(source: Stage, initial: unknown, f: StateStep): Promise<unknown> {
  checkFunction(f, 'reduce')
  refuseEndless(source.cardinality, 'reduce')
  const state = new State(initial, 'reduce')
  const steps = perElement(source.open(), (element) => {
    const next = f(state.value, element)
    const accept = (value: unknown) => (state.become(value), null)
    return isThenable(next) ? next.then(accept) : accept(next)
  })
  await readAll(steps, () => undefined)
  return state.value
}

export function refuseEndless(cardinality: Cardinality, where: string): void {
  if (cardinality === 'infinite') {
    throw new ValueError(
      `${where}: the dataset never ends; say how many elements are wanted: dataset.take(n).${where}(…)`,
    )
  }
}
