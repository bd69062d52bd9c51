import { ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { checkFlags, shown } from '../given.ts'
import { type Chunk, elements, itemsOf } from './chunk.ts'
import { type AnySpec, type DatasetSpec, isLeafSpec, mapSpec } from './spec.ts'
import type { Cardinality, Pull, Stage } from './stage.ts'
import { build, type ElementLeaf, flatten, flattenAs, isElementLeaf } from './structure.ts'

export interface WindowOptions {
  /** By how many elements each window begins after the one before. @defaultValue the window's size */
  readonly shift?: number
  /** By how many elements those of a window lie apart. @defaultValue 1 */
  readonly stride?: number
  /** Leave out windows that are not full. @defaultValue false */
  readonly dropRemainder?: boolean
}

/** Windows of `size` elements, each a dataset (or a tree of datasets, one for each array of the elements). */
export function window(
  source: Stage,
  size: number,
  { shift = size, stride = 1, dropRemainder = false }: WindowOptions,
  dataset: (stage: Stage) => unknown,
): Stage {
  for (const [name, n] of Object.entries({ size, shift, stride })) {
    if (!Number.isInteger(n) || n < 1)
      throw new ValueError(`window: ${name} is ${shown(n)}; it must be a positive integer`)
  }
  checkFlags('window', { dropRemainder })
  const reach = (size - 1) * stride + 1
  const { cardinality } = source
  return {
    spec: () => {
      const spec = source.spec()
      return spec === undefined
        ? undefined
        : mapSpec(spec, (leaf): DatasetSpec => ({ shape: [], dtype: 'dataset', elements: leaf }))
    },
    cardinality: windows(cardinality, shift, dropRemainder ? reach : 1),
    cycle: undefined,
    open: () => new WindowPull(source, { size, shift, stride, dropRemainder, reach }, dataset),
  }
}

/** How many windows there are when the last one must have `least` elements before it. */
function windows(cardinality: Cardinality, shift: number, least: number): Cardinality {
  if (typeof cardinality !== 'number') return cardinality
  return cardinality < least ? 0 : Math.floor((cardinality - least) / shift) + 1
}

interface Sizes extends Required<WindowOptions> {
  readonly size: number
  /** From a window's first element to its last, both counted. */
  readonly reach: number
}

class WindowPull implements Pull {
  readonly #source: Pull
  readonly #spec: AnySpec | undefined
  readonly #sizes: Sizes
  readonly #dataset: (stage: Stage) => unknown
  /** Elements from the next window's first on. */
  #held: unknown[] = []
  /** Elements between this window and the next, where the shift is larger than the reach. */
  #toSkip = 0
  #ended = false

  constructor(stage: Stage, sizes: Sizes, dataset: (stage: Stage) => unknown) {
    this.#source = stage.open()
    this.#spec = stage.spec()
    this.#sizes = sizes
    this.#dataset = dataset
  }

  async next(): Promise<Chunk | undefined> {
    const { reach, shift, stride, size, dropRemainder } = this.#sizes
    while (!this.#ended && this.#held.length < reach) {
      const chunk = await this.#source.next(this.#toSkip > 0 ? this.#toSkip : reach - this.#held.length)
      if (chunk === undefined) this.#ended = true
      else if (this.#toSkip > 0) this.#toSkip -= chunk.count
      else for (const item of itemsOf(chunk)) this.#held.push(item)
    }
    if (this.#held.length === 0 || (dropRemainder && this.#held.length < reach)) return undefined
    const items = this.#held.filter((_, i) => i % stride === 0).slice(0, size)
    this.#toSkip = Math.max(0, shift - this.#held.length)
    this.#held = this.#held.slice(shift)
    return elements([this.#datasets(items)])
  }

  /** One dataset for each array of the elements. */
  #datasets(items: readonly unknown[]): unknown {
    const { structure, leaves } = flatten<ElementLeaf>(items[0], isElementLeaf, 'window')
    const columns: ElementLeaf[][] = leaves.map(() => [])
    for (const item of items) {
      const parts: ElementLeaf[] = []
      if (!flattenAs(structure, item, parts))
        throw new DatasetError('window: the elements of a window must have one structure')
      parts.forEach((part, i) => columns[i]?.push(part))
    }
    const specs: unknown[] = []
    if (this.#spec !== undefined) mapSpec(this.#spec, (leaf) => (specs.push(leaf), leaf))
    let next = 0
    return build(structure, () => {
      const i = next++
      const spec = specs[i]
      return this.#dataset(listed(columns[i] as ElementLeaf[], isLeafSpec(spec) ? spec : undefined))
    })
  }

  close(): Promise<void> {
    this.#held = []
    this.#ended = true
    return this.#source.close()
  }
}

/** The elements of a list. */
export function listed(items: readonly unknown[], spec: AnySpec | undefined): Stage {
  const from = (first: number): Pull => {
    let at = first
    const next = async (limit: number): Promise<Chunk | undefined> => {
      if (at >= items.length) return undefined
      const given = items.slice(at, at + limit)
      at += given.length
      return elements(given)
    }
    return { next, close: async () => undefined }
  }
  return { spec: () => spec, cardinality: items.length, cycle: undefined, open: () => from(0), openAt: from }
}
