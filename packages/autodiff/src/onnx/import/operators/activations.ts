import type { NDArray } from '../../../array/ndarray.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import { axisOf, type Node, type Operator } from '../node.ts'

const simple =
  (f: (x: NDArray) => NDArray): Operator =>
  (node) =>
    f(node.input(0))

/** With one number, by the name of its attribute. */
const withNumber =
  (name: string, otherwise: number, f: (x: NDArray, value: number) => NDArray): Operator =>
  (node) =>
    f(node.input(0), node.float(name, otherwise))

/** α (e^{x/s} − 1) for negative x; the other branch never overflows where it is not taken. */
export function exponentialUnit(x: NDArray, alpha: number, scale = 1): NDArray {
  const positive = x.gt(0)
  const negative = np.where(positive, np.zerosLike(x), x)
  return np.where(positive, x, np.expm1(scale === 1 ? negative : negative.div(scale)).mul(alpha))
}

/** Its derivative at 0 is 0, as PyTorch's. */
export const relu = (x: NDArray): NDArray => np.where(x.le(0), np.zerosLike(x), x)
export const sigmoid = (x: NDArray): NDArray => lax.logistic(x)
export const softplus = (x: NDArray): NDArray => np.logaddexp(x, np.zerosLike(x))
export const hardSigmoid = (x: NDArray, alpha: number, beta: number): NDArray => np.clip(x.mul(alpha).add(beta), 0, 1)

/** `slope` times the negative numbers. */
export const leaky = (x: NDArray, slope: NDArray | number): NDArray => np.where(x.lt(0), x.mul(slope), x)

export const softsign = (x: NDArray): NDArray => x.div(np.abs(x).add(1))

const gelu: Operator = (node) => {
  const x = node.input(0)
  const approximate = node.string('approximate', 'none')
  if (approximate === 'none') return x.mul(lax.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5)
  if (approximate !== 'tanh') throw node.error(`approximate is ${JSON.stringify(approximate)}`)
  const inner = x.add(lax.integerPow(x, 3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return x.mul(np.tanh(inner).add(1)).mul(0.5)
}

const shrink: Operator = (node) => {
  const [x, bias, lambda] = [node.input(0), node.float('bias', 0), node.float('lambd', 0.5)]
  return np.where(x.lt(-lambda), x.add(bias), np.where(x.gt(lambda), x.sub(bias), np.zerosLike(x)))
}

/** Along one axis from operator set 13 on; before, along all from `axis` on, as one. */
const softmaxWith =
  (f: (x: NDArray, axis: number) => NDArray): Operator =>
  (node: Node) => {
    const x = node.input(0)
    if (node.version >= 13) return f(x, axisOf(node, node.int('axis', -1), x.ndim))
    const axis = axisOf(node, node.int('axis', 1), x.ndim)
    const last = x.shape.slice(axis).reduce((p, n) => p * n, 1)
    return f(x.reshape([...x.shape.slice(0, axis), last]), axis).reshape(x.shape)
  }

const shifted = (x: NDArray, axis: number): NDArray => x.sub(lax.stopGradient(x.max({ axis, keepdims: true })))
const softmax = (x: NDArray, axis: number): NDArray => {
  const weights = np.exp(shifted(x, axis))
  return weights.div(weights.sum({ axis, keepdims: true }))
}
const logSoftmax = (x: NDArray, axis: number): NDArray => {
  const y = shifted(x, axis)
  return y.sub(np.log(np.exp(y).sum({ axis, keepdims: true })))
}

export const activations: Readonly<Record<string, Operator>> = {
  Celu: withNumber('alpha', 1, (x, alpha) => exponentialUnit(x, alpha, alpha)),
  Elu: withNumber('alpha', 1, (x, alpha) => exponentialUnit(x, alpha)),
  Gelu: gelu,
  HardSigmoid: (node) => hardSigmoid(node.input(0), node.float('alpha', 0.2), node.float('beta', 0.5)),
  HardSwish: simple((x) => x.mul(hardSigmoid(x, 1 / 6, 0.5))),
  LeakyRelu: withNumber('alpha', 0.01, leaky),
  LogSoftmax: softmaxWith(logSoftmax),
  Mish: simple((x) => x.mul(np.tanh(softplus(x)))),
  PRelu: (node) => leaky(node.input(0), node.input(1)),
  Relu: simple(relu),
  Selu: (node) =>
    exponentialUnit(node.input(0), node.float('alpha', 1.6732632423543772)).mul(
      node.float('gamma', 1.0507009873554805),
    ),
  Shrink: shrink,
  Sigmoid: simple(sigmoid),
  Softmax: softmaxWith(softmax),
  Softplus: simple(softplus),
  Softsign: simple(softsign),
  Swish: withNumber('alpha', 1, (x, alpha) => x.mul(sigmoid(x.mul(alpha)))),
  ThresholdedRelu: withNumber('alpha', 1, (x, alpha) => np.where(x.gt(alpha), x, np.zerosLike(x))),
}
