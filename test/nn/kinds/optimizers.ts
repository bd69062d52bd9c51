import { np } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { transforms } from '@cotangent/nn'
import { type Call, type Calls, options } from '../../helpers/wrong-kinds.ts'
import { call, x } from './given.ts'

export const params = { a: x, b: [np.ones([])] }
/** An optimizer: how it is made, and its three functions. */
const optimizerCalls = (name: string, make: unknown, given: unknown): [string, Calls[string]][] => {
  const [init, update, getParams] = call(make)(given) as [Call, Call, Call]
  const state = init(params)
  const used: Call = (own) => {
    const [begin, step] = call(make)(own) as [Call, Call]
    return step(1, params, begin(params))
  }
  return [
    [name, [used, given]],
    [`${name}, init`, [init, params]],
    [`${name}, update`, [update, 1, params, state]],
    [`${name}, getParams`, [getParams, state]],
  ]
}
export const decay = { b1: 0.9, b2: 0.99, eps: 1e-8 }
export const optimizers: Calls = Object.fromEntries([
  ...optimizerCalls('sgd', nn.sgd, options({ stepSize: 0.1 })),
  ...optimizerCalls('momentum', nn.momentum, options({ stepSize: np.array(0.1), mass: 0.9 })),
  ...optimizerCalls('nesterov', nn.nesterov, options({ stepSize: 0.1, mass: 0.9 })),
  ...optimizerCalls('adagrad', nn.adagrad, options({ stepSize: 0.1, momentum: 0.9 })),
  ...optimizerCalls('rmsprop', nn.rmsprop, options({ stepSize: 0.1, gamma: 0.9, eps: 1e-8 })),
  ...optimizerCalls(
    'rmspropMomentum',
    nn.rmspropMomentum,
    options({ stepSize: 0.1, gamma: 0.9, eps: 1e-8, momentum: 0.9 }),
  ),
  ...optimizerCalls('adam', nn.adam, options({ stepSize: () => 0.1, ...decay })),
  ...optimizerCalls('adamax', nn.adamax, options({ stepSize: 0.1, ...decay })),
  ...optimizerCalls('sm3', nn.sm3, options({ stepSize: 0.1, momentum: 0.9 })),
  ...optimizerCalls(
    'adamw',
    nn.adamw,
    options({ stepSize: 0.1, ...decay, weightDecay: 0.1, mask: { a: true, b: [false] } }),
  ),
  ...optimizerCalls('optimizer', nn.optimizer, transforms.scale(2)),
])
