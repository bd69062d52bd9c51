/**
 * Checks that the laws of differentiation, batching and compilation hold for a function at some arguments. They throw
 * a LawError and need no test framework. `@cotangent/autodiff/testing/arbitraries` has fast-check arbitraries to find
 * the arguments with.
 */
export { checkGrads, checkJvp, checkVjp, type DerivativeOptions, type GradOptions } from './derivatives.ts'
export { LawError, type Tolerance } from './numbers.ts'
export { checkLinear, type LinearOptions } from './linear.ts'
export { checkJit, checkVmap, type JitOptions, type VmapOptions } from './programs.ts'
