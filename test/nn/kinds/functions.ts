import { np } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { type Calls, options } from '../../helpers/wrong-kinds.ts'
import { call, x } from './given.ts'

const { Dense, Relu } = nn

export const functions: Calls = {
  ...Object.fromEntries(
    (
      'relu relu6 hardTanh hardSigmoid hardSilu hardSwish sparsePlus sparseSigmoid identity sigmoid softplus logSigmoid ' +
      'softSign silu swish mish tanh log1mexp selu'
    )
      .split(' ')
      .map((name) => [name, [call((nn as unknown as Record<string, unknown>)[name]), x]]),
  ),
  leakyRelu: [call(nn.leakyRelu), x, 0.1],
  squareplus: [call(nn.squareplus), x, 4],
  elu: [call(nn.elu), x, 1],
  celu: [call(nn.celu), x, 1],
  gelu: [call(nn.gelu), x, options({ approximate: true })],
  glu: [call(nn.glu), x, options({ axis: 1 })],
  softmax: [call(nn.softmax), x, options({ axis: 1, where: true })],
  logSoftmax: [call(nn.logSoftmax), x, options({ axis: 1, where: true })],
  logsumexp: [call(nn.logsumexp), x, options({ axis: 1, keepdims: true, b: x })],
  logmeanexp: [call(nn.logmeanexp), x, options({ axis: 1, keepdims: true })],
  standardize: [call(nn.standardize), x, options({ axis: 1, mean: 0, variance: 1, epsilon: 0.1 })],
  oneHot: [call(nn.oneHot), np.array([0, 1], { dtype: 'int32' }), 3, options({ axis: 0, dtype: 'float32' })],
  dotProductAttention: [
    call(nn.dotProductAttention),
    np.ones([2, 1, 2]),
    np.ones([2, 1, 2]),
    np.ones([2, 1, 2]),
    options({
      bias: np.ones([1, 2, 2]),
      mask: np.array(true),
      scale: 1,
      isCausal: true,
      querySeqLengths: np.array([2], { dtype: 'int32' }),
      keyValueSeqLengths: np.array([2], { dtype: 'int32' }),
      localWindowSize: [1, 1],
    }),
  ],
  summary: [call(nn.summary), nn.serial(Dense(2), Relu), [2, 2]],
  'summary, many inputs': [call(nn.summary), nn.parallel(Dense(2), Relu), [[2], [2]]],
  saveParams: [call(nn.saveParams), { a: x, b: [x] }, options({ metadata: { epoch: '7' } })],
  saveParamsWhenReady: [call(nn.saveParamsWhenReady), { a: x }, options({ metadata: { epoch: '7' } })],
  loadParams: [call(nn.loadParams), nn.saveParams({ a: x, b: [x] }), { a: x, b: [x] }],
  readSafetensors: [call(nn.readSafetensors), nn.saveParams({ a: x })],
  writeSafetensors: [call(nn.writeSafetensors), { a: x }, { epoch: '7' }],
  l2Norm: [call(nn.l2Norm), { a: x, b: [x] }],
  globalNorm: [call(nn.globalNorm), { a: x, b: [x] }],
  clipGrads: [call(nn.clipGrads), { a: x, b: [x] }, 1],
  applyUpdates: [call(nn.applyUpdates), { a: x }, { a: x }],
}
