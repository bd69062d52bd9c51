import { type NDArray, random, type Random, type Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { CommonOptions } from '../options.ts'
import { all, type Checked, show, unless } from './checks.ts'
import { checkFunctions, checkNetwork, type Network } from './network.ts'
import { checkSizes, checkTheta, type Sizes } from './sizes.ts'
import { dtypeOf, type Precision } from '../tree.ts'

/** What all IMNNs are made of, checked. */
export interface Common<P> {
  readonly sizes: Sizes
  readonly thetaFid: NDArray
  readonly network: Network<P>
  readonly random: Random
}

/** The options that all IMNNs take. */
export function checkCommon<P extends Tree>(options: CommonOptions<P>): Checked<Common<P>> {
  const sizes = checkSizes(options)
  const source = checkRandom(options.random)
  const network = pipe(
    all({ sizes, random: source, functions: checkFunctions(options) }),
    E.chain((needed) => checkNetwork({ ...needed.functions, random: needed.random }, needed.sizes)),
  )
  const thetaFid = checkTheta(options.thetaFid, options.nParams)
  return pipe(all({ sizes, network, thetaFid, random: source }))
}

/** Where random numbers come from. */
function checkRandom(given: Random | undefined): Checked<Random> {
  const source = given ?? random
  const isSource = typeof source === 'object' && typeof source.split === 'function'
  const message = `must be random or legacyRandom, not ${show(given)}`
  return unless(isSource ? [] : [{ where: 'random', message }], () => source)
}

/** The dtype to compute in: that of the weights, or float32 while these are not known. */
export const precisionOf = (common: Checked<Common<unknown>>): Precision =>
  E.isRight(common) ? dtypeOf(common.right.network.w) : 'float32'
