import type { Shape } from '../lib/graph.ts'
import { normals } from '../lib/random.ts'

/** The tutorial's sizes: simulations, data, hidden units, summaries, parameters. */
export const sizes = { n: 1000, d: 10, h: 128, s: 2, p: 2 } as const

/** Weights and biases, layer by layer. */
export const weightShapes: readonly Shape[] = [
  [sizes.d, sizes.h],
  [sizes.h],
  [sizes.h, sizes.h],
  [sizes.h],
  [sizes.h, sizes.h],
  [sizes.h],
  [sizes.h, sizes.s],
  [sizes.s],
]

export const slope = 0.01

export const adamSettings = { stepSize: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-8 } as const

const [lambda, epsilon] = [10, 0.1]

/** λ and α of the regularisation. */
export const regularisation = {
  lambda,
  alpha: -Math.log(epsilon * (lambda - 1) + epsilon ** 2 / (1 + epsilon)) / epsilon,
} as const

/** Simulations [n, d] and their derivatives [p, n, d]. */
export interface Simulations {
  readonly fiducial: Float32Array
  readonly derivative: Float32Array
}

/** Normal numbers of mean 0 and variance 1, with their derivatives in the mean and in the variance. */
function simulate(seed: number): Simulations {
  const fiducial = normals(sizes.n * sizes.d, seed)
  const inMean = new Float32Array(fiducial.length).fill(1)
  const inVariance = fiducial.map((x) => x / 2)
  return { fiducial, derivative: Float32Array.from([...inMean, ...inVariance]) }
}

/** As for Dense; the last layer larger, so that the summaries' covariance is near one and the regularisation acts. */
function initialWeights(k: number): Float32Array {
  const [inputs = 1, outputs] = weightShapes[k] as Shape
  const values = normals(inputs * (outputs ?? 1), 100 + k)
  if (outputs === undefined) return values.map((x) => x * 0.01)
  const scale = Math.sqrt(2 / (inputs + outputs)) * (outputs === sizes.s ? 8 : 1)
  return values.map((x) => x * scale)
}

/** All that one step reads: weights before their first update, and both sets of simulations. */
export const problem = {
  weights: weightShapes.map((_, k) => initialWeights(k)),
  training: simulate(1),
  validation: simulate(2),
} as const
