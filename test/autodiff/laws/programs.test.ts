import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  type NDArray,
  np,
  splitVjp,
  valueAndGrad,
  valueAndJacfwd,
  valueAndJacrev,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { forAll } from './runs.ts'

type Pair = [NDArray, NDArray]
type Fn = (x: NDArray, y: NDArray) => NDArray

const both = { argnums: [0, 1] } as const
const js = { device: 'js' } as const
const near = { rtol: 1e-8, atol: 1e-10 }

/** A direction for each argument. */
const along = (args: Pair): Pair =>
  args.map((x, k) => np.sin(np.arange(x.size, { dtype: 'float64' }).add(k + 1)).reshape(x.shape)) as Pair

/** The arguments with a batch axis of 3 in front, the entries different. */
const batched = (args: Pair): Pair => args.map((x) => np.stack([x, x.mul(0.9), x.mul(-1.1)])) as Pair
const entries = (args: Pair): Pair[] => [0, 1, 2].map((i) => args.map((x) => x.at(i)) as Pair)
const stacked = (parts: readonly Pair[]): Pair => [0, 1].map((k) => np.stack(parts.map((p) => p[k]!))) as Pair

const expectPairs = (got: readonly NDArray[], expected: readonly NDArray[]): void => {
  expect(got.length).toBe(expected.length)
  got.forEach((x, i) => expect(x).toBeAllclose(expected[i], near))
}

test('derivatives of random programs: forward, reverse, linearized, split and compiled agree', async () => {
  await forAll(programs(), ({ f, args }) => {
    const v = along(args)
    const gradient = grad(f, both)(...args)
    const slope = gradient[0].mul(v[0]).sum().add(gradient[1].mul(v[1]).sum())
    expect(jvp(f, args, v)[1]).toBeAllclose(slope, near)
    expect(linearize(f, ...args)[1](...v)).toBeAllclose(slope, near)
    expectPairs(vjp(f, ...args)[1](np.array(1, { dtype: 'float64' })), gradient)
    const { forward, backward } = splitVjp(f, args, both)
    const [value, residuals] = jit(forward, js)(...args)
    expect(value).toBeAllclose(f(...args), near)
    expectPairs(jit(backward, js)(residuals, np.array(1, { dtype: 'float64' })), gradient)
    expectPairs(jacfwd(f, both)(...args), gradient)
    expectPairs(jacrev(f, both)(...args), gradient)
    expectPairs(valueAndJacfwd(f, both)(...args)[1], gradient)
    expectPairs(valueAndJacrev(f, both)(...args)[1], gradient)
    expectPairs(grad(jit(f, js), both)(...args), gradient)
    expectPairs(jit(grad(f, both), js)(...args), gradient)
    expectPairs(jit(grad(jit(f, js), both), js)(...args), gradient)
    const [y, again] = valueAndGrad(f, both)(...args)
    expect(y).toBeAllclose(f(...args), near)
    expectPairs(again, gradient)
  })
})

test('random programs under vmap are the programs of each entry', async () => {
  await forAll(programs(), ({ f, args }) => {
    const all = batched(args)
    const values = np.stack(entries(all).map((entry) => f(...entry)))
    expect(vmap(f)(...all)).toBeAllclose(values, near)
    expect(jit(vmap(f), js)(...all)).toBeAllclose(values, near)
    expect(vmap(jit(f, js))(...all)).toBeAllclose(values, near)
    const gradients = stacked(entries(all).map((entry) => grad(f, both)(...entry)))
    expectPairs(vmap(grad(f, both))(...all), gradients)
    expectPairs(jit(vmap(grad(f, both)), js)(...all), gradients)
    expectPairs(grad((x: NDArray, y: NDArray) => np.sum(vmap(f)(x, y)), both)(...all), gradients)
    const v = along(all)
    const slopes = vmap((x: NDArray, y: NDArray, dx: NDArray, dy: NDArray) => jvp(f, [x, y], [dx, dy])[1])(...all, ...v)
    expect(jvp(vmap(f), all, v)[1]).toBeAllclose(slopes, near)
    const mixed = vmap(grad(f, both), { inAxes: [0, null] })(all[0], args[1])
    expectPairs(mixed, stacked(entries(all).map(([x]) => grad(f, both)(x, args[1]))))
  })
})

test('second derivatives of random programs agree in every order of modes', async () => {
  await forAll(
    programs(),
    ({ f, args }) => {
      const v = along(args)
      const forwardOverReverse = jvp(grad(f, both), args, v)[1]
      const slope: Fn = (x, y) => jvp(f, [x, y], v)[1]
      expectPairs(grad(slope, both)(...args), forwardOverReverse)
      const product: Fn = (x, y) => {
        const g = grad(f, both)(x, y)
        return g[0].mul(v[0]).sum().add(g[1].mul(v[1]).sum())
      }
      expectPairs(grad(product, both)(...args), forwardOverReverse)
      expectPairs(jit(grad(jit(product, js), both), js)(...args), forwardOverReverse)
      const twice = jvp(slope, args, v)[1]
      const inner = forwardOverReverse[0].mul(v[0]).sum().add(forwardOverReverse[1].mul(v[1]).sum())
      expect(twice).toBeAllclose(inner, near)
    },
    0.6,
  )
})

test('hessians of random programs are symmetric, by both modes', async () => {
  await forAll(
    programs(),
    ({ f, args: [x, y] }) => {
      const g = (z: NDArray): NDArray => f(z, y)
      const n = x.size
      const h = hessian(g)(x).reshape([n, n])
      expect(h).toBeAllclose(h.T, near)
      expect(jacrev(jacrev(g))(x).reshape([n, n])).toBeAllclose(h, near)
      expect(jacrev(jacfwd(g))(x).reshape([n, n])).toBeAllclose(h, near)
    },
    0.6,
  )
})
