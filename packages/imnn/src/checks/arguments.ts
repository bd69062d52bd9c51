import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { isComplex, showShape } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Problem, ValidationError } from '../errors.ts'
import { attempt, type Checked, show, wrong } from './checks.ts'
import type { Precision } from '../tree.ts'

/** The names of an array's axes; '…' before them stands for any number of others. */
type Axes = readonly string[]

/** What has been given for each argument, and the axes it must have. */
type Arguments = Readonly<Record<string, readonly [given: unknown, axes: Axes]>>

/**
 * Arguments of a public function as arrays of floats; integers become float32. Axes of one name have one size.
 *
 * @throws ValidationError that lists every argument that is no such array.
 */
export function floatsOf<A extends Arguments>(name: string, given: A): { readonly [K in keyof A]: NDArray } {
  const problems: Problem[] = []
  const sizes = new Map<string, readonly [size: number, where: string]>()
  const arrays = Object.entries(given).map(([where, [value, axes]]) => {
    const found = pipe(
      realArray(where, value, `an array of numbers ${shapeOf(axes)}`),
      E.chain((x) => fitting(where, x, axes, sizes)),
    )
    if (E.isLeft(found)) problems.push(...found.left)
    return [where, E.isRight(found) && found.right] as const
  })
  if (problems.length > 0) throw new ValidationError(name, problems)
  return Object.fromEntries(arrays) as { [K in keyof A]: NDArray }
}

/** An array of real numbers in single or double precision: others become `dtype`. */
export function realArray(where: string, given: unknown, what: string, dtype: Precision = 'float32'): Checked<NDArray> {
  if (!mayBeArray(given)) return wrong(where, `must be ${what}, not ${show(given)}`)
  return pipe(
    attempt(where, `must be ${what}`, () => np.asarray(given as Operand)),
    E.chain((x: NDArray): Checked<NDArray> => {
      if (isComplex(x.dtype)) return wrong(where, `must be ${what}, not of ${x.dtype}`)
      return E.right(x.dtype === 'float32' || x.dtype === 'float64' ? x : x.astype(dtype))
    }),
  )
}

/** What a list, a typed array, an array or a number may be; what else there is, is shown as it is. */
const mayBeArray = (value: unknown): boolean =>
  ['number', 'bigint', 'boolean'].includes(typeof value) ||
  (typeof value === 'object' && value !== null && isList(value))

const isList = (value: object): boolean => Array.isArray(value) || ArrayBuffer.isView(value) || 'dtype' in value

const shapeOf = (axes: Axes): string => `[${axes.join(', ')}]`

/** That an array has such axes; their sizes are noted. */
function fitting(
  where: string,
  x: NDArray,
  axes: Axes,
  sizes: Map<string, readonly [size: number, where: string]>,
): Checked<NDArray> {
  const names = axes.filter((axis) => axis !== '…')
  const refused = `must have shape ${shapeOf(axes)}, not ${showShape(x.shape)}`
  if (x.ndim < names.length || (names.length === axes.length && x.ndim > names.length)) return wrong(where, refused)
  for (const [i, axis] of names.entries()) {
    const size = x.shape[x.ndim - names.length + i] as number
    const [known, by] = sizes.get(axis) ?? [size, where]
    if (known !== size) return wrong(where, `${refused}: ${axis} is ${known} in ${by}`)
    sizes.set(axis, [known, by])
  }
  return E.right(x)
}

/** That an argument is a set of values by name, as another function gives it. */
export function checkRecord(name: string, where: string, given: unknown, what: string): void {
  if (typeof given === 'object' && given !== null && !isList(given)) return
  throw new ValidationError(name, [{ where, message: `must be ${what}, not ${show(given)}` }])
}

/** That arguments are numbers, or, where so named, whole numbers from 1. */
export function checkNumbers(name: string, given: Readonly<Record<string, unknown>>, kind: 'count' | 'number'): void {
  const isGood = (value: unknown): boolean =>
    typeof value === 'number' && (kind === 'number' || (Number.isInteger(value) && value >= 1))
  const what = kind === 'number' ? 'a number' : 'a whole number from 1'
  const problems = Object.entries(given)
    .filter(([, value]) => !isGood(value))
    .map(([where, value]) => ({ where, message: `must be ${what}, not ${show(value)}` }))
  if (problems.length > 0) throw new ValidationError(name, problems)
}

/** That an argument is a number, or an array without axes. */
export function checkScalars(name: string, given: Readonly<Record<string, unknown>>): void {
  const others = Object.entries(given).filter(([, value]) => typeof value !== 'number')
  floatsOf(name, Object.fromEntries(others.map(([where, value]) => [where, [value, []] as const])))
}
