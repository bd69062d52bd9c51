import { type DType, isBig, type TypedArray } from '../../array/dtype.ts'
import { broadcastShapes, range, type Shape, shapesEqual } from '../../array/shape.ts'
import { type Aval, type Equation, interpret, type Jaxpr } from '../../core/jaxpr.ts'
import { trace } from '../../core/trace.ts'
import type { Attributes, GraphValue } from '../../core/lowering.ts'
import { Undefined } from '../../core/primitive.ts'
import { CotangentError, DeviceError } from '../../array/errors.ts'
import { reorderProducts } from '../../products/reorder.ts'
import { folded } from './fold.ts'
import { lowerWidened } from './widen.ts'
import type { FormGraph, Forms } from './forms/form.ts'
import { formsOf } from './forms/index.ts'
import { fits, lacks, rounded } from './held.ts'
import type { GraphBody, GraphNode, ValueInfo } from './graph.ts'
import { GraphValues, type ValuesOptions } from './graph-values.ts'
import { countOpen, guardOpen } from './open-guards.ts'
import { OpenShapes } from './open-shapes.ts'
import { allStatic, openSizeUsed, type OpenSizes } from './open-sizes.ts'

export interface BuilderOptions extends ValuesOptions {
  /** The sizes that are open. */
  readonly open?: OpenSizes
}

/** Collects the nodes of a graph. */
export class Builder extends GraphValues implements FormGraph {
  /** The nodes of the graph, or of the body that is being built. */
  nodesList: GraphNode[] = []
  readonly #forms: Forms
  #equation: Equation | undefined
  readonly #open: OpenSizes
  readonly #openShapes: OpenShapes
  /** Names of int64 that stand for int32, and what they are less than. */
  readonly #indexNames = new Map<string, number>()

  constructor({ open = allStatic, ...options }: BuilderOptions) {
    super(options)
    this.#forms = formsOf(options.target)
    this.#open = open
    this.#openShapes = new OpenShapes(this, open)
  }

  input({ name, shape }: ValueInfo, dtype: DType): GraphValue {
    this.#openShapes.note(name, shape)
    return this.value(name, { shape, dtype })
  }

  override constant(data: TypedArray, aval: Aval): GraphValue {
    if (this.#open.hasOpen(aval.shape)) throw openSizeUsed('for an array of constants as long as it')
    return super.constant(data, aval)
  }

  override indices(values: readonly number[]): string {
    return this.#open.hasOpen(values) ? this.#openShapes.vector(values) : super.indices(values)
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
    return this.once(`expand:${value.name}:${shape.join(',')}`, () => {
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
    return this.once(`reshape:${full.name}:${shape.join(',')}`, () => {
      const isOpen = (n: number): boolean => this.#open.isOpen(n)
      // What is missing cannot be computed beside a 0.
      const computed = shape.filter(isOpen).length > 1 || shape.includes(0)
      const sizes = computed ? shape : shape.map((n) => (isOpen(n) ? -1 : n))
      return this.node('Reshape', [full, this.indices(sizes)], aval, { allowzero: 1 })
    })
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
      this.selfContained ? jaxpr : reorderProducts(jaxpr),
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
        const isOpen = [...operands, ...outputs].some(({ aval }) => this.#open.hasOpen(aval.shape))
        const known = isOpen ? undefined : folded(this, equation, operands)
        if (known !== undefined) return known
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
    try {
      return this.within(() => {
        const counted: ValueInfo[] = op === 'Loop' ? [{ name: this.name('i'), dtype: 'int64', shape: [] }] : []
        const values = inputs.map((aval) => this.value(this.name('b'), aval))
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
      })
    } finally {
      this.nodesList = outer
    }
  }

  // ── inside ───────────────────────────────────────────────────────────────

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
    const outputs = Array.from({ length: count }, () => this.name('v'))
    const index = op === 'ArgMax' || op === 'ArgMin' ? outputs[0] : op === 'TopK' ? outputs[1] : undefined
    if (index !== undefined)
      this.#indexNames.set(index, (inputs[0] as GraphValue).shape[attributes['axis'] as number] ?? 1)
    const names = inputs.map((v) => (typeof v === 'string' ? v : v.name))
    this.nodesList.push({ op, inputs: names, outputs, attributes, equation: this.#equation })
    return outputs
  }
}
