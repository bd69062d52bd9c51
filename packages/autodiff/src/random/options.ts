import { checkOptions } from '../array/options.ts'

const dtype = ['dtype'] as const

/** Where among the arguments of a function its options are, and their names. */
const known: Readonly<Record<string, readonly [at: number, names: readonly string[]]>> = {
  bits: [2, ['dtype', 'bitWidth']],
  uniform: [2, ['minval', 'maxval', 'dtype']],
  normal: [2, dtype],
  truncatedNormal: [4, dtype],
  randint: [4, dtype],
  categorical: [2, ['axis', 'shape', 'replace', 'mode']],
  permutation: [2, ['axis', 'independent']],
  choice: [3, ['replace', 'p', 'axis', 'mode']],
  poisson: [3, dtype],
  binomial: [4, dtype],
  multinomial: [3, ['shape', 'dtype']],
  exponential: [2, dtype],
  gumbel: [2, ['mode', 'dtype']],
  laplace: [2, dtype],
  logistic: [2, dtype],
  cauchy: [2, dtype],
  maxwell: [2, dtype],
  bernoulli: [3, ['mode']],
  rademacher: [2, dtype],
  pareto: [3, dtype],
  rayleigh: [3, dtype],
  wald: [3, dtype],
  lognormal: [3, dtype],
  generalizedNormal: [3, dtype],
  gamma: [3, dtype],
  loggamma: [3, dtype],
  dirichlet: [3, dtype],
  t: [3, dtype],
  chisquare: [3, dtype],
  geometric: [3, dtype],
  triangular: [5, dtype],
  doubleSidedMaxwell: [4, dtype],
  weibullMin: [4, dtype],
  beta: [4, dtype],
  f: [4, dtype],
  ball: [4, dtype],
  multivariateNormal: [4, ['dtype', 'method']],
  orthogonal: [3, ['m', 'dtype']],
}

/** The functions with their options checked, where a user gives them: an unknown one is refused by name. */
export function withCheckedOptions<R extends object>(functions: R): R {
  const checked = Object.entries(functions).map(([name, f]: [string, unknown]) => {
    const options = known[name]
    if (options === undefined || typeof f !== 'function') return [name, f] as const
    const [at, names] = options
    const g = (...args: readonly unknown[]): unknown => {
      const given = args[at]
      if (given !== undefined) checkOptions<Record<string, unknown>>(name, given as Record<string, unknown>, names)
      return (f as (...all: readonly unknown[]) => unknown)(...args)
    }
    Object.defineProperty(g, 'name', { value: name })
    return [name, g] as const
  })
  return Object.fromEntries(checked) as R
}
