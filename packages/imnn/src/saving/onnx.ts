import { jit, type NDArray, np, type Shape } from '@cotangent/autodiff'
import { estimates, type FisherEstimator } from '../information/statistics.ts'
import type { Apply, Leaves } from '../information/summaries.ts'
import { dtypeOf } from '../tree.ts'

/** An estimator as an .onnx model: `data` to `summaries` and `estimates`, its weights and statistics inside. */
export function exportEstimator(
  apply: Apply,
  w: Leaves,
  thetaFid: NDArray,
  statistics: FisherEstimator,
  inputShape: Shape,
): Uint8Array {
  const example = np.zeros([1, ...inputShape], { dtype: dtypeOf(w) })
  const estimator = (data: NDArray): [summaries: NDArray, estimates: NDArray] => {
    const x = apply(w, data)
    return [x, estimates(thetaFid, statistics, x)]
  }
  return jit(estimator)
    .lower(example)
    .toOnnx({
      inputNames: ['data'],
      outputNames: ['summaries', 'estimates'],
      dynamicBatch: true,
      metadata: metadataOf(thetaFid, statistics),
    })
}

/** What a reader of the model sees beside it. */
const metadataOf = (thetaFid: NDArray, { F, C, mu, dmu }: FisherEstimator): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ theta_fid: thetaFid, F, C, mu, dmu }).map(([name, x]) => [name, JSON.stringify(x.jsSync())]),
  )
