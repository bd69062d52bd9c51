import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  type NDArray,
  np,
  stopGradient,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectGolden, goldenCases, type GoldenTree } from '../helpers/golden.ts'

type Fn = (y: NDArray) => NDArray

const x = np.array([1, -2, 0.5, 30, -30])
const short = x.slice([0, 3])
const m = np.array([
  [0.5, -1],
  [2, 0.25],
  [-0.75, 1.5],
])

const log1pexp: Fn = customJvp((y: NDArray) => np.log1p(np.exp(y)), {
  jvp: ([y], [dy]) => [log1pexp(y), dy.div(np.exp(y.neg()).add(1))],
})
const derivative = (f: Fn, order: number): Fn => (order === 0 ? f : derivative(grad(f), order - 1))

const product = customJvp((a: NDArray, b: NDArray) => a.mul(b), {
  jvps: [(da, out, _, b) => da.mul(b).add(out), null],
})

const clipped = customVjp((y: NDArray, _limit: NDArray) => y.mul(y), {
  forward: (y, limit) => [y.mul(y), [y, limit]],
  backward: ([y, limit], ct) => [np.clip(y.mul(2).mul(ct), limit.neg(), limit), ct.mul(3).sum()],
})
const loss = (y: NDArray, limit: NDArray): NDArray => clipped(y, limit).sum()
const both = { argnums: [0, 1] } as const

const block = checkpoint((y: NDArray) => np.sin(np.exp(np.sin(y)).mul(y)))
const blocks: Fn = (y) => block(block(y)).sum()

interface Params {
  w: NDArray
  layer: readonly [NDArray]
  s: NDArray
}
const model = (p: Params, y: NDArray) => ({ out: [p.w.matmul(p.layer[0]), p.s] as const, y: y.mul(p.s) })
const p: Params = { w: m, layer: [np.array([1, -1])], s: np.array(2) }

const values: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(
    [0, 1, 2, 3].map((k) => [`log1pexp, derivative ${k}`, () => vmap(derivative(log1pexp, k))(x)] as const),
  ),
  'log1pexp, hessian': () => hessian((y: NDArray) => np.prod(log1pexp(y)))(short),
  'log1pexp, jacfwd of vmap': () => jacfwd(vmap(log1pexp))(short),
  'product, grad': () => grad((a: NDArray, b: NDArray) => product(a, b).sum(), both)(m, m.add(1)),
  'product, grad of grad': () => grad((a: NDArray) => grad((b: NDArray) => product(b, b.add(1)).sum())(a).sum())(m),
  'clipped, grad': () => grad(loss, both)(x, 1.5),
  'clipped, hessian': () => hessian(loss)(x, 1.5),
  'clipped, vmap over rows, one limit': () =>
    grad((y: NDArray, l: NDArray) => vmap(clipped, { inAxes: [0, null] })(y, l).sum(), both)(m, 1.5),
  'clipped, vmap over columns, their limits': () => vmap(grad(loss, both), { inAxes: [1, 0] })(m, np.array([0.5, 2])),
  'clipped, jacrev': () => jacrev(clipped)(short, 1.5),
  'checkpoint, grad': () => grad(blocks)(x),
  'checkpoint, hessian': () => hessian(blocks)(short),
  'stop_gradient, hessian': () => hessian((y: NDArray) => y.mul(stopGradient(y.square())).mul(y).sum())(short),
  'tree, jacfwd': () => jacfwd(model)(p, x.slice([0, 2])),
  'tree, jacrev': () => jacrev(model, both)(p, x.slice([0, 2])),
  'tree, hessian': () => hessian((q: Params) => np.sin(q.w.matmul(q.layer[0])).sum().mul(q.s))(p),
  hvp: () =>
    jvp(
      grad((y: NDArray) => np.sin(y).mul(y).sum()),
      [x],
      [np.ones([5])],
    )[1],
}

describe('transformations give what JAX gives', () => {
  const cases = goldenCases<{ name: string; out: GoldenTree }>('autodiff/transforms.json')
  test('every case is here', () => {
    expect(cases.map((c) => c.name).toSorted()).toEqual(Object.keys(values).toSorted())
  })
  test.each(cases.map((c) => [c.name, c] as const))('%s', (name, { out }) => {
    expectGolden(values[name]!(), out, { rtol: 1e-4, atol: 1e-5 })
  })
})
