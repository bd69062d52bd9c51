/**
 * Gradient transformations, which compose to optimizers as in optax. Those whose names are free are exported by the
 * package itself too.
 */
export {
  adabelief,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  lamb,
  lars,
  lion,
  rmsprop,
  sgd,
} from './aliases.ts'
export { centralize, clip, clipByBlockRms, clipByGlobalNorm, globalNorm, zeroNans } from './clipping.ts'
export { masked, partition } from './masking.ts'
export { scaleByAdam, scaleByAdamax, scaleByAmsgrad, scaleByBelief, scaleByLion } from './moments.ts'
export { addNoise } from './noise.ts'
export { optimizer } from './optimizer.ts'
export { scale, scaleByLearningRate, scaleBySchedule, scaleBySign, scaleByTrustRatio } from './scaling.ts'
export { scaleByRms, scaleByRss, scaleByStddev } from './squares.ts'
export { chain, type GradientTransformation, identity, setToZero } from './transformation.ts'
export { ema, trace } from './trace.ts'
export { addDecayedWeights, applyUpdates } from './weights.ts'
