import { TreeError, ValueError } from '@cotangent/autodiff/array'
import { shown, typeName } from '../given.ts'
import { type Chunk, itemsOf } from './chunk.ts'
import { callSpread, type Spread } from './each.ts'
import { checkFunction } from './filter.ts'
import { isNested } from './nested.ts'
import { openAhead } from './prefetch.ts'
import { type AnySpec, checkSpec } from './spec.ts'
import { AUTOTUNE, closeAll, type Pull, type Stage, stageOf } from './stage.ts'

export interface FlatMapOptions<S = AnySpec> {
  /**
   * What the datasets give, so that `elementSpec` is known before the first element is made.
   * @defaultValue not known
   */
  readonly elementSpec?: S
}

export interface InterleaveOptions<S = AnySpec> extends FlatMapOptions<S> {
  /** How many datasets are read in turn. @defaultValue 8 */
  readonly cycleLength?: number
  /** How many elements each gives at its turn. @defaultValue 1 */
  readonly blockLength?: number
  /**
   * How many of the datasets are read ahead at once, in the background, up to `cycleLength`; the order stays the same.
   * `AUTOTUNE`: all that are read in turn.
   * @defaultValue 1
   */
  readonly numParallelCalls?: number
}

const CYCLE = 8
/** Each place in the cycle takes memory, whether or not there are so many datasets. */
const MOST = 1e6
/** Elements that each dataset makes ahead. */
const AHEAD = 16

/** The elements of the datasets that `f` makes of each element, read in turn. */
export function interleave(source: Stage, f: Spread, options: InterleaveOptions, where = 'interleave'): Stage {
  checkFunction(f, where)
  const { cycleLength = AUTOTUNE, blockLength = 1, numParallelCalls = 1, elementSpec } = options
  for (const [name, n, automatic] of [
    ['cycleLength', cycleLength, true],
    ['blockLength', blockLength, false],
    ['numParallelCalls', numParallelCalls, true],
  ] as const) {
    if ((Number.isInteger(n) && n >= 1 && n <= MOST) || (automatic && n === AUTOTUNE)) continue
    throw new ValueError(
      `${where}: ${name} is ${shown(n)}; it must be a positive integer up to ${MOST}${automatic ? ' or AUTOTUNE' : ''}`,
    )
  }
  if (cycleLength !== AUTOTUNE && numParallelCalls > cycleLength) {
    throw new ValueError(
      `${where}: numParallelCalls is ${numParallelCalls}, more than the ${cycleLength} datasets of cycleLength that are read in turn; make it as many at most, or AUTOTUNE`,
    )
  }
  checkSpec(where, elementSpec)
  const cycle = cycleLength === AUTOTUNE ? CYCLE : cycleLength
  const parallel = numParallelCalls === AUTOTUNE ? cycle : Math.min(numParallelCalls, cycle)
  return {
    spec: () => elementSpec,
    cardinality: 'unknown',
    cycle: undefined,
    open: () => new InterleavePull(source.open(), f, { cycle, block: blockLength, parallel, where }),
  }
}

interface Turns {
  readonly cycle: number
  readonly block: number
  readonly parallel: number
  readonly where: string
}

class InterleavePull implements Pull {
  readonly #source: Pull
  readonly #f: Spread
  readonly #turns: Turns
  /** The datasets read in turn; undefined where one has ended and the next is not yet open. */
  readonly #slots: (Pull | undefined)[]
  /** Datasets opened ahead, which take the places that become free; an error in the place of the one that failed. */
  readonly #coming: (Pull | { readonly error: unknown })[] = []
  #turn = 0
  /** Elements that the dataset whose turn it is has given. */
  #given = 0
  #ended = false

  constructor(source: Pull, f: Spread, turns: Turns) {
    this.#source = source
    this.#f = f
    this.#turns = turns
    this.#slots = new Array<undefined>(turns.cycle).fill(undefined)
  }

  async next(limit: number): Promise<Chunk | undefined> {
    const { block } = this.#turns
    for (;;) {
      const slot = (this.#slots[this.#turn] ??= await this.#open())
      if (slot === undefined) {
        if (this.#slots.every((other) => other === undefined)) return undefined
        this.#advance()
        continue
      }
      const chunk = await slot.next(this.#turns.cycle === 1 ? limit : Math.min(limit, block - this.#given))
      if (chunk === undefined) {
        this.#slots[this.#turn] = undefined
        await slot.close()
        this.#advance()
        continue
      }
      this.#given += chunk.count
      if (this.#given >= block) this.#advance()
      return chunk
    }
  }

  #advance(): void {
    this.#turn = (this.#turn + 1) % this.#slots.length
    this.#given = 0
  }

  /** The next dataset; undefined when there is none. */
  async #open(): Promise<Pull | undefined> {
    const { parallel } = this.#turns
    if (parallel === 1) return this.#make()
    const coming = this.#coming
    while (coming.length < parallel && !this.#ended && !coming.some(isFailure)) {
      const made = await this.#make().catch((error: unknown) => ({ error }))
      if (made !== undefined) coming.push(made)
    }
    const next = coming.shift()
    if (isFailure(next)) throw next.error
    return next
  }

  async #make(): Promise<Pull | undefined> {
    if (this.#ended) return undefined
    const chunk = await this.#source.next(1)
    if (chunk === undefined) {
      this.#ended = true
      return undefined
    }
    const made = await callSpread(this.#f, itemsOf(chunk)[0])
    if (!isNested(made)) {
      throw new TreeError(`${this.#turns.where}: the function must return a dataset, not ${typeName(made)}`)
    }
    return this.#turns.parallel === 1 ? stageOf(made).open() : openAhead(stageOf(made), AHEAD)
  }

  async close(): Promise<void> {
    this.#ended = true
    const open = [...this.#slots, ...this.#coming.splice(0).flatMap((next) => (isFailure(next) ? [] : [next]))]
    this.#slots.fill(undefined)
    await closeAll([...open, this.#source])
  }
}

const isFailure = (coming: Pull | { readonly error: unknown } | undefined): coming is { readonly error: unknown } =>
  coming !== undefined && 'error' in coming
