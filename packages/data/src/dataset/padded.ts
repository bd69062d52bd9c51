import { NDArray, ShapeError, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { checkFlags } from '../given.ts'
import { checkBatchSize, countBatches } from './batch.ts'
import type { Bytes } from './bytes.ts'
import { type Chunk, datasetInside, elements, itemsOf } from './chunk.ts'
import { isNested } from './nested.ts'
import { padColumn, paddingOf } from './pad.ts'
import { type AnySpec, flattenSpec, type LeafSpec, mapSpec, type PartialShape, showPartialShape } from './spec.ts'
import type { Pull, Stage } from './stage.ts'
import { build, type ElementLeaf, flatten, flattenAs, isElementLeaf, type Structure } from './structure.ts'

/** A shape for every array of an element: one list for all, or a tree of them. */
export type PaddedShapes = PartialShape | { readonly [key: string]: PaddedShapes } | readonly PaddedShapes[]

/** What is put in for every array of an element: one number for all, or a tree of them. */
export type PaddingValues =
  | number
  | bigint
  | boolean
  | NDArray
  | { readonly [key: string]: PaddingValues }
  | readonly PaddingValues[]

export interface PaddedBatchOptions {
  /**
   * To which shape arrays are padded, `null` for the largest size in the batch.
   * @defaultValue the largest size of each axis in the batch
   */
  readonly paddedShapes?: PaddedShapes
  /** What the rest is filled with. @defaultValue 0 */
  readonly paddingValues?: PaddingValues
  /** Leave out a last batch that is not full. @defaultValue false */
  readonly dropRemainder?: boolean
}

const WHERE = 'paddedBatch'

/** Every `n` elements stacked along a new first axis, smaller arrays padded at their ends. */
export function paddedBatch(source: Stage, n: number, options: PaddedBatchOptions): Stage {
  checkBatchSize(n, WHERE)
  const { paddedShapes, dropRemainder = false } = options
  checkFlags(WHERE, { dropRemainder })
  const known = source.spec()
  if (known !== undefined) checkKnown(known, options)
  return {
    spec: () => {
      const spec = source.spec()
      if (spec === undefined) return undefined
      const shapes = leavesOf(paddedShapes, flattenSpec(spec, WHERE).structure, isPartialShape, 'paddedShapes')
      let next = 0
      return mapSpec(spec, (leaf) => {
        const shape = shapes[next++] ?? leaf.shape
        return { ...leaf, shape: shape === null ? null : [dropRemainder ? n : null, ...shape] } as LeafSpec
      })
    },
    cardinality: countBatches(source.cardinality, n, dropRemainder),
    cycle: undefined,
    open: () => new PaddedPull(source.open(), n, options),
  }
}

const isPartialShape = (value: unknown): value is PartialShape =>
  value === null || (Array.isArray(value) && value.every((n) => n === null || (Number.isInteger(n) && n >= 0)))

const isPaddingValue = (value: unknown): value is number | bigint | boolean | NDArray =>
  ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof NDArray

/** What is wrong already, as far as the elements are known. */
function checkKnown(spec: AnySpec, { paddedShapes, paddingValues }: PaddedBatchOptions): void {
  const { structure, leaves, paths } = flattenSpec(spec, `${WHERE}: the element`)
  const shapes = leavesOf(paddedShapes, structure, isPartialShape, 'paddedShapes')
  const values = leavesOf(paddingValues, structure, isPaddingValue, 'paddingValues')
  leaves.forEach((leaf, i) => {
    const path = paths[i] as string
    if (leaf.dtype === 'dataset') throw datasetInside(WHERE)
    const shape = shapes[i]
    if (leaf.shape === null && (shape === undefined || shape === null)) {
      throw new ValueError(`${path} has an unknown number of axes; say with paddedShapes how they are padded`)
    }
    if (leaf.shape !== null && shape !== undefined && shape !== null) checkFits(leaf.shape, shape, path)
    if (values[i] !== undefined && leaf.dtype !== 'bytes') paddingOf(values[i], leaf.dtype, path)
  })
}

function checkFits(is: PartialShape, padded: PartialShape, path: string): void {
  if (is === null || padded === null) return
  if (is.length !== padded.length || is.some((n, k) => n !== null && padded[k] !== null && n > (padded[k] as number))) {
    throw new ShapeError(
      `${path} has shape ${showPartialShape(is)}, which cannot be padded to ${showPartialShape(padded)}`,
    )
  }
}

/** One value for all leaves, or one each. */
function leavesOf<L>(
  tree: unknown,
  structure: Structure,
  isLeaf: (value: unknown) => value is L,
  name: string,
): (L | undefined)[] {
  const count = countLeaves(structure)
  if (tree === undefined) return new Array<undefined>(count).fill(undefined)
  if (structure.kind !== 'leaf' && !isTuple(tree, structure) && isLeaf(tree)) return new Array<L>(count).fill(tree)
  const leaves: L[] = []
  const walk = (value: unknown, at: Structure): boolean => {
    if (at.kind === 'none') return true
    if (at.kind === 'leaf') return isLeaf(value) && leaves.push(value) > 0
    if (typeof value !== 'object' || value === null) return false
    return at.children.every((child, i) =>
      walk((value as Record<string, unknown>)[at.kind === 'record' ? (at.keys[i] as string) : i], child),
    )
  }
  if (!walk(tree, structure))
    throw new ValueError(
      `${WHERE}: ${name} does not fit the elements: give one for all arrays, or a tree like the elements`,
    )
  return leaves
}

/** A tuple of shapes, not one shape: its first entry is no number. */
const isTuple = (tree: unknown, structure: Structure): boolean =>
  structure.kind === 'tuple' && Array.isArray(tree) && tree.some((part) => typeof part === 'object' && part !== null)

const countLeaves = (structure: Structure): number =>
  structure.kind === 'leaf'
    ? 1
    : structure.kind === 'none'
      ? 0
      : structure.children.reduce((sum, child) => sum + countLeaves(child), 0)

class PaddedPull implements Pull {
  readonly #source: Pull
  readonly #size: number
  readonly #options: PaddedBatchOptions
  #held: unknown[] = []

  constructor(source: Pull, size: number, options: PaddedBatchOptions) {
    this.#source = source
    this.#size = size
    this.#options = options
  }

  async next(): Promise<Chunk | undefined> {
    const items = this.#held
    this.#held = []
    while (items.length < this.#size) {
      const chunk = await this.#source.next(this.#size - items.length)
      if (chunk === undefined) break
      for (const item of itemsOf(chunk)) items.push(item)
    }
    if (items.length === 0 || (items.length < this.#size && this.#options.dropRemainder === true)) return undefined
    return elements([await this.#pad(items)])
  }

  async #pad(items: readonly unknown[]): Promise<unknown> {
    const { structure, leaves, paths } = flatten<ElementLeaf>(items[0], isElementLeaf, `${WHERE}: the element`)
    const columns: (NDArray | Bytes)[][] = leaves.map(() => [])
    for (const [index, item] of items.entries()) {
      const parts: ElementLeaf[] = []
      if (!flattenAs(structure, item, parts)) {
        throw new DatasetError(
          `${WHERE}: element ${index} has another structure than the first; elements of one batch must have one`,
        )
      }
      for (const [i, part] of parts.entries()) {
        if (isNested(part)) throw datasetInside(WHERE)
        if (part instanceof NDArray) await part.ready()
        columns[i]?.push(part)
      }
    }
    const shapes = leavesOf(this.#options.paddedShapes, structure, isPartialShape, 'paddedShapes')
    const values = leavesOf(this.#options.paddingValues, structure, isPaddingValue, 'paddingValues')
    let next = 0
    return build(structure, () => {
      const i = next++
      return padColumn(columns[i] as (NDArray | Bytes)[], shapes[i] ?? null, values[i] ?? 0, paths[i] as string)
    })
  }

  close(): Promise<void> {
    this.#held = []
    return this.#source.close()
  }
}
