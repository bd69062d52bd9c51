import { initializers } from '@cotangent/nn'
import { type Call, type Calls, options } from '../../helpers/wrong-kinds.ts'
import { call, initOptions, key } from './given.ts'

/** An initializer: how it is made, and the parameters it makes. */
const initializerCalls = (name: string, make: unknown, ...given: unknown[]): [string, Calls[string]][] => {
  const shape = name === 'deltaOrthogonal' ? [3, 2, 2] : [2, 2, 2]
  return [
    [name, [(...own) => (call(make)(...own) as Call)(key, shape), ...given]],
    [`${name}, called`, [call(make)(...given) as Call, key, shape, initOptions]],
  ]
}
const fans = { inAxis: -2, outAxis: -1, batchAxis: [0] }
export const initialized: Calls = Object.fromEntries([
  ...initializerCalls('constant', initializers.constant, 1),
  ...initializerCalls('normal', initializers.normal, 1),
  ...initializerCalls('truncatedNormal', initializers.truncatedNormal, 1, -1, 1),
  ...initializerCalls('uniform', initializers.uniform, 1),
  ...initializerCalls(
    'varianceScaling',
    initializers.varianceScaling,
    options({ scale: 1, mode: 'fanAvg', distribution: 'normal', ...fans }),
  ),
  ...Object.keys(initializers)
    .filter((name) => /(Normal|Uniform)$/.test(name) && name !== 'truncatedNormal')
    .flatMap((name) =>
      initializerCalls(name, (initializers as unknown as Record<string, unknown>)[name], options(fans)),
    ),
  ...initializerCalls('orthogonal', initializers.orthogonal, 1, -1),
  ...initializerCalls('deltaOrthogonal', initializers.deltaOrthogonal, 1, -1),
  ['zeros', [call(initializers.zeros), key, [2], initOptions]],
  ['ones', [call(initializers.ones), key, [2], initOptions]],
])
