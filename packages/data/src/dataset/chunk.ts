import { NDArray, shapesEqual, showShape, TreeError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { advance, type Column, columnOf, concatenateRuns, leafAt, type Run } from './column.ts'
import { isNested } from './nested.ts'
import {
  build,
  type ElementLeaf,
  flatten,
  flattenAs,
  isElementLeaf,
  type Structure,
  showStructure,
} from './structure.ts'

/** Elements of one structure, dtype and shape, column by column. */
export interface Rows {
  readonly kind: 'rows'
  readonly count: number
  readonly structure: Structure
  readonly columns: readonly Column[]
}

/** Elements one by one: `count` of a list, from `first` on. */
export interface Elements {
  readonly kind: 'elements'
  readonly count: number
  readonly items: readonly unknown[]
  readonly first: number
}

/** Some consecutive elements of a dataset, at least one. */
export type Chunk = Rows | Elements

export const elements = (items: readonly unknown[]): Elements => ({
  kind: 'elements',
  count: items.length,
  items,
  first: 0,
})

/** The first `n` elements. */
export const takeFirst = (chunk: Chunk, n: number): Chunk => (n >= chunk.count ? chunk : { ...chunk, count: n })

/** The elements after the first `n`. */
export function dropFirst(chunk: Chunk, n: number): Chunk {
  if (n === 0) return chunk
  const count = chunk.count - n
  if (chunk.kind === 'elements') return { ...chunk, count, first: chunk.first + n }
  return { ...chunk, count, columns: chunk.columns.map((column) => advance(column, n)) }
}

/** The elements at `first`, `first + stride`, …; undefined when there is none. */
export function everyNth(chunk: Chunk, stride: number, first: number): Chunk | undefined {
  if (first >= chunk.count) return undefined
  const count = Math.ceil((chunk.count - first) / stride)
  if (chunk.kind === 'elements')
    return elements(Array.from({ length: count }, (_, i) => chunk.items[chunk.first + first + i * stride]))
  const runs = (column: Column): Run[] =>
    Array.from({ length: count }, (_, i) => ({ column: advance(column, first + i * stride), count: 1 }))
  return { ...chunk, count, columns: chunk.columns.map((column) => concatenateRuns(runs(column))) }
}

/** What is left of a chunk that is given piece by piece. */
export class Remainder {
  #chunk: Chunk | undefined

  get count(): number {
    return this.#chunk?.count ?? 0
  }

  hold(chunk: Chunk): void {
    this.#chunk = chunk
  }

  /** Up to `limit` elements; undefined when nothing is left. */
  take(limit: number): Chunk | undefined {
    const chunk = this.#chunk
    this.#chunk = chunk !== undefined && chunk.count > limit ? dropFirst(chunk, limit) : undefined
    return chunk && takeFirst(chunk, limit)
  }

  clear(): void {
    this.#chunk = undefined
  }
}

/** The elements as trees of arrays. */
export function itemsOf(chunk: Chunk): readonly unknown[] {
  if (chunk.kind === 'elements') {
    const { items, first, count } = chunk
    return count === items.length ? items : items.slice(first, first + count)
  }
  return Array.from({ length: chunk.count }, (_, row) => {
    let next = 0
    return build(chunk.structure, () => {
      const column = chunk.columns[next++] as Column
      return leafAt(column, row, column.shape)
    })
  })
}

/** One element whose leaves are those of all the chunks' elements, stacked along a new first axis. */
export async function stack(chunks: readonly Chunk[], where: string): Promise<unknown> {
  const count = chunks.reduce((sum, chunk) => sum + chunk.count, 0)
  const first = chunks[0] as Chunk
  const structure =
    first.kind === 'rows' ? first.structure : flatten(first.items[first.first], isElementLeaf, where).structure
  const text = showStructure(structure)
  const runs: Run[][] = []
  let before = 0
  for (const chunk of chunks) {
    if (chunk.kind === 'rows') {
      if (showStructure(chunk.structure) !== text) throw otherStructure(chunk.structure, text, before, where)
      chunk.columns.forEach((column, i) => append(runs, i, { column, count: chunk.count }, before, where))
    } else {
      for (const [index, item] of itemsOf(chunk).entries()) {
        const leaves: ElementLeaf[] = []
        if (!flattenAs(structure, item, leaves)) {
          throw otherStructure(flatten(item, isElementLeaf, where).structure, text, before + index, where)
        }
        for (const leaf of leaves) if (leaf instanceof NDArray && leaf.storage.host === undefined) await leaf.ready()
        leaves.forEach((leaf, i) => {
          if (isNested(leaf)) throw datasetInside(where)
          append(runs, i, { column: columnOf(leaf), count: 1 }, before + index, where)
        })
      }
    }
    before += chunk.count
  }
  let next = 0
  return build(structure, () => {
    const column = concatenateRuns(runs[next++] as Run[])
    return leafAt(column, 0, [count, ...column.shape])
  })
}

function append(runs: Run[][], i: number, run: Run, element: number, where: string): void {
  const list = runs[i]
  if (list === undefined) {
    runs[i] = [run]
    return
  }
  const a = (list[0] as Run).column
  const b = run.column
  if (!shapesEqual(a.shape, b.shape)) {
    throw new DatasetError(
      `${where}: element ${element} has shape ${showShape(b.shape)} in component ${i}, the first has ${showShape(a.shape)}; elements of one batch must have one shape`,
    )
  }
  if (a.dtype !== b.dtype) {
    throw new DatasetError(
      `${where}: element ${element} is ${b.dtype} in component ${i}, the first is ${a.dtype}; elements of one batch must have one dtype`,
    )
  }
  list.push(run)
}

/** The error of elements that hold datasets where arrays are wanted. */
export const datasetInside = (where: string): TreeError =>
  new TreeError(`${where}: the elements hold datasets, which cannot be stacked; flatMap((window) => …) makes them one`)

const otherStructure = (structure: Structure, text: string, element: number, where: string): DatasetError =>
  new DatasetError(
    `${where}: element ${element} is ${showStructure(structure)}, the first is ${text}; elements of one batch must have one structure`,
  )
