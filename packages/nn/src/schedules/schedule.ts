import { type DType, NDArray, np, ShapeError, ValueError } from '@cotangent/autodiff'
import { showGiven, showShape } from '@cotangent/autodiff/array'
import { isNumber } from '../checks.ts'
import type { Step } from '../optimizers/optimizer.ts'

/** The size of each step: a number for a number, a scalar array for a (traced) array. */
export type Schedule = (step: Step) => number | NDArray

/** A step size that is one number (a scalar array, where it is traced), or a schedule. */
export type StepSize = number | NDArray | Schedule

/** The step size as a function of the step, in the dtype of what it multiplies. */
export function sizeOfSteps(name: string, stepSize: StepSize): (step: Step, dtype: DType) => number | NDArray {
  if (isNumber(stepSize)) return () => stepSize
  if (stepSize instanceof NDArray) {
    const scalar = checkScalar(name, 'the step size', stepSize)
    return (_, dtype) => scalar.astype(dtype)
  }
  if (typeof stepSize !== 'function') {
    throw new ValueError(
      `${name}: the step size is ${showGiven(stepSize)}; give a number or a schedule, as { stepSize: 1e-3 }`,
    )
  }
  return (step, dtype) => {
    const size: unknown = stepSize(step)
    if (typeof size === 'number') return size
    if (size instanceof NDArray) return checkScalar(name, 'what the schedule gives', size).astype(dtype)
    throw new ValueError(`${name}: the schedule gives ${showGiven(size)}; it must give a number or a scalar array`)
  }
}

/** A size of another shape would change that of the parameters. */
function checkScalar(name: string, what: string, size: NDArray): NDArray {
  if (size.ndim === 0) return size
  throw new ShapeError(`${name}: ${what} has shape ${showShape(size.shape)}; it must be a number or a scalar array`)
}

/** That a step is a number or an array. */
export function checkStepOf(name: string, step: unknown): void {
  if (isNumber(step) || step instanceof NDArray) return
  throw new ValueError(`${name}: the step is ${showGiven(step)}; it must be a number or a scalar array, from 0 on`)
}

/** `f` of one number, on numbers or on arrays. */
export const onStep =
  (onNumber: (step: number) => number, onArray: (step: NDArray) => NDArray): Schedule =>
  (step) => {
    checkStepOf('schedule', step)
    return typeof step === 'number' ? onNumber(step) : onArray(floatStep(step))
  }

/** Whole steps count in float32. */
const floatStep = (step: NDArray): NDArray => (step.dtype === 'float64' ? step : step.astype('float32'))

/** A formula in arrays, on numbers too: in double precision. */
export const onFloats = (formula: (step: NDArray) => NDArray): Schedule =>
  onStep((step) => formula(np.array(step, { dtype: 'float64' })).item() as number, formula)

/** That a number of steps is one. */
export function checkSteps(name: string, what: string, n: number): number {
  if (typeof n === 'number' && n > 0) return n
  throw new ValueError(`${name}: ${what} must be a positive number of steps, not ${showGiven(n)}`)
}
