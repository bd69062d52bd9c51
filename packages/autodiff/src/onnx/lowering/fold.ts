import { isComplex } from '../../array/dtype.ts'
import { fromHost, fromRepeated, type NDArray } from '../../array/ndarray.ts'
import { shapesEqual, sizeOf } from '../../array/shape.ts'
import { evaluateEagerly } from '../../core/host/evaluate.ts'
import type { Equation } from '../../core/jaxpr.ts'
import type { GraphValue } from '../../core/lowering.ts'
import type { GraphValues } from './graph-values.ts'

/** So many numbers, in and out, are computed while lowering. */
const FEW = 32

/**
 * What an equation gives of constants of the graph alone. Tracing folds what it can see; here a counter of unrolled steps
 * is known too, or the places of an update. The runtime would do the same, node by node, and takes long for thousands.
 */
export function folded(
  graph: GraphValues,
  { primitive, params, outputs }: Equation,
  operands: readonly GraphValue[],
): readonly GraphValue[] | undefined {
  if (operands.length === 0 || primitive.execute !== undefined || primitive.jaxprs !== undefined) return undefined
  const avals = [...operands, ...outputs].map(({ aval }) => aval)
  if (avals.some(({ shape, dtype }) => isComplex(dtype) || sizeOf(shape) > FEW)) return undefined
  const arrays: NDArray[] = []
  for (const operand of operands) {
    const array = knownArray(graph, operand)
    if (array === undefined) return undefined
    arrays.push(array)
  }
  // A number that is repeated is left to the nodes that read it.
  if (primitive.repeats?.(arrays) === true) return undefined
  return evaluateEagerly(primitive, arrays, params).map((result, i) => {
    const { repeated } = result.storage
    const value = graph.array(repeated === undefined ? result : fromHost(repeated, [], result.dtype))
    return { ...value, aval: outputs[i]!.aval }
  })
}

function knownArray(graph: GraphValues, value: GraphValue): NDArray | undefined {
  const data = graph.constantOf(value)
  const { shape, dtype, aval } = value
  if (data === undefined) return undefined
  if (shapesEqual(shape, aval.shape)) return fromHost(data, shape, dtype)
  return sizeOf(shape) === 1 ? fromRepeated(data, aval.shape, dtype) : undefined
}
