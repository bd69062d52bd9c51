import { allocate, bytesPerElement, convertNumber, type DType, type TypedArray, type TypedArrayOf } from './dtype.ts'
import { PendingError, ShapeError, ValueError } from './errors.ts'
import { type Index, operations } from './operations.ts'
import type {
  ArgOptions,
  CumulativeOptions,
  ExtremeOptions,
  MeanOptions,
  ReduceOptions,
  SumOptions,
  TestOptions,
  VarianceOptions,
} from './options.ts'
import { printArray } from './print.ts'
import { type Shape, showShape, sizeOf } from './shape.ts'
import { HostStorage, PendingStorage, type Storage } from './storage.ts'

/** What an operation takes where an array is meant. */
export type Operand = NDArray | number | boolean | TypedArray | readonly Operand[]

/** Nested lists of numbers (booleans for `bool`), as `js()` gives them. */
export type NestedList = number | boolean | NestedList[]

export type { ReduceOptions }

type ReduceArgument<O = ReduceOptions> = number | readonly number[] | O
const reduceOptions = <O extends object>(axis: ReduceArgument<O> | undefined): O =>
  (axis === undefined ? {} : typeof axis === 'number' || Array.isArray(axis) ? { axis } : axis) as O

/** A tuple of `N` arrays. */
export type ArrayTuple<N extends number, D extends DType = DType> = number extends N
  ? NDArray<D>[]
  : TupleOf<NDArray<D>, N, []>
type TupleOf<T, N extends number, Acc extends T[]> = Acc['length'] extends N ? Acc : TupleOf<T, N, [...Acc, T]>

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
    this.shape = Object.freeze([...shape])
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

  /** The numbers in row-major order, in an array of the caller's own. */
  data(): Promise<TypedArrayOf<D>> {
    return this.storage.fetch().then((data) => data.slice() as TypedArrayOf<D>)
  }

  /** As `data`, at once; throws a PendingError while the numbers are on their way. */
  dataSync(): TypedArrayOf<D> {
    return hostData(this).slice() as TypedArrayOf<D>
  }

  /**
   * The numbers as nested lists; a scalar gives a number.
   *
   * @example await np.array([[1, 2], [3, 4]]).js() // [[1, 2], [3, 4]]
   */
  js(): Promise<NestedList> {
    return this.storage.fetch().then((data) => nest(data, this.shape, this.dtype))
  }

  /** As `js`, at once; throws a PendingError while the numbers are on their way. */
  jsSync(): NestedList {
    return nest(hostData(this), this.shape, this.dtype)
  }

  /**
   * The number in an array of one element, or at an index, at once.
   *
   * @throws ShapeError for any other size, PendingError while the number is on its way, TracerError for a traced value.
   */
  item(...index: number[]): number {
    if (index.length > 0) return this.at(...index).item()
    if (this.size !== 1)
      throw new ShapeError(
        `item: the array of shape ${showShape(this.shape)} has ${this.size} elements, not one; name the one, as x.item(0, 1)`,
      )
    return hostData(this)[0] as number
  }

  /** Resolves when the numbers are here; rejects when their computation failed. */
  ready(): Promise<this> {
    return this.storage.fetch().then(() => this)
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

  /** One size may be -1: it is what is left. */
  reshape(shape: Shape | number): NDArray<D> {
    return operations().reshape(this, typeof shape === 'number' ? [shape] : shape) as NDArray<D>
  }
  ravel(): NDArray<D> {
    return this.reshape([-1])
  }
  /** Axes in reverse order. */
  get T(): NDArray<D> {
    return this.transpose()
  }
  transpose(axes?: readonly number[]): NDArray<D> {
    return operations().transpose(this, axes) as NDArray<D>
  }
  squeeze(axis?: number | readonly number[]): NDArray<D> {
    return operations().squeeze(this, axis) as NDArray<D>
  }
  astype<E extends DType>(dtype: E): NDArray<E> {
    return operations().astype(this, dtype) as NDArray<E>
  }

  /** The sub-array at `index` of the first axis (then of the second, …); negative indices count from the end. */
  at(...index: number[]): NDArray<D> {
    return operations().slice(this, index) as NDArray<D>
  }
  /**
   * One argument an axis: a number takes one entry and drops the axis, `[start, stop, step?]` a range (`null` for an
   * open end), `null` all, an integer array gathers.
   * `x.slice([0, 5], null, 2)` is NumPy's `x[0:5, :, 2]`.
   *
   * @throws ShapeError for an index outside its axis; ranges are cut to the axis, indices in arrays clamped.
   * @example np.array([[1, 2], [3, 4], [5, 6]]).slice([1, null], -1) // [4, 6]
   */
  slice(...index: Index[]): NDArray<D> {
    return operations().slice(this, index) as NDArray<D>
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
  return new NDArray(shape, dtype, new HostStorage(data))
}

/** @internal An array whose numbers arrive later. */
export function fromPending<D extends DType>(arrival: Promise<TypedArray>, shape: Shape, dtype: D): NDArray<D> {
  return new NDArray(shape, dtype, new PendingStorage(arrival))
}

/** @internal The same numbers as an array of its own: releasing one leaves the other. */
export function aliasOf<D extends DType>({ storage, shape, dtype }: NDArray<D>): NDArray<D> {
  const data = storage.host
  if (data === undefined) return fromPending(storage.fetch(), shape, dtype)
  return fromHost(data as TypedArrayOf<D>, shape, dtype)
}

/** A zero-dimensional array. */
export function scalar<D extends DType>(value: number | boolean, dtype: D): NDArray<D> {
  const data = allocate(dtype, 1)
  data[0] = convertNumber(Number(value), dtype)
  return fromHost(data, [], dtype)
}

function nest(data: TypedArray, shape: Shape, dtype: DType): NestedList {
  let offset = 0
  const build = (axis: number): NestedList => {
    if (axis === shape.length) {
      const value = data[offset++] as number
      return dtype === 'bool' ? value !== 0 : value
    }
    return Array.from({ length: shape[axis] as number }, () => build(axis + 1))
  }
  return build(0)
}
