import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { checkOptions, shapesEqual, showShape } from '@cotangent/autodiff/array'
import { ValidationError } from './errors.ts'
import { floatsOf } from './checks/arguments.ts'
import { onBatch } from './information/compressor.ts'
import { estimates, type FisherEstimator, fisherStatistics } from './information/statistics.ts'

export interface MopedOptions {
  /** The parameters that the simulations were made at [P]. */
  readonly thetaFid: Operand
  /** Simulations [n_s, …inputShape]. */
  readonly fiducial: Operand
  /** Their derivatives in the parameters [n_d, …inputShape, P]. */
  readonly derivative: Operand
}

/** A linear compression, with what an IMNN has: its Fisher statistics are those of the data themselves. */
export interface Moped extends FisherEstimator {
  readonly thetaFid: NDArray
  readonly inputShape: readonly number[]
  /** The score t = dμᵀ C⁻¹ (d − μ): [P] of one simulation, [N, P] of a batch. */
  getSummaries(data: Operand): NDArray
  /** θ_fid + F⁻¹ t: [P] of one simulation, [N, P] of a batch. */
  getEstimate(data: Operand): NDArray
}

/**
 * Score compression without a network, as a baseline: P numbers that keep all Fisher information if the data are Gaussian
 * and only their mean depends on the parameters. Mean, covariance and derivative of the mean are those of the simulations.
 *
 * @throws ValidationError when shapes do not fit, or the simulations are too few to invert their covariance.
 * @see A. Heavens, R. Jimenez, O. Lahav, “Massive lossless data compression and multiple parameter estimation from galaxy
 * spectra” (2000); J. Alsing, B. Wandelt, “Generalized massive optimal data compression” (2018)
 * @example
 * const fiducial = [[0, 1], [1, 0], [-1, 0.5], [0, -1], [0, -0.5]]
 * moped({ thetaFid: [0], fiducial, derivative: np.ones([5, 2, 1]) }).getEstimate([0, 0]) // [0]
 */
export function moped(options: MopedOptions): Moped {
  const given = checkOptions('moped', options, ['thetaFid', 'fiducial', 'derivative'])
  const { thetaFid, fiducial, derivative } = floatsOf('moped', {
    thetaFid: [given.thetaFid, ['nParams']],
    fiducial: [given.fiducial, ['…']],
    derivative: [given.derivative, ['…']],
  })
  const [nS, ...inputShape] = fiducial.shape as [number, ...number[]]
  const [nD, ...rest] = derivative.shape as [number, ...number[]]
  const nParams = thetaFid.shape[0] ?? 0
  const size = inputShape.reduce((a, b) => a * b, 1)
  const refuse = (where: string, message: string): never => {
    throw new ValidationError('moped', [{ where, message }])
  }
  if (fiducial.ndim < 2) refuse('fiducial', `must be [nS, …inputShape], not of shape ${showShape(fiducial.shape)}`)
  if (!shapesEqual(rest, [...inputShape, nParams]))
    refuse(
      'derivative',
      `must be ${showShape([nD, ...inputShape, nParams])}, not of shape ${showShape(derivative.shape)}`,
    )
  if (nS < size + 2)
    refuse('fiducial', `${nS} simulations of ${size} numbers have no covariance that can be inverted; ${size + 2} do`)
  const x = fiducial.reshape([nS, size])
  const dx = derivative.reshape([nD, size, nParams]).transpose([2, 0, 1])
  const found = fisherStatistics(x, dx)
  const statistics = { ...found, invF: np.linalg.inv(found.F) }
  const weights = statistics.invC.matmul(statistics.dmu)
  const on = (name: string, data: Operand, f: (d: NDArray) => NDArray): NDArray =>
    onBatch(name, data, inputShape, [x], (d) => f(d.reshape([-1, size])))
  return {
    ...statistics,
    thetaFid,
    inputShape,
    getSummaries: (data) => on('getSummaries', data, (d) => d.sub(statistics.mu).matmul(weights)),
    getEstimate: (data) => on('getEstimate', data, (d) => estimates(thetaFid, statistics, d)),
  }
}
