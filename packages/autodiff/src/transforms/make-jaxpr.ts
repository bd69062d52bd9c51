import { ShapeDtypeStruct } from '../array/struct.ts'
import type { Abstract } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import type { Aval, Jaxpr } from '../core/jaxpr.ts'
import { printJaxpr } from '../core/print.ts'
import { flattenAvals, nameOf, stageFunction, type TreeFunction } from './function.ts'
import type { MapLeaves } from '../array/tree-types.ts'

/** A Jaxpr that prints itself. */
export interface PrintableJaxpr extends Jaxpr {
  toString(): string
}

/**
 * The program that `f` is for arguments like these. Structs, or plain `{ shape, dtype }`, may stand for arrays.
 *
 * @see JAX's `jax.make_jaxpr`
 * @example makeJaxpr(np.sin)(np.zeros([3])).toString() // { lambda ; a:float32[3]. let b:float32[3] = sin a in (b) }
 */
export function makeJaxpr<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
): (...args: Abstract<A>) => PrintableJaxpr {
  return (...args) => {
    const [leaves, def] = flattenAvals(args, 'makeJaxpr: arguments')
    const { jaxpr } = stageFunction(nameOf('makeJaxpr', f), f as TreeFunction, def, leaves)
    return { ...jaxpr, toString: () => printJaxpr(jaxpr) }
  }
}

/**
 * The shapes and dtypes of `f`'s result for arguments like these, without computing anything. Structs, or plain
 * `{ shape, dtype }`, may stand for arrays.
 *
 * @see JAX's `jax.eval_shape`
 * @example evalShape(np.matmul, np.zeros([2, 3]), np.zeros([3, 4])) // { shape: [2, 4], dtype: 'float32' }
 */
export function evalShape<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: Abstract<A>
): MapLeaves<R, Aval> {
  const [leaves, def] = flattenAvals(args, 'evalShape: arguments')
  const { jaxpr, result } = stageFunction(nameOf('evalShape', f), f as TreeFunction, def, leaves)
  const avals = jaxpr.outputs.map(({ aval }) => new ShapeDtypeStruct(aval.shape, aval.dtype))
  return treeUnflatten(result, avals) as MapLeaves<R, Aval>
}
