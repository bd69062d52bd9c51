import type { NDArray, Shape } from '@cotangent/autodiff'
import { allocate, type FloatDType, fromHost, sizeOf, type TypedArray } from '@cotangent/autodiff/array'
import type { Batch } from './batch.ts'
import type { Group } from '../information/summaries.ts'

/** What the arrays of a group are made of. */
export interface GroupForm {
  readonly rows: number
  readonly inputShape: Shape
  readonly nParams: number
  readonly dtype: FloatDType
}

/** Batches of `rows` simulations as one group, its derivatives parameter first. */
export function assemble(batches: readonly Batch[], { rows, inputShape, nParams, dtype }: GroupForm): Group {
  const size = sizeOf(inputShape)
  const total = rows * batches.length
  const d = fromHost(
    concatenate(
      batches.map((batch) => batch.d),
      allocate(dtype, total * size),
    ),
    [total, ...inputShape],
    dtype,
  )
  if (nParams === 0) return [d]
  const parameterFirst = allocate(dtype, nParams * total * size)
  batches.forEach(({ dd }, i) => moveParametersFirst(dd as TypedArray, nParams, parameterFirst, i * rows * size))
  return [d, fromHost(parameterFirst, [nParams, total, ...inputShape], dtype) as NDArray]
}

function concatenate<T extends TypedArray>(parts: readonly TypedArray[], into: T): T {
  let at = 0
  for (const part of parts) {
    into.set(part, at)
    at += part.length
  }
  return into
}

/** Copies [entries, P] into the columns of [P, …] that begin at `offset`. */
function moveParametersFirst(from: TypedArray, nParams: number, to: TypedArray, offset: number): void {
  const stride = to.length / nParams
  for (let p = 0; p < nParams; p++) {
    let at = p * stride + offset
    for (let i = p; i < from.length; i += nParams) to[at++] = from[i] as number
  }
}
