import type { NDArray } from '../array/ndarray.ts'
import { type Aval, interpret, type Jaxpr, memoize } from '../core/jaxpr.ts'
import { bind, trace } from '../core/trace.ts'
import { broadcastAxis } from '../primitives/broadcast.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { insertAxis } from '../array/shape.ts'

export interface Batched {
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

/**
 * A Jaxpr over a batch as a Jaxpr. With `front`, batched outputs have their batch axis first, and the outputs
 * `front[i]` are batched in any case.
 */
export const batchOfJaxpr: (
  jaxpr: Jaxpr,
  dims: readonly (number | null)[],
  size: number,
  front?: readonly boolean[],
) => BatchedJaxpr = (jaxpr, dims, size, front) => batchMemo(jaxpr, JSON.stringify([dims, size, front ?? null]))

/** The array with its batch axis at `to`, repeated where it has none. */
export const batchedAt = ({ value, dim }: Batched, to: number, size: number): NDArray =>
  dim === null ? broadcastAxis(value, to, size) : moveAxis(value, dim, to)

/** A batched value with its batch axis first; repeated when it has none. */
export const atFront = (batched: Batched, size: number): NDArray => batchedAt(batched, 0, size)

const batchMemo = memoize((jaxpr: Jaxpr, key: string): BatchedJaxpr => {
  const [dims, size, front] = JSON.parse(key) as [(number | null)[], number, boolean[] | null]
  const avals = jaxpr.inputs.map((v, i): Aval => {
    const d = dims[i]
    return d == null ? v.aval : { shape: insertAxis(v.aval.shape, d, size), dtype: v.aval.dtype }
  })
  let outDims: (number | null)[] = []
  const { jaxpr: batched } = trace('vmap', avals, (...inputs) => {
    const outputs = evaluateBatched(jaxpr, inputs, dims, size).map((output, i): Batched => {
      if (front === null || (output.dim === null && front[i] !== true)) return output
      return { value: atFront(output, size), dim: 0 }
    })
    outDims = outputs.map((b) => b.dim)
    return outputs.map((b) => b.value)
  })
  return { jaxpr: batched, dims: outDims }
})
