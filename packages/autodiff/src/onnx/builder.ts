import { allocate, convertNumber, type DType, encodeElement, isBig, isHalf, type TypedArray } from '../array/dtype.ts'
import { hostData, type NDArray } from '../array/ndarray.ts'
import { broadcastShapes, range, type Shape, shapesEqual } from '../array/shape.ts'
import { type Aval, type Equation, interpret, type Jaxpr } from '../core/jaxpr.ts'
import { trace } from '../core/trace.ts'
import type { Attributes, GraphDType, GraphValue } from '../core/lowering.ts'
import { Undefined } from '../core/primitive.ts'
import { CotangentError, DeviceError } from '../array/errors.ts'
import { reorderProducts } from '../products/reorder.ts'
import { lowerWidened } from './widen.ts'
import type { FormGraph, Forms } from './forms/form.ts'
import { formsOf } from './forms/index.ts'
import { fits, heldAs, lacks, rounded, toWire } from './held.ts'
import type { GraphBody, GraphNode, Initializer, ValueInfo } from './graph.ts'
import { countOpen, guardOpen } from './open-guards.ts'
import { allStatic, openSizeUsed, type OpenSizes } from './symbol.ts'

/** Constants with more elements become inputs, so that they are not copied into each model. */
const LIFT_LIMIT = 1024

export interface BuilderOptions {
  /** The execution provider. */
  readonly target: string
  /** Keep all constants in the graph: for models that leave this process. */
  readonly selfContained: boolean
  /** Names that the graph's own values may not have. */
  readonly reserved?: ReadonlySet<string>
  /** The sizes that are open. */
  readonly open?: OpenSizes
}

/** Collects the nodes of a graph. */
export class Builder implements FormGraph {
  readonly target: string
  /** The nodes of the graph, or of the body that is being built. */
  nodesList: GraphNode[] = []
  readonly initializers: Initializer[] = []
  readonly shapes: Map<string, Shape> = new Map()
  /** Captured arrays that became inputs, by the name of the input. */
  readonly lifted: Map<string, NDArray> = new Map()
  readonly #forms: Forms
  readonly #selfContained: boolean
  readonly #reserved: ReadonlySet<string>
  /** What was made once: in the graph, and in the bodies around what is being built, the innermost last. */
  readonly #known: Map<string, GraphValue>[] = [new Map()]
  readonly #arrays = new Map<NDArray, GraphValue>()
  readonly #scalars = new Map<string, number>()
  readonly #constants = new Map<string, TypedArray>()
  #equation: Equation | undefined
  readonly #open: OpenSizes
  /** For each open size an input and its axis that has it. */
  readonly #openAxes = new Map<string, readonly [input: string, axis: number]>()
  readonly #numbers = new Map<string, readonly number[]>()
  #next = 0

  constructor({ target, selfContained, reserved = new Set(), open = allStatic }: BuilderOptions) {
    this.#open = open
    this.target = target
    this.#forms = formsOf(target)
    this.#selfContained = selfContained
    this.#reserved = reserved
  }

  // ── values ───────────────────────────────────────────────────────────────

  input({ name, shape }: ValueInfo, dtype: DType): GraphValue {
    this.shapes.set(name, shape)
    shape.forEach((n, axis) => {
      const open = this.#open.nameOf(n)
      if (open !== undefined && !this.#openAxes.has(open)) this.#openAxes.set(open, [name, axis])
    })
    return { name, shape, dtype, aval: { shape, dtype } }
  }

  value(name: string, aval: Aval): GraphValue {
    this.shapes.set(name, aval.shape)
    return { name, shape: aval.shape, dtype: aval.dtype, aval }
  }

  constant(data: TypedArray, aval: Aval): GraphValue {
    if (this.#open.hasOpen(aval.shape)) throw openSizeUsed('for an array of constants as long as it')
    const name = this.#initializer(data, aval.shape, aval.dtype)
    this.#constants.set(name, data)
    return this.value(name, aval)
  }

  scalar(value: number, dtype: DType): GraphValue {
    const number = convertNumber(value, dtype)
    const key = `${dtype}:${Object.is(number, -0) ? '-0' : number}`
    return this.#onceForAll(key, () => {
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
        !this.#selfContained &&
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
    return this.#constants.get(value.name)
  }

  numbersOf(name: GraphValue | string): readonly number[] | undefined {
    return typeof name === 'string' ? this.#numbers.get(name) : undefined
  }

  table(key: string, make: () => TypedArray, aval: Aval): GraphValue {
    return this.#onceForAll(`table:${key}`, () => this.constant(make(), aval))
  }

  indices(values: readonly number[]): string {
    if (this.#open.hasOpen(values)) return this.#openShape(values)
    return this.#onceForAll(`indices:${values.join(',')}`, () => {
      const name = this.#initializer(BigInt64Array.from(values, BigInt), [values.length], 'int64')
      this.#numbers.set(name, values)
      return { name, shape: [values.length], dtype: 'int32', aval: { shape: [values.length], dtype: 'int32' } }
    }).name
  }

  // ── nodes ────────────────────────────────────────────────────────────────

  elementwise(op: string, inputs: readonly GraphValue[], aval: Aval, attributes: Attributes = {}): GraphValue {
    const [instead] = this.#instead(op, inputs, [aval], attributes) ?? []
    return instead === undefined ? this.native(op, inputs, aval, attributes) : { ...instead, aval }
  }

  native(op: string, inputs: readonly GraphValue[], aval: Aval, attributes: Attributes = {}): GraphValue {
    const shape = broadcastShapes(inputs.map((v) => v.shape))
    const [name] = this.#push(op, inputs, 1, attributes)
    this.shapes.set(name as string, shape)
    return { name: name as string, shape, dtype: aval.dtype, aval }
  }

  node(op: string, inputs: readonly (GraphValue | string)[], aval: Aval, attributes: Attributes = {}): GraphValue {
    return this.nodes(op, inputs, [aval], attributes)[0] as GraphValue
  }

  nodes(
    op: string,
    inputs: readonly (GraphValue | string)[],
    avals: readonly Aval[],
    attributes: Attributes = {},
  ): GraphValue[] {
    const native = (): GraphValue[] =>
      this.#push(op, inputs, avals.length, attributes).map((name, i) => this.value(name, avals[i] as Aval))
    const instead = this.#instead(op, inputs, avals, attributes)
    if (instead !== undefined) return instead.map((value) => this.materialize(value))
    return guardOpen(this, this.#open, op, inputs, avals, attributes, native) ?? native()
  }

  nativeNode(
    op: string,
    inputs: readonly (GraphValue | string)[],
    aval: Aval,
    attributes: Attributes = {},
  ): GraphValue {
    return this.value(this.#push(op, inputs, 1, attributes)[0]!, aval)
  }

  indexNode(op: string, inputs: readonly (GraphValue | string)[], attributes: Attributes = {}): string {
    return this.#push(op, inputs, 1, attributes)[0] as string
  }

  materialize(value: GraphValue): GraphValue {
    const { shape } = value.aval
    if (shapesEqual(value.shape, shape)) return value
    return this.#once(`expand:${value.name}:${shape.join(',')}`, () => {
      const target = this.indices(shape)
      const { dtype } = value
      if (dtype !== 'bfloat16') return this.node('Expand', [this.#emptied(value), target], { shape, dtype })
      // Expand has no kernel for bfloat16.
      const wide = this.#emptied(this.cast(value, 'float32'))
      return this.cast(this.node('Expand', [wide, target], { shape, dtype: 'float32' }), 'bfloat16')
    })
  }

  /** Of an axis of 1 that is repeated no times, nothing: Expand would leave the 1. */
  #emptied(value: GraphValue): GraphValue {
    const { shape, dtype, aval } = value
    const lead = aval.shape.length - shape.length
    const axes = range(shape.length).filter((axis) => shape[axis] !== 0 && aval.shape[axis + lead] === 0)
    if (axes.length === 0) return value
    const none = this.indices(axes.map(() => 0))
    const own = shape.map((n, axis) => (axes.includes(axis) ? 0 : n))
    return this.node('Slice', [value, none, none, this.indices(axes)], { shape: own, dtype })
  }

  reshape(value: GraphValue, shape: Shape): GraphValue {
    const full = this.materialize(value)
    const aval = { shape, dtype: full.dtype }
    if (shapesEqual(full.shape, shape)) return { ...full, aval }
    return this.#once(`reshape:${full.name}:${shape.join(',')}`, () => {
      const isOpen = (n: number): boolean => this.#open.isOpen(n)
      // What is missing cannot be computed beside a 0.
      const computed = shape.filter(isOpen).length > 1 || shape.includes(0)
      const sizes = computed ? shape : shape.map((n) => (isOpen(n) ? -1 : n))
      return this.node('Reshape', [full, this.indices(sizes)], aval, { allowzero: 1 })
    })
  }

  held(dtype: DType): DType {
    return heldAs(this.target, dtype)
  }

  cast(value: GraphValue, dtype: DType): GraphValue {
    const bound = this.#indexNames.get(value.name)
    if (bound !== undefined && this.target === 'webgpu') return this.cast(this.#counted(value, bound), dtype)
    if (value.dtype === dtype && bound === undefined) return value
    const [from, to] = [this.held(value.dtype), this.held(dtype)]
    const { shape } = value.aval
    if (from === value.dtype && to === dtype)
      return this.elementwise('Cast', [value], { shape, dtype }, { to: { type: dtype } })
    const as = (v: GraphValue, type: DType): GraphValue => ({ ...v, dtype: type, aval: { shape, dtype: type } })
    let wide = as(value, from)
    if (from !== to) wide = this.elementwise('Cast', [wide], { shape, dtype: to }, { to: { type: to } })
    if (to === dtype || fits(value.dtype, dtype)) return as(wide, dtype)
    const { jaxpr } = trace('cast', [wide.aval], (x) => [rounded(x!, dtype)])
    return as(this.inline(jaxpr, [wide])[0]!, dtype)
  }

  /** An index as int32, where the provider cannot convert it: what stands at its place when one counts. */
  #counted(index: GraphValue, bound: number): GraphValue {
    const numbers = (): Int32Array => Int32Array.from({ length: bound }, (_, i) => i)
    const table = this.table(`iota:${bound}`, numbers, { shape: [bound], dtype: 'int32' })
    return this.nativeNode('Gather', [table, index], { shape: index.shape, dtype: 'int32' }, { axis: 0 })
  }

  inline(jaxpr: Jaxpr, inputs: readonly GraphValue[]): GraphValue[] {
    return interpret<GraphValue>(
      // A model that leaves this process is for any sizes, and to be read.
      this.#selfContained ? jaxpr : reorderProducts(jaxpr),
      inputs,
      (value) => this.array(value),
      (equation, operands) => {
        const { primitive, params, outputs } = equation
        const { lower } = primitive
        if (lower instanceof Undefined) throw new CotangentError(`${primitive.name} cannot be lowered: ${lower.reason}`)
        const avals = outputs.map((v) => v.aval)
        this.#check(primitive.name, [...operands, ...avals])
        if (primitive.name === 'iota' && this.#open.hasOpen(avals[0]!.shape))
          return [countOpen(this, avals[0]!.shape[0]!, avals[0]!)]
        const run = (values: readonly GraphValue[], wanted: readonly Aval[]) => lower(this, values, params, wanted)
        // What a Jaxpr inside needs widened is widened there.
        const asTheyAre = primitive.lowersEveryDType === true || primitive.jaxprs !== undefined
        // What an equation is lowered by, if the user did not write it, belongs to the equation.
        const around = this.#equation
        if (around === undefined || equation.source !== undefined) this.#equation = equation.origin ?? equation
        const made = asTheyAre ? run(operands, avals) : lowerWidened(this, operands, avals, run)
        this.#equation = around
        return made
      },
    )
  }

  body(
    op: 'If' | 'Loop' | 'Scan',
    inputs: readonly Aval[],
    build: (inputs: readonly GraphValue[]) => readonly GraphValue[],
  ): { readonly body: GraphBody } {
    const outer = this.nodesList
    const nodes: GraphNode[] = []
    this.nodesList = nodes
    this.#known.push(new Map())
    try {
      const counted: ValueInfo[] = op === 'Loop' ? [{ name: this.#name('i'), dtype: 'int64', shape: [] }] : []
      const values = inputs.map((aval) => this.value(this.#name('b'), aval))
      const results = build(values).map((value) => this.materialize(value))
      // A body gives values that it makes, each once; what a Loop carries on unchanged needs no copy.
      const own = new Set(nodes.flatMap((n) => n.outputs))
      const outputs = results.map((value, i) =>
        own.delete(value.name) || (op === 'Loop' && value.name === values[i]?.name)
          ? value
          : this.node('Identity', [value], { shape: value.shape, dtype: value.dtype }),
      )
      const infoOf = ({ name, shape, dtype }: GraphValue): ValueInfo => ({ name, shape, dtype: this.held(dtype) })
      return { body: { inputs: [...counted, ...values.map(infoOf)], outputs: outputs.map(infoOf), nodes } }
    } finally {
      this.nodesList = outer
      this.#known.pop()
    }
  }

  // ── inside ───────────────────────────────────────────────────────────────

  /** Names of int64 that stand for int32, and what they are less than. */
  readonly #indexNames = new Map<string, number>()

  /** What stands for an operator on this provider; the node itself where there is nothing. */
  #instead(
    op: string,
    inputs: readonly (GraphValue | string)[],
    outputs: readonly Aval[],
    attributes: Attributes,
  ): readonly GraphValue[] | undefined {
    return Object.hasOwn(this.#forms, op) ? this.#forms[op]!(this, { op, inputs, outputs, attributes }) : undefined
  }

  #check(name: string, avals: readonly { readonly dtype: DType }[]): void {
    const odd = avals.find(({ dtype }) => lacks(this.target, dtype))
    if (odd === undefined) return
    const remedy = isBig(odd.dtype) ? 'int32' : 'float32'
    throw new DeviceError(
      `${this.target}: ${name} of ${odd.dtype} is not possible on this device, which computes in 32 bits; convert with x.astype("${remedy}"), or run with { device: "cpu" }`,
    )
  }

  #push(op: string, inputs: readonly (GraphValue | string)[], count: number, attributes: Attributes): string[] {
    const outputs = Array.from({ length: count }, () => this.#name('v'))
    const index = op === 'ArgMax' || op === 'ArgMin' ? outputs[0] : op === 'TopK' ? outputs[1] : undefined
    if (index !== undefined)
      this.#indexNames.set(index, (inputs[0] as GraphValue).shape[attributes['axis'] as number] ?? 1)
    const names = inputs.map((v) => (typeof v === 'string' ? v : v.name))
    this.nodesList.push({ op, inputs: names, outputs, attributes, equation: this.#equation })
    return outputs
  }

  #initializer(data: TypedArray | BigInt64Array, shape: Shape, dtype: GraphDType): string {
    const name = this.#name('c')
    this.shapes.set(name, shape)
    const held = this.held(dtype)
    const numbers = held === dtype ? data : toWire(data as TypedArray, dtype, held)
    this.initializers.push({ name, data: numbers, shape, dtype: held })
    return name
  }

  #lift(value: NDArray): GraphValue {
    const name = this.#name('captured')
    this.lifted.set(name, value)
    return this.value(name, value)
  }

  #once(key: string, make: () => GraphValue, known = this.#known.at(-1) as Map<string, GraphValue>): GraphValue {
    for (const scope of this.#known) {
      const found = scope.get(key)
      if (found !== undefined) return found
    }
    const made = make()
    known.set(key, made)
    return made
  }

  /** A constant, which the whole graph can read. */
  #onceForAll(key: string, make: () => GraphValue): GraphValue {
    return this.#once(key, make, this.#known[0])
  }

  #name(prefix: string): string {
    let name: string
    do name = `${prefix}${this.#next++}`
    while (this.#reserved.has(name))
    return name
  }

  /** The name of an int64 vector with the sizes of `shape`, the open ones taken from the inputs. */
  #openShape(shape: Shape): string {
    return this.#once(`open:${shape.join(',')}`, () => {
      const parts = shape.map((n) => {
        const found = this.#open.factors(n)
        if (found === undefined) return this.indices([n])
        const sizes = found.powers.flatMap((power, i) =>
          new Array<GraphValue>(power).fill(this.#openSize(this.#open.axes[i]![0])),
        )
        const factors = found.number === 1 ? sizes : [...sizes, this.indices([found.number])]
        return factors.reduce((x, y) => this.node('Mul', [x, y], oneSize))
      })
      return this.node('Concat', parts, { shape: [shape.length], dtype: 'int32' }, { axis: 0 })
    }).name
  }

  /** An open size, as a vector of one. */
  #openSize(open: string): GraphValue {
    const place = this.#openAxes.get(open)
    if (place === undefined) throw new CotangentError(`exportOnnx: no input has the open size ${open}`)
    const [input, axis] = place
    return this.#once(`size:${open}`, () => this.node('Shape', [input], oneSize, { start: axis, end: axis + 1 }))
  }
}

const oneSize: Aval = { shape: [1], dtype: 'int32' }
