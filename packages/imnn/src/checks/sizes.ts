import type { NDArray, Operand, Shape } from '@cotangent/autodiff'
import { hostData, showShape } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import { realArray } from './arguments.ts'
import { all, type Checked, show, unless, wrong } from './checks.ts'
import type { Problem } from '../errors.ts'

/** The numbers that say what an IMNN is about. */
export interface Sizes {
  readonly nS: number
  readonly nD: number
  readonly nParams: number
  readonly nSummaries: number
  readonly inputShape: Shape
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1

/** What is wrong with a number of things. */
export const checkCount = (where: string, value: unknown): Problem[] =>
  isCount(value) ? [] : [{ where, message: `must be a whole number from 1, not ${show(value)}` }]

export function checkSizes(options: Sizes): Checked<Sizes> {
  const { nS, nD, nParams, nSummaries, inputShape } = options
  const problems: Problem[] = Object.entries({ nS, nD, nParams, nSummaries }).flatMap(([k, v]) => checkCount(k, v))
  const good = (...values: unknown[]): boolean => values.every(isCount)
  if (good(nS, nD) && nD > nS) {
    const message = `is ${nD}, more than nS = ${nS}: the simulations with derivatives are some or all of the nS`
    problems.push({ where: 'nD', message })
  }
  if (good(nParams, nSummaries) && nSummaries < nParams) {
    const message = `is ${nSummaries} for ${nParams} parameters: with fewer summaries than parameters |F| is 0 whatever the network; choose nSummaries ≥ nParams`
    problems.push({ where: 'nSummaries', message })
  }
  if (good(nS, nSummaries) && nS <= nSummaries) {
    const message = `is ${nS} for ${nSummaries} summaries: their covariance is singular unless nS > nSummaries, and useful only when it is many times larger`
    problems.push({ where: 'nS', message })
  }
  if (!Array.isArray(inputShape) || !inputShape.every(isCount)) {
    problems.push({
      where: 'inputShape',
      message: `must be the shape of one simulation, a list of sizes without the batch, not ${show(inputShape)}`,
    })
  }
  return unless(problems, () => ({ nS, nD, nParams, nSummaries, inputShape }))
}

/** θ_fid as an array of floats [nParams]. */
export function checkTheta(thetaFid: Operand, nParams: number): Checked<NDArray> {
  const given = realArray('thetaFid', thetaFid, isCount(nParams) ? `${nParams} numbers` : 'a list of numbers')
  return E.chain((theta: NDArray): Checked<NDArray> => {
    if (theta.ndim !== 1 || (isCount(nParams) && theta.size !== nParams))
      return wrong(
        'thetaFid',
        `must have shape [${isCount(nParams) ? nParams : 'nParams'}], one number a parameter, not ${showShape(theta.shape)}`,
      )
    if (theta.storage.host !== undefined && !hostData(theta).every(Number.isFinite))
      return wrong('thetaFid', 'holds numbers that are not finite')
    return E.right(theta)
  })(given)
}

/** Sizes and θ_fid: what a simulator must fit. */
export const checkPoint = (
  options: Sizes & { readonly thetaFid: Operand },
): Checked<{ sizes: Sizes; thetaFid: NDArray }> =>
  all({ sizes: checkSizes(options), thetaFid: checkTheta(options.thetaFid, options.nParams) })
