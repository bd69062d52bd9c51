import {
  checkpoint,
  checkpointPolicies,
  customJvp,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  lax,
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
import { checkJvp, checkLinear, checkVjp } from '@cotangent/autodiff/testing'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { forAll } from '../../helpers/draws.ts'

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

/** Differences over a kink say nothing; two are not met at two points by both of two steps. */
async function expectDifferences(f: Fn, args: Pair): Promise<void> {
  const points = [args, args.map((x) => x.add(0.0123)) as Pair]
  const tolerance = { rtol: 1e-5, atol: 1e-6 }
  let failure: unknown
  for (const point of points) {
    for (const step of [2 ** -17, 2 ** -21]) {
      try {
        return await checkJvp(f, point, { step, tolerance })
      } catch (error) {
        failure ??= error
      }
    }
  }
  throw failure
}

test('derivatives of random programs are those that differences show, and linear', async () => {
  await forAll(programs(), async ({ f, args }) => {
    await expectDifferences(f, args)
    await checkVjp(f, args)
    const [, push] = linearize(f, ...args)
    await checkLinear(push, args, { tolerance: near })
  })
})

test('derivatives of derivatives of random programs are those that differences show', async () => {
  await forAll(
    programs(),
    async ({ f, args }) => {
      const v = along(args)
      await expectDifferences((x, y) => jvp(f, [x, y], v)[1], args)
    },
    0.6,
  )
})

test('random programs in float32 have the same derivatives in both modes', async () => {
  await forAll(programs({ dtype: 'float32' }), ({ f, args }) => {
    const v = along(args).map((x) => x.astype('float32')) as Pair
    const [y, slope] = jvp(f, args, v)
    expect(y.dtype).toBe('float32')
    const gradient = grad(f, both)(...args)
    const sum = gradient[0].mul(v[0]).sum().add(gradient[1].mul(v[1]).sum())
    const scale = gradient.reduce((total, g) => total + Number(g.abs().sum().item()), 0)
    expect(slope).toBeAllclose(sum, { rtol: 1e-4, atol: 1e-4 * (1 + scale) })
    const all = args.map((x) => np.stack([x, x])) as Pair
    const [first, second] = vmap(grad(f))(...all).unstack(2)
    const closely = { rtol: 1e-3, atol: 1e-4 * (1 + scale) }
    expect(first).toBeAllclose(gradient[0], closely)
    expect(second).toBeAllclose(gradient[0], closely)
  })
})

test('checkpoint and rules of one’s own leave random programs and their derivatives as they are', async () => {
  await forAll(
    programs(),
    ({ f, args }) => {
      const v = along(args)
      const value = f(...args)
      const gradient = grad(f, both)(...args)
      const slope = jvp(f, args, v)[1]
      const ruled = customJvp(f, { jvp: ([x, y], [dx, dy]) => jvp(f, [x, y], [dx, dy]) })
      for (const g of [checkpoint(f), checkpoint(f, { policy: checkpointPolicies.everythingSaveable }), ruled]) {
        expect(g(...args)).toBeAllclose(value, near)
        expectPairs(grad(g, both)(...args), gradient)
        expectPairs(jit(grad(g, both), js)(...args), gradient)
        expect(jvp(g, args, v)[1]).toBeAllclose(slope, near)
        const [a, b] = vmap(grad(g))(...batched(args))
          .slice([0, 2])
          .unstack(2)
        expect(a).toBeAllclose(gradient[0], near)
        expect(b).toBeAllclose(grad(f)(args[0].mul(0.9), args[1].mul(0.9)), near)
      }
      const reversed = customVjp(f, {
        forward: (x, y) => [f(x, y), [x, y] as const],
        backward: ([x, y], ct) => vjp(f, x, y)[1](ct),
      })
      expectPairs(jit(grad(reversed, both), js)(...args), gradient)
      expectPairs(
        vmap(grad(reversed, both))(...batched(args)).map((x) => x.at(0)),
        gradient,
      )
    },
    0.5,
  )
})

test('branches and loops over random programs are the programs', async () => {
  await forAll(
    programs(),
    ({ f, args }) => {
      const all = batched(args)
      const values = vmap(f)(...all)
      const gradients = grad((x: NDArray, y: NDArray) => np.sum(vmap(f)(x, y)), both)(...all)
      const mapped: Fn = (x, y) => lax.map(([a, b]: Pair) => f(a, b), [x, y] as Pair)
      const scanned: Fn = (x, y) =>
        lax.scan((n: NDArray, [a, b]: Pair): [NDArray, NDArray] => [n.add(1), f(a, b)], 0, [x, y] as Pair)[1]
      for (const g of [mapped, scanned]) {
        expect(g(...all)).toBeAllclose(values, near)
        expect(jit(g, js)(...all)).toBeAllclose(values, near)
        expectPairs(grad((x: NDArray, y: NDArray) => np.sum(g(x, y)), both)(...all), gradients)
        expect(jvp(g, all, along(all))[1]).toBeAllclose(jvp(vmap(f), all, along(all))[1], near)
      }
      const other: Fn = (x, y) => np.sum(x).mul(2).sub(np.sum(y))
      const chosen: Fn = (x, y) => lax.cond(x.sum().lt(1e9), f, other, x, y)
      const refused: Fn = (x, y) => lax.switch(x.sum().gt(1e9).astype('int32'), [f, other], x, y)
      const gradient = grad(f, both)(...args)
      for (const g of [chosen, refused]) {
        expect(g(...args)).toBeAllclose(f(...args), near)
        expectPairs(grad(g, both)(...args), gradient)
        expectPairs(jit(grad(g, both), js)(...args), gradient)
        expect(vmap(g)(...all)).toBeAllclose(values, near)
      }
      // Under vmap both branches are taken.
      const which = np.array([true, false, true], { dtype: 'bool' })
      const either = vmap((p: NDArray, x: NDArray, y: NDArray) => lax.cond(p, f, other, x, y))(which, ...all)
      expect(either).toBeAllclose(np.where(which, values, vmap(other)(...all)), near)
    },
    0.5,
  )
})
