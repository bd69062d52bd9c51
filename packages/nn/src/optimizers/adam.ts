import { type DType, type NDArray, np } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkDecays, checkNumbers } from '../checks.ts'
import { correction, mixed } from '../means.ts'
import { sizeOfSteps, type StepSize } from '../schedules/schedule.ts'
import { leafwise, type Optimizer, type Step } from './optimizer.ts'

export interface AdamOptions {
  /** How far a step goes: a number, or a schedule. */
  readonly stepSize: StepSize
  /** How much of the mean of the gradients is kept. @defaultValue 0.9 */
  readonly b1?: number
  /** How much of the mean of their squares is kept. @defaultValue 0.999 */
  readonly b2?: number
  /** Added to what is divided by. @defaultValue 1e-8 */
  readonly eps?: number
}

const known = ['stepSize', 'b1', 'b2', 'eps'] as const

/**
 * Steps along the mean of past gradients over the root of the mean of their squares, both corrected for having started
 * at zero. Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015).
 *
 * @see JAX's `optimizers.adam`
 * @example
 * const [init, update, getParams] = adam({ stepSize: 0.1 })
 * getParams(update(0, np.array(2), init(np.array(1)))).item().toFixed(3) // 0.900
 */
export function adam(options: AdamOptions): Optimizer<'m' | 'v'> {
  const { stepSize, b1 = 0.9, b2 = 0.999, eps = 1e-8 } = checkOptions('adam', options, known)
  const size = sizeOfSteps('adam', stepSize)
  checkDecays('adam', { b1, b2 })
  checkNumbers('adam', { eps })
  return leafwise('adam', ['m', 'v'], (g, { params, m: pastM, v: pastV }, step) => {
    const m = mixed(b1)(g, pastM)
    const v = mixed(b2)(np.square(g), pastV)
    const mean = m.div(correctionAfter(b1, step, params.dtype))
    const square = v.div(correctionAfter(b2, step, params.dtype))
    return { params: params.sub(mean.mul(size(step, params.dtype)).div(np.sqrt(square).add(eps))), m, v }
  })
}

/**
 * The same with the largest past gradient for the root of the mean of squares. From the same paper.
 *
 * @see JAX's `optimizers.adamax`
 * @example const [init, update, getParams] = adamax({ stepSize: schedules.constant(0.1) })
 */
export function adamax(options: AdamOptions): Optimizer<'m' | 'v'> {
  const { stepSize, b1 = 0.9, b2 = 0.999, eps = 1e-8 } = checkOptions('adamax', options, known)
  const size = sizeOfSteps('adamax', stepSize)
  checkDecays('adamax', { b1, b2 })
  checkNumbers('adamax', { eps })
  return leafwise('adamax', ['m', 'v'], (g, { params, m: pastM, v: pastV }, step) => {
    const m = mixed(b1)(g, pastM)
    const v = np.maximum(pastV.mul(b2), np.abs(g))
    const mean = m.div(correctionAfter(b1, step, params.dtype))
    return { params: params.sub(mean.mul(size(step, params.dtype)).div(v.add(eps))), m, v }
  })
}

/** The correction of a mean that has seen the gradients of steps 0 … `step`. */
const correctionAfter = (decay: number, step: Step, dtype: DType): number | NDArray =>
  correction(decay, typeof step === 'number' ? step + 1 : step.add(1), dtype)
