import { ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { shown } from '../given.ts'
import { itemsOf } from './chunk.ts'
import { register } from './nested.ts'
import { type AnySpec, type Spec, specOf } from './spec.ts'
import { type Cardinality, readAll, type Stage } from './stage.ts'
import { reduce, refuseEndless, type StateStep } from './state.ts'
import type { Element } from './structure.ts'

/** What is known about a dataset, and ways to read it. */
export class Readable<out T> implements AsyncIterable<T> {
  readonly #stage: Stage
  #first: AnySpec | undefined

  /** @internal */
  constructor(stage: Stage) {
    if (typeof (stage as Stage | undefined)?.open !== 'function')
      throw new ValueError(`Dataset: made of ${shown(stage)}; datasets are made by Dataset.range, fromTensorSlices, …`)
    this.#stage = stage
    register(this, stage)
  }

  /**
   * Shape and dtype of the elements' arrays, `null` for sizes that vary. undefined while it cannot be known without
   * making an element (after `map` without the option `elementSpec`): then `await dataset.spec()`.
   *
   * @example Dataset.fromTensorSlices(np.zeros([4, 3])).batch(2).elementSpec // { shape: [null, 3], dtype: 'float32' }
   */
  get elementSpec(): Spec<T> | undefined {
    return (this.#stage.spec() ?? this.#first) as Spec<T> | undefined
  }

  /**
   * As `elementSpec`; where that is unknown, the spec of the first element, which is made for it.
   *
   * @throws DatasetError when there is no first element.
   */
  async spec(): Promise<Spec<T>> {
    if (this.elementSpec !== undefined) return this.elementSpec
    for await (const element of this) {
      this.#first = specOf(element)
      return this.#first as Spec<T>
    }
    throw new DatasetError('spec: the dataset is empty, so there is no first element to tell its spec')
  }

  /**
   * How many elements there are, as far as it is known without reading.
   *
   * @example Dataset.range(5).batch(2).cardinality // 3
   */
  get cardinality(): Cardinality {
    return this.#stage.cardinality
  }

  /** After how many elements an infinite dataset starts over; undefined when that is not known, or never. */
  get cycle(): number | undefined {
    return this.#stage.cycle
  }

  /** All elements in a list; throws a ValueError when the dataset is known never to end. */
  async toArray(): Promise<T[]> {
    refuseEndless(this.cardinality, 'toArray')
    const list: T[] = []
    await readAll(this.#stage.open(), (chunk) => {
      for (const element of itemsOf(chunk)) list.push(element as T)
    })
    return list
  }

  /**
   * The state after the last element, where `f(state, element)` gives the next state from the one before; the first is
   * `initial`. The state keeps its structure and dtypes; `f` may be asynchronous.
   *
   * @throws ValueError when the dataset is known never to end; DatasetError when a state differs from the one before.
   * @example await Dataset.range(5).reduce(0, (sum, x) => x.add(sum)) // 10
   */
  async reduce<const S>(initial: S, f: (state: Element<S>, element: T) => unknown): Promise<Element<S>> {
    return (await reduce(this.#stage, initial, f as StateStep)) as Element<S>
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const pull = this.#stage.open()
    try {
      for (let chunk = await pull.next(1); chunk !== undefined; chunk = await pull.next(1)) {
        yield itemsOf(chunk)[0] as T
      }
    } finally {
      await pull.close()
    }
  }
}
