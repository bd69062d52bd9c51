import { isDifferentiable } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Arrays, treeUnflatten } from '../array/tree.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy } from '../core/trace.ts'
import { flattenArrays } from './function.ts'

/** The identity, whose derivative is zero. */
export const stopGradientPrimitive: Primitive<Readonly<Record<string, never>>> = definePrimitive({
  name: 'stop_gradient',
  abstractEval: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  evaluate: ([x]) => [x!],
  jvp: ([x]) => ({ outputs: [stop(x!)], tangents: [null] }),
  transpose: notLinear,
  batch: ([x], [dim]) => ({ outputs: [stop(x!)], dims: [dim!] }),
  lower: (_, [x]) => [x!],
  complex: 'byParts',
  simplify: ([x]) => (!isDifferentiable(x!.dtype) || definedBy(x!, stopGradientPrimitive) ? [x!] : undefined),
})

const stop = (x: NDArray): NDArray => bind1(stopGradientPrimitive, [x], {})

/**
 * The same tree, whose derivative is zero: what is computed from it counts as a constant. Under every other
 * transformation it is the identity.
 *
 * @throws TreeError for what is no tree of arrays.
 * @see JAX's `jax.lax.stop_gradient`
 * @example grad((x) => x.mul(stopGradient(x)))(3) // 3
 */
export function stopGradient<const T>(tree: T): Arrays<T> {
  const [leaves, def] = flattenArrays(tree, 'stopGradient: the argument')
  return treeUnflatten(def, leaves.map(stop)) as Arrays<T>
}
