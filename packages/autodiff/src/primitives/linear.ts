import { isDifferentiable } from '../array/dtype.ts'
import { TracerError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Aval } from '../core/jaxpr.ts'
import { type JvpResult, Linear, type LinearOperand, type Params, type Tangent } from '../core/primitive.ts'

/** The rules that `linear` gives. */
export interface LinearRules<P extends Params> {
  readonly complex: 'byParts'
  jvp(primals: readonly NDArray[], tangents: readonly Tangent[], params: P): JvpResult
  readonly transpose: (
    cotangents: readonly Tangent[],
    operands: readonly LinearOperand[],
    params: P,
  ) => readonly Tangent[]
}

/**
 * The jvp, transpose and complex rules of an operation that is linear in its one operand: it is its own derivative, and
 * `transpose` gives the cotangent of the operand from that of the output.
 */
export function linear<P extends Params>(
  apply: (x: NDArray, params: P) => NDArray,
  transpose: (cotangent: NDArray, operand: Aval, params: P) => NDArray,
): LinearRules<P> {
  return {
    complex: 'byParts',
    jvp([x], [dx], params) {
      const output = apply(x as NDArray, params)
      return { outputs: [output], tangents: [dx && isDifferentiable(output.dtype) ? apply(dx, params) : null] }
    },
    transpose([ct], [operand], params) {
      return [ct ? transpose(ct, (operand as Linear).aval, params) : null]
    },
  }
}

/** An operand that a transpose rule takes the value of. */
export function known(name: string, operand: LinearOperand): NDArray {
  if (!isLinear(operand)) return operand
  throw new TracerError(
    `linearTranspose: ${name} is not linear here: more of its operands depend on the arguments than it is linear in at once. Use vjp for the derivative of a function that is not linear`,
  )
}

/** Whether an operand of a transpose rule is the linear one. */
export const isLinear = (operand: LinearOperand): operand is Linear => operand instanceof Linear
