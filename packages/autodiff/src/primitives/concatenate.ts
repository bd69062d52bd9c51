import { checkList } from '../array/options.ts'
import { allocate, type DType } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, sizeOf, stridesOf, withoutAxes } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { showAval } from '../core/jaxpr.ts'
import { definePrimitive, type LinearOperand, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { moveElements } from '../interpreter/strided.ts'
import { isLinear } from './linear.ts'
import { broadcastAxis, zerosLike } from './broadcast.ts'
import { moveAxis } from './reshape.ts'
import { sliceAxis } from './slicing.ts'

type ConcatenateParams = { readonly axis: number }

/** Arrays one after the other along an axis. */
export const concatenatePrimitive: Primitive<ConcatenateParams> = definePrimitive<ConcatenateParams>({
  name: 'concatenate',
  abstractEval(inputs, { axis }) {
    const [first] = inputs
    if (first === undefined) throw new ShapeError('concatenate: there are no arrays to concatenate; give at least 1')
    if (!Number.isInteger(axis))
      throw new ShapeError(`concatenate: the axis is ${showGiven(axis)}; it must be a whole number from 0`)
    const listed = inputs.map(showAval).join(', ')
    for (const other of inputs) {
      if (other.dtype !== first.dtype)
        throw new DTypeError(`concatenate: the dtypes of ${listed} differ; convert some with x.astype(…)`)
      const fits = shapesEqual(withoutAxes(other.shape, [axis]), withoutAxes(first.shape, [axis]))
      if (!fits || other.shape.length <= axis) {
        throw new ShapeError(`concatenate: ${listed} do not fit together along axis ${axis}; only that axis may differ`)
      }
    }
    const total = inputs.reduce((sum, a) => sum + a.shape[axis]!, 0)
    return [{ shape: first.shape.map((n, i) => (i === axis ? total : n)), dtype: first.dtype }]
  },
  complex: 'byParts',
  evaluate(inputs, avals, { axis }, [output]) {
    const { shape, dtype } = output!
    const out = allocate<DType>(dtype, sizeOf(shape))
    const strides = stridesOf(shape)
    let offset = 0
    inputs.forEach((data, k) => {
      const part = avals[k]!.shape
      moveElements(part, dtype, { data, offset: 0, strides: stridesOf(part) }, { data: out, offset, strides })
      offset += part[axis]! * strides[axis]!
    })
    return [out]
  },
  jvp(primals, tangents, { axis }) {
    const output = concatenate(primals, axis)
    const zero = tangents.every((t) => t === null)
    return {
      outputs: [output],
      tangents: [
        zero
          ? null
          : concatenate(
              tangents.map((t, i) => t ?? zerosLike(primals[i]!)),
              axis,
            ),
      ],
    }
  },
  transpose([ct], operands, { axis }) {
    let start = 0
    return operands.map((operand: LinearOperand) => {
      const n = (isLinear(operand) ? operand.aval : operand).shape[axis]!
      start += n
      return ct && isLinear(operand) ? sliceAxis(ct, axis, start - n, start) : null
    })
  },
  batch(inputs, dims, { axis }, size) {
    const front = inputs.map((x, i) =>
      dims[i] == null ? broadcastAxis(x, 0, size) : moveAxis(x, dims[i] as number, 0),
    )
    return { outputs: [concatenate(front, axis + 1)], dims: [0] }
  },
  lowersEveryDType: true,
  lower: (graph, inputs, { axis }, [output]) => [
    graph.node(
      'Concat',
      inputs.map((v) => graph.materialize(v)),
      output!,
      { axis },
    ),
  ],
  simplify: (inputs) => (inputs.length === 1 ? [inputs[0]!] : undefined),
})
/** Arrays one after the other along an axis. */
export const concatenate = (arrays: readonly NDArray[], axis: number): NDArray =>
  bind1(concatenatePrimitive, checkList('concatenate', 'arrays', arrays), { axis })
