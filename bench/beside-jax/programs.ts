import { grad, type Key, lax, type NDArray, np, random, valueAndGrad, vmap } from '@cotangent/autodiff'
import { numbers, targets } from './inputs.ts'

/** A function and what to call it with; the same under the same name in jax_programs.py. */
export interface Case {
  readonly name: string
  readonly call: (...args: never[]) => unknown
  readonly inputs: () => readonly unknown[]
}

const define = <const A extends readonly unknown[]>(
  name: string,
  call: (...args: A) => unknown,
  inputs: () => readonly [...A],
): Case => ({
  name,
  call: call as Case['call'],
  inputs,
})

type Dense = readonly [w: NDArray, b: NDArray]

const WIDTHS = [784, 256, 256, 10] as const

const mlpWeights = (): Dense[] =>
  WIDTHS.slice(1).map((n, k) => [numbers(k, WIDTHS[k]!, n).mul(WIDTHS[k]! ** -0.5), numbers(k + 10, n)])

const logSoftmax = (x: NDArray): NDArray => {
  const shifted = x.sub(x.max({ axis: -1, keepdims: true }))
  return shifted.sub(np.log(np.exp(shifted).sum({ axis: -1, keepdims: true })))
}

const mlp = (weights: readonly Dense[], x: NDArray): NDArray =>
  logSoftmax(
    weights.reduce((h, [w, b], k) => {
      const y = h.matmul(w).add(b)
      return k < weights.length - 1 ? np.maximum(y, 0) : y
    }, x),
  )

const mlpLoss = (weights: readonly Dense[], x: NDArray, wanted: NDArray): NDArray =>
  mlp(weights, x).mul(wanted).sum(1).mean().neg()

const convolve = (x: NDArray, w: NDArray): NDArray => lax.conv(x, w, [1, 1], 'SAME')

const block = ([first, second]: readonly [NDArray, NDArray], x: NDArray): NDArray =>
  np.maximum(x.add(convolve(np.maximum(convolve(x, first), 0), second)), 0)

const blockLoss = (weights: readonly [NDArray, NDArray], x: NDArray): NDArray => block(weights, x).square().mean()

const blockInputs = (): [[NDArray, NDArray], NDArray] => [
  [numbers(1, 64, 64, 3, 3).div(24), numbers(2, 64, 64, 3, 3).div(24)],
  numbers(3, 8, 64, 32, 32),
]

function chain(x: NDArray): NDArray {
  const y = np
    .tanh(x)
    .mul(2)
    .add(np.exp(x.mul(x).neg()))
  return np
    .sin(y)
    .mul(np.sqrt(np.abs(x).add(1)))
    .sub(y.div(x.mul(x).add(1)))
}

const recur = (w: NDArray, h: NDArray, xs: NDArray): [NDArray, NDArray] =>
  lax.scan(
    (state: NDArray, x: NDArray): [NDArray, NDArray] => {
      const next = np.tanh(w.matmul(state).add(x))
      return [next, next.at(0)]
    },
    h,
    xs,
  )

const recurInputs = (): [NDArray, NDArray, NDArray] => [numbers(1, 32, 32).div(6), numbers(2, 32), numbers(3, 1000, 32)]

const smallMatrices = (a: NDArray, b: NDArray) =>
  vmap((m: NDArray, v: NDArray): [NDArray, NDArray, NDArray] => {
    const s = m.matmul(m.T).add(np.eye(4).mul(4))
    return [np.linalg.solve(s, v), np.linalg.cholesky(s), np.linalg.det(s)]
  })(a, b)

const batches = [1, 100, 10_000]

export const cases: readonly Case[] = [
  ...batches.map((n) => define(`mlp ${n}`, mlp, () => [mlpWeights(), numbers(5, n, WIDTHS[0])])),
  ...batches.map((n) =>
    define(`mlp gradient ${n}`, valueAndGrad(mlpLoss), () => [mlpWeights(), numbers(5, n, WIDTHS[0]), targets(n)]),
  ),
  define('convolutions', block, blockInputs),
  define('convolutions gradient', valueAndGrad(blockLoss, { argnums: [0, 1] }), blockInputs),
  define('chain', chain, () => [numbers(1, 1_000_000)]),
  define('scan', recur, recurInputs),
  define(
    'scan gradient',
    grad((w: NDArray, h: NDArray, xs: NDArray) => recur(w, h, xs)[1].sum()),
    recurInputs,
  ),
  define('small matrices', smallMatrices, () => [numbers(1, 1000, 4, 4), numbers(2, 1000, 4)]),
  define(
    'normals',
    (key: Key) => random.normal(key, [1_000_000]),
    () => [random.PRNGKey(7)],
  ),
]
