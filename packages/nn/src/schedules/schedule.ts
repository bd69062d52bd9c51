import { type DType, NDArray, np, ValueError } from '@cotangent/autodiff'
import type { Step } from '../optimizers/optimizer.ts'

/** The size of each step: a number for a number, a scalar array for a (traced) array. */
export type Schedule = (step: Step) => number | NDArray

/** A step size that is one number (a scalar array, where it is traced), or a schedule. */
export type StepSize = number | NDArray | Schedule

/** The step size as a function of the step, in the dtype of what it multiplies. */
export function sizeOfSteps(name: string, stepSize: StepSize): (step: Step, dtype: DType) => number | NDArray {
  if (typeof stepSize === 'number') return () => stepSize
  if (stepSize instanceof NDArray) return (_, dtype) => stepSize.astype(dtype)
  if (typeof stepSize !== 'function') {
    throw new ValueError(
      `${name}: the step size is ${String(stepSize)}; give a number or a schedule, as { stepSize: 1e-3 }`,
    )
  }
  return (step, dtype) => {
    const size = stepSize(step)
    return typeof size === 'number' ? size : size.astype(dtype)
  }
}

/** `f` of one number, on numbers or on arrays. */
export const onStep =
  (onNumber: (step: number) => number, onArray: (step: NDArray) => NDArray): Schedule =>
  (step) =>
    typeof step === 'number' ? onNumber(step) : onArray(floatStep(step))

/** Whole steps count in float32. */
const floatStep = (step: NDArray): NDArray => (step.dtype === 'float64' ? step : step.astype('float32'))

/** A formula in arrays, on numbers too: in double precision. */
export const onFloats = (formula: (step: NDArray) => NDArray): Schedule =>
  onStep((step) => formula(np.array(step, { dtype: 'float64' })).item() as number, formula)
