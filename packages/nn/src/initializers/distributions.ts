import { np, ValueError } from '@cotangent/autodiff'
import { checkNumbers } from '../checks.ts'
import { type Initializer, initializer } from './initializer.ts'

/**
 * Every parameter is `value`.
 *
 * @example initializers.constant(0.1)(random.PRNGKey(0), [2]) // [0.1, 0.1]
 */
export function constant(value: number): Initializer {
  checkNumbers('initializers.constant', { value })
  return initializer('constant', (_, shape, { dtype }) => np.full(shape, value, { dtype }))
}
/**
 * Every parameter is 0.
 *
 * @example initializers.zeros(random.PRNGKey(0), [2]) // [0, 0]
 */
export const zeros: Initializer = constant(0)
/**
 * Every parameter is 1.
 *
 * @example initializers.ones(random.PRNGKey(0), [2]) // [1, 1]
 */
export const ones: Initializer = constant(1)

/**
 * Normally distributed around 0.
 *
 * @param stddev The standard deviation; 0.01 by default.
 * @example initializers.normal(1)(random.PRNGKey(0), [2]) // [1.622642, 2.0252647]
 */
export function normal(stddev = 1e-2): Initializer {
  checkNumbers('initializers.normal', { stddev })
  return initializer('normal', (key, shape, { random, dtype }) => random.normal(key, shape, { dtype }).mul(stddev))
}

/**
 * Normally distributed, only what is within `lower` and `upper` standard deviations of the whole normal distribution.
 *
 * @example initializers.truncatedNormal(1)(random.PRNGKey(0), [2]) // [1.455959, 1.7147484]
 */
export function truncatedNormal(stddev = 1e-2, lower = -2, upper = 2): Initializer {
  checkNumbers('initializers.truncatedNormal', { stddev, lower, upper })
  if (lower >= upper) {
    throw new ValueError(`initializers.truncatedNormal: lower is ${lower}, upper ${upper}; it must be larger`)
  }
  return initializer('truncatedNormal', (key, shape, { random, dtype }) =>
    random.truncatedNormal(key, lower, upper, shape, { dtype }).mul(stddev),
  )
}

/**
 * Evenly distributed from 0 to before `scale`.
 *
 * @example initializers.uniform(1)(random.PRNGKey(0), [2]) // [0.947667, 0.9785799]
 */
export function uniform(scale = 1e-2): Initializer {
  checkNumbers('initializers.uniform', { scale })
  return initializer('uniform', (key, shape, { random, dtype }) => random.uniform(key, shape, { dtype }).mul(scale))
}
