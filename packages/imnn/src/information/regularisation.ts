import * as E from 'fp-ts/lib/Either.js'
import { checkNumbers } from '../checks/arguments.ts'
import { short, show } from '../checks/checks.ts'
import type { Problem } from '../errors.ts'

/**
 * The rate α at which the regularisation switches on: α = −ln(ϵ(λ − 1) + ϵ²/(1 + ϵ)) / ϵ, in double precision. NaN
 * where it does not exist; where it is not positive the strength r falls to nothing far from unit covariance.
 *
 * @throws ValidationError for what is no number.
 * @example alpha(10, 0.1) // 0.9531017980432489
 */
export function alpha(lambda: number, epsilon: number): number {
  checkNumbers('alpha', { lambda, epsilon }, 'number')
  return -Math.log(epsilon * (lambda - 1) + (epsilon * epsilon) / (1 + epsilon)) / epsilon
}

/**
 * α for λ and ϵ, or what is wrong with them and what to choose.
 *
 * @example validateRegularisation(10, 0.1).right // 0.9531017980432489
 */
export const validateRegularisation = (lambda: number, epsilon: number): E.Either<readonly Problem[], number> =>
  checkRegularisation(lambda, epsilon, false)

/** The same; α may be any number if `mayFall`: the strength may fall to nothing far from unit covariance. */
export function checkRegularisation(
  lambda: number,
  epsilon: number,
  mayFall: boolean,
): E.Either<readonly Problem[], number> {
  const problems: Problem[] = []
  const positive = (where: string, value: unknown): void => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      problems.push({ where, message: `must be a positive number, not ${show(value)}` })
  }
  positive('lambda', lambda)
  positive('epsilon', epsilon)
  if (problems.length > 0) return E.left(problems)
  const rate = alpha(lambda, epsilon)
  if ((mayFall || rate > 0) && Number.isFinite(rate)) return E.right(rate)
  // α exists for ϵ(λ − 1) + ϵ²/(1 + ϵ) > 0 and is positive below 1: a quadratic in ϵ, linear in λ.
  const least = 1 - epsilon / (1 + epsilon)
  const most = 1 + (1 - (epsilon * epsilon) / (1 + epsilon)) / epsilon
  const largestEpsilon = (2 - lambda + Math.hypot(lambda, 2)) / (2 * lambda)
  const missing = !Number.isFinite(rate)
  const remedy = missing ? `above ${short(1 / lambda - 1, 4)}` : `below ${short(largestEpsilon, 4)}`
  return E.left([
    {
      where: 'lambda, epsilon',
      message: `with lambda = ${lambda} and epsilon = ${epsilon} the rate α of the regularisation ${missing ? 'does not exist' : `is ${short(rate, 4)}, not positive`}: choose lambda between ${short(least, 4)} and ${short(most, 4)} for this epsilon, or epsilon ${remedy} for this lambda${missing ? '' : ` (compatibility: 'imnn-0.3.2' takes it as it is)`}`,
    },
  ])
}
