import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, stridesOf } from '../array/shape.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { copyStrided } from '../interpreter/strided.ts'
import { linear } from './linear.ts'

type RevParams = { readonly axes: readonly number[] }

/** The entries of some axes in reverse order. */
export const revPrimitive: Primitive<RevParams> = definePrimitive<RevParams>({
  name: 'rev',
  abstractEval([x], { axes }) {
    checkAxes(axes, x!.shape, 'rev')
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate([x], [aval], { axes }) {
    const { shape, dtype } = aval!
    const strides = stridesOf(shape)
    const offset = axes.reduce((sum, axis) => sum + (shape[axis]! - 1) * strides[axis]!, 0)
    return [
      copyStrided(
        x!,
        dtype,
        shape,
        strides.map((s, axis) => (axes.includes(axis) ? -s : s)),
        offset,
      ),
    ]
  },
  ...linear<RevParams>(
    (x, { axes }) => rev(x, axes),
    (ct, _, { axes }) => rev(ct, axes),
  ),
  batch: ([x], [dim], { axes }) => ({
    outputs: [
      rev(
        x!,
        axes.map((axis) => (axis >= dim! ? axis + 1 : axis)),
      ),
    ],
    dims: [dim!],
  }),
  lowersEveryDType: true,
  lower(graph, [x], { axes }, [output]) {
    const value = graph.materialize(x!)
    const of = (n: number): string => graph.indices(axes.map(() => n))
    return [graph.node('Slice', [value, of(-1), of(-2147483648), graph.indices(axes), of(-1)], output!)]
  },
  simplify: ([x], { axes }) => (axes.every((axis) => x!.shape[axis]! <= 1) ? [x!] : undefined),
})
/** The entries of `axes` in reverse order. */
export const rev = (x: NDArray, axes: readonly number[]): NDArray => bind1(revPrimitive, [x], { axes })
