import {
  allocate,
  array,
  type DType,
  elementWidth,
  fromHost,
  hostData,
  isInteger,
  NDArray,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  type TypedArray,
  ValueError,
} from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { checkBatchSize, countBatches } from './batch.ts'
import { allocateBytes, Bytes } from './bytes.ts'
import { type Chunk, datasetInside, elements, itemsOf } from './chunk.ts'
import { isNested } from './nested.ts'
import { type AnySpec, flattenSpec, type LeafSpec, mapSpec, type PartialShape, showPartialShape } from './spec.ts'
import type { Pull, Stage } from './stage.ts'
import { build, type ElementLeaf, flatten, flattenAs, isElementLeaf, type Structure } from './structure.ts'
import { checkFlags } from '../given.ts'

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

/** One number of the dtype, as it is stored. */
function paddingOf(value: Operand, dtype: DType, path: string): TypedArray {
  const x = array(value, value instanceof NDArray ? {} : { dtype })
  if (typeof value === 'number' && isInteger(dtype) && Number(hostData(x)[0]) !== value)
    throw new ValueError(`${path} is ${dtype}, which cannot hold the padding value ${value}`)
  if (x.size !== 1 || x.dtype !== dtype) {
    throw new ValueError(
      `${path} is ${dtype}; its padding value must be a scalar of that dtype, not ${x.dtype}[${x.shape.join(', ')}]`,
    )
  }
  return hostData(x)
}

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

function padColumn(
  parts: readonly (NDArray | Bytes)[],
  wanted: PartialShape,
  value: Operand,
  path: string,
): NDArray | Bytes {
  const first = parts[0] as NDArray | Bytes
  const shape = first.shape.map((_, k) => parts.reduce((most, part) => Math.max(most, part.shape[k] ?? 0), 0))
  parts.forEach((part, index) => {
    const is = `element ${index}, ${part.dtype}${showPartialShape(part.shape)}`
    if (part.dtype !== first.dtype)
      throw new DatasetError(`${path}: ${is}: the first is ${first.dtype}; elements of one batch must have one dtype`)
    if (part.shape.length !== first.shape.length)
      throw new DatasetError(
        `${path}: ${is}: the first has ${first.shape.length} axes; elements of one batch must have as many`,
      )
    if (
      wanted !== null &&
      (wanted.length !== part.shape.length || wanted.some((n, k) => n !== null && (part.shape[k] as number) > n))
    )
      throw new DatasetError(`${path}: ${is} is larger than the padded shape ${showPartialShape(wanted)}`)
  })
  const padded = shape.map((n, k) => wanted?.[k] ?? n)
  const whole = [parts.length, ...padded]
  if (first instanceof Bytes) return padBytes(parts as readonly Bytes[], padded, whole)
  const width = elementWidth(first.dtype)
  const store = allocate(first.dtype, sizeOf(whole))
  const fill = paddingOf(value, first.dtype, path)
  if (fill.some((word) => Number(word) !== 0 || Object.is(word, -0)))
    for (let i = 0; i < store.length; i++) store[i] = fill[i % width] as number
  parts.forEach((part, index) => {
    const data = hostData(part as NDArray)
    eachRow(part.shape, padded, (from, to, count) =>
      store.set(data.subarray(from * width, (from + count) * width), (index * sizeOf(padded) + to) * width),
    )
  })
  return fromHost(store, whole, first.dtype)
}

function padBytes(parts: readonly Bytes[], padded: Shape, whole: Shape): Bytes {
  const store = allocateBytes(sizeOf(whole))
  store.buffers.fill(new Uint8Array(0))
  parts.forEach((part, index) => {
    eachRow(part.shape, padded, (from, to, count) => {
      for (let i = 0; i < count; i++) {
        const at = index * sizeOf(padded) + to + i
        store.buffers[at] = part.item(from + i)
        store.ends[at] = part.item(from + i).length
      }
    })
  })
  return new Bytes(store, 0, whole)
}

/** Visits the rows of the last axis of `shape` with where each begins in it, and in `padded`. */
function eachRow(shape: Shape, padded: Shape, visit: (from: number, to: number, count: number) => void): void {
  if (sizeOf(shape) === 0) return
  const rank = shape.length
  const count = shape[rank - 1] ?? 1
  const rows = sizeOf(shape) / count
  for (let row = 0; row < rows; row++) {
    let rest = row
    let to = 0
    let stride = padded[rank - 1] ?? 1
    for (let k = rank - 2; k >= 0; k--) {
      const n = shape[k] as number
      to += (rest % n) * stride
      rest = Math.floor(rest / n)
      stride *= padded[k] as number
    }
    visit(row * count, to, count)
  }
}
