import { NDArray, type Shape } from '@cotangent/autodiff'
import { shapesEqual, showShape, type TypedArray } from '@cotangent/autodiff/array'
import type { Problem } from './errors.ts'

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
}

/** The numbers of one batch: simulations [rows, …] and derivatives [rows, …, nParams], if there are any. */
export interface Batch {
  readonly d: TypedArray
  readonly dd: TypedArray | undefined
}

/** Shape and dtype, of an array or as promised by a dataset; `null` where a size is not known. */
export interface ArrayForm {
  readonly shape: readonly (number | null)[] | null
  readonly dtype: string
}

const showForm = ({ shape, dtype }: ArrayForm): string =>
  `${dtype}[${shape === null ? '…' : shape.map((n) => n ?? '?').join(', ')}]`

const fits = (shape: ArrayForm['shape'], wanted: Shape): boolean =>
  shape === null || (shape.length === wanted.length && shape.every((n, i) => n === null || n === wanted[i]))

/** What is wrong with an element, or with what a dataset says its elements are. */
export function checkForm(element: unknown, form: BatchForm): Problem[] {
  const { where, rows, inputShape, nParams } = form
  const simulations = [rows, ...inputShape]
  const derivatives = [...simulations, nParams]
  if (nParams === 0) {
    if (isForm(element)) return checkArray(where, 'simulations', element, simulations, hintFor(form))
    const found = Array.isArray(element) ? `a list of ${element.length}` : describe(element)
    return [
      {
        where,
        message: `elements must be simulations alone, one array of shape ${showShape(simulations)}, not ${found}; these simulations have no derivatives`,
      },
    ]
  }
  if (!Array.isArray(element) || element.length !== 2 || !isForm(element[0]) || !isForm(element[1])) {
    const found = isForm(element) ? `one array ${showForm(element)}` : describe(element)
    return [
      {
        where,
        message: `elements must be [simulations, derivatives] of shapes ${showShape(simulations)} and ${showShape(derivatives)}, not ${found}; the derivatives ∂d/∂θ are missing: zip them in with Dataset.zip([simulations, derivatives])`,
      },
    ]
  }
  return [
    ...checkArray(where, 'simulations', element[0], simulations, hintFor(form)),
    ...checkArray(where, 'derivatives', element[1], derivatives, hintFor(form)),
  ]
}

type Hint = (shape: NonNullable<ArrayForm['shape']>, wanted: Shape) => string

function checkArray(where: string, what: string, form: ArrayForm, wanted: Shape, hint: Hint): Problem[] {
  const problems: Problem[] = []
  if (!fits(form.shape, wanted) && form.shape !== null) {
    problems.push({
      where,
      message: `${what} must have shape ${showShape(wanted)}, not ${showForm(form)}${hint(form.shape, wanted)}`,
    })
  }
  if (form.dtype !== 'float32' && form.dtype !== 'float64') {
    problems.push({ where, message: `${what} must be float32 or float64, not ${form.dtype}: map x.astype('float32')` })
  }
  return problems
}

/** What may have happened to an array of the wrong shape. */
const hintFor =
  ({ rows, inputShape, nParams }: BatchForm): Hint =>
  (shape, wanted) => {
    const sameAs = (other: Shape): boolean => fits(shape, other) && !shapesEqual(other, wanted)
    if (wanted.length === inputShape.length + 2 && nParams > 0) {
      if (sameAs([rows, nParams, ...inputShape]) || sameAs([nParams, rows, ...inputShape]))
        return '; the axis of the parameters must be the last: np.moveaxis(dd, axis, -1)'
    }
    if (shape.length === wanted.length - 1 && fits(shape, wanted.slice(1)))
      return '; batch the dataset with .batch(nPerDevice)'
    if (shape.length === wanted.length && fits(shape.slice(1), wanted.slice(1)))
      return `; nPerDevice is ${rows}: batches must have that many simulations`
    return ''
  }

const isForm = (value: unknown): value is ArrayForm =>
  value instanceof NDArray ||
  (typeof value === 'object' &&
    value !== null &&
    'dtype' in value &&
    'shape' in value &&
    (value.shape === null || Array.isArray(value.shape)))

const describe = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((v) => (isForm(v) ? showForm(v) : typeof v)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.keys(value).join(', ')} }`
}

/** The numbers of an element that has passed `checkForm`, when they have arrived. */
export async function numbersOf(element: unknown): Promise<Batch> {
  const [d, dd] = (Array.isArray(element) ? element : [element]) as [NDArray, NDArray?]
  return { d: await numbers(d), dd: dd === undefined ? undefined : await numbers(dd) }
}

const numbers = (x: NDArray): TypedArray | Promise<TypedArray> => x.storage.host ?? x.storage.fetch()

/** The first simulation with a NaN or an infinity, or undefined. */
export function firstNotFinite(
  { d, dd }: Batch,
  rows: number,
): { row: number; what: string; value: number } | undefined {
  for (const [what, data] of [
    ['simulation', d],
    ['derivative', dd],
  ] as const) {
    const index = data === undefined ? -1 : data.findIndex((x) => !Number.isFinite(x))
    if (data !== undefined && index >= 0)
      return { what, row: Math.floor((index * rows) / data.length), value: data[index] as number }
  }
  return undefined
}
