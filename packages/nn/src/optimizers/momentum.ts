import { ValueError } from '@cotangent/autodiff'
import { checkOptions, showGiven } from '@cotangent/autodiff/array'
import { isNumber } from '../checks.ts'
import { sizeOfSteps, type StepSize } from '../schedules/schedule.ts'
import { leafwise, type Optimizer } from './optimizer.ts'

export interface SgdOptions {
  /** How far a step goes: a number, or a schedule. */
  readonly stepSize: StepSize
}

export interface MomentumOptions extends SgdOptions {
  /** How much of the velocity is kept. */
  readonly mass: number
}

/**
 * Steps against the gradient.
 *
 * @see JAX's `optimizers.sgd`
 * @example
 * const [init, update, getParams] = sgd({ stepSize: 0.5 })
 * getParams(update(0, np.array([2, 4]), init(np.array([1, 1])))) // [0, -1]
 */
export function sgd(options: SgdOptions): Optimizer<never> {
  const { stepSize } = checkOptions('sgd', options, ['stepSize'])
  const size = sizeOfSteps('sgd', stepSize)
  return leafwise('sgd', [], (g, { params }, step) => ({ params: params.sub(g.mul(size(step, params.dtype))) }))
}

function massOf(name: string, options: MomentumOptions): { size: ReturnType<typeof sizeOfSteps>; mass: number } {
  const { stepSize, mass } = checkOptions(name, options, ['stepSize', 'mass'])
  if (!isNumber(mass)) {
    throw new ValueError(`${name}: the mass is ${showGiven(mass)}; give a number, as { stepSize: 0.1, mass: 0.9 }`)
  }
  return { size: sizeOfSteps(name, stepSize), mass }
}

/**
 * Steps along a velocity that gradients add to. Polyak, "Some methods of speeding up convergence" (1964).
 *
 * @see JAX's `optimizers.momentum`
 * @example const [init, update, getParams] = momentum({ stepSize: 0.1, mass: 0.9 })
 */
export function momentum(options: MomentumOptions): Optimizer<'velocity'> {
  const { size, mass } = massOf('momentum', options)
  return leafwise('momentum', ['velocity'], (g, { params, velocity: past }, step) => {
    const velocity = past.mul(mass).add(g)
    return { params: params.sub(velocity.mul(size(step, params.dtype))), velocity }
  })
}

/**
 * Momentum with the gradient counted once more, as where it is going. Nesterov (1983).
 *
 * @see JAX's `optimizers.nesterov`
 * @example const [init, update, getParams] = nesterov({ stepSize: 0.1, mass: 0.9 })
 */
export function nesterov(options: MomentumOptions): Optimizer<'velocity'> {
  const { size, mass } = massOf('nesterov', options)
  return leafwise('nesterov', ['velocity'], (g, { params, velocity: past }, step) => {
    const velocity = past.mul(mass).add(g)
    return { params: params.sub(velocity.mul(mass).add(g).mul(size(step, params.dtype))), velocity }
  })
}
