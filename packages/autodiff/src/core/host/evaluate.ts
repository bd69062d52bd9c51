import type { TypedArray } from '../../array/dtype.ts'
import { aliasOf, fromHost, fromPending, fromRepeated, type NDArray } from '../../array/ndarray.ts'
import { checkComplex } from '../complex.ts'
import { constantsOf } from './program.ts'
import type { Aval } from '../jaxpr.ts'
import { hasComplex, runKernel } from './kernel.ts'
import type { Params, Primitive } from '../primitive.ts'

/** Runs a primitive on concrete arrays; results are pending while an operand is. Shapes are checked at once. */
export function evaluateEagerly(primitive: Primitive, inputs: readonly NDArray[], params: Params): readonly NDArray[] {
  checkComplex(primitive, inputs)
  const avals = primitive.abstractEval(inputs, params)
  if (primitive.execute !== undefined) return primitive.execute(inputs, params)
  const simpler = primitive.simplify?.(inputs, params)
  if (simpler !== undefined) return simpler.map((x) => (inputs.includes(x) ? aliasOf(x) : x))
  const complex = [...inputs, ...avals].some(hasComplex)
  if (!complex && primitive.repeats?.(inputs) === true) {
    const element = inputs[0]?.storage.repeated ?? inputs[0]?.storage.host
    const [aval] = avals as [Aval]
    if (element !== undefined) return [fromRepeated(element, aval.shape, aval.dtype)]
  }
  if (!complex && primitive.takesRepeated === true) return evaluateElements(primitive, inputs, params, avals)
  const hosts = inputs.map((x) => x.storage.host)
  // What the Jaxprs of a loop hold may be on its way too.
  const late = primitive.jaxprs === undefined ? [] : constantsOf(primitive.jaxprs(params)).filter(isPending)
  if (late.length > 0 || !hosts.every((data) => data !== undefined))
    return evaluateLater(primitive, inputs, params, avals, late)
  const results = runKernel(primitive, hosts, inputs, params, avals)
  return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
}

const isPending = (x: NDArray): boolean => x.storage.host === undefined

/** Runs a primitive that takes one element for an array of it; of such arrays alone the result is one. */
function evaluateElements(
  primitive: Primitive,
  inputs: readonly NDArray[],
  params: Params,
  avals: readonly Aval[],
): readonly NDArray[] {
  const data = inputs.map(({ storage }) => storage.repeated ?? storage.host)
  if (!data.every((numbers) => numbers !== undefined)) return evaluateLater(primitive, inputs, params, avals)
  if (inputs.length === 0 || inputs.some((x) => x.storage.repeated === undefined)) {
    const results = runKernel(primitive, data, inputs, params, avals)
    return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
  }
  const single = (aval: Aval): Aval => ({ shape: [], dtype: aval.dtype })
  const results = runKernel(primitive, data, inputs.map(single), params, avals.map(single))
  return avals.map((aval, i) => fromRepeated(results[i] as TypedArray, aval.shape, aval.dtype))
}

/** The same when all numbers are here, those of `others` too. */
function evaluateLater(
  primitive: Primitive,
  inputs: readonly NDArray[],
  params: Params,
  avals: readonly Aval[],
  others: readonly NDArray[] = [],
): readonly NDArray[] {
  const results = Promise.all([...inputs, ...others].map((x) => x.storage.fetch())).then((data) =>
    runKernel(primitive, data.slice(0, inputs.length), inputs, params, avals),
  )
  return avals.map((aval, i) =>
    fromPending(
      results.then((r) => r[i] as TypedArray),
      aval.shape,
      aval.dtype,
    ),
  )
}
