import { sizeOfSteps, type StepSize } from '../schedules.ts'
import { leafwise, type Optimizer } from './optimizer.ts'

export interface SgdOptions {
  /** How far a step goes: a number, or a schedule. */
  readonly stepSize: StepSize
}

export interface MomentumOptions extends SgdOptions {
  /** How much of the velocity is kept. */
  readonly mass: number
}

/** Steps against the gradient. */
export function sgd({ stepSize }: SgdOptions): Optimizer<never> {
  const size = sizeOfSteps(stepSize)
  return leafwise('sgd', [], (g, { params }, step) => ({ params: params.sub(g.mul(size(step, params.dtype))) }))
}

/** Steps along a velocity that gradients add to. Polyak, "Some methods of speeding up convergence" (1964). */
export function momentum({ stepSize, mass }: MomentumOptions): Optimizer<'velocity'> {
  const size = sizeOfSteps(stepSize)
  return leafwise('momentum', ['velocity'], (g, { params, velocity: past }, step) => {
    const velocity = past.mul(mass).add(g)
    return { params: params.sub(velocity.mul(size(step, params.dtype))), velocity }
  })
}

/** Momentum with the gradient counted once more, as where it is going. Nesterov (1983). */
export function nesterov({ stepSize, mass }: MomentumOptions): Optimizer<'velocity'> {
  const size = sizeOfSteps(stepSize)
  return leafwise('nesterov', ['velocity'], (g, { params, velocity: past }, step) => {
    const velocity = past.mul(mass).add(g)
    return { params: params.sub(velocity.mul(mass).add(g).mul(size(step, params.dtype))), velocity }
  })
}
