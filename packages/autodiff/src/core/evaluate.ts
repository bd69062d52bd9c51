import { aliasOf, fromHost, fromPending, type NDArray } from '../array/ndarray.ts'
import type { TypedArray } from '../array/dtype.ts'
import { constantsOf, runKernel } from './host.ts'
import type { Params, Primitive } from './primitive.ts'

/** Runs a primitive on concrete arrays; results are pending while an operand is. Shapes are checked at once. */
export function evaluateEagerly(primitive: Primitive, inputs: readonly NDArray[], params: Params): readonly NDArray[] {
  const avals = primitive.abstractEval(inputs, params)
  if (primitive.execute !== undefined) return primitive.execute(inputs, params)
  const simpler = primitive.simplify?.(inputs, params)
  if (simpler !== undefined) return simpler.map((x) => (inputs.includes(x) ? aliasOf(x) : x))
  const hosts = inputs.map((x) => x.storage.host)
  // What the Jaxprs of a loop hold may be on its way too.
  const late = primitive.jaxprs === undefined ? [] : constantsOf(primitive.jaxprs(params)).filter(isPending)
  if (late.length === 0 && hosts.every((data) => data !== undefined)) {
    const results = runKernel(primitive, hosts, inputs, params, avals)
    return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
  }
  const results = Promise.all([...inputs, ...late].map((x) => x.storage.fetch())).then((data) =>
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

const isPending = (x: NDArray): boolean => x.storage.host === undefined
