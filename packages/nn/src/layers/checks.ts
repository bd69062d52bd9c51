import {
  type Key,
  type lax,
  NDArray,
  random,
  type Random,
  type Shape,
  ShapeError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff'
import { checkOptions, shapesEqual, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkFloatDTypes, randomFrom } from '../checks.ts'
import type { Initializer } from '../initializers/initializer.ts'
import type { ApplyOptions, InitOptions } from './layer.ts'

/** A shape, or shapes in lists, as `[3, 4]` and `([3, 4], [3])`. */
export const showShapes = (shapes: unknown): string =>
  !Array.isArray(shapes)
    ? showGiven(shapes)
    : shapes.some(Array.isArray)
      ? `(${shapes.map(showShapes).join(', ')})`
      : shapes.every((n) => typeof n === 'number')
        ? showShape(shapes)
        : showGiven(shapes)

/** That a shape is one shape: whole numbers, or −1 where the size is not known. */
export function checkShape(name: string, shape: unknown): Shape {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= -1)) return shape as Shape
  const list = Array.isArray(shape) && shape.some(Array.isArray)
  const remedy = list
    ? 'it takes one array; put FanInSum or FanInConcat() before it, or the layer into parallel(…)'
    : 'a shape is a list of whole numbers, with -1 for a batch axis of unknown size'
  throw new ShapeError(`${name}: the input shape is ${showShapes(shape)}; ${remedy}`)
}

/** That inputs are one array. */
export function checkInputs(name: string, inputs: unknown): NDArray {
  if (inputs instanceof NDArray) return inputs
  const found = Array.isArray(inputs) ? `a list of ${inputs.length}` : typeof inputs
  throw new TreeError(
    `${name}: the inputs are ${found}; it takes one array: np.array(…) makes one of numbers, and FanInSum or FanInConcat() one of several arrays`,
  )
}

/** That params are a list of `length` entries: [weights, biases] and the like. */
export function checkParams<P extends readonly unknown[]>(name: string, params: P, what: string): P {
  const length = what.split(', ').length
  if (Array.isArray(params) && params.length === length) return params
  const found = Array.isArray(params) ? `a list of ${params.length}` : params === null ? 'null' : typeof params
  throw new TreeError(`${name}: its parameters are ${found}, not [${what}]; use those that its own init gave`)
}

/** That an array of parameters has the shape that the layer made. */
export function checkParam(name: string, what: string, param: NDArray, shape: Shape): void {
  if (param instanceof NDArray && shapesEqual(param.shape, shape)) return
  const found = param instanceof NDArray ? `of shape ${showShape(param.shape)}` : 'that are no array'
  throw new ShapeError(
    `${name}: it has ${what} ${found}, they must have shape ${showShape(shape)}; use those that its own init gave`,
  )
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 1

/** That a number counts something, of which there may be no more than `most`. */
export function checkCount(name: string, what: string, n: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (isCount(n) && n <= most) return
  const bound = most < Number.MAX_SAFE_INTEGER ? ` up to ${most}` : ''
  throw new ValueError(`${name}: ${what} must be a positive whole number${bound}, not ${showGiven(n)}`)
}

/** That a list holds `length` positive whole numbers, and any number of them where that is not given. */
export function checkSizes(name: string, what: string, sizes: readonly number[], length?: number): void {
  if (Array.isArray(sizes) && sizes.every(isCount) && (length === undefined || sizes.length === length)) return
  const wanted = length === undefined ? 'a list of' : `${length}`
  throw new ValueError(`${name}: ${what} must be ${wanted} positive whole numbers, not ${showShapes(sizes)}`)
}

const paddings = ['SAME', 'SAME_LOWER', 'VALID']
const isPair = (pair: unknown): boolean =>
  Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isSafeInteger(n))

/** That padding has a name, or is a pair for each of the axes of a window. */
export function checkPadding(name: string, padding: lax.Padding, window: readonly number[]): void {
  const isNamed = typeof padding === 'string' && paddings.includes(padding.toUpperCase())
  if (isNamed || (Array.isArray(padding) && padding.length === window.length && padding.every(isPair))) return
  throw new ValueError(
    `${name}: the padding ${showGiven(padding)} must be "SAME", "SAME_LOWER", "VALID" or a pair [low, high] for each axis of the window ${showShape(window)}`,
  )
}

/** That something is left of all axes of the outputs but `others`. */
export function checkFits(name: string, what: string, inputs: Shape, outputs: Shape, others: readonly number[]): void {
  if (outputs.every((n, axis) => n >= 1 || others.includes(axis))) return
  throw new ShapeError(
    `${name}: inputs of shape ${showShape(inputs)} give outputs of shape ${showShape(outputs)}: the ${what} is larger than what it moves over; use a smaller one, or the padding 'SAME'`,
  )
}

/** That an initializer is a function. */
export function checkInitializer(name: string, what: string, initializer: Initializer): void {
  if (typeof initializer === 'function') return
  throw new ValueError(
    `${name}: ${what} is ${showGiven(initializer)}; it must be an initializer, as initializers.normal(0.1)`,
  )
}

/** What an initializer makes; throws a ShapeError unless it is an array of the shape that was asked for. */
export function initialized(
  name: string,
  what: string,
  initializer: Initializer,
  key: Key,
  shape: Shape,
  options: InitOptions,
): NDArray {
  const made: unknown = initializer(key, shape, options)
  if (made instanceof NDArray && shapesEqual(made.shape, shape)) return made
  const found = made instanceof NDArray ? `an array of shape ${showShape(made.shape)}` : showGiven(made)
  throw new ShapeError(
    `${name}: ${what} gave ${found}; it must give an array of the shape it takes, ${showShape(shape)}`,
  )
}

/** What the options of `init` say; throws a ValueError for what they cannot say. */
export function checkInitOptions(name: string, options: InitOptions): Required<InitOptions> {
  const { random: source = random, dtype = 'float32' } = checkOptions(name, options, ['random', 'dtype'])
  checkFloatDTypes(name, { dtype })
  return { random: randomFrom(name, source), dtype }
}

/** The options of `apply`, with a source of random numbers. */
export type CheckedApplyOptions = ApplyOptions & { readonly random: Random }

/** What the options of `apply` say; throws a ValueError for what they cannot say. */
export function checkApplyOptions(name: string, options: ApplyOptions): CheckedApplyOptions {
  const { random: source = random } = checkOptions(name, options, ['rng', 'random'])
  return { ...options, random: randomFrom(name, source) }
}
