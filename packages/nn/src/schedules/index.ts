/** How large each step of an optimizer is: functions of the number of the step. */
export { cosineOnecycle, linearOnecycle, piecewiseInterpolate, sgdr } from './cycles.ts'
export { constant, exponentialDecay, inverseTimeDecay, piecewiseConstant, polynomialDecay } from './decay.ts'
export type { Schedule } from './schedule.ts'
export { cosineDecay, join, linear } from './transitions.ts'
export { warmupConstant, warmupCosineDecay, warmupExponentialDecay } from './warmup.ts'
