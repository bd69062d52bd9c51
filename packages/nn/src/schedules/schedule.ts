import { type DType, NDArray, np, ValueError } from '@cotangent/autodiff'
import type { Step } from '../optimizers/optimizer.ts'

/** The size of each step: a number for a number, a scalar array for a (traced) array. */
export type Schedule = (step: Step) => number | NDArray

/** A step size that is one number (a scalar array, where it is traced), or a schedule. */
export type StepSize = number | NDArray | Schedule

/** The step size as a function of the step, in the dtype of what it multiplies. */
export function sizeOfSteps(name: string, stepSize: StepSize): (step: Step, dtype: DType) => number | NDArray {
  if (typeof stepSize === 'number' && !Number.isNaN(stepSize)) return () => stepSize
  if (stepSize instanceof NDArray) return (_, dtype) => stepSize.astype(dtype)
  if (typeof stepSize !== 'function') {
    throw new ValueError(
      `${name}: the step size is ${String(stepSize)}; give a number or a schedule, as { stepSize: 1e-3 }`,
    )
  }
  return (step, dtype) => {
    const size: unknown = stepSize(step)
    if (typeof size === 'number') return size
    if (size instanceof NDArray) return size.astype(dtype)
    throw new ValueError(`${name}: the schedule gives ${String(size)}; it must give a number or a scalar array`)
  }
}

/** `f` of one number, on numbers or on arrays. */
export const onStep =
  (onNumber: (step: number) => number, onArray: (step: NDArray) => NDArray): Schedule =>
  (step) => {
    if (typeof step === 'number') return onNumber(step)
    if (step instanceof NDArray) return onArray(floatStep(step))
    throw new ValueError(`schedule: the step is ${String(step)}; it must be a number or a scalar array, from 0 on`)
  }

/** Whole steps count in float32. */
const floatStep = (step: NDArray): NDArray => (step.dtype === 'float64' ? step : step.astype('float32'))

/** A formula in arrays, on numbers too: in double precision. */
export const onFloats = (formula: (step: NDArray) => NDArray): Schedule =>
  onStep((step) => formula(np.array(step, { dtype: 'float64' })).item() as number, formula)

/** That options which are needed are numbers. */
export function checkNumbers(name: string, numbers: Readonly<Record<string, unknown>>): void {
  const odd = Object.entries(numbers).find(([, value]) => typeof value !== 'number' || Number.isNaN(value))
  if (odd === undefined) return
  throw new ValueError(`${name}: ${odd[0]} is ${String(odd[1])}; it must be a number`)
}

/** That a list is one, of what `is` holds for. */
export function checkList(name: string, what: string, list: unknown, is: (one: unknown) => boolean): void {
  if (Array.isArray(list) && list.every(is)) return
  throw new ValueError(
    `${name}: it takes a list of ${what}, not ${Array.isArray(list) ? `[${list.map(String).join(', ')}]` : String(list)}`,
  )
}

export const isNumber = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value)

/** That a number of steps is one. */
export function checkSteps(name: string, what: string, n: number): number {
  if (typeof n === 'number' && n > 0) return n
  throw new ValueError(`${name}: ${what} must be a positive number of steps, not ${String(n)}`)
}
