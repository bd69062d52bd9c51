import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import { isParts, type Splittable } from '../core/complex.ts'
import { avalOf } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { isLinear } from './linear.ts'

type BarrierParams = {
  /** How many operands, the first ones, pass; the others are only waited for. */
  readonly guarded: number
}

/**
 * The first operands as they are, but not before the others are there, and not as the same values: what is computed
 * from them is not merged with the same computation elsewhere.
 */
export const optimizationBarrierPrimitive: Primitive<BarrierParams> = definePrimitive<BarrierParams>({
  name: 'optimization_barrier',
  abstractEval: (inputs, { guarded }) => inputs.slice(0, guarded).map(avalOf),
  evaluate: (inputs, _, { guarded }) => inputs.slice(0, guarded).map((x) => x.slice()),
  complex(operands, { guarded }) {
    const flat = (xs: readonly Splittable[]): NDArray[] => xs.flatMap((x) => (isParts(x) ? [x.re, x.im] : [x]))
    const passing = operands.slice(0, guarded)
    const values = barrier(flat(passing), flat(operands.slice(guarded)))
    let next = 0
    return passing.map((x) => (isParts(x) ? { re: values[next++]!, im: values[next++]! } : values[next++]!))
  },
  jvp: (primals, tangents, params) => ({
    outputs: bind(optimizationBarrierPrimitive, primals, params),
    tangents: tangents.slice(0, params.guarded),
  }),
  transpose: (cotangents, operands) => operands.map((x, i) => (isLinear(x) ? (cotangents[i] ?? null) : null)),
  batch: (inputs, dims, params) => ({
    outputs: bind(optimizationBarrierPrimitive, inputs, params),
    dims: dims.slice(0, params.guarded),
  }),
  lower(graph, inputs, { guarded }) {
    const awaited = (inputs.length > guarded ? inputs.slice(guarded) : inputs).filter(canWait)
    if (awaited.length === 0) return inputs.slice(0, guarded)
    const bool = { shape: [], dtype: 'bool' } as const
    const ready = awaited
      .map((value) => firstOf(graph, value))
      .map((x) => graph.elementwise('Less', [x, x], bool))
      .reduce((a, b) => graph.elementwise('And', [a, b], bool))
    // Whatever the condition is, the value is the operand: but no optimizer can know that it is the same value. It is
    // false, for the runtime's Where loses the sign of a −0 that is chosen where it is true.
    return inputs
      .slice(0, guarded)
      .map((value) => (canWait(value) ? graph.elementwise('Where', [ready, value, value], value.aval) : value))
  },
  // It stands where it was put: equal ones are not shared.
  jaxprs: () => [],
})

const canWait = ({ dtype, shape }: GraphValue): boolean =>
  (dtype === 'float32' || dtype === 'float64') && sizeOf(shape) > 0

/** The first element of a value as a scalar. */
function firstOf(graph: GraphBuilder, value: GraphValue): GraphValue {
  const { shape, dtype } = value
  if (shape.length === 0) return value
  const ones = shape.map(() => 1)
  const axes = [graph.indices(shape.map(() => 0)), graph.indices(ones)]
  const first = graph.node('Slice', [value, ...axes], { shape: ones, dtype })
  return graph.reshape(first, [])
}

/** `values` as they are, once `awaited` are there. */
export const barrier = (values: readonly NDArray[], awaited: readonly NDArray[]): readonly NDArray[] =>
  values.length === 0 ? [] : bind(optimizationBarrierPrimitive, [...values, ...awaited], { guarded: values.length })
