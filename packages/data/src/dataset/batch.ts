import { ValueError } from '@cotangent/autodiff/array'
import { checkFlags, shown } from '../given.ts'
import { type Chunk, datasetInside, dropFirst, elements, stack, takeFirst } from './chunk.ts'
import { withRowShape } from './column.ts'
import { type AnySpec, flattenSpec, type LeafSpec, mapSpec } from './spec.ts'
import { type Cardinality, gcd, openAt, type Pull, type Stage } from './stage.ts'

export interface BatchOptions {
  /** Leave out a last batch that is not full. @defaultValue false */
  readonly dropRemainder?: boolean
}

/** Every `n` elements stacked along a new first axis. */
export function batch(source: Stage, n: number, { dropRemainder = false }: BatchOptions, where = 'batch'): Stage {
  checkBatchSize(n, where)
  checkFlags(where, { dropRemainder })
  refuseDatasets(source.spec(), where)
  const { cardinality, cycle } = source
  return {
    spec: () => {
      const spec = source.spec()
      const size = dropRemainder ? n : null
      return spec === undefined
        ? undefined
        : mapSpec(spec, (leaf) => ({ ...leaf, shape: leaf.shape === null ? null : [size, ...leaf.shape] }) as LeafSpec)
    },
    cardinality: countBatches(cardinality, n, dropRemainder),
    cycle: cycle === undefined ? undefined : cycle / gcd(cycle, n),
    open: () => new BatchPull(source.open(), n, dropRemainder),
    ...(source.openAt && { openAt: (k) => new BatchPull(openAt(source, k * n), n, dropRemainder) }),
  }
}

export function checkBatchSize(n: number, where: string): void {
  if (!Number.isInteger(n) || n < 1)
    throw new ValueError(`${where}: the batch size is ${shown(n)}; it must be a positive integer`)
}

export const countBatches = (cardinality: Cardinality, n: number, dropRemainder: boolean): Cardinality =>
  typeof cardinality === 'number' ? (dropRemainder ? Math.floor : Math.ceil)(cardinality / n) : cardinality

function refuseDatasets(spec: AnySpec | undefined, where: string): void {
  if (spec !== undefined && flattenSpec(spec, where).leaves.some(({ dtype }) => dtype === 'dataset'))
    throw datasetInside(where)
}

/** Of batches that are asked for together, so many elements at most are read at once: they are not yet batched. */
const TOGETHER = 4096

class BatchPull implements Pull {
  readonly #source: Pull
  readonly #size: number
  readonly #dropRemainder: boolean
  #held: Chunk[] = []
  #count = 0
  #ended = false

  constructor(source: Pull, size: number, dropRemainder: boolean) {
    this.#source = source
    this.#size = size
    this.#dropRemainder = dropRemainder
  }

  async next(limit: number): Promise<Chunk | undefined> {
    const size = this.#size
    while (this.#count < size && !this.#ended) {
      const wanted = Math.max(size, Math.min(limit * size, TOGETHER)) - this.#count
      const chunk = await this.#source.next(wanted).catch((error: unknown) => this.#fail(error))
      if (chunk === undefined) this.#ended = true
      else {
        this.#held.push(chunk)
        this.#count += chunk.count
      }
    }
    if (this.#count === 0 || (this.#count < size && this.#dropRemainder)) return undefined
    return this.#regrouped() ?? elements([await stack(this.#remove(Math.min(size, this.#count)), 'batch')])
  }

  /** A batch that cannot be filled is not given. */
  #fail(error: unknown): never {
    this.#held = []
    this.#count = 0
    throw error
  }

  /** Rows that lie one after another are batches already, seen with one more axis. */
  #regrouped(): Chunk | undefined {
    const first = this.#held[0] as Chunk
    const batches = Math.floor(first.count / this.#size)
    if (first.kind !== 'rows' || batches === 0) return undefined
    this.#remove(batches * this.#size)
    const columns = first.columns.map((column) => withRowShape(column, [this.#size, ...column.shape]))
    return { ...first, count: batches, columns }
  }

  #remove(n: number): Chunk[] {
    const removed: Chunk[] = []
    this.#count -= n
    for (let left = n; left > 0; ) {
      const chunk = this.#held[0] as Chunk
      removed.push(takeFirst(chunk, left))
      if (chunk.count > left) this.#held[0] = dropFirst(chunk, left)
      else this.#held.shift()
      left -= chunk.count
    }
    return removed
  }

  close(): Promise<void> {
    this.#held = []
    return this.#source.close()
  }
}
