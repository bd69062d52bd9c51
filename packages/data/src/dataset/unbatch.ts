import { NDArray, ShapeError, showShape } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { type BatchOptions, batch, checkBatchSize } from './batch.ts'
import { type Chunk, datasetInside, itemsOf, Remainder, type Rows } from './chunk.ts'
import { type Column, columnOf, withRowShape } from './column.ts'
import { isNested } from './nested.ts'
import { flattenSpec, mapSpec } from './spec.ts'
import type { Pull, Stage } from './stage.ts'
import { type ElementLeaf, flatten, isElementLeaf } from './structure.ts'

/** The slices of each element along the first axes of its arrays: what `batch` put together. */
export function unbatch(source: Stage): Stage {
  const size = staticSize(source)
  const { cardinality, cycle } = source
  const known = cardinality === 0 ? 0 : typeof cardinality === 'number' && size ? cardinality * size : undefined
  return {
    spec: () => {
      const spec = source.spec()
      return spec === undefined
        ? undefined
        : mapSpec(spec, (leaf) => ({ ...leaf, shape: leaf.shape?.slice(1) ?? null }) as typeof leaf)
    },
    cardinality: known ?? (typeof cardinality === 'number' ? 'unknown' : cardinality),
    cycle: cycle !== undefined && size ? cycle * size : undefined,
    open: () => new UnbatchPull(source.open(), size),
  }
}

/** The slices in batches of another size; of a multiple of it none is left over. */
export function rebatch(source: Stage, n: number, options: BatchOptions): Stage {
  checkBatchSize(n, 'rebatch')
  const whole = (staticSize(source) ?? 1) % n === 0
  const slices = unbatch(source)
  return {
    ...batch(slices, n, options, 'rebatch'),
    spec: () => batch(slices, n, whole ? { dropRemainder: true } : options, 'rebatch').spec(),
    cardinality: 'unknown',
  }
}

/** How many slices each element has, when its spec says so; throws for what has none. */
function staticSize(source: Stage): number | undefined {
  const spec = source.spec()
  if (spec === undefined) return undefined
  const { leaves, paths } = flattenSpec(spec, 'unbatch: the element')
  let size: number | undefined
  leaves.forEach(({ shape, dtype }, i) => {
    if (dtype === 'dataset') throw datasetInside('unbatch')
    if (shape === null) return
    const [first] = shape
    if (first === undefined) throw noAxis(paths[i] as string)
    if (first === null) return
    if (size !== undefined && first !== size) {
      throw new ShapeError(
        `${paths[i]} has ${first} slices along its first axis, an array before it ${size}; they must be as many`,
      )
    }
    size = first
  })
  return size
}

const noAxis = (path: string): ShapeError => new ShapeError(`${path} is a scalar: it has no first axis to unbatch`)

class UnbatchPull implements Pull {
  readonly #source: Pull
  readonly #size: number
  readonly #rest = new Remainder()
  /** Elements of the source, of which those from `#at` on wait. */
  #items: readonly unknown[] = []
  #at = 0

  constructor(source: Pull, size: number | undefined) {
    this.#source = source
    this.#size = Math.max(1, size ?? 1)
  }

  async next(limit: number): Promise<Chunk | undefined> {
    while (this.#rest.count === 0) {
      if (this.#at === this.#items.length) {
        const chunk = await this.#source.next(Math.ceil(limit / this.#size))
        if (chunk === undefined) return undefined
        const slices = chunk.kind === 'rows' ? regrouped(chunk) : undefined
        if (slices === undefined) {
          this.#items = itemsOf(chunk)
          this.#at = 0
        } else if (slices.count > 0) this.#rest.hold(slices)
        continue
      }
      const slices = await slicesOf(this.#items[this.#at++])
      if (slices.count > 0) this.#rest.hold(slices)
    }
    return this.#rest.take(limit)
  }

  close(): Promise<void> {
    this.#items = []
    this.#at = 0
    this.#rest.clear()
    return this.#source.close()
  }
}

/** Batches that lie one after another are rows already, seen with one axis less. */
function regrouped(chunk: Rows): Rows | undefined {
  const size = chunk.columns[0]?.shape[0]
  if (size === undefined || chunk.columns.some(({ shape }) => shape[0] !== size)) return undefined
  const columns = chunk.columns.map((column) => withRowShape(column, column.shape.slice(1)))
  return { ...chunk, count: chunk.count * size, columns }
}

/** The slices of one element: views, nothing is copied. */
async function slicesOf(element: unknown): Promise<Rows> {
  const { structure, leaves, paths } = flatten<ElementLeaf>(element, isElementLeaf, 'unbatch: the element')
  const columns: Column[] = []
  let count: number | undefined
  for (const [i, leaf] of leaves.entries()) {
    if (isNested(leaf)) throw datasetInside('unbatch')
    const [size] = leaf.shape
    if (size === undefined) throw noAxis(paths[i] as string)
    count ??= size
    if (size !== count) {
      const shapes = leaves.map((other) => showShape((other as NDArray).shape)).join(' and ')
      throw new DatasetError(
        `unbatch: the arrays of an element have shapes ${shapes}; their first axes must be equally long`,
      )
    }
    if (leaf instanceof NDArray) await leaf.ready()
    columns.push(withRowShape(columnOf(leaf), leaf.shape.slice(1)))
  }
  return { kind: 'rows', count: count ?? 0, structure, columns }
}
