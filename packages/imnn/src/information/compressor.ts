import { type Device, jit, type NDArray, type Operand, type Shape } from '@cotangent/autodiff'
import { shapesEqual, showShape } from '@cotangent/autodiff/array'
import { realArray } from '../checks/arguments.ts'
import { orThrow } from '../checks/checks.ts'
import { ValidationError } from '../errors.ts'
import { estimates, type FisherEstimator } from './statistics.ts'
import type { Apply, Leaves } from './summaries.ts'
import { dtypeOf } from '../tree.ts'

/** Data to summaries and estimates, compiled once for an IMNN and all that it gives. */
export interface Compressor {
  readonly summaries: (w: Leaves, d: NDArray) => NDArray
  readonly estimates: (w: Leaves, thetaFid: NDArray, statistics: FisherEstimator, d: NDArray) => NDArray
}

export const compileCompressor = (device: Device, apply: Apply): Compressor => ({
  summaries: jit(apply, { device }),
  estimates: jit(
    (w: Leaves, thetaFid: NDArray, statistics: FisherEstimator, d: NDArray) =>
      estimates(thetaFid, statistics, apply(w, d)),
    { device },
  ),
})

/** `f`, a function of batches [N, …inputShape], of data with any number of axes before those of `inputShape`. */
export function onBatch(
  name: string,
  data: Operand,
  inputShape: Shape,
  w: Leaves,
  f: (d: NDArray) => NDArray,
): NDArray {
  const batch = `[N${inputShape.map((n) => `, ${n}`).join('')}]`
  const what = `${showShape(inputShape)} (one simulation) or ${batch} (a batch)`
  const array = orThrow(name, realArray('data', data, `an array ${what}`, dtypeOf(w)))
  const lead = array.shape.slice(0, Math.max(0, array.ndim - inputShape.length))
  if (!shapesEqual(array.shape.slice(lead.length), inputShape)) {
    const message = `must have shape ${what}, not ${showShape(array.shape)}`
    throw new ValidationError(name, [{ where: 'data', message }])
  }
  const results = f(array.reshape([-1, ...inputShape]))
  return results.reshape([...lead, ...results.shape.slice(1)])
}
