import { type Key, type NDArray, type Shape, ShapeError } from '@cotangent/autodiff'
import { checkInitOptions, showShapes } from '../layers/checks.ts'
import type { InitOptions } from '../layers/layer.ts'

/** The first values of one array of parameters. */
export type Initializer = (key: Key, shape: Shape, options?: InitOptions) => NDArray

/** An initializer of this name, which is given a shape and options that are checked and complete. */
export const initializer =
  (name: string, draw: (key: Key, shape: Shape, options: Required<InitOptions>) => NDArray): Initializer =>
  (key, shape, options = {}) => {
    const fullName = `initializers.${name}`
    const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
    if (!isShape) {
      throw new ShapeError(`${fullName}: the shape is ${showShapes(shape)}; a shape is a list of whole numbers`)
    }
    return draw(key, shape, checkInitOptions(fullName, options))
  }
