import { checkOptions, type NDArray, TreeError } from '@cotangent/autodiff/array'
import { cacheFile } from '../cache/file.ts'
import { checkPath, type Path } from '../io/glob.ts'
import { type BatchOptions, batch } from './batch.ts'
import type { Bytes } from './bytes.ts'
import { cache } from './cache.ts'
import { concatenate } from './concatenate.ts'
import type { Spread } from './each.ts'
import { enumerate } from './enumerate.ts'
import { checkFunction, filter, takeWhile } from './filter.ts'
import { type Generated, generated } from './generator.ts'
import { ignoreErrors } from './ignore-errors.ts'
import { type FlatMapOptions, type InterleaveOptions, interleave } from './interleave.ts'
import { type MapOptions, map } from './map.ts'
import type { Nested } from './nested.ts'
import { type PaddedBatchOptions, paddedBatch } from './padded.ts'
import { prefetch } from './prefetch.ts'
import { Readable } from './reading.ts'
import { repeat } from './repeat.ts'
import { type ChooseOptions, choose, type SampleOptions, sample } from './sample.ts'
import { shard } from './shard.ts'
import { type ShuffleOptions, shuffle } from './shuffle.ts'
import { endless, range, single, slices } from './sources.ts'
import type { AnySpec, ElementOf, Yielded } from './spec.ts'
import { type Stage, stageOf } from './stage.ts'
import { type StateStep, scan } from './state.ts'
import { type Element, flatten } from './structure.ts'
import { skip, take } from './take.ts'
import { rebatch, unbatch } from './unbatch.ts'
import { unique } from './unique.ts'
import { type WindowOptions, window } from './window.ts'
import { zip } from './zip.ts'

/** The arguments of a function of elements: a tuple is spread, anything else is one argument. */
export type ElementArguments<T> = [T] extends [readonly unknown[]] ? T : [T]

/** The elements of a tree of datasets zipped together. */
export type Zipped<T> = T extends Dataset<infer E> ? E : { -readonly [K in keyof T]: Zipped<T[K]> }

/** What can be zipped: datasets in tuples and objects. */
export type DatasetTree = Dataset<unknown> | readonly DatasetTree[] | { readonly [key: string]: DatasetTree }

/** What a predicate may give. */
export type Truth = boolean | NDArray | Promise<boolean | NDArray>

/** The datasets of a window: one in the place of each array. */
export type Windowed<T> = T extends NDArray | Bytes | Nested
  ? Dataset<T>
  : T extends null | undefined
    ? T
    : { -readonly [K in keyof T]: Windowed<T[K]> }

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
export class Dataset<out T> extends Readable<T> {
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
    const { elementSpec } = options === undefined ? {} : checkOptions('fromGenerator', options, ['elementSpec'])
    return new Dataset(generated(start, elementSpec))
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
   * int32 scalars from `start` on, without an end.
   *
   * @example await Dataset.counter(10, 5).take(3).toArray() // [10, 15, 20]
   */
  static counter(start = 0, step = 1): Dataset<Element<number>> {
    return new Dataset(range(start, endless(step), step))
  }

  /**
   * Elements of several datasets side by side, in a tuple or an object; ends with the shortest.
   *
   * @throws TreeError unless the datasets are in a tuple or an object.
   * @example await Dataset.zip({ a: Dataset.range(2), b: Dataset.range(5, 9) }).toArray() // [{ a: 0, b: 5 }, { a: 1, b: 6 }]
   */
  static zip<const T extends DatasetTree>(datasets: T): Dataset<Zipped<T>> {
    const { structure, leaves } = flatten(datasets, isDataset, 'zip')
    if (structure.kind === 'leaf') throw new TreeError('zip: give the datasets in a tuple or an object: zip([a, b])')
    return new Dataset(
      zip(
        structure,
        leaves.map((dataset) => stageOf(dataset)),
      ),
    )
  }

  /**
   * Elements of several datasets, each time of one drawn at random by `weights`, with a key or a seed; goes on with the
   * others when one has ended, unless `stopOnEmptyDataset`.
   *
   * @throws ValueError for weights that cannot be; TreeError when the elements are known to differ.
   * @example
   * const mixed = Dataset.sampleFromDatasets([Dataset.range(3), Dataset.range(10, 13)], { weights: [1, 2], seed: 1 })
   * (await mixed.toArray()).length // 6
   */
  static sampleFromDatasets<T>(datasets: readonly Dataset<T>[], options: SampleOptions = {}): Dataset<T> {
    checkOptions('sampleFromDatasets', options, ['weights', 'key', 'seed', 'stopOnEmptyDataset'])
    return new Dataset(sample(stagesOf(datasets, 'sampleFromDatasets'), options))
  }

  /**
   * Elements of several datasets, each time of the one whose number `choices` gives.
   *
   * @example
   * const [a, b] = [Dataset.range(3), Dataset.range(10, 13)]
   * const choices = Dataset.fromTensorSlices(np.array([1, 0, 1], { dtype: 'int32' }))
   * await Dataset.chooseFromDatasets([a, b], choices).toArray() // [10, 0, 11]
   */
  static chooseFromDatasets<T>(
    datasets: readonly Dataset<T>[],
    choices: Dataset<NDArray>,
    options: ChooseOptions = {},
  ): Dataset<T> {
    checkOptions('chooseFromDatasets', options, ['stopOnEmptyDataset'])
    const [choice] = stagesOf([choices], 'chooseFromDatasets') as [Stage]
    return new Dataset(choose(stagesOf(datasets, 'chooseFromDatasets'), choice, options))
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
  map<R>(f: (...args: ElementArguments<T>) => R, options: MapOptions = {}): Dataset<Element<Awaited<R>>> {
    checkOptions('map', options, ['numParallelCalls', 'elementSpec'])
    return new Dataset(map(stageOf(this), f as Spread, options))
  }

  /**
   * The elements of the datasets that `f` makes of each element, one dataset after the other.
   *
   * @throws TreeError while iterating when `f` gives something else.
   * @example await Dataset.range(4).flatMap((n) => Dataset.range(n.item())).toArray() // [0, 0, 1, 0, 1, 2]
   */
  flatMap<R>(
    f: (...args: ElementArguments<T>) => Dataset<R> | Promise<Dataset<R>>,
    options: FlatMapOptions = {},
  ): Dataset<R> {
    checkOptions('flatMap', options, ['elementSpec'])
    return new Dataset(interleave(stageOf(this), f as Spread, { ...options, cycleLength: 1 }, 'flatMap'))
  }

  /**
   * As `flatMap`, with `cycleLength` datasets read in turn, `blockLength` elements at a time; a dataset that has ended
   * is replaced by the next one when its turn comes. `numParallelCalls` of them are read ahead in the background.
   *
   * @example
   * const ten = (n) => Dataset.range(10 * n.item(), 10 * n.item() + 2)
   * await Dataset.range(3).interleave(ten, { cycleLength: 2 }).toArray() // [0, 10, 1, 11, 20, 21]
   */
  interleave<R>(
    f: (...args: ElementArguments<T>) => Dataset<R> | Promise<Dataset<R>>,
    options: InterleaveOptions = {},
  ): Dataset<R> {
    checkOptions('interleave', options, ['cycleLength', 'blockLength', 'numParallelCalls', 'elementSpec'])
    return new Dataset(interleave(stageOf(this), f as Spread, options))
  }

  /**
   * The elements of which `predicate` is true: a boolean, or a scalar array of dtype bool, now or later.
   *
   * @example await Dataset.range(6).filter((n) => n.item() % 2 === 0).toArray() // [0, 2, 4]
   */
  filter(predicate: (...args: ElementArguments<T>) => Truth): Dataset<T> {
    return new Dataset(filter(stageOf(this), predicate as Spread))
  }

  /**
   * The elements before the first of which `predicate` is false.
   *
   * @example await Dataset.range(6).takeWhile((n) => n.item() < 3).toArray() // [0, 1, 2]
   */
  takeWhile(predicate: (...args: ElementArguments<T>) => Truth): Dataset<T> {
    return new Dataset(takeWhile(stageOf(this), predicate as Spread))
  }

  /**
   * What `f(state, element)` gives beside the state it hands on to the next element: `[newState, output]`.
   *
   * @example await Dataset.range(1, 5).scan(0, (sum, n) => [n.add(sum), n.add(sum)]).toArray() // [1, 3, 6, 10]
   */
  scan<const S, R>(
    initialState: S,
    f: (state: Element<S>, element: T) => readonly [unknown, R] | Promise<readonly [unknown, R]>,
  ): Dataset<Element<R>> {
    return new Dataset(scan(stageOf(this), initialState, f as StateStep))
  }

  /**
   * Every element with its number, from `start` on: the tuple [number, element].
   *
   * @example await Dataset.range(5, 7).enumerate(10).toArray() // [[10, 5], [11, 6]]
   */
  enumerate(start = 0): Dataset<[NDArray<'int32'>, T]> {
    return new Dataset(enumerate(stageOf(this), start))
  }

  /**
   * Each element once, where it comes first; alike are elements of one shape and dtype whose bits are the same. Keeps
   * all of them in memory.
   *
   * @example await Dataset.range(3).repeat(2).unique().toArray() // [0, 1, 2]
   */
  unique(): Dataset<T> {
    return new Dataset(unique(stageOf(this)))
  }

  /**
   * Leaves out the elements whose making throws, and goes on with the next: records that cannot be parsed, simulations
   * that fail. `onError` is told of each error. A source that cannot go on (a generator that threw) ends.
   *
   * @example
   * const failing = Dataset.range(4).map((n) => { if (n.item() === 2) throw new Error('no'); return n })
   * await failing.ignoreErrors().toArray() // [0, 1, 3]
   */
  ignoreErrors(
    options: { /** Is told of each error. @defaultValue nobody */ readonly onError?: (error: unknown) => void } = {},
  ): Dataset<T> {
    checkOptions('ignoreErrors', options, ['onError'])
    return new Dataset(ignoreErrors(stageOf(this), options.onError ?? (() => undefined)))
  }

  /**
   * What `f` makes of this dataset: for chains that are written once and used in several places.
   *
   * @example await Dataset.range(5).apply((dataset) => dataset.skip(1).batch(2)).toArray() // [[1, 2], [3, 4]]
   */
  apply<R>(f: (dataset: Dataset<T>) => Dataset<R>): Dataset<R> {
    checkFunction(f, 'apply')
    const made = f(this)
    if (!(made instanceof Dataset)) throw new TreeError('apply: the function must return a dataset')
    return made
  }

  /**
   * Every `n` elements stacked along a new first axis; the last batch may be smaller.
   *
   * @throws ValueError unless `n` is a positive integer; a DatasetError while iterating when shapes or dtypes differ.
   * @example await Dataset.range(5).batch(2).toArray() // [[0, 1], [2, 3], [4]]
   */
  batch(n: number, options: BatchOptions = {}): Dataset<T> {
    checkOptions('batch', options, ['dropRemainder'])
    return new Dataset(batch(stageOf(this), n, options))
  }

  /**
   * As `batch` for arrays that differ in size: each is padded at its ends with `paddingValues` to `paddedShapes`, by
   * default with zeros to the largest in the batch.
   *
   * @throws ValueError when the number of axes is unknown and no shape is given, or a value is of another dtype;
   * a DatasetError while iterating when an array is larger than its padded shape.
   * @example
   * const ragged = Dataset.range(1, 4).map((n) => np.full([n.item()], n.item()))
   * await ragged.paddedBatch(3).toArray() // [[[1, 0, 0], [2, 2, 0], [3, 3, 3]]]
   */
  paddedBatch(n: number, options: PaddedBatchOptions = {}): Dataset<T> {
    checkOptions('paddedBatch', options, ['paddedShapes', 'paddingValues', 'dropRemainder'])
    return new Dataset(paddedBatch(stageOf(this), n, options))
  }

  /**
   * The slices of each element along the first axes of its arrays, one after another; nothing is copied.
   *
   * @throws ShapeError when an array is known to be a scalar, or first axes to differ.
   * @example await Dataset.range(6).batch(4).unbatch().toArray() // [0, 1, 2, 3, 4, 5]
   */
  unbatch(): Dataset<T> {
    return new Dataset(unbatch(stageOf(this)))
  }

  /**
   * Batches of another size, of the same slices in the same order.
   *
   * @example await Dataset.range(5).batch(2).rebatch(3).toArray() // [[0, 1, 2], [3, 4]]
   */
  rebatch(n: number, options: BatchOptions = {}): Dataset<T> {
    checkOptions('rebatch', options, ['dropRemainder'])
    return new Dataset(rebatch(stageOf(this), n, options))
  }

  /**
   * Windows of `size` elements that follow each other, as datasets: of a tuple or an object one dataset for each array.
   * The next window begins `shift` elements later, and elements of one are `stride` apart.
   *
   * @example
   * const windows = Dataset.range(5).window(3, { shift: 1, dropRemainder: true })
   * await windows.flatMap((window) => window.batch(3)).toArray() // [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
   */
  window(size: number, options: WindowOptions = {}): Dataset<Windowed<T>> {
    checkOptions('window', options, ['shift', 'stride', 'dropRemainder'])
    return new Dataset(window(stageOf(this), size, options, (stage) => new Dataset(stage)))
  }

  /**
   * The elements in an order drawn with a key or a seed, from a buffer of `bufferSize` elements (`Infinity`: of all).
   * The first pass over this dataset has one order, the second another, and so on; a program that runs again has the
   * same orders again.
   *
   * @throws ValueError for a buffer size that is not positive, a key that is none, or a key beside a seed.
   * @example
   * const shuffled = Dataset.range(5).shuffle(5, { key: random.PRNGKey(1), reshuffleEachIteration: false })
   * (await shuffled.toArray()).map((n) => n.item()).sort() // [0, 1, 2, 3, 4]
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<T> {
    checkOptions('shuffle', options, ['key', 'seed', 'reshuffleEachIteration'])
    return new Dataset(shuffle(stageOf(this), bufferSize, options))
  }

  /**
   * The first `n` elements; all of them when `n` is negative.
   *
   * @example await Dataset.range(5).take(2).toArray() // [0, 1]
   */
  take(n: number): Dataset<T> {
    return new Dataset(take(stageOf(this), n))
  }

  /**
   * All but the first `n` elements; none when `n` is negative.
   *
   * @example await Dataset.range(5).skip(3).toArray() // [3, 4]
   */
  skip(n: number): Dataset<T> {
    return new Dataset(skip(stageOf(this), n))
  }

  /**
   * The elements `n` times over; for ever when `n` is left out or negative.
   *
   * @example await Dataset.range(2).repeat(2).toArray() // [0, 1, 0, 1]
   */
  repeat(n?: number): Dataset<T> {
    return new Dataset(repeat(stageOf(this), n))
  }

  /**
   * Every `count`-th element from element `index` on: an equal part for each of `count` devices.
   *
   * @example await Dataset.range(5).shard(2, 1).toArray() // [1, 3]
   */
  shard(count: number, index: number): Dataset<T> {
    return new Dataset(shard(stageOf(this), count, index))
  }

  /**
   * Keeps the elements in memory: the first pass that reaches the end fills the cache, later ones read from it. A pass
   * that stops early (`cache().take(n)`) keeps nothing: write `take(n).cache()`.
   *
   * With `file` the elements are kept there, also for later programs: in its place once a pass has read all of them,
   * until then beside it (`….partial`). An interrupted pass is continued by the next one where the source can be opened
   * in its midst (arrays, `range`, files, and `map`, `batch`, `take` and their like of these); otherwise it begins anew.
   * One pass writes at a time; others meanwhile read the source.
   *
   * @throws ValueError for what is no path; DatasetError while iterating when the file holds elements of another spec, or cannot be written; RecordError
   * when it is damaged.
   * @example
   * const simulated = Dataset.range(5).map((i) => i.mul(2)).cache('cache/simulated')
   * await simulated.toArray() // [0, 2, 4, 6, 8]
   */
  cache(file?: Path): Dataset<T> {
    if (file === undefined) return new Dataset(cache(stageOf(this)))
    checkPath('cache', file)
    return new Dataset(cacheFile(stageOf(this), file))
  }

  /**
   * Makes up to `n` elements (`AUTOTUNE`: as many as it takes, to 16) in the background, ahead of the reader.
   *
   * @example Dataset.range(5).batch(2).prefetch(AUTOTUNE)
   */
  prefetch(n: number): Dataset<T> {
    return new Dataset(prefetch(stageOf(this), n))
  }

  /**
   * These elements, then those of `other`.
   *
   * @example await Dataset.range(2).concatenate(Dataset.range(1)).toArray() // [0, 1, 0]
   */
  concatenate(other: Dataset<T>): Dataset<T> {
    if (!isDataset(other)) throw new TreeError('concatenate: takes a dataset; Dataset.fromTensors(x) makes one of x')
    return new Dataset(concatenate(stageOf(this), stageOf(other)))
  }
}

const isDataset = (value: unknown): value is Dataset<unknown> => value instanceof Dataset

function stagesOf(datasets: readonly Dataset<unknown>[], where: string): Stage[] {
  if (!Array.isArray(datasets) || !datasets.every(isDataset)) throw new TreeError(`${where}: takes a list of datasets`)
  return datasets.map((dataset) => stageOf(dataset))
}
