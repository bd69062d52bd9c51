import {
  allocate,
  type BigArray,
  bytesPerElement,
  type DataOf,
  decodeElement,
  type DType,
  encodeElement,
  isComplex,
  isHalf,
  type TypedArray,
  type TypedArrayOf,
  widen,
} from './dtype.ts'
import { DTypeError, PendingError, ShapeError, ValueError } from './errors.ts'
import type {
  ArgOptions,
  CumulativeOptions,
  ExtremeOptions,
  GetOptions,
  MeanOptions,
  ReduceOptions,
  SumOptions,
  TestOptions,
  UpdateOptions,
  VarianceOptions,
} from './method-options.ts'
import { nest, type NestedList } from './nested-list.ts'
import { type Index, type IndexPlace, operations } from './operations.ts'
import { printArray } from './print.ts'
import { type Shape, showShape, sizeOf } from './shape.ts'
import { HostStorage, PendingStorage, RepeatedStorage, type Storage } from './storage.ts'

/** What an operation takes where an array is meant. */
export type Operand = NDArray | number | bigint | boolean | TypedArray | BigArray | readonly Operand[]

type ReduceArgument<O = ReduceOptions> = number | readonly number[] | O
const reduceOptions = <O extends object>(axis: ReduceArgument<O> | undefined): O =>
  (axis === undefined ? {} : typeof axis === 'number' || Array.isArray(axis) ? { axis } : axis) as O

/** A tuple of `N` arrays; a list, where there are many, or `N` is not known. */
export type ArrayTuple<N extends number, D extends DType = DType> = number extends N
  ? NDArray<D>[]
  : TupleOf<NDArray<D>, N, []>
type TupleOf<T, N extends number, Acc extends T[]> = Acc['length'] extends N
  ? Acc
  : Acc['length'] extends 200
    ? T[]
    : TupleOf<T, N, [...Acc, T]>

/**
 * An immutable n-dimensional array. Its shape and dtype are always known; its numbers may still be on their way from
 * a device: `await x.data()` waits for them, `x.dataSync()` throws while they are not here.
 *
 * Under a transformation the same class stands for an abstract value (a tracer), so a function of NDArrays can be
 * differentiated, batched and compiled.
 *
 * @example
 * const x = np.array([[1, 2], [3, 4]])
 * x.mul(2).sum(0).jsSync() // [8, 12]
 */
export class NDArray<D extends DType = DType> implements Iterable<NDArray<D>>, Disposable {
  readonly shape: Shape
  readonly dtype: D
  /** @internal */
  readonly storage: Storage

  /** @internal Use `np.array`, `np.zeros` and their like. */
  constructor(shape: Shape, dtype: D, storage: Storage) {
    this.shape = Object.isFrozen(shape) ? shape : Object.freeze([...shape])
    this.dtype = dtype
    this.storage = storage
  }

  get ndim(): number {
    return this.shape.length
  }
  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }
  /** Bytes of one element. */
  get itemsize(): number {
    return bytesPerElement(this.dtype)
  }
  /** Bytes of all elements. */
  get nbytes(): number {
    return this.size * this.itemsize
  }

  // ── reading ──────────────────────────────────────────────────────────────

  /**
   * The numbers in row-major order, in an array of the caller's own: of 16-bit floats a Float32Array, of 64-bit integers
   * a BigInt64Array or BigUint64Array, of complex64 a Float32Array of real and imaginary parts in turn.
   */
  data<E extends DType>(this: NDArray<E>): Promise<DataOf<E>> {
    return this.storage.read((data) => ownNumbers(data, this.dtype))
  }

  /** As `data`, at once; throws a PendingError while the numbers are on their way. */
  dataSync<E extends DType>(this: NDArray<E>): DataOf<E> {
    return ownNumbers(hostData(this as NDArray), this.dtype)
  }

  /**
   * The numbers as nested lists; a scalar gives a number.
   *
   * @example await np.array([[1, 2], [3, 4]]).js() // [[1, 2], [3, 4]]
   */
  js(): Promise<NestedList> {
    return this.storage.read((data) => nest(data, this.shape, this.dtype))
  }

  /** As `js`, at once; throws a PendingError while the numbers are on their way. */
  jsSync(): NestedList {
    return nest(hostData(this as NDArray), this.shape, this.dtype)
  }

  /**
   * The number in an array of one element, or at an index, at once.
   *
   * @throws ShapeError for any other size, DTypeError for complex64, PendingError while the number is on its way, TracerError for a traced value.
   */
  item(...index: number[]): number {
    if (index.length > 0) return this.at(...index).item()
    if (this.size !== 1)
      throw new ShapeError(
        `item: the array of shape ${showShape(this.shape)} has ${this.size} elements, not one; name the one, as x.item(0, 1)`,
      )
    if (isComplex(this.dtype))
      throw new DTypeError(
        'item: a complex64 has two numbers; x.jsSync() gives { re, im }, np.real(x).item() one of them',
      )
    return decodeElement(hostData(this as NDArray)[0] as number, this.dtype)
  }

  /** Resolves when the numbers are here; rejects when their computation failed. */
  ready(): Promise<this> {
    return this.storage.read(() => this)
  }

  /** Gives the memory back at once; otherwise the garbage collector does. */
  [Symbol.dispose](): void {
    this.storage.release()
  }

  /** The numbers as nested lists, for `JSON.stringify`; throws a PendingError while they are on their way. */
  toJSON(): NestedList {
    return this.jsSync()
  }

  toString(): string {
    if (this.storage.isReleased) return `NDArray(${this.dtype}${showShape(this.shape)}, released)`
    return printArray(this.storage.host, this.shape, this.dtype)
  }

  [Symbol.toPrimitive](hint: string): never {
    const instead =
      hint === 'string'
        ? 'write x.toString(), or `await x.js()` for its numbers'
        : 'operators do not work on arrays: write x.add(y), x.mul(y), x.gt(0) … instead of x + y, x * y, x > 0'
    throw new ValueError(
      `an NDArray of shape ${showShape(this.shape)} cannot become a ${hint === 'default' ? 'primitive' : hint}; ${instead}`,
    )
  }

  // ── arithmetic ───────────────────────────────────────────────────────────

  add(y: Operand): NDArray {
    return operations().add(this, y)
  }
  sub(y: Operand): NDArray {
    return operations().sub(this, y)
  }
  mul(y: Operand): NDArray {
    return operations().mul(this, y)
  }
  /** True division; integers give float32. */
  div(y: Operand): NDArray {
    return operations().div(this, y)
  }
  /** Remainder with the sign of the divisor, as NumPy's `%`. */
  mod(y: Operand): NDArray {
    return operations().mod(this, y)
  }
  pow(y: Operand): NDArray {
    return operations().pow(this, y)
  }
  neg(): NDArray<D> {
    return operations().neg(this) as NDArray<D>
  }
  abs(): NDArray<D> {
    return operations().abs(this) as NDArray<D>
  }
  exp(): NDArray {
    return operations().exp(this)
  }
  log(): NDArray {
    return operations().log(this)
  }
  sqrt(): NDArray {
    return operations().sqrt(this)
  }
  square(): NDArray<D> {
    return operations().square(this) as NDArray<D>
  }
  matmul(y: Operand): NDArray {
    return operations().matmul(this, y)
  }
  dot(y: Operand): NDArray {
    return operations().dot(this, y)
  }

  // ── comparison: elementwise, giving bool ─────────────────────────────────

  eq(y: Operand): NDArray<'bool'> {
    return operations().eq(this, y)
  }
  ne(y: Operand): NDArray<'bool'> {
    return operations().ne(this, y)
  }
  lt(y: Operand): NDArray<'bool'> {
    return operations().lt(this, y)
  }
  le(y: Operand): NDArray<'bool'> {
    return operations().le(this, y)
  }
  gt(y: Operand): NDArray<'bool'> {
    return operations().gt(this, y)
  }
  ge(y: Operand): NDArray<'bool'> {
    return operations().ge(this, y)
  }

  // ── reductions: an axis, axes, or the options of np's function ────────────

  sum(axis?: ReduceArgument<SumOptions>): NDArray {
    return operations().sum(this, reduceOptions(axis))
  }
  mean(axis?: ReduceArgument<MeanOptions>): NDArray {
    return operations().mean(this, reduceOptions(axis))
  }
  prod(axis?: ReduceArgument<SumOptions>): NDArray {
    return operations().prod(this, reduceOptions(axis))
  }
  max(axis?: ReduceArgument<ExtremeOptions>): NDArray<D> {
    return operations().max(this, reduceOptions(axis)) as NDArray<D>
  }
  min(axis?: ReduceArgument<ExtremeOptions>): NDArray<D> {
    return operations().min(this, reduceOptions(axis)) as NDArray<D>
  }
  all(axis?: ReduceArgument<TestOptions>): NDArray<'bool'> {
    return operations().all(this, reduceOptions(axis))
  }
  any(axis?: ReduceArgument<TestOptions>): NDArray<'bool'> {
    return operations().any(this, reduceOptions(axis))
  }
  var(axis?: ReduceArgument<VarianceOptions>): NDArray {
    return operations().var(this, reduceOptions(axis))
  }
  std(axis?: ReduceArgument<VarianceOptions>): NDArray {
    return operations().std(this, reduceOptions(axis))
  }
  /** The largest entry less the smallest. */
  ptp(axis?: ReduceArgument): NDArray<D> {
    return operations().ptp(this, reduceOptions(axis)) as NDArray<D>
  }
  /** The index of the largest entry, of the flattened array or along an axis. */
  argmax(axis?: number | ArgOptions): NDArray<'int32'> {
    return operations().argmax(this, reduceOptions(axis))
  }
  argmin(axis?: number | ArgOptions): NDArray<'int32'> {
    return operations().argmin(this, reduceOptions(axis))
  }
  /** Running sums, of the flattened array or along an axis. */
  cumsum(axis?: number | CumulativeOptions): NDArray {
    return operations().cumsum(this, reduceOptions(axis))
  }

  // ── everyday use ─────────────────────────────────────────────────────────

  /** Held between two numbers; `null` leaves an end open. */
  clip(low: Operand | null, high: Operand | null = null): NDArray {
    return operations().clip(this, low, high)
  }
  /** To the nearest whole number, halves to the even one. */
  round(): NDArray {
    return operations().round(this)
  }
  /** All elements in one axis; NumPy's other name of `ravel`. */
  flatten(): NDArray<D> {
    return this.ravel()
  }
  swapaxes(axis1: number, axis2: number): NDArray<D> {
    return operations().swapaxes(this, axis1, axis2) as NDArray<D>
  }
  /** Each entry `repeats` times, of the flattened array or along an axis. */
  repeat(repeats: Operand, axis?: number): NDArray<D> {
    return operations().repeat(this, repeats, axis === undefined ? {} : { axis }) as NDArray<D>
  }
  /** The sum of a diagonal of the first two axes. */
  trace(offset = 0): NDArray {
    return operations().trace(this, { offset })
  }
  /** A diagonal of the first two axes. */
  diagonal(offset = 0): NDArray<D> {
    return operations().diagonal(this, { offset }) as NDArray<D>
  }
  /** The same numbers as an array of its own, that is released apart from this one. */
  copy(): NDArray<D> {
    return operations().copy(this) as NDArray<D>
  }

  // ── shape ────────────────────────────────────────────────────────────────

  /** One size may be -1: it is what is left. The sizes may be a list, or stand one by one. */
  reshape(shape: Shape): NDArray<D>
  reshape(...sizes: number[]): NDArray<D>
  reshape(...shape: readonly (number | Shape)[]): NDArray<D> {
    return operations().reshape(this, listOf(shape)) as NDArray<D>
  }
  ravel(): NDArray<D> {
    return this.reshape([-1])
  }
  /** Axes in reverse order. */
  get T(): NDArray<D> {
    return this.transpose()
  }
  /** Axes in another order, as a list or one by one; in reverse order without. */
  transpose(axes?: readonly number[]): NDArray<D>
  transpose(...axes: number[]): NDArray<D>
  transpose(...axes: readonly (number | readonly number[] | undefined)[]): NDArray<D> {
    return operations().transpose(this, axes[0] === undefined ? undefined : listOf(axes)) as NDArray<D>
  }
  squeeze(axis?: number | readonly number[]): NDArray<D> {
    return operations().squeeze(this, axis) as NDArray<D>
  }
  astype<E extends DType>(dtype: E): NDArray<E> {
    return operations().astype(this, dtype) as NDArray<E>
  }

  /**
   * The sub-array at `index` of the first axis (then of the second, …): a number, or an array of integers, which may be
   * traced. Negative indices count from the end.
   *
   * @example np.array([[1, 2], [3, 4]]).at(-1, 0) // 3
   */
  at(...index: (number | NDArray)[]): NDArray<D> {
    return operations().slice(this, index) as NDArray<D>
  }
  /**
   * One argument an axis: a number takes one entry and drops the axis, `[start, stop, step?]` a range (`null` for an
   * open end), `null` all, an array of integers gathers, and a mask takes what is true (its shape must be known, so it
   * cannot be traced). `'...'` stands for the axes left out, `np.newaxis` for one put in. Several arrays go together, as
   * in NumPy. `x.slice([0, 5], null, 2)` is NumPy's `x[0:5, :, 2]`.
   *
   * @throws ShapeError for a number outside its axis; ranges are cut to the axis, indices in arrays clamped.
   * @example np.array([[1, 2], [3, 4], [5, 6]]).slice([1, null], -1) // [4, 6]
   */
  slice(...index: Index[]): NDArray<D> {
    return operations().slice(this, index) as NDArray<D>
  }
  /**
   * What `slice` gives, at one index or a list of them, with a say in what becomes of indices outside.
   *
   * @see JAX's `x.at[index].get()`
   * @example np.array([1, 2]).get(np.array(Int32Array.of(0, 5)), { mode: 'fill', fillValue: -1 }) // [1, -1]
   */
  get(index: IndexPlace, options?: GetOptions): NDArray<D> {
    return operations().get(this, index, options) as NDArray<D>
  }

  // ── other arrays, with some entries changed ──────────────────────────────

  /**
   * This array with `value` at `index`: one index as `slice` takes it, or a list of them (a range is `[[0, 2]]`). The
   * value is broadcast. Of an entry named twice the last value remains; indices in arrays that lie outside are dropped.
   *
   * @throws ShapeError for a number outside its axis, or a value that does not fit.
   * @throws DTypeError for a value that the array's dtype cannot hold.
   * @see JAX's `x.at[index].set(value)`
   * @example np.zeros([3]).set(1, 5) // [0, 5, 0]
   */
  set(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().set(this, index, value, options) as NDArray<D>
  }
  /**
   * This array with `value` added at `index`; an entry named twice gets both. See `set`.
   *
   * @example np.zeros([2]).addAt(np.array(Int32Array.of(0, 0)), [1, 2]) // [3, 0]
   */
  addAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().addAt(this, index, value, options) as NDArray<D>
  }
  /** This array with `value` subtracted at `index`; see `addAt`. */
  subAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().subAt(this, index, value, options) as NDArray<D>
  }
  /**
   * This array with what is at `index` multiplied by `value`; see `addAt`. The derivative with respect to `value` asks
   * for `uniqueIndices`, if the index is an array.
   */
  mulAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().mulAt(this, index, value, options) as NDArray<D>
  }
  /** This array with what is at `index` divided by `value`; see `mulAt`. */
  divAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray {
    return operations().divAt(this, index, value, options)
  }
  /** This array with what is at `index` to the power of `value`; see `mulAt`. */
  powAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray {
    return operations().powAt(this, index, value, options)
  }
  /** This array with the smaller of what is at `index` and `value`; see `set`. */
  minAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().minAt(this, index, value, options) as NDArray<D>
  }
  /** This array with the larger of what is at `index` and `value`; see `set`. */
  maxAt(index: IndexPlace, value: Operand, options?: UpdateOptions): NDArray<D> {
    return operations().maxAt(this, index, value, options) as NDArray<D>
  }
  /**
   * The entries of the first axis as a tuple; throws a ShapeError when the axis is not `length` long.
   *
   * @example const [mu, sigma] = np.array([0, 1]).unstack(2)
   */
  unstack<N extends number>(length?: N): ArrayTuple<N, D> {
    return operations().unstack(this, length) as ArrayTuple<N, D>
  }
  *[Symbol.iterator](): Iterator<NDArray<D>> {
    yield* this.unstack()
  }
}

// What `console.log` shows in Node; declared here because the symbol has no type of its own.
Object.defineProperty(NDArray.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: NDArray): string {
    return this.toString()
  },
})

/** @internal The numbers of `x` themselves, not to be changed; throws a PendingError while they are on their way. */
export function hostData<D extends DType>(x: NDArray<D>): TypedArrayOf<D> {
  const data = x.storage.host
  if (data === undefined) {
    throw new PendingError(
      `the numbers of this array (${x.dtype}${showShape(x.shape)}) are still on their way from the device: use \`await x.data()\` or \`await x.js()\`, or \`await x.ready()\` first`,
    )
  }
  return data as TypedArrayOf<D>
}

/** @internal Wraps `data` without a copy. */
export function fromHost<D extends DType>(data: TypedArrayOf<D>, shape: Shape, dtype: D): NDArray<D> {
  return new NDArray(shape, dtype, new HostStorage(data as TypedArray))
}

/** @internal An array of one element many times, given as an array of that one. */
export const fromRepeated = (element: TypedArray, shape: Shape, dtype: DType): NDArray =>
  new NDArray(shape, dtype, new RepeatedStorage(element, shape, dtype))

/** @internal An array whose numbers arrive later. */
export function fromPending<D extends DType>(arrival: Promise<TypedArray>, shape: Shape, dtype: D): NDArray<D> {
  return new NDArray(shape, dtype, new PendingStorage(arrival))
}

/** @internal The same numbers as an array of its own: releasing one leaves the other. */
export function aliasOf<D extends DType>({ storage, shape, dtype }: NDArray<D>): NDArray<D> {
  if (storage.repeated !== undefined) return fromRepeated(storage.repeated, shape, dtype) as NDArray as NDArray<D>
  if (storage.share !== undefined) return new NDArray(shape, dtype, storage.share())
  const data = storage.host
  if (data === undefined) return fromPending(storage.fetch(), shape, dtype)
  return fromHost(data as TypedArrayOf<D>, shape, dtype)
}

/** A zero-dimensional array. */
export function scalar<D extends DType>(value: number | bigint | boolean, dtype: D): NDArray<D> {
  const data: TypedArray = allocate<DType>(dtype, 1)
  data[0] = encodeElement(value, dtype)
  return fromHost(data as TypedArrayOf<D>, [], dtype)
}

/** Numbers that were given as one list, or one by one. */
const listOf = (given: readonly (number | readonly number[] | undefined)[]): readonly number[] =>
  (Array.isArray(given[0]) ? given[0] : given) as readonly number[]

const ownNumbers = <D extends DType>(data: TypedArray, dtype: D): DataOf<D> =>
  (isHalf(dtype) ? widen(data, dtype) : data.slice()) as DataOf<D>
