import { NDArray, random, type Random, type Shape, ShapeError, TreeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, shapesEqual, showShape } from '@cotangent/autodiff/array'
import type { Initializer } from '../initializers.ts'
import type { ApplyOptions, InitOptions } from './layer.ts'

/** A shape, or shapes in lists, as `[3, 4]` and `([3, 4], [3])`. */
export const showShapes = (shapes: unknown): string =>
  Array.isArray(shapes) && shapes.some(Array.isArray)
    ? `(${shapes.map(showShapes).join(', ')})`
    : Array.isArray(shapes)
      ? showShape(shapes as Shape)
      : String(shapes)

/** That a shape is one shape: whole numbers, or −1 where the size is not known. */
export function checkShape(name: string, shape: unknown): Shape {
  if (Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= -1)) return shape as Shape
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

/** That a number counts something. */
export function checkCount(name: string, what: string, n: number): void {
  if (Number.isInteger(n) && n >= 1) return
  throw new ValueError(`${name}: ${what} must be a positive whole number, not ${String(n)}`)
}

/** That a list holds `length` positive whole numbers, and any number of them where that is not given. */
export function checkSizes(name: string, what: string, sizes: readonly number[], length?: number): void {
  const right = Array.isArray(sizes) && sizes.every((n) => Number.isInteger(n) && n >= 1)
  if (right && (length === undefined || sizes.length === length)) return
  const wanted = length === undefined ? 'a list of' : `${length}`
  const found = Array.isArray(sizes) ? showShape(sizes) : String(sizes)
  throw new ValueError(`${name}: ${what} must be ${wanted} positive whole numbers, not ${found}`)
}

/** That an initializer is a function. */
export function checkInitializer(name: string, what: string, initializer: Initializer): void {
  if (typeof initializer === 'function') return
  throw new ValueError(
    `${name}: ${what} is ${String(initializer)}; it must be an initializer, as initializers.normal(0.1)`,
  )
}

/** Where random numbers come from, as the options of `init` or `apply` say. */
export function randomOf(name: string, options: InitOptions & ApplyOptions): Random {
  const { random: given = random } = checkOptions(name, options, ['random', 'dtype', 'rng'])
  if (typeof given?.split === 'function' && typeof given.normal === 'function') return given
  throw new ValueError(`${name}: the option random is no source of random numbers; it must be random or legacyRandom`)
}
