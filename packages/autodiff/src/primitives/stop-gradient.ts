import { isDifferentiable } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy } from '../core/trace.ts'

/** The identity, whose derivative is zero. */
export const stopGradientPrimitive: Primitive<Readonly<Record<string, never>>> = definePrimitive({
  name: 'stop_gradient',
  abstractEval: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  complex: 'byParts',
  evaluate: ([x]) => [x!],
  jvp: ([x]) => ({ outputs: [stop(x!)], tangents: [null] }),
  transpose: notLinear,
  batch: ([x], [dim]) => ({ outputs: [stop(x!)], dims: [dim!] }),
  lower: (_, [x]) => [x!],
  simplify: ([x]) => (!isDifferentiable(x!.dtype) || definedBy(x!, stopGradientPrimitive) ? [x!] : undefined),
})

/** `x` as a constant to every derivative. */
export const stop = (x: NDArray): NDArray => bind1(stopGradientPrimitive, [x], {})
