import { ValueError } from './errors.ts'
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

/** @internal The list as it is; throws a ValueError for anything else. */
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
