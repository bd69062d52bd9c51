import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { hostData, shapesEqual, showShape } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ArrayOptions, DistanceOption } from '../options.ts'
import { realArray } from './arguments.ts'
import { all, type Checked, isNone, show, wrong } from './checks.ts'
import { checkSizes, type Sizes } from './sizes.ts'
import type { Precision } from '../tree.ts'

/** Simulations [n_s, …] of one set, and derivatives. */
export interface SimulationArrays {
  readonly fiducial: NDArray
  /**
   * Exact derivatives parameter first, [P, n_d, …] or, when they are those of the mean, [P, 1, …]; or the simulations
   * beside θ_fid, [n_d · 2 · P, …].
   */
  readonly derivative: NDArray
}

/** The arrays of both sets. */
export interface CheckedArrays {
  readonly training: SimulationArrays
  readonly validation: SimulationArrays | undefined
  /** Whether the derivative is that of the mean: the same for all simulations. */
  readonly ofMean: boolean
}

/** How derivatives are given. */
interface DerivativeForm {
  /** The shape of one for each simulation, and of that of the mean. */
  readonly each: readonly number[]
  readonly mean: readonly number[]
  /** From one of these to the arrays that are used. */
  readonly arrange: (derivative: NDArray, ofMean: boolean) => NDArray
}

/** Simulations and their derivatives [n_d, …inputShape, P], or that of their mean [...inputShape, P]. */
export function checkExactArrays(options: ArrayOptions, sizes: Sizes, dtype: Precision): Checked<CheckedArrays> {
  const { nD, nParams, inputShape } = sizes
  const arrange = (derivative: NDArray, ofMean: boolean): NDArray =>
    np.moveaxis(ofMean ? derivative.reshape([1, ...derivative.shape]) : derivative, -1, 0)
  const mean = [...inputShape, nParams]
  return checkArrays(options, sizes, dtype, { each: [nD, ...mean], mean, arrange })
}

/**
 * Simulations, and those beside θ_fid [n_d, 2, P, …inputShape], or their means [2, P, …inputShape], of which the
 * derivative of the mean is made.
 */
function checkDifferenceArrays(
  options: ArrayOptions,
  sizes: Sizes,
  dtype: Precision,
  deltaTheta: NDArray,
): Checked<CheckedArrays> {
  const { nD, nParams, inputShape } = sizes
  const arrange = (derivative: NDArray, ofMean: boolean): NDArray => {
    if (!ofMean) return derivative.reshape([nD * 2 * nParams, ...inputShape])
    const [below, above] = derivative.unstack(2)
    const distance = deltaTheta.astype(dtype).reshape([nParams, ...inputShape.map(() => 1)])
    return above
      .sub(below)
      .div(distance)
      .reshape([nParams, 1, ...inputShape])
  }
  const mean = [2, nParams, ...inputShape]
  return checkArrays(options, sizes, dtype, { each: [nD, ...mean], mean, arrange })
}

function checkArrays(
  options: ArrayOptions,
  { nS, inputShape }: Sizes,
  dtype: Precision,
  { each, mean, arrange }: DerivativeForm,
): Checked<CheckedArrays> {
  const simulations = (where: string, given: Operand): Checked<NDArray> =>
    checkArray(where, given, [[nS, ...inputShape]], dtype)
  const derivatives = (where: string, given: Operand): Checked<NDArray> => checkArray(where, given, [each, mean], dtype)
  const { fiducial, derivative, validationFiducial, validationDerivative } = options
  const training = all({
    fiducial: simulations('fiducial', fiducial),
    derivative: derivatives('derivative', derivative),
  })
  const validates = !isNone(validationFiducial) || !isNone(validationDerivative)
  const pair = (
    where: string,
    other: string,
    given: Operand | undefined,
    check: typeof simulations,
  ): Checked<NDArray> =>
    isNone(given)
      ? wrong(where, `is missing: ${other} is given; validation needs both, or neither`)
      : check(where, given as Operand)
  const validation: Checked<SimulationArrays | undefined> = validates
    ? all({
        fiducial: pair('validationFiducial', 'validationDerivative', validationFiducial, simulations),
        derivative: pair('validationDerivative', 'validationFiducial', validationDerivative, derivatives),
      })
    : E.right(undefined)
  return pipe(
    all({ training, validation }),
    E.chain((sets): Checked<CheckedArrays> => {
      const isOfMean = ({ derivative: found }: SimulationArrays): boolean => found.ndim === mean.length
      const ofMean = isOfMean(sets.training)
      if (sets.validation !== undefined && isOfMean(sets.validation) !== ofMean)
        return wrong('validationDerivative', 'and derivative must be of one kind: for each simulation, or of the mean')
      const arranged = ({ fiducial: d, derivative: dd }: SimulationArrays): SimulationArrays => ({
        fiducial: d,
        derivative: arrange(dd, ofMean),
      })
      return E.right({
        training: arranged(sets.training),
        validation: sets.validation && arranged(sets.validation),
        ofMean,
      })
    }),
  )
}

/** The derivative of the mean parameter first, [P, 1, …inputShape]; undefined when there is none. */
export function checkMeanDerivative(
  given: Operand | undefined,
  { inputShape, nParams }: Sizes,
  dtype: Precision,
): Checked<NDArray | undefined> {
  if (isNone(given)) return E.right(undefined)
  return pipe(
    checkArray('meanDerivative', given as Operand, [[...inputShape, nParams]], dtype),
    E.map((derivative) => np.moveaxis(derivative, -1, 0).reshape([nParams, 1, ...inputShape])),
  )
}

/** An array of floats of one of these shapes. */
function checkArray(
  where: string,
  given: Operand,
  shapes: readonly (readonly number[])[],
  dtype: Precision,
): Checked<NDArray> {
  const wanted = shapes.map(showShape).join(' or ')
  if (isNone(given)) return wrong(where, `is missing: an array ${wanted}`)
  if (isIterable(given))
    return wrong(where, `must be an array ${wanted}, not ${show(given)}; datasets are for the Dataset IMNNs`)
  return pipe(
    realArray(where, given, `an array ${wanted}`, dtype),
    E.chain((array: NDArray): Checked<NDArray> => {
      if (!shapes.some((shape) => shapesEqual(array.shape, shape)))
        return wrong(where, `must have shape ${wanted}, not ${showShape(array.shape)}`)
      const floats = array.dtype === dtype ? array : array.astype(dtype)
      if (floats.storage.host !== undefined && !hostData(floats).every(Number.isFinite))
        return wrong(where, `holds numbers that are not finite in ${dtype}`)
      return E.right(floats)
    }),
  )
}

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** δθ as an array [P] of positive numbers. */
export function checkDeltaTheta(deltaTheta: Operand, nParams: number): Checked<NDArray> {
  const what = `one number a parameter: the whole distance between the simulations below and above thetaFid`
  if (isNone(deltaTheta)) return wrong('deltaTheta', `is missing: ${what}`)
  return pipe(
    realArray('deltaTheta', deltaTheta, what),
    E.chain((floats: NDArray): Checked<NDArray> => {
      if (!shapesEqual(floats.shape, [nParams]))
        return wrong('deltaTheta', `must have shape [${nParams}], ${what}; not ${showShape(floats.shape)}`)
      if (floats.storage.host !== undefined && !hostData(floats).every((x) => Number.isFinite(x) && x !== 0))
        return wrong('deltaTheta', 'must be finite and not 0')
      return E.right(floats)
    }),
  )
}

/** Simulations beside θ_fid with their distance. */
export const checkDifferences = (
  options: Sizes & ArrayOptions & DistanceOption,
  dtype: Precision,
): Checked<{ arrays: CheckedArrays; deltaTheta: NDArray }> =>
  pipe(
    checkSizes(options),
    E.chain((sizes) => {
      const deltaTheta = checkDeltaTheta(options.deltaTheta, sizes.nParams)
      // Arrays are looked at also when the distance is wrong, so that all problems are told.
      const distance = E.getOrElse((): NDArray => np.ones([sizes.nParams]))(deltaTheta)
      return all({ deltaTheta, arrays: checkDifferenceArrays(options, sizes, dtype, distance) })
    }),
  )
