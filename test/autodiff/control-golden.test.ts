import { grad, hessian, jacfwd, jacrev, jit, jvp, lax, NDArray, np, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, goldenNumbers, type GoldenTree } from '../helpers/golden.ts'

// Values, derivatives and batches of programs with loops and branches, as JAX gives them in float64: see
// test/fixtures/autodiff/make_control.py, of which these are the lambdas.

interface ControlCase {
  readonly fn: string
  readonly args: readonly GoldenArray[]
  readonly out: GoldenTree
}

type Call = (...args: NDArray[]) => unknown

const float = (value: number): NDArray => np.array(value, { dtype: 'float64' })
const int = (value: number): NDArray => np.array(value, { dtype: 'int32' })

const rnn = (w: NDArray, u: NDArray, h: NDArray, xs: NDArray): NDArray => {
  const [last, ys] = lax.scan(
    (state, x) => {
      const next = np.tanh(w.matmul(state).add(u.mul(x)))
      return [next, next.mul(next).sum()]
    },
    h,
    xs,
  )
  const weights = np.arange(1, 1 + ys.size, { dtype: 'float64' })
  return last.sum().add(ys.mul(weights).sum())
}

const nested = (x: NDArray, ys: NDArray): NDArray => {
  const [last, sums] = lax.scan(
    (c, y) => {
      const [d, zs] = lax.scan((e, z) => [np.sin(e.mul(z).add(c)), e.mul(y)], c, ys, { reverse: true })
      return [d.mul(y).add(c), zs.sum()]
    },
    x,
    ys,
  )
  return last.add(sums.sum())
}

const branches = (x: NDArray, ys: NDArray): NDArray => {
  const [last, values] = lax.scan(
    (c, y) => {
      const next = lax.cond(
        y.gt(0),
        (a) => np.sin(a).mul(y),
        (a) => a.mul(a).add(x),
        c,
      )
      const index = y.mul(3).astype('int32').add(1)
      return [next, lax.switch(index, [(a) => np.cos(a), (a) => a.mul(x), (a) => np.exp(a)], next)]
    },
    x,
    ys,
  )
  return last.add(values.sum())
}

const newton = (a: NDArray): readonly [NDArray, NDArray] =>
  lax.whileLoop(
    ([x]) => x.mul(x).sub(a).abs().gt(1e-13),
    ([x, n]) => [x.add(a.div(x)).mul(0.5), n.add(1)],
    [a, int(0)],
  )
const root = (a: NDArray): NDArray => newton(a)[0]

const fori = (x: NDArray, w: NDArray): NDArray => lax.foriLoop(1, 6, (i, c) => np.sin(c.mul(w)).add(c.div(i)), x)
const dynamic = (n: NDArray, x: NDArray): NDArray => lax.foriLoop(0, n, (i, c) => c.mul(1.1).add(i), x)

const captured = (w: NDArray, xs: NDArray): NDArray => {
  const outer = (v: NDArray): NDArray => {
    const [c, ys] = lax.scan((s, x) => [s.mul(v).add(w.mul(x)), np.sin(s.mul(w))], v, xs)
    return c.add(ys.sum())
  }
  return grad(outer)(w.mul(2))
}

const rows = (x: NDArray): NDArray => lax.map((row) => row.sum().mul(np.sin(row)), x)
const linear = (a: NDArray, b: NDArray): [NDArray, NDArray] =>
  lax.associativeScan(([p, q], [r, s]) => [p.mul(r), q.mul(r).add(s)], [a, b] as [NDArray, NDArray], { axis: 1 })

const programs: Readonly<Record<string, Call>> = {
  rnn: rnn as Call,
  'grad rnn': grad(rnn, { argnums: [0, 1, 2, 3] }),
  'hessian rnn in h': hessian(rnn, { argnums: 2 }),
  'hessian rnn in xs': hessian(rnn, { argnums: 3 }),
  'jacrev grad rnn in u': jacrev(grad(rnn, { argnums: 1 }), { argnums: 1 }),
  'vmap grad rnn': vmap(grad(rnn, { argnums: 1 }), { inAxes: [null, 0, null, 0] }),
  'vmap grad rnn over w': vmap(grad(rnn, { argnums: 3 }), { inAxes: [0, null, null, null] }),
  nested: nested as Call,
  'grad nested': grad(nested, { argnums: [0, 1] }),
  'hessian nested': hessian(nested, { argnums: 1 }),
  'grad grad nested': grad((x: NDArray, ys: NDArray) => grad(nested)(x, ys)),
  'vmap grad nested': vmap(grad(nested, { argnums: 1 }), { inAxes: [0, null] }),
  'cond in scan': branches as Call,
  'grad cond in scan': grad(branches, { argnums: [0, 1] }),
  'hessian cond in scan': hessian(branches, { argnums: [0, 1] }),
  'vmap cond in scan': vmap(branches),
  'vmap grad cond in scan': vmap(grad(branches, { argnums: 1 })),
  while: newton as Call,
  'vmap while': vmap(newton),
  'jvp while': (a) => jvp(root, [a!], [float(1)]),
  'vmap jacfwd while': vmap(jacfwd(root)),
  'jacfwd jacfwd while': jacfwd((a: NDArray) => jacfwd(root)(a)),
  'vmap while of a scan': vmap((x: NDArray, ys: NDArray) =>
    lax.whileLoop(
      (c) => c.abs().lt(5),
      (c) => lax.scan((d, y) => [d.mul(1.3).add(y.abs()), null], c, ys)[0],
      x,
    ),
  ),
  fori: fori as Call,
  'grad fori': grad((x: NDArray, w: NDArray) => fori(x, w).sum(), { argnums: [0, 1] }),
  'hessian fori': (w) =>
    hessian((v: NDArray) => fori(np.array([0.0738, -0.6513, -0.0205], { dtype: 'float64' }), v).sum())(w!),
  'fori dynamic': dynamic as Call,
  'jacfwd fori dynamic': jacfwd(dynamic, { argnums: 1 }),
  'vmap fori dynamic': vmap(dynamic),
  captured: captured as Call,
  'grad captured': grad(captured, { argnums: [0, 1] }),
  map: rows as Call,
  'jacrev map': jacrev(rows),
  'associative_scan of matrices': (x) => lax.associativeScan((a, b) => a.matmul(b), x!),
  'associative_scan reverse': (x) => lax.associativeScan((a, b) => a.matmul(b), x!, { reverse: true }),
  'associative_scan of pairs': linear as Call,
  'grad associative_scan': grad((a: NDArray, b: NDArray) => linear(a, b)[1].pow(2).sum(), { argnums: [0, 1] }),
  'associative_scan max': (x) => lax.associativeScan((a, b) => np.maximum(a, b), x!),
}

const cases = goldenCases<ControlCase>('autodiff/control.json')
const argumentsOf = ({ args }: ControlCase): NDArray[] =>
  args.map(({ data, shape, dtype }) => np.array(Float64Array.from(goldenNumbers(data!)), { dtype, shape: [...shape] }))
const near = { rtol: 1e-10, atol: 1e-11 }

/** The arrays of a tree, when their numbers are here. */
async function arrived(tree: unknown): Promise<unknown> {
  if (tree instanceof NDArray) return tree.ready()
  return Promise.all((tree as unknown[]).map(arrived))
}

describe('control flow is JAX’s', () => {
  test('every program has its case', () => {
    expect(Object.keys(programs)).toEqual(cases.map((c) => c.fn))
  })
  test.each(cases.map((c) => [c.fn, c] as const))('%s', async (name, c) => {
    const f = programs[name]!
    const args = argumentsOf(c)
    expectGolden(f(...args), c.out, near)
    expectGolden(await arrived(jit(f)(...args)), c.out, near)
    expectGolden(jit(f, { device: 'js' })(...args), c.out, near)
  })
})
