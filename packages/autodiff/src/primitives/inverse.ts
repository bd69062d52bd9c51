import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import type { GraphValue } from '../core/lowering.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { factored, solveFactored } from '../interpreter/factor.ts'
import { eachMatrix, identityMatrix } from '../interpreter/matrices.ts'
import { div, neg } from './arithmetic.ts'
import { like } from './broadcast.ts'
import type { NoParams } from './elementwise.ts'
import { solveByColumns } from './lu-steps.ts'
import { batchMatrices, checkSquareFloat, identity, lowerMatrices, product } from './matrices.ts'
import { hasClosedForm, lowerByAdjugate } from './two-by-two.ts'

/**
 * The inverse of square matrices, over any leading axes: what `solve` gives for the identity, with a derivative that
 * needs no further decomposition. Infinities and NaN for a singular one.
 */
export const inversePrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'inverse',
  abstractEval([x]) {
    const { shape, dtype } = checkSquareFloat('inverse', x!)
    return [{ shape, dtype }]
  },
  evaluate: (inputs, avals, _, outputs) =>
    eachMatrix(inputs, avals, outputs, [2], (x) => [
      solveFactored(factored(x!, avals[0]!.dtype === 'float64'), identityMatrix(x!.rows), false).data,
    ]),
  jvp([x], [dx]) {
    const output = inverse(x!)
    return { outputs: [output], tangents: [dx ? neg(product(output, dx, output)) : null] }
  },
  transpose: notLinear,
  batch: (inputs, dims, _, size) => batchMatrices(inputs, dims, size, (x) => [inverse(x!)]),
  lower(graph, [x], params, [output]) {
    const general = (): readonly GraphValue[] => lowerGeneral(graph, [x!], params, [output!])
    if (!hasClosedForm(graph, x!.aval, output!.dtype) || sizeOf(output!.shape) === 0) return general()
    return lowerByAdjugate(graph, [x!], output!, (adjugated) => adjugated, general)
  },
})
const lowerGeneral = lowerMatrices('inverse', ([x], _: NoParams, dtype) => [
  x!.shape[x!.ndim - 1] === 1
    ? div(like(x!, 1), x!)
    : solveByColumns(x!, identity(x!.shape, x!.dtype), false, dtype === 'float64'),
])

export const inverse = (x: NDArray): NDArray => bind1(inversePrimitive, [x], {})
