import { type NDArray, random, type Random, type Tree } from '@cotangent/autodiff'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { CommonOptions } from '../options.ts'
import { type Checked, together } from './checks.ts'
import { checkFunctions, checkNetwork, type Network } from './network.ts'
import { checkSizes, checkTheta, type Sizes } from './sizes.ts'
import { dtypeOf } from '../tree.ts'

/** What all IMNNs are made of, checked. */
export interface Common<P> {
  readonly sizes: Sizes
  readonly thetaFid: NDArray
  readonly network: Network<P>
  readonly random: Random
}

/** The options that all IMNNs take. */
export function checkCommon<P extends Tree>(options: CommonOptions<P>): Checked<Common<P>> {
  const all = sequenceS(together)
  const sizes = checkSizes(options)
  const network = pipe(
    all({ sizes, functions: checkFunctions(options) }),
    E.chain((needed) => checkNetwork(needed.functions, needed.sizes)),
  )
  const thetaFid = checkTheta(options.thetaFid, options.nParams)
  return pipe(
    all({ sizes, network, thetaFid }),
    E.map((checked) => ({ ...checked, random: options.random ?? random })),
  )
}

/** The dtype to compute in: that of the weights, or float32 while these are not known. */
export const floatOf = (common: Checked<Common<unknown>>): 'float32' | 'float64' =>
  E.isRight(common) ? dtypeOf(common.right.network.w) : 'float32'
