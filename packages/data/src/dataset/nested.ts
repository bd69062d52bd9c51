/** A dataset as a part of an element: what `window` gives, and `map` may return. */
export interface Nested {
  /** The spec of its elements, where that is known. */
  readonly elementSpec: unknown
  /** How many elements it has, as far as that is known. */
  readonly cardinality: unknown
  /** All of them. */
  toArray(): Promise<unknown[]>
}

/** The stage of every dataset: datasets are told from other values here, before there is a class of them. */
const stages = new WeakMap<object, unknown>()

export const register = (dataset: object, stage: unknown): void => {
  stages.set(dataset, stage)
}

export const isNested = (value: unknown): value is Nested =>
  typeof value === 'object' && value !== null && stages.has(value)

export const registered = (dataset: object): unknown => stages.get(dataset)
