import { bytesPerElement, type DType, isHalf, isInteger } from '../../array/dtype.ts'
import type { Aval } from '../../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../../core/lowering.ts'

/**
 * What a graph computes a dtype in: the runtime has few kernels for narrow integers and 16-bit floats. Storing the result
 * keeps the low bits of an integer, and rounds a float, as the dtype itself would.
 */
const computedIn = (dtype: DType): DType =>
  isHalf(dtype) ? 'float32' : isInteger(dtype) && bytesPerElement(dtype) < 4 ? 'int32' : dtype

/** Lowers an operation with operands of narrow dtypes widened, and its results narrowed again. */
export function lowerWidened(
  graph: GraphBuilder,
  operands: readonly GraphValue[],
  outputs: readonly Aval[],
  lower: (operands: readonly GraphValue[], outputs: readonly Aval[]) => readonly GraphValue[],
): readonly GraphValue[] {
  if (![...operands, ...outputs].some(({ dtype }) => computedIn(dtype) !== dtype)) return lower(operands, outputs)
  const wide = operands.map((x) => graph.cast(x, computedIn(x.dtype)))
  const values = lower(
    wide,
    outputs.map(({ shape, dtype }) => ({ shape, dtype: computedIn(dtype) })),
  )
  return values.map((value, i) => {
    const aval = outputs[i] as Aval
    return { ...graph.cast(value, aval.dtype), aval }
  })
}
