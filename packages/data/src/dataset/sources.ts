import { allocate, NDArray, ShapeError, type Shape, showShape, TreeError, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { shown } from '../given.ts'
import type { Bytes } from './bytes.ts'
import { type Chunk, elements } from './chunk.ts'
import { advance, type Column, columnOf } from './column.ts'
import { isNested } from './nested.ts'
import { type AnySpec, specOf } from './spec.ts'
import type { Pull, Stage } from './stage.ts'
import { build, type ElementLeaf, flatten, isElementLeaf, toElement } from './structure.ts'

const done = async (): Promise<void> => undefined

/** The slices of every leaf along its first axis. Nothing is copied: elements are views of the leaves. */
export function slices(tree: unknown): Stage {
  const where = 'fromTensorSlices'
  const { structure, leaves: all, paths } = flatten<ElementLeaf>(toElement(tree, where), isElementLeaf, where)
  const leaves = all.map((leaf, i) => {
    if (isNested(leaf)) throw new TreeError(`${paths[i]} is a dataset: it has no slices`)
    return leaf
  })
  if (leaves.length === 0) throw new TreeError(`${where}: there is no array to slice`)
  leaves.forEach((leaf, i) => {
    if (leaf.shape.length === 0) {
      throw new ShapeError(
        `${where}: ${paths[i]} is a scalar and has no first axis to slice; a nested list is a tree: write np.array(list) for an array`,
      )
    }
  })
  const count = leaves[0]?.shape[0] as number
  if (leaves.some((leaf) => leaf.shape[0] !== count)) {
    const shapes = leaves.map((leaf, i) => `${paths[i]} ${showShape(leaf.shape)}`).join(', ')
    throw new ShapeError(`${where}: the first axes must be equally long: ${shapes}`)
  }
  const rowShapes: Shape[] = leaves.map((leaf) => leaf.shape.slice(1))
  let nextLeaf = 0
  const spec = build(structure, () => {
    const i = nextLeaf++
    return { shape: rowShapes[i], dtype: leaves[i]?.dtype }
  }) as AnySpec
  const from = (first: number): Pull => {
    let columns: Column[] | undefined
    let row = first
    const next = async (limit: number): Promise<Chunk | undefined> => {
      if (row >= count) return undefined
      columns ??= await columnsOf(leaves, rowShapes).catch((error: unknown) => {
        row = count
        throw error
      })
      const start = row
      row = Math.min(count, row + limit)
      return { kind: 'rows', count: row - start, structure, columns: columns.map((column) => advance(column, start)) }
    }
    return { next, close: done }
  }
  return { spec: () => spec, cardinality: count, cycle: undefined, open: () => from(0), openAt: from }
}

/** The leaves as columns of rows, once their numbers are there. */
async function columnsOf(leaves: readonly (NDArray | Bytes)[], rowShapes: readonly Shape[]): Promise<Column[]> {
  await Promise.all(leaves.filter((leaf) => leaf instanceof NDArray).map((leaf) => leaf.ready()))
  return leaves.map((leaf, i) => ({ ...columnOf(leaf), shape: rowShapes[i] as Shape }))
}

/** The one element `tree`. */
export function single(tree: unknown): Stage {
  const element = toElement(tree, 'fromTensors')
  const spec = specOf(element)
  const open = (): Pull => {
    let given = false
    const next = async (): Promise<Chunk | undefined> => {
      if (given) return undefined
      given = true
      return elements([element])
    }
    return { next, close: done }
  }
  return { spec: () => spec, cardinality: 1, cycle: undefined, open }
}

/** The `stop` of a range that never ends. */
export const endless = (step: number): number =>
  typeof step === 'number' && step < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY

/** int32 numbers from `start` up to (not including) `stop`. */
export function range(start: number, stop: number, step: number): Stage {
  for (const [name, value] of Object.entries({ start, stop, step })) {
    if (name === 'stop' && value === endless(step)) continue
    if (!Number.isInteger(value)) throw new ValueError(`range: ${name} is ${shown(value)}; it must be an integer`)
  }
  if (step === 0) throw new ValueError('range: step is 0; it must not be')
  const count = Math.max(0, Math.ceil((stop - start) / step))
  const last = count === Number.POSITIVE_INFINITY || count === 0 ? start : start + (count - 1) * step
  if (Math.min(start, last) < -(2 ** 31) || Math.max(start, last) >= 2 ** 31) {
    throw new ValueError(`range: ${start} … ${last} is not in int32; Dataset.range(n).map(…) computes larger numbers`)
  }
  const limit32 = step > 0 ? 2 ** 31 - 1 : -(2 ** 31)
  const inInt32 = Math.floor((limit32 - start) / step) + 1
  const structure = { kind: 'leaf' } as const
  const from = (first: number): Pull => {
    let given = first
    const next = async (limit: number): Promise<Chunk | undefined> => {
      if (given >= count) return undefined
      if (given >= inInt32) {
        given = count
        throw new DatasetError('counter: the numbers are beyond int32')
      }
      const length = Math.min(limit, count - given, inInt32 - given)
      const store = allocate('int32', length)
      for (let i = 0; i < length; i++) store[i] = start + (given + i) * step
      given += length
      return { kind: 'rows', count: length, structure, columns: [{ dtype: 'int32', shape: [], offset: 0, store }] }
    }
    return { next, close: done }
  }
  return {
    spec: () => ({ shape: [], dtype: 'int32' }),
    cardinality: count === Number.POSITIVE_INFINITY ? 'infinite' : count,
    cycle: undefined,
    open: () => from(0),
    openAt: from,
  }
}
