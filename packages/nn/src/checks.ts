import { type Random, ValueError } from '@cotangent/autodiff'
import { type FloatDType, isDType, isFloat, showGiven } from '@cotangent/autodiff/array'

/** Checks of what users give: each throws a ValueError that names the function, what it got and what it takes. */

export const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** That values are numbers. */
export function checkNumbers(name: string, numbers: Readonly<Record<string, unknown>>): void {
  checkEach(name, numbers, isNumber, 'a number')
}

/** That values are numbers, and not below 0. */
export function checkNotNegative(name: string, numbers: Readonly<Record<string, unknown>>): void {
  checkEach(name, numbers, (value) => isNumber(value) && value >= 0, 'a number, and not below 0')
}

/** That means keep a share of what they were that leaves room for what comes. */
export function checkDecays(name: string, decays: Readonly<Record<string, unknown>>): void {
  checkEach(name, decays, (value) => isNumber(value) && value >= 0 && value < 1, 'a number from 0 to below 1')
}

/** That options which may be left out are true or false where they are given. */
export function checkFlags(name: string, flags: Readonly<Record<string, unknown>>): void {
  checkEach(name, flags, (value) => value === undefined || typeof value === 'boolean', 'true or false')
}

/** That options which may be left out are dtypes of floats where they are given. */
export function checkFloatDTypes(name: string, dtypes: Readonly<Record<string, unknown>>): void {
  checkEach(name, dtypes, (value) => value === undefined || isFloatDType(value), "a float dtype, as 'float32'")
}

export const isFloatDType = (value: unknown): value is FloatDType => isDType(value) && isFloat(value)

function checkEach(
  name: string,
  values: Readonly<Record<string, unknown>>,
  is: (value: unknown) => boolean,
  what: string,
): void {
  const odd = Object.entries(values).find(([, value]) => !is(value))
  if (odd === undefined) return
  throw new ValueError(`${name}: ${odd[0]} is ${showGiven(odd[1])}; it must be ${what}`)
}

/** That a list is one, of what `is` holds for. */
export function checkList(name: string, what: string, list: unknown, is: (one: unknown) => boolean): void {
  if (Array.isArray(list) && list.every(is)) return
  throw new ValueError(`${name}: it takes a list of ${what}, not ${showGiven(list)}`)
}

/** That a value is a function. */
export function checkFunction(name: string, what: string, f: unknown): void {
  if (typeof f === 'function') return
  throw new ValueError(`${name}: it takes ${what}, not ${showGiven(f)}`)
}

const drawn = ['split', 'normal', 'truncatedNormal', 'uniform', 'bernoulli', 'orthogonal'] as const

/** That random numbers come from one of the two layouts, or from an object with the same functions. */
export function randomFrom(name: string, random: Random): Random {
  const isSource = typeof random === 'object' && random !== null && drawn.every((f) => typeof random[f] === 'function')
  if (isSource) return random
  throw new ValueError(`${name}: the option random is no source of random numbers; it must be random or legacyRandom`)
}
