/** The first values of parameters, after `jax.nn.initializers`. */
export { constant, normal, ones, truncatedNormal, uniform, zeros } from './distributions.ts'
export { deltaOrthogonal, orthogonal } from './orthogonal.ts'
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
} from './scaling.ts'
export type { Initializer } from './initializer.ts'
export type { FanMode, FanOptions, VarianceScalingOptions } from './scaling.ts'
