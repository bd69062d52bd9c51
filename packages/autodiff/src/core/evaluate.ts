import { isComplex, isHalf, narrow, type TypedArray, widen } from '../array/dtype.ts'
import { imaginaryParts, interleave, realParts } from '../array/convert-data.ts'
import { aliasOf, fromHost, fromPending, hostData, type NDArray } from '../array/ndarray.ts'
import { applyToParts, checkComplex, isParts } from './complex.ts'
import { within } from './context.ts'
import type { Aval } from './jaxpr.ts'
import type { Params, Primitive } from './primitive.ts'

/** Runs a primitive on concrete arrays; results are pending while an operand is. Shapes are checked at once. */
export function evaluateEagerly(primitive: Primitive, inputs: readonly NDArray[], params: Params): readonly NDArray[] {
  checkComplex(primitive, inputs)
  const avals = primitive.abstractEval(inputs, params)
  if (primitive.execute !== undefined) return primitive.execute(inputs, params)
  const simpler = primitive.simplify?.(inputs, params)
  if (simpler !== undefined) return simpler.map((x) => (inputs.includes(x) ? aliasOf(x) : x))
  const hosts = inputs.map((x) => x.storage.host)
  if (hosts.every((data) => data !== undefined)) {
    const results = evaluateData(primitive, hosts, inputs, params, avals)
    return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
  }
  const results = Promise.all(inputs.map((x) => x.storage.fetch())).then((data) =>
    evaluateData(primitive, data, inputs, params, avals),
  )
  return avals.map((aval, i) =>
    fromPending(
      results.then((r) => r[i] as TypedArray),
      aval.shape,
      aval.dtype,
    ),
  )
}

/** The numbers that a primitive makes. Its rule sees no 16-bit floats, which are computed with in float32, and no complex numbers. */
export function evaluateData(
  primitive: Primitive,
  data: readonly TypedArray[],
  inputs: readonly Aval[],
  params: Params,
  outputs: readonly Aval[],
): readonly TypedArray[] {
  if (primitive.evaluatesComplex !== true && (inputs.some(hasComplex) || outputs.some(hasComplex)))
    return evaluateComplex(primitive, data, inputs, params)
  if (!inputs.some(hasHalf) && !outputs.some(hasHalf)) return primitive.evaluate(data, inputs, params, outputs)
  const wide = data.map((d, i) => widen(d, (inputs[i] as Aval).dtype))
  const results = primitive.evaluate(wide, inputs.map(single), params, outputs.map(single))
  return outputs.map((aval, i) => narrow(results[i] as TypedArray, aval.dtype))
}

const hasComplex = (aval: Aval): boolean => isComplex(aval.dtype)
const hasHalf = (aval: Aval): boolean => isHalf(aval.dtype)
const single = (aval: Aval): Aval => (hasHalf(aval) ? { shape: aval.shape, dtype: 'float32' } : aval)

function evaluateComplex(
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
  const results = within(undefined, () => applyToParts(primitive, operands, params, evaluateEagerly))
  return results.map((x) => (isParts(x) ? interleave(hostData(x.re), hostData(x.im)) : hostData(x)))
}
