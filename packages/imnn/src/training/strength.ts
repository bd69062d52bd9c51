import { np } from '@cotangent/autodiff'
import type { Leaves } from '../information/summaries.ts'
import { dtypeOf } from '../tree.ts'
import type { FitPlan } from './fit-options.ts'
import type { Strength } from './programs.ts'

/** λ and α as arrays of the dtype of the weights. */
export function strengthOf({ lambda, alpha }: FitPlan, w: Leaves): Strength {
  const options = { dtype: dtypeOf(w) }
  return [np.array(lambda, options), np.array(alpha, options)]
}
