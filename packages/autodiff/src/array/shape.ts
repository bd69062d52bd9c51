import { ShapeError } from './errors.ts'
import { showGiven } from './show.ts'

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** How many elements an array of the shape has. */
export function sizeOf(shape: Shape): number {
  let product = 1
  for (let axis = 0; axis < shape.length; axis++) product *= shape[axis] as number
  return product
}

/** Whether two shapes are the same. */
export function shapesEqual(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false
  return true
}

/** How shapes appear in messages: `[2, 3]`. */
export const showShape = (shape: Shape): string =>
  Array.isArray(shape)
    ? `[${shape.map((n) => (typeof n === 'number' ? n : showGiven(n))).join(', ')}]`
    : showGiven(shape)

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  return strides
}

/** Throws a ShapeError unless every size is a non-negative integer. */
export function checkShape(shape: Shape, where: string): Shape {
  if (!Array.isArray(shape) || shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError(`${where}: a shape is a list of non-negative integers, not ${showGiven(shape)}`)
  }
  return shape
}

/** `axis` counted from the front; negative axes count from the end. */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const remedy = rank === 0 ? 'a scalar has none' : `give a whole number from ${-rank} to ${rank - 1}`
    throw new ShapeError(
      `${where}: axis ${showGiven(axis)} is out of range for ${rank} ${rank === 1 ? 'axis' : 'axes'}; ${remedy}`,
    )
  }
  return axis < 0 ? axis + rank : axis
}

/** Every axis normalized, and none twice. `undefined` and `null` mean all axes, as in NumPy. */
export function normalizeAxes(
  axes: number | readonly number[] | null | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, i) => i)
  const list = (Array.isArray(axes) ? (axes as readonly number[]) : [axes as number]).map((axis) =>
    normalizeAxis(axis, rank, where),
  )
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${where}: an axis appears twice in [${String(axes)}]; name each once`)
  return list
}

/** The axes as they are; throws a ShapeError for what is no list of numbers. */
export function checkAxisList(axes: readonly number[], where: string): readonly number[] {
  if (Array.isArray(axes) && axes.every((axis) => typeof axis === 'number')) return axes
  throw new ShapeError(`${where}: axes are a list of whole numbers, not ${showGiven(axes)}`)
}

/** Throws a ShapeError unless every axis is one of `shape`, counted from the front, and none is there twice. */
export function checkAxes(axes: readonly number[], shape: Shape, where: string): void {
  const bad = checkAxisList(axes, where).find((axis, i) => shape[axis] === undefined || axes.indexOf(axis) !== i)
  if (bad === undefined) return
  const reason = shape[bad] === undefined ? 'is not there' : 'is named twice'
  throw new ShapeError(`${where}: axis ${bad} of ${showShape(shape)} ${reason}; axes count from 0 here`)
}

/** The shape all of them broadcast to, by NumPy's rules. */
export function broadcastShapes(shapes: readonly Shape[], where = 'broadcastShapes'): number[] {
  for (const shape of shapes) checkShape(shape, where)
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  const out = new Array<number>(rank).fill(1)
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i
      const n = shape[i] as number
      if (n === out[axis] || n === 1) continue
      if (out[axis] !== 1) {
        throw new ShapeError(
          `${where}: shapes ${shapes.map(showShape).join(' and ')} do not broadcast together: axis ${axis} of the result is ${out[axis]} and ${n}; reshape one of them, or add an axis of length 1`,
        )
      }
      out[axis] = n
    }
  }
  return out
}

/** `shape` with one entry put in at `axis`. */
export const insertAxis = (shape: Shape, axis: number, size: number): number[] => [
  ...shape.slice(0, axis),
  size,
  ...shape.slice(axis),
]

/** `shape` without the axes in `axes`. */
export const withoutAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.filter((_, i) => !axes.includes(i))

/** `shape` with the axes in `axes` 1 long. */
export const withUnitAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((n, i) => (axes.includes(i) ? 1 : n))

/** 0 … n-1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
