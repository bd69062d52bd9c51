import type { NDArray, Operand, Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { floatsOf } from './checks/arguments.ts'
import { show } from './checks/checks.ts'
import { ValidationError } from './errors.ts'
import { IMNNValue } from './imnn.ts'

export interface RefitOptions<P extends Tree> {
  /** The data whose parameters are sought: one simulation. */
  readonly data: Operand
  /** The parameters to begin at [P]. */
  readonly thetaFid: Operand
  /** A fitted IMNN whose fiducial parameters are these. `round` counts from 0. */
  readonly fitAt: (thetaFid: NDArray, round: number) => Promise<IMNNValue<P>>
  /** It has settled when the estimate moves by less than this many standard deviations. @defaultValue 0.1 */
  readonly tolerance?: number
  /** The most fits. @defaultValue 10 */
  readonly maxRounds?: number
}

/** One fit on the way. */
export interface RefitRound {
  readonly thetaFid: NDArray
  readonly estimate: NDArray
  /** How far the estimate is from the fiducial parameters, in standard deviations: √(Δθᵀ F Δθ). */
  readonly shift: number
}

export interface Refit<P extends Tree> {
  /** The IMNN of the last round. */
  readonly imnn: IMNNValue<P>
  readonly estimate: NDArray
  readonly rounds: readonly RefitRound[]
  /** Whether the estimate came to rest; else `maxRounds` were made. */
  readonly settled: boolean
}

/**
 * Fits at the estimate until it settles: an estimate is right to first order about the fiducial parameters, so data from
 * elsewhere want an IMNN that was trained there. Each round trains at the estimate of the round before.
 *
 * @throws ValidationError for options that cannot be, or an estimate that is not finite; whatever `fitAt` throws.
 * @example
 * const data = simulations.at(0)
 * const { rounds } = await refitAtEstimate({ data, thetaFid: [0, 1], fitAt: async () => fitted, maxRounds: 1 })
 * rounds.length // 1
 */
export async function refitAtEstimate<P extends Tree>(options: RefitOptions<P>): Promise<Refit<P>> {
  const {
    data,
    fitAt,
    tolerance = 0.1,
    maxRounds = 10,
  } = checkOptions('refitAtEstimate', options, ['data', 'thetaFid', 'fitAt', 'tolerance', 'maxRounds'])
  if (typeof fitAt !== 'function')
    refuse('fitAt', 'must be a function of the fiducial parameters that gives a fitted IMNN')
  if (typeof tolerance !== 'number' || !(tolerance > 0))
    refuse('tolerance', `is ${show(tolerance)}; it must be a positive number of standard deviations`)
  if (!Number.isInteger(maxRounds) || maxRounds < 1) refuse('maxRounds', `is ${show(maxRounds)}; it must be 1 or more`)
  const rounds: RefitRound[] = []
  let { thetaFid } = floatsOf('refitAtEstimate', { thetaFid: [options.thetaFid, ['nParams']] })
  for (;;) {
    const imnn = await fitAt(thetaFid, rounds.length)
    if (!(imnn instanceof IMNNValue)) refuse('fitAt', `gave ${show(imnn)}, not a fitted IMNN`)
    if (imnn.nParams !== thetaFid.size)
      refuse('thetaFid', `has ${thetaFid.size} parameters, and the IMNN that fitAt gave has ${imnn.nParams}`)
    const estimate = imnn.getEstimate(data)
    await estimate.ready()
    if (estimate.ndim !== 1) refuse('data', 'must be one simulation, not a batch')
    const moved = estimate.sub(thetaFid)
    const shift = Math.sqrt(Number(await moved.matmul(imnn.F).matmul(moved).js()))
    rounds.push({ thetaFid, estimate, shift })
    if (!Number.isFinite(shift))
      refuse('data', `have no finite estimate at the fiducial parameters ${JSON.stringify(await thetaFid.js())}`)
    const settled = shift < tolerance
    if (settled || rounds.length === maxRounds) return { imnn, estimate, rounds, settled }
    thetaFid = estimate
  }
}

function refuse(where: string, message: string): never {
  throw new ValidationError('refitAtEstimate', [{ where, message }])
}
