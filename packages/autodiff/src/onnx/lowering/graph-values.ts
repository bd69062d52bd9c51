import {
  allocate,
  convertNumber,
  type DType,
  encodeElement,
  isBig,
  isHalf,
  type TypedArray,
} from '../../array/dtype.ts'
import { hostData, type NDArray } from '../../array/ndarray.ts'
import type { Shape } from '../../array/shape.ts'
import type { Aval } from '../../core/jaxpr.ts'
import type { GraphDType, GraphValue } from '../../core/lowering.ts'
import { heldAs, toWire } from './held.ts'
import type { Initializer } from './graph.ts'

/** Constants with more elements become inputs, so that they are not copied into each model. */
const LIFT_LIMIT = 1024

export interface ValuesOptions {
  /** The execution provider. */
  readonly target: string
  /** Keep all constants in the graph: for models that leave this process. */
  readonly selfContained: boolean
  /** Names that the graph's own values may not have. */
  readonly reserved?: ReadonlySet<string>
}

/** The names of a graph, its constants, and what is in it once. */
export class GraphValues {
  readonly target: string
  readonly initializers: Initializer[] = []
  readonly shapes: Map<string, Shape> = new Map()
  /** Captured arrays that became inputs, by the name of the input. */
  readonly lifted: Map<string, NDArray> = new Map()
  protected readonly selfContained: boolean
  readonly #reserved: ReadonlySet<string>
  /** What was made once: in the graph, and in the bodies around what is being built, the innermost last. */
  readonly #known: Map<string, GraphValue>[] = [new Map()]
  readonly #arrays = new Map<NDArray, GraphValue>()
  readonly #scalars = new Map<string, number>()
  readonly #constants = new Map<string, { readonly data: TypedArray; readonly dtype: DType }>()
  readonly #numbers = new Map<string, readonly number[]>()
  #next = 0

  constructor({ target, selfContained, reserved = new Set() }: ValuesOptions) {
    this.target = target
    this.selfContained = selfContained
    this.#reserved = reserved
  }

  value(name: string, aval: Aval): GraphValue {
    this.shapes.set(name, aval.shape)
    return { name, shape: aval.shape, dtype: aval.dtype, aval }
  }

  constant(data: TypedArray, aval: Aval): GraphValue {
    const name = this.#initializer(data, aval.shape, aval.dtype)
    this.#constants.set(name, { data, dtype: aval.dtype })
    return this.value(name, aval)
  }

  scalar(value: number, dtype: DType): GraphValue {
    const number = convertNumber(value, dtype)
    const key = `${dtype}:${Object.is(number, -0) ? '-0' : number}`
    return this.onceForAll(key, () => {
      const data = allocate(dtype, 1)
      data[0] = encodeElement(number, dtype)
      const made = this.constant(data, { shape: [], dtype })
      this.#scalars.set(made.name, number)
      return made
    })
  }

  array(value: NDArray): GraphValue {
    if (value.ndim === 0 && value.storage.host !== undefined && !isHalf(value.dtype) && !isBig(value.dtype))
      return this.scalar(hostData(value)[0] as number, value.dtype)
    let known = this.#arrays.get(value)
    if (known === undefined) {
      const lift =
        !this.selfContained &&
        value.dtype !== 'bfloat16' &&
        (value.size > LIFT_LIMIT || value.storage.host === undefined)
      known = lift ? this.#lift(value) : this.constant(hostData(value), value)
      this.#arrays.set(value, known)
    }
    return known
  }

  scalarOf(value: GraphValue): number | undefined {
    return this.#scalars.get(value.name)
  }

  constantOf(value: GraphValue): TypedArray | undefined {
    const known = this.#constants.get(value.name)
    // The graph may hold numbers of a narrow dtype in a wider one and go on with them as of that.
    return known?.dtype === value.dtype ? known.data : undefined
  }

  numbersOf(name: GraphValue | string): readonly number[] | undefined {
    return typeof name === 'string' ? this.#numbers.get(name) : undefined
  }

  table(key: string, make: () => TypedArray, aval: Aval): GraphValue {
    return this.onceForAll(`table:${key}`, () => this.constant(make(), aval))
  }

  indices(values: readonly number[]): string {
    return this.onceForAll(`indices:${values.join(',')}`, () => {
      const name = this.#initializer(BigInt64Array.from(values, BigInt), [values.length], 'int64')
      this.#numbers.set(name, values)
      return { name, shape: [values.length], dtype: 'int32', aval: { shape: [values.length], dtype: 'int32' } }
    }).name
  }

  held(dtype: DType): DType {
    return heldAs(this.target, dtype)
  }

  #initializer(data: TypedArray | BigInt64Array, shape: Shape, dtype: GraphDType): string {
    const name = this.name('c')
    this.shapes.set(name, shape)
    const held = this.held(dtype)
    const numbers = held === dtype ? data : toWire(data as TypedArray, dtype, held)
    this.initializers.push({ name, data: numbers, shape, dtype: held })
    return name
  }

  #lift(value: NDArray): GraphValue {
    const name = this.name('captured')
    this.lifted.set(name, value)
    return this.value(name, value)
  }

  /** What `make` gave when it was first called for a key, here or in a graph around. */
  once(key: string, make: () => GraphValue, known = this.#known.at(-1) as Map<string, GraphValue>): GraphValue {
    for (const scope of this.#known) {
      const found = scope.get(key)
      if (found !== undefined) return found
    }
    const made = make()
    known.set(key, made)
    return made
  }

  /** A constant, which the whole graph can read. */
  protected onceForAll(key: string, make: () => GraphValue): GraphValue {
    return this.once(key, make, this.#known[0])
  }

  protected name(prefix: string): string {
    let name: string
    do name = `${prefix}${this.#next++}`
    while (this.#reserved.has(name))
    return name
  }

  /** What `make` gives; what is made once in it is forgotten, for a body's values are its own. */
  protected within<T>(make: () => T): T {
    this.#known.push(new Map())
    try {
      return make()
    } finally {
      this.#known.pop()
    }
  }
}
