import { NDArray, type Shape } from '@cotangent/autodiff'
import { sizeOf, type TypedArray } from '@cotangent/autodiff/array'
import { type AnySpec, type Problem as DataProblem } from '@cotangent/data'
import type { Problem } from '../errors.ts'
import type { Precision } from '../tree.ts'

/** What the elements of a dataset must be. */
export interface BatchForm {
  /** How the dataset is called in messages, as `main[0]`. */
  readonly where: string
  /** Simulations in a batch. */
  readonly rows: number
  /** The shape of one simulation. */
  readonly inputShape: Shape
  /** The number of parameters when elements are [simulations, derivatives]; 0 when they are simulations alone. */
  readonly nParams: number
  /** Whether simulations may agree. */
  readonly mayRepeat: boolean
}

/** The numbers of one batch: simulations [rows, …] and derivatives [rows, …, nParams], if there are any. */
export interface Batch {
  readonly d: TypedArray
  readonly dd: TypedArray | undefined
}

/**
 * The spec that elements must have. Both kinds of floats will do, so each array of `actual` (an element, or the spec
 * that a dataset tells) is expected with the kind it has.
 */
export function expectedSpec({ rows, inputShape, nParams }: BatchForm, actual: unknown): AnySpec {
  const shape = [rows, ...inputShape]
  if (nParams === 0) return { shape, dtype: precisionOf(actual) }
  const [d, dd] = Array.isArray(actual) ? (actual as unknown[]) : []
  return [
    { shape, dtype: precisionOf(d) },
    { shape: [...shape, nParams], dtype: precisionOf(dd) },
  ]
}

const precisionOf = (x: unknown): Precision =>
  typeof x === 'object' && x !== null && 'dtype' in x && x.dtype === 'float64' ? 'float64' : 'float32'

/** Waits until an element's arrays are on the host. */
export async function arrived(element: unknown): Promise<void> {
  for (const x of Array.isArray(element) ? (element as unknown[]) : [element]) {
    if (x instanceof NDArray && x.storage.host === undefined) await x.ready()
  }
}

/** The numbers of an element that is what it should be. */
export function numbersOf(element: unknown): Batch {
  const [d, dd] = (Array.isArray(element) ? element : [element]) as [NDArray, NDArray?]
  return { d: d.storage.host as TypedArray, dd: dd?.storage.host }
}

/** Whether a batch has as many numbers as it should. */
export function isComplete({ d, dd }: Batch, { rows, inputShape, nParams }: BatchForm): boolean {
  const size = rows * sizeOf(inputShape)
  return d?.length === size && (nParams === 0 || dd?.length === size * nParams)
}

/** A spec with the batch size filled in where a dataset does not know it (the last batch of an epoch may be smaller). */
export function withRows(spec: unknown, rows: number): AnySpec {
  const fill = (leaf: unknown): unknown => {
    if (typeof leaf !== 'object' || leaf === null || !('shape' in leaf) || !Array.isArray(leaf.shape)) return leaf
    return { ...leaf, shape: leaf.shape.map((n: unknown, axis) => (axis === 0 ? (n ?? rows) : n)) }
  }
  return (Array.isArray(spec) ? spec.map(fill) : fill(spec)) as AnySpec
}

/** A problem that @cotangent/data found, in the form that problems have here. */
export function fromData({ where, message }: DataProblem): Problem {
  const rest = message.startsWith(where) ? message.slice(where.length).trimStart() : message
  const [, dataset, batch, part] = /^(.*), (batch \d+):(.*)$/.exec(where) ?? []
  return { where: dataset === undefined ? where : `${dataset}${part}, ${batch}`, message: rest }
}
