import { TreeError, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { type BatchOptions, batch } from './batch.ts'
import { cache } from './cache.ts'
import { itemsOf } from './chunk.ts'
import { concatenate } from './concatenate.ts'
import { type Generated, generated } from './generator.ts'
import { type MapOptions, type Mapped, map } from './map.ts'
import { prefetch } from './prefetch.ts'
import { repeat } from './repeat.ts'
import { shard } from './shard.ts'
import { range, single, slices } from './sources.ts'
import { type AnySpec, type ElementOf, type Spec, specOf, type Yielded } from './spec.ts'
import type { Cardinality, Stage } from './stage.ts'
import { type Element, flatten } from './structure.ts'
import { skip, take } from './take.ts'
import { zip } from './zip.ts'

/** The arguments of a function of elements: a tuple is spread, anything else is one argument. */
export type ElementArguments<T> = [T] extends [readonly unknown[]] ? T : [T]

/** The elements of a tree of datasets zipped together. */
export type Zipped<T> = T extends Dataset<infer E> ? E : { -readonly [K in keyof T]: Zipped<T[K]> }

/** What can be zipped: datasets in tuples and objects. */
export type DatasetTree = Dataset<unknown> | readonly DatasetTree[] | { readonly [key: string]: DatasetTree }

/**
 * A sequence of elements, which are trees of arrays: immutable, lazy, and iterable any number of times. Operations give
 * new datasets and have the semantics of `tf.data`; nothing is read or computed before iteration.
 *
 * @example
 * const batches = Dataset.fromTensorSlices([simulations, derivatives]).batch(40)
 * const shapes = []
 * for await (const [d, dd] of batches) shapes.push(dd.shape)
 * shapes // [[40, 10, 2], [40, 10, 2], [20, 10, 2]]
 */
export class Dataset<out T> implements AsyncIterable<T> {
  readonly #stage: Stage
  #first: AnySpec | undefined

  /** @internal Use `Dataset.fromTensorSlices`, `Dataset.fromGenerator`, `TFRecordDataset` and their like. */
  constructor(stage: Stage) {
    this.#stage = stage
  }

  // ── sources ──────────────────────────────────────────────────────────────

  /**
   * One element for each entry of the arrays' first axes. The elements are views: nothing is copied. Arrays still on
   * their way from a device are awaited by the first iteration.
   *
   * @throws ShapeError when an array is a scalar or the first axes are not equally long.
   * @example
   * const pairs = Dataset.fromTensorSlices([np.array([1, 2]), np.array([3, 4])])
   * await pairs.toArray() // [[1, 3], [2, 4]]
   */
  static fromTensorSlices<const T>(tree: T): Dataset<Element<T>> {
    return new Dataset(slices(tree))
  }

  /**
   * The one element `tree`.
   *
   * @example await Dataset.fromTensors([1, 2]).toArray() // [[1, 2]]
   */
  static fromTensors<const T>(tree: T): Dataset<Element<T>> {
    return new Dataset(single(tree))
  }

  /**
   * What `start()` yields, called anew by each iteration. With an `elementSpec` every element is checked against it,
   * and nested lists, numbers and typed arrays become arrays of its dtypes; without one, lists are tuples.
   *
   * @throws DatasetError while iterating when an element is not of the spec.
   * @example
   * const spec = { shape: [10], dtype: 'float32' } as const
   * const dataset = Dataset.fromGenerator(async function* () {
   *   for (let seed = 0; seed < 2; seed++) yield await loadNpy(`simulations/fiducial_${seed}.npy`)
   * }, { elementSpec: spec })
   * await dataset.batch(2).spec() // { shape: [null, 10], dtype: 'float32' }
   */
  static fromGenerator<const S extends AnySpec>(
    start: () => Generated<Yielded>,
    options: { readonly elementSpec: S },
  ): Dataset<ElementOf<S>>
  static fromGenerator<T>(start: () => Generated<T>): Dataset<Element<T>>
  static fromGenerator(start: () => Generated<unknown>, options?: { readonly elementSpec: AnySpec }): Dataset<unknown> {
    return new Dataset(generated(start, options?.elementSpec))
  }

  /**
   * int32 scalars: `range(stop)`, `range(start, stop)` or `range(start, stop, step)`, as in Python.
   *
   * @throws ValueError for numbers that are not whole, and a step of 0.
   * @example await Dataset.range(1, 6, 2).toArray() // [1, 3, 5]
   */
  static range(startOrStop: number, stop?: number, step = 1): Dataset<Element<number>> {
    return new Dataset(stop === undefined ? range(0, startOrStop, step) : range(startOrStop, stop, step))
  }

  /**
   * Elements of several datasets side by side, in a tuple or an object; ends with the shortest.
   *
   * @throws TreeError unless the datasets are in a tuple or an object.
   * @example await Dataset.zip({ a: Dataset.range(2), b: Dataset.range(5, 9) }).toArray() // [{ a: 0, b: 5 }, { a: 1, b: 6 }]
   */
  static zip<const T extends DatasetTree>(datasets: T): Dataset<Zipped<T>> {
    const isDataset = (value: unknown): value is Dataset<unknown> => value instanceof Dataset
    const { structure, leaves } = flatten(datasets, isDataset, 'zip')
    if (structure.kind === 'leaf') throw new TreeError('zip: give the datasets in a tuple or an object: zip([a, b])')
    return new Dataset(
      zip(
        structure,
        leaves.map((dataset) => dataset.#stage),
      ),
    )
  }

  // ── operations ───────────────────────────────────────────────────────────

  /**
   * `f` of every element, in order; a tuple is spread over its arguments. `f` may be asynchronous, then
   * `numParallelCalls` of them may be under way at once. What it returns may hold numbers and typed arrays.
   *
   * @throws ValueError for another `numParallelCalls`; errors of `f` come while iterating, as they are.
   * @example
   * const pairs = Dataset.zip([Dataset.range(2), Dataset.range(2)])
   * await pairs.map((x, y) => ({ sum: x.add(y) })).toArray() // [{ sum: 0 }, { sum: 2 }]
   */
  map<R>(f: (...args: ElementArguments<T>) => R, options?: MapOptions): Dataset<Element<Awaited<R>>> {
    return new Dataset(map(this.#stage, f as Mapped, options ?? {}))
  }

  /**
   * Every `n` elements stacked along a new first axis; the last batch may be smaller.
   *
   * @throws ValueError unless `n` is a positive integer; a DatasetError while iterating when shapes or dtypes differ.
   * @example await Dataset.range(5).batch(2).toArray() // [[0, 1], [2, 3], [4]]
   */
  batch(n: number, options: BatchOptions = {}): Dataset<T> {
    return new Dataset(batch(this.#stage, n, options))
  }

  /**
   * The first `n` elements; all of them when `n` is negative.
   *
   * @example await Dataset.range(5).take(2).toArray() // [0, 1]
   */
  take(n: number): Dataset<T> {
    return new Dataset(take(this.#stage, n))
  }

  /**
   * All but the first `n` elements; none when `n` is negative.
   *
   * @example await Dataset.range(5).skip(3).toArray() // [3, 4]
   */
  skip(n: number): Dataset<T> {
    return new Dataset(skip(this.#stage, n))
  }

  /**
   * The elements `n` times over; for ever when `n` is left out or negative.
   *
   * @example await Dataset.range(2).repeat(2).toArray() // [0, 1, 0, 1]
   */
  repeat(n?: number): Dataset<T> {
    return new Dataset(repeat(this.#stage, n))
  }

  /**
   * Every `count`-th element from element `index` on: an equal part for each of `count` devices.
   *
   * @example await Dataset.range(5).shard(2, 1).toArray() // [1, 3]
   */
  shard(count: number, index: number): Dataset<T> {
    return new Dataset(shard(this.#stage, count, index))
  }

  /**
   * Keeps the elements in memory: the first pass that reaches the end fills the cache, later ones read from it. A pass
   * that stops early (`cache().take(n)`) keeps nothing: write `take(n).cache()`.
   *
   * @example Dataset.range(5).map((i) => i.mul(2)).cache().repeat()
   */
  cache(): Dataset<T> {
    return new Dataset(cache(this.#stage))
  }

  /**
   * Makes up to `n` elements (`AUTOTUNE`: as many as it takes, to 16) in the background, ahead of the reader.
   *
   * @example Dataset.range(5).batch(2).prefetch(AUTOTUNE)
   */
  prefetch(n: number): Dataset<T> {
    return new Dataset(prefetch(this.#stage, n))
  }

  /**
   * These elements, then those of `other`.
   *
   * @example await Dataset.range(2).concatenate(Dataset.range(1)).toArray() // [0, 1, 0]
   */
  concatenate(other: Dataset<T>): Dataset<T> {
    return new Dataset(concatenate(this.#stage, other.#stage))
  }

  // ── what is known, and reading ───────────────────────────────────────────

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
    if (this.cardinality === 'infinite') {
      throw new ValueError(
        'toArray: the dataset never ends; say how many elements are wanted: dataset.take(n).toArray()',
      )
    }
    const list: T[] = []
    for await (const element of this) list.push(element)
    return list
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
