import { array, DTypeError, NDArray, type Operand } from '@cotangent/autodiff/array'
import type { Feature } from './example.ts'
import type { DerivativeOptions, FiducialOptions, Seeds } from './write-options.ts'

interface Simulated {
  readonly what: string
  readonly features: readonly (readonly [string, Feature])[]
  readonly value: Operand
}

/** The simulations in the order of their records, with the features that tell them apart, in the original's order. */
export async function* simulate(
  options: FiducialOptions | DerivativeOptions,
  { start, end, nParams = 0 }: Seeds,
): AsyncGenerator<Simulated> {
  const integer = (value: number): Feature => ({ kind: 'int64', values: BigInt64Array.of(BigInt(value)) })
  for (let seed = start; seed < end; seed++) {
    if (options.fiducial !== false) {
      const value = await options.getSimulation(seed)
      yield { what: `the simulation of seed ${seed}`, features: [['seed', integer(seed)]], value }
      continue
    }
    for (let derivative = 0; derivative < 2; derivative++) {
      for (let parameter = 0; parameter < nParams; parameter++) {
        const value = await options.getSimulation(seed, derivative, parameter)
        const what = `the simulation of seed ${seed}, derivative ${derivative}, parameter ${parameter}`
        const features = Object.entries({ seed, parameter, derivative }).map(([key, n]) => [key, integer(n)] as const)
        yield { what, features, value }
      }
    }
  }
}

export async function float32(value: Operand, what: string): Promise<NDArray<'float32'>> {
  if (value instanceof NDArray) await value.ready()
  try {
    return array(value, { dtype: 'float32' })
  } catch (error) {
    throw new DTypeError(`writeRecord: ${what} is not an array of numbers: ${(error as Error).message}`)
  }
}
