import { allocate, bytesPerElement, type DType, isBig, isComplex, type TypedArray, checkDType } from '../array/dtype.ts'
import { convertData } from '../array/convert-data.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, checkShape, type Shape, sizeOf } from '../array/shape.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { broadcastInDim } from './broadcast.ts'

type IotaParams = { readonly length: number; readonly dtype: DType }

/** 0, 1, 2, … `length` − 1. */
export const iotaPrimitive: Primitive<IotaParams> = definePrimitive<IotaParams>({
  name: 'iota',
  abstractEval(_, { length, dtype }) {
    if (dtype === 'bool' || isComplex(dtype))
      throw new DTypeError(`iota: ${dtype} cannot count; use int32 and x.astype("${dtype}")`)
    return [{ shape: [length], dtype }]
  },
  evaluate: (_, __, { length }, [output]) => [counted(length, output!.dtype)],
  jvp: (_, __, params) => ({ outputs: [bind1(iotaPrimitive, [], params)], tangents: [null] }),
  transpose: notLinear,
  batch: (_, __, params) => ({ outputs: [bind1(iotaPrimitive, [], params)], dims: [null] }),
  lowersEveryDType: true,
  lower: (graph, _, { length }, [output]) => [graph.constant(counted(length, output!.dtype), output!)],
})

function counted(length: number, dtype: DType): TypedArray {
  // What is narrower may not hold the numbers as they are.
  const direct = bytesPerElement(dtype) >= 4 && !isBig(dtype)
  const numbers = direct ? allocate(dtype, length) : new Float64Array(length)
  for (let i = 0; i < length; i++) numbers[i] = i
  return direct ? numbers : convertData(numbers, 'float64', dtype)
}

/** The index along `axis`, for each element of an array of this shape. */
export function iota(shape: Shape, axis: number, dtype: DType): NDArray {
  checkDType(dtype, 'iota')
  checkAxes([axis], checkShape(shape, 'iota'), 'iota')
  return broadcastInDim(bind1(iotaPrimitive, [], { length: shape[axis]!, dtype }), shape, [axis])
}

/** The row-major index of each element. */
export const indexOfEach = (shape: Shape, dtype: DType): NDArray =>
  bind1(iotaPrimitive, [], { length: sizeOf(shape), dtype }).reshape(shape)
