import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import { axisOf, type Node, type Operator } from '../node.ts'
import { perFeature } from './convolution.ts'

interface Normalized {
  readonly result: NDArray
  readonly mean: NDArray
  readonly inverse: NDArray
}

/** Shifted and scaled to mean 0 and variance 1 over some axes. */
function normalized(x: NDArray, axis: readonly number[], epsilon: number): Normalized {
  const mean = x.mean({ axis, keepdims: true })
  const centred = x.sub(mean)
  const inverse = lax.rsqrt(lax.integerPow(centred, 2).mean({ axis, keepdims: true }).add(epsilon))
  return { result: centred.mul(inverse), mean, inverse }
}

/** With the mean and the variance of the training; in training mode with those of the batch, which move the others. */
function batch(node: Node): NDArray[] {
  const x = node.input(0)
  const isTraining = node.int('training_mode', 0) !== 0
  const axis = range(x.ndim).filter((i) => i !== 1)
  const ofBatch = isTraining ? x.mean({ axis }) : node.input(3)
  const moments = isTraining
    ? [ofBatch, lax.integerPow(x.sub(perFeature(ofBatch, x.ndim)), 2).mean({ axis })]
    : [ofBatch, node.input(4)]
  const [scale, bias, mean, variance] = [node.input(1), node.input(2), ...moments].map((v) =>
    perFeature(v, Math.max(2, x.ndim)),
  )
  const factor = scale!.mul(lax.rsqrt(variance!.add(node.float('epsilon', 1e-5))))
  const y = x.sub(mean!).mul(factor).add(bias!)
  if (!isTraining) return [y]
  const momentum = node.float('momentum', 0.9)
  const moved = moments.map((now, i) =>
    node
      .input(3 + i)
      .mul(momentum)
      .add(now.mul(1 - momentum)),
  )
  return [y, ...moved].slice(0, node.wanted)
}

function instance(node: Node): NDArray {
  const x = node.input(0)
  const { result } = normalized(x, range(x.ndim).slice(2), node.float('epsilon', 1e-5))
  return result.mul(perFeature(node.input(1), x.ndim)).add(perFeature(node.input(2), x.ndim))
}

function layer(node: Node): (NDArray | undefined)[] {
  const [x, scale, bias] = [node.input(0), node.input(1), node.inputs[2]]
  const axes = range(x.ndim).slice(axisOf(node, node.int('axis', -1), x.ndim))
  const { result, mean, inverse } = normalized(x, axes, node.float('epsilon', 1e-5))
  const scaled = result.mul(scale)
  return [bias === undefined ? scaled : scaled.add(bias), mean, inverse].slice(0, node.wanted)
}

function rootMeanSquare(node: Node): NDArray {
  const [x, scale] = [node.input(0), node.input(1)]
  const axis = range(x.ndim).slice(axisOf(node, node.int('axis', -1), x.ndim))
  const square = lax.integerPow(x, 2).mean({ axis, keepdims: true })
  return x.mul(lax.rsqrt(square.add(node.float('epsilon', 1e-5)))).mul(scale)
}

/** Scale and bias are one a group up to operator set 20, one a feature from 21 on. */
function group(node: Node): NDArray {
  const x = node.input(0)
  const [count, features] = [node.int('num_groups', 0), x.shape[1]!]
  if (count < 1 || features % count !== 0) throw node.error(`${features} features fall into no ${count} groups`)
  const grouped = x.reshape([x.shape[0]!, count, features / count, ...x.shape.slice(2)])
  const { result } = normalized(grouped, range(grouped.ndim).slice(2), node.float('epsilon', 1e-5))
  const [scale, bias] = [node.input(1), node.input(2)].map((w) =>
    perFeature(w.size === features ? w : np.repeat(w, features / count), x.ndim),
  )
  return result.reshape(x.shape).mul(scale!).add(bias!)
}

function byLength(node: Node): NDArray {
  const x = node.input(0)
  const options = { axis: axisOf(node, node.int('axis', -1), x.ndim), keepdims: true } as const
  const length = node.int('p', 2) === 1 ? np.abs(x).sum(options) : np.sqrt(lax.integerPow(x, 2).sum(options))
  // Nothing is left of nothing.
  return np.where(length.eq(0), np.zerosLike(x), x.div(np.where(length.eq(0), np.onesLike(length), length)))
}

/** Divided by a power of the sum of squares of the features around. */
function localResponse(node: Node): NDArray {
  const x = node.input(0)
  const size = node.int('size', 1)
  const before = Math.floor((size - 1) / 2)
  const ones = range(x.ndim).map(() => 1)
  const around = ones.map((_, i): [number, number] => (i === 1 ? [before, size - 1 - before] : [0, 0]))
  const window = ones.map((_, i) => (i === 1 ? size : 1))
  const sums = lax.reduceWindow(lax.integerPow(x, 2), 0, 'add', window, ones, around)
  const scale = sums.mul(node.float('alpha', 1e-4) / size).add(node.float('bias', 1))
  return x.mul(np.exp(np.log(scale).mul(-node.float('beta', 0.75))))
}

function meanVariance(node: Node): NDArray {
  const x = node.input(0)
  return normalized(
    x,
    (node.ints('axes') ?? [0, 2, 3]).map((a) => axisOf(node, a, x.ndim)),
    1e-9,
  ).result
}

export const normalization: Readonly<Record<string, Operator>> = {
  BatchNormalization: batch,
  GroupNormalization: group,
  InstanceNormalization: instance,
  LayerNormalization: layer,
  LpNormalization: byLength,
  LRN: localResponse,
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rootMeanSquare,
}
