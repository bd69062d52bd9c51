import { type TypedArray } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import { type NDArray } from '../array/ndarray.ts'
import {
  checkAxisList,
  checkShape,
  insertAxis,
  range,
  type Shape,
  shapesEqual,
  showShape,
  sizeOf,
} from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy } from '../core/trace.ts'
import { transposeData } from '../interpreter/strided.ts'
import { linear } from './linear.ts'

// ── reshape ────────────────────────────────────────────────────────────────

type ReshapeParams = { readonly shape: Shape }

/** The same elements in row-major order under another shape. */
export const reshapePrimitive: Primitive<ReshapeParams> = definePrimitive<ReshapeParams>({
  name: 'reshape',
  abstractEval([x], { shape }) {
    const { shape: from, dtype } = x as Aval
    checkShape(shape, 'reshape')
    if (sizeOf(from) !== sizeOf(shape)) {
      throw new ShapeError(
        `reshape: ${showShape(from)} has ${sizeOf(from)} elements, ${showShape(shape)} takes ${sizeOf(shape)}`,
      )
    }
    return [{ shape, dtype }]
  },
  evaluate: ([x]) => [x as TypedArray],
  ...linear<ReshapeParams>(
    (x, { shape }) => reshape(x, shape),
    (ct, x) => reshape(ct, x.shape),
  ),
  batch([x], [dim], { shape }, size) {
    return { outputs: [reshape(moveAxis(x as NDArray, dim as number, 0), [size, ...shape])], dims: [0] }
  },
  lowersEveryDType: true,
  lower: (graph, [x], { shape }) => [graph.reshape(x!, shape)],
  simplify([x], { shape }) {
    if (shapesEqual((x as NDArray).shape, shape)) return [x as NDArray]
    const inner = definedBy(x as NDArray, reshapePrimitive)
    return inner && [reshape(inner.inputs[0] as NDArray, shape)]
  },
})

/** The same elements under another shape. */
export const reshape = (x: NDArray, shape: Shape): NDArray => bind1(reshapePrimitive, [x], { shape })

// ── transpose ──────────────────────────────────────────────────────────────

type TransposeParams = { readonly permutation: readonly number[] }

/** Axis `i` of the result is axis `permutation[i]` of the operand. */
export const transposePrimitive: Primitive<TransposeParams> = definePrimitive<TransposeParams>({
  name: 'transpose',
  abstractEval([x], { permutation }) {
    const { shape, dtype } = x as Aval
    checkAxisList(permutation, 'transpose')
    if (permutation.length !== shape.length || [...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new ShapeError(
        `transpose: [${permutation.join(', ')}] is not a permutation of the axes of ${showShape(shape)}`,
      )
    }
    return [{ shape: permutation.map((axis) => shape[axis] as number), dtype }]
  },
  evaluate: ([x], [aval], { permutation }) => [
    transposeData(x as TypedArray, (aval as Aval).dtype, (aval as Aval).shape, permutation),
  ],
  ...linear<TransposeParams>(
    (x, { permutation }) => transpose(x, permutation),
    (ct, _, { permutation }) => transpose(ct, inversePermutation(permutation)),
  ),
  batch([x], [dim], { permutation }) {
    const d = dim as number
    return {
      outputs: [transpose(x as NDArray, [d, ...permutation.map((axis) => (axis >= d ? axis + 1 : axis))])],
      dims: [0],
    }
  },
  lowersEveryDType: true,
  lower: (graph, [x], { permutation }, [aval]) => [
    graph.node('Transpose', [graph.materialize(x!)], aval!, { perm: permutation }),
  ],
  simplify([x], { permutation }) {
    if (permutation.every((axis, i) => axis === i)) return [x as NDArray]
    const inner = definedBy(x as NDArray, transposePrimitive)
    if (inner !== undefined) {
      return [
        transpose(
          inner.inputs[0] as NDArray,
          permutation.map((axis) => inner.params.permutation[axis] as number),
        ),
      ]
    }
    // Moving axes of length 1 is a reshape, which costs nothing.
    const shape = (x as NDArray).shape
    const long = permutation.filter((axis) => shape[axis] !== 1)
    const increasing = long.every((axis, i) => i === 0 || axis > (long[i - 1] as number))
    return increasing
      ? [
          reshape(
            x as NDArray,
            permutation.map((axis) => shape[axis] as number),
          ),
        ]
      : undefined
  },
})

/** The axes in the order `permutation`. */
export const transpose = (x: NDArray, permutation: readonly number[]): NDArray =>
  bind1(transposePrimitive, [x], { permutation })

/** The permutation that undoes another. */
export const inversePermutation = (permutation: readonly number[]): number[] =>
  permutation.map((_, i) => permutation.indexOf(i))

/** Axis `from` moved to stand at `to`, the others in order. */
export function moveAxis(x: NDArray, from: number, to: number): NDArray {
  if (from === to) return x
  const rest = range(x.ndim).filter((axis) => axis !== from)
  return transpose(x, insertAxis(rest, to, from))
}
