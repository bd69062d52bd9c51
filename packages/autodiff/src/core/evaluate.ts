import { aliasOf, fromHost, fromPending, type NDArray } from '../array/ndarray.ts'
import type { TypedArray } from '../array/dtype.ts'
import type { Params, Primitive } from './primitive.ts'

/** Runs a primitive on concrete arrays; results are pending while an operand is. Shapes are checked at once. */
export function evaluateEagerly(primitive: Primitive, inputs: readonly NDArray[], params: Params): readonly NDArray[] {
  const avals = primitive.abstractEval(inputs, params)
  if (primitive.execute !== undefined) return primitive.execute(inputs, params)
  const simpler = primitive.simplify?.(inputs, params)
  if (simpler !== undefined) return simpler.map((x) => (inputs.includes(x) ? aliasOf(x) : x))
  const hosts = inputs.map((x) => x.storage.host)
  if (hosts.every((data) => data !== undefined)) {
    const results = primitive.evaluate(hosts, inputs, params, avals)
    return avals.map((aval, i) => fromHost(results[i] as TypedArray, aval.shape, aval.dtype))
  }
  const results = Promise.all(inputs.map((x) => x.storage.fetch())).then((data) =>
    primitive.evaluate(data, inputs, params, avals),
  )
  return avals.map((aval, i) =>
    fromPending(
      results.then((r) => r[i] as TypedArray),
      aval.shape,
      aval.dtype,
    ),
  )
}
