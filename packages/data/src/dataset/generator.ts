import { DatasetError } from '../errors.ts'
import { type Chunk, elements } from './chunk.ts'
import { conform } from './conform.ts'
import { Failure } from './failure.ts'
import { checkFunction } from './filter.ts'
import { type AnySpec, checkSpec } from './spec.ts'
import type { Pull, Stage } from './stage.ts'
import { toElement } from './structure.ts'

/** What a generator function returns: anything that can be iterated, synchronously or not. */
export type Generated<T> = Iterable<T> | AsyncIterable<T>

/** The elements that `start()` yields, each checked against `spec` where there is one. */
export function generated(start: () => Generated<unknown>, spec: AnySpec | undefined): Stage {
  checkFunction(start, 'fromGenerator')
  checkSpec('fromGenerator', spec)
  return { spec: () => spec, cardinality: 'unknown', cycle: undefined, open: () => new GeneratorPull(start, spec) }
}

class GeneratorPull implements Pull {
  readonly #start: () => Generated<unknown>
  readonly #spec: AnySpec | undefined
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  #step: Promise<IteratorResult<unknown>> | undefined
  readonly #failure = new Failure()
  #done = false
  #index = 0

  constructor(start: () => Generated<unknown>, spec: AnySpec | undefined) {
    this.#start = start
    this.#spec = spec
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#failure.release()
    const items: unknown[] = []
    try {
      while (!this.#done && items.length < limit) {
        const step = this.#step ?? this.#advance()
        if (step instanceof Promise && items.length > 0) {
          this.#step = step
          step.catch(() => undefined)
          break
        }
        this.#step = undefined
        // An await costs a turn of the microtask queue: synchronous generators go without.
        const { done, value } = step instanceof Promise ? await step.catch((error: unknown) => this.#fail(error)) : step
        if (done === true) this.#done = true
        else items.push(this.#accept(value))
      }
    } catch (error) {
      if (items.length === 0) throw error
      this.#failure.hold(error)
    }
    return items.length === 0 ? undefined : elements(items)
  }

  #advance(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    try {
      this.#iterator ??= iteratorOf(this.#start())
      const step = this.#iterator.next()
      return 'then' in step ? Promise.resolve(step) : step
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** A generator that has thrown is done. */
  #fail(error: unknown): never {
    this.#done = true
    throw error
  }

  #accept(value: unknown): unknown {
    const where = `fromGenerator: element ${this.#index++}`
    return this.#spec === undefined ? toElement(value, where) : conform(this.#spec, value, where)
  }

  async close(): Promise<void> {
    if (this.#iterator === undefined || this.#done) return
    this.#done = true
    await this.#iterator.return?.()
  }
}

function iteratorOf(generated: Generated<unknown>): Iterator<unknown> | AsyncIterator<unknown> {
  if (generated !== null && typeof generated === 'object') {
    if (Symbol.asyncIterator in generated) return generated[Symbol.asyncIterator]()
    if (Symbol.iterator in generated) return generated[Symbol.iterator]()
  }
  throw new DatasetError(
    'fromGenerator: the function must return something to iterate, as a generator function (function* or async function*) does',
  )
}
