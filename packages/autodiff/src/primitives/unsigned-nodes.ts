import { type DType, isBig } from '../array/dtype.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'

/** Unsigned integers as signed ones, for which the runtime has more kernels. */

/** An unsigned integer with the highest bit flipped: as a signed one it has the same order. */
export const flip = (graph: GraphBuilder, x: GraphValue): GraphValue =>
  graph.elementwise('BitwiseXor', [x, graph.scalar(x.dtype === 'uint64' ? 2 ** 63 : 2 ** 31, x.dtype)], {
    ...x.aval,
    dtype: x.dtype,
  })

/** The signed dtype of as many bits, of the two that graphs compute in. */
export const signedOf = (dtype: DType): DType => (isBig(dtype) ? 'int64' : 'int32')
