import { imaginaryParts, interleave, realParts } from '../../array/convert-data.ts'
import { isComplex, isHalf, narrow, type TypedArray, widen } from '../../array/dtype.ts'
import { fromHost, hostData, type NDArray } from '../../array/ndarray.ts'
import { applyToParts, isParts } from '../complex.ts'
import { within } from '../context.ts'
import type { Aval } from '../jaxpr.ts'
import type { Params, Primitive } from '../primitive.ts'

/**
 * The numbers of a primitive's outputs. Every kernel is called from here: its rule sees no 16-bit floats, which are
 * computed with in float32, and no complex numbers. `reuse` is memory of an operand that nobody reads any more.
 */
export function runKernel(
  primitive: Primitive,
  data: readonly TypedArray[],
  inputs: readonly Aval[],
  params: Params,
  outputs: readonly Aval[],
  reuse?: TypedArray,
): readonly TypedArray[] {
  // What holds Jaxprs runs them from here again, kernel by kernel, and only hands the numbers on.
  if (primitive.jaxprs !== undefined) return primitive.evaluate(data, inputs, params, outputs, reuse)
  if (primitive.evaluatesComplex !== true && (inputs.some(hasComplex) || outputs.some(hasComplex)))
    return runOnParts(primitive, data, inputs, params)
  if (!inputs.some(hasHalf) && !outputs.some(hasHalf)) return primitive.evaluate(data, inputs, params, outputs, reuse)
  const wide = data.map((d, i) => widen(d, (inputs[i] as Aval).dtype))
  const results = primitive.evaluate(wide, inputs.map(single), params, outputs.map(single))
  return outputs.map((aval, i) => narrow(results[i] as TypedArray, aval.dtype))
}

export const hasComplex = (aval: Aval): boolean => isComplex(aval.dtype)
const hasHalf = (aval: Aval): boolean => isHalf(aval.dtype)
const single = (aval: Aval): Aval => (hasHalf(aval) ? { shape: aval.shape, dtype: 'float32' } : aval)

function runOnParts(
  primitive: Primitive,
  data: readonly TypedArray[],
  inputs: readonly Aval[],
  params: Params,
): readonly TypedArray[] {
  const operands = inputs.map(({ shape, dtype }, i) => {
    const numbers = data[i] as TypedArray
    if (!isComplex(dtype)) return fromHost(numbers, shape, dtype)
    return {
      re: fromHost(realParts(numbers), shape, 'float32'),
      im: fromHost(imaginaryParts(numbers), shape, 'float32'),
    }
  })
  const results = within(undefined, () => applyToParts(primitive, operands, params, applyOnHost))
  return results.map((x) => (isParts(x) ? interleave(hostData(x.re), hostData(x.im)) : hostData(x)))
}

function applyOnHost(primitive: Primitive, inputs: readonly NDArray[], params: Params): readonly NDArray[] {
  const avals = primitive.abstractEval(inputs, params)
  const results = runKernel(primitive, inputs.map(hostData), inputs, params, avals)
  return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
}
