import { bytesPerElement, NDArray, sizeOf, ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import { type Chunk, itemsOf, Remainder } from './chunk.ts'
import { Queue } from './queue.ts'
import { AUTOTUNE, opensAt, paced, type Pull, type Stage } from './stage.ts'
import { type ElementLeaf, flatten, isElementLeaf } from './structure.ts'

// AUTOTUNE begins with this many elements and doubles when the reader had to wait, up to the most.
const FEWEST = 2
const MOST = 16
/** AUTOTUNE makes no more elements ahead than take so many bytes. */
const HEAVY = 64e6

/** Makes up to `n` elements in the background, ahead of the reader. */
export function prefetch(source: Stage, n: number): Stage {
  if (n !== AUTOTUNE && !(Number.isInteger(n) && n >= 0)) {
    throw new ValueError(
      `prefetch: the number of elements is ${shown(n)}; it must be a non-negative integer or AUTOTUNE`,
    )
  }
  if (n === 0) return source
  return {
    spec: () => source.spec(),
    cardinality: source.cardinality,
    cycle: source.cycle,
    ...opensAt(source, (pull) =>
      n === AUTOTUNE ? new PrefetchPull(pull, FEWEST, MOST) : new PrefetchPull(pull, n, n),
    ),
  }
}

/** Opens a stage and begins at once to make up to `n` elements ahead. */
export function openAhead(stage: Stage, n: number): Pull {
  const pull = new PrefetchPull(stage.open(), n, n)
  pull.begin()
  return pull
}

/** Elements that are made, or the error in their place. */
type Made = Chunk | { readonly error: unknown }

class PrefetchPull implements Pull {
  readonly #source: Pull
  readonly #more: Pull['next']
  #capacity: number
  readonly #most: number
  readonly #ready = new Queue<Made>()
  /** What is left of the elements that are being given. */
  readonly #rest = new Remainder()
  /** Elements in `#ready` and `#rest`. */
  #count = 0
  #producing: Promise<void> | undefined
  #wake: (() => void) | undefined
  #ended = false

  constructor(source: Pull, capacity: number, most: number) {
    this.#source = source
    this.#more = paced(source)
    this.#capacity = capacity
    this.#most = most
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.begin()
    if (this.#rest.count === 0) {
      const hasToWait = this.#ready.length === 0
      while (this.#ready.length === 0) {
        if (this.#ended && this.#producing === undefined) return undefined
        this.begin()
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      const made = this.#ready.shift() as Made
      if ('error' in made) {
        this.begin()
        throw made.error
      }
      if (hasToWait) this.#widen(made)
      this.#rest.hold(made)
    }
    const given = this.#rest.take(limit) as Chunk
    this.#count -= given.count
    this.begin()
    return given
  }

  /** The reader had to wait: more is made ahead, unless it is too large. */
  #widen(made: Chunk): void {
    const wider = Math.min(this.#most, this.#capacity * 2)
    if ((bytesIn(made) / made.count) * wider < HEAVY) this.#capacity = wider
  }

  /** Sees to it that elements are being made, unless there are enough. */
  begin(): void {
    if (!this.#ended && this.#count < this.#capacity && !this.#failed) this.#producing ??= this.#fill()
  }

  /** An error that waits to be thrown; nothing is made until somebody asks for what follows it. */
  get #failed(): boolean {
    const { last } = this.#ready
    return last !== undefined && 'error' in last
  }

  async #fill(): Promise<void> {
    try {
      while (!this.#ended && this.#count < this.#capacity) {
        const chunk = await this.#more(this.#capacity - this.#count)
        if (chunk === undefined) this.#ended = true
        else {
          this.#ready.push(chunk)
          this.#count += chunk.count
        }
        this.#wake?.()
      }
    } catch (error) {
      this.#ready.push({ error })
    }
    this.#producing = undefined
    this.#wake?.()
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#producing
    this.#ready.clear()
    this.#rest.clear()
    await this.#source.close()
  }
}

/** Bytes of the arrays in a chunk, as far as they are easily told. */
function bytesIn(chunk: Chunk): number {
  let bytes = 0
  if (chunk.kind === 'rows') {
    for (const { dtype, shape } of chunk.columns)
      if (dtype !== 'bytes') bytes += chunk.count * sizeOf(shape) * bytesPerElement(dtype)
    return bytes
  }
  for (const item of itemsOf(chunk))
    for (const leaf of flatten<ElementLeaf>(item, isElementLeaf, 'prefetch').leaves)
      if (leaf instanceof NDArray) bytes += leaf.size * bytesPerElement(leaf.dtype)
  return bytes
}
