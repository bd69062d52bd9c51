import type { DType } from './dtype.ts'
import { ValueError } from './errors.ts'
import type { Operand } from './ndarray.ts'
import { isPlainObject } from './objects.ts'
import { showClass, showGiven } from './show.ts'

/** @internal The options as they are; throws a ValueError for something else in their place, and for unknown names. */
export function checkOptions<O extends object>(name: string, options: O, known: readonly (keyof O & string)[]): O {
  const example = `{ ${known[0]}: … }`
  if (!isPlainObject(options)) {
    throw new ValueError(`${name}: options are given by name, as ${example}, not as ${showOption(options)}`)
  }
  const odd = Object.keys(options).find((key) => !(known as readonly string[]).includes(key))
  if (odd === undefined) return options
  throw new ValueError(`${name} has no option ${odd}; it has ${known.join(', ')}`)
}

/** @internal What was given for an option, for messages. */
export const showOption = (value: unknown): string =>
  typeof value === 'object' && value !== null ? showClass(value) : showGiven(value)

/** @internal The list as it is; throws a ValueError for what is none. */
export function checkList<T>(name: string, what: string, list: readonly T[]): readonly T[] {
  if (Array.isArray(list)) return list
  throw new ValueError(`${name}: ${what} must be a list, not ${showGiven(list)}`)
}

/** @internal A number, or some of them, as a list; throws a ValueError for anything else. */
export function checkNumbers(name: string, what: string, given: number | readonly number[]): readonly number[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (list.every((n) => typeof n === 'number')) return list as readonly number[]
  throw new ValueError(`${name}: ${what} must be a number or a list of numbers, not ${showGiven(given)}`)
}

/** @internal A list of numbers as it is; throws a ValueError for anything else. */
export const checkNumberList = (name: string, what: string, list: readonly number[]): readonly number[] =>
  checkNumbers(name, what, checkList(name, what, list))

export interface ReduceOptions {
  /** Axis or axes to reduce, negative ones from the end. @defaultValue all */
  readonly axis?: number | readonly number[] | null | undefined
  /** Keep reduced axes with length 1. @defaultValue false */
  readonly keepdims?: boolean | undefined
}

export interface TestOptions extends ReduceOptions {
  /** The entries that take part, as booleans that broadcast to the array. @defaultValue all */
  readonly where?: Operand | undefined
}

export interface ExtremeOptions extends TestOptions {
  /** A number that takes part too; `where` and empty arrays need one. @defaultValue none */
  readonly initial?: number | bigint | undefined
}

export interface MeanOptions extends TestOptions {
  /** The dtype to compute in, and of the result. @defaultValue the array's; float32 for integers */
  readonly dtype?: DType | undefined
}

export interface SumOptions extends TestOptions {
  /** A number that takes part too. @defaultValue none */
  readonly initial?: number | bigint | undefined
  /** The dtype to compute in, and of the result. @defaultValue the array's; int32 for bool and smaller integers */
  readonly dtype?: DType | undefined
}

export interface VarianceOptions extends MeanOptions {
  /** Divide by n − ddof. @defaultValue 0 */
  readonly ddof?: number | undefined
  /** The Array API's name of `ddof`. @defaultValue ddof */
  readonly correction?: number | undefined
  /** The mean, if it is known already: with the reduced axes, of length 1. @defaultValue it is computed */
  readonly mean?: Operand | undefined
}

export interface ArgOptions {
  /** The axis to look along. @defaultValue none: the index is into the flattened array */
  readonly axis?: number | null | undefined
  /** Keep the axis with length 1. @defaultValue false */
  readonly keepdims?: boolean | undefined
}

export interface CumulativeOptions {
  /** The axis to go along. @defaultValue none: the array is flattened */
  readonly axis?: number | null | undefined
  /** The dtype to compute in, and of the result. @defaultValue the array's; int32 for bool */
  readonly dtype?: DType | undefined
}
