import type { NDArray } from '../array/ndarray.ts'
import { type Aval, interpret, type Jaxpr, memoize } from '../core/jaxpr.ts'
import { bind, trace } from '../core/trace.ts'
import { insertAxis } from '../array/shape.ts'

interface Batched {
  readonly value: NDArray
  /** Where its batch axis is; `null` when it has none. */
  readonly dim: number | null
}

/** Runs a Jaxpr over a batch: inputs have a batch axis of `size` at `dims[i]`, or none. */
export function evaluateBatched(
  jaxpr: Jaxpr,
  args: readonly NDArray[],
  dims: readonly (number | null)[],
  size: number,
): Batched[] {
  return interpret<Batched>(
    jaxpr,
    args.map((value, i) => ({ value, dim: dims[i] ?? null })),
    (value) => ({ value, dim: null }),
    ({ primitive, params }, inputs) => {
      const values = inputs.map((b) => b.value)
      if (inputs.every((b) => b.dim === null))
        return bind(primitive, values, params).map((value) => ({ value, dim: null }))
      const rule = primitive.batch(
        values,
        inputs.map((b) => b.dim),
        params,
        size,
      )
      return rule.outputs.map((value, i) => ({ value, dim: rule.dims[i] ?? null }))
    },
  )
}

export interface BatchedJaxpr {
  readonly jaxpr: Jaxpr
  readonly dims: readonly (number | null)[]
}

/** A Jaxpr over a batch as a Jaxpr. */
export const batchOfJaxpr: (jaxpr: Jaxpr, dims: readonly (number | null)[], size: number) => BatchedJaxpr = (
  jaxpr,
  dims,
  size,
) => batchMemo(jaxpr, JSON.stringify([dims, size]))

const batchMemo = memoize((jaxpr: Jaxpr, key: string): BatchedJaxpr => {
  const [dims, size] = JSON.parse(key) as [(number | null)[], number]
  const avals = jaxpr.inputs.map((v, i): Aval => {
    const d = dims[i]
    return d == null ? v.aval : { shape: insertAxis(v.aval.shape, d, size), dtype: v.aval.dtype }
  })
  let outDims: (number | null)[] = []
  const { jaxpr: batched } = trace('vmap', avals, (...inputs) => {
    const outputs = evaluateBatched(jaxpr, inputs, dims, size)
    outDims = outputs.map((b) => b.dim)
    return outputs.map((b) => b.value)
  })
  return { jaxpr: batched, dims: outDims }
})
