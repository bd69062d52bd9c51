import {
  grad,
  hessian,
  jacfwd,
  jit,
  jvp,
  type Key,
  lax,
  legacyRandom,
  NDArray,
  np,
  random,
  valueAndGrad,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { threefry2x32 } from '../../packages/autodiff/src/primitives/threefry.ts'
import { expectSame } from '../helpers/device-law.ts'
import { arrayOf, plain } from '../helpers/primitive-cases.ts'

const leavesOf = (tree: unknown): NDArray[] =>
  tree instanceof NDArray ? [tree] : Object.values(tree as object).flatMap(leavesOf)

/** Throws unless `f` compiled gives what it gives at once, leaf by leaf. */
async function expectLaw(f: (...args: never[]) => unknown, ...args: unknown[]): Promise<void> {
  const call = f as (...xs: unknown[]) => unknown
  const [got, expected] = [leavesOf(jit(call)(...args)), leavesOf(call(...args))]
  expect(got.length).toBe(expected.length)
  await Promise.all(expected.map((x) => x.ready()))
  await Promise.all(got.map((x) => x.ready()))
  got.forEach((x, i) => expectSame(x, expected[i] as NDArray, [], 5))
}

const x = plain([3, 4], 'float32')
const w = plain([4, 2], 'float32', 1)
const layer = (a: NDArray, b: NDArray): NDArray => np.tanh(a.matmul(b))
const loss = (a: NDArray, b: NDArray): NDArray => layer(a, b).square().mean()

describe('transformations of compiled functions, and compiled transformations', () => {
  test('grad of jit is jit of grad', async () => {
    await expectLaw(grad(loss, { argnums: [0, 1] }), x, w)
    const outside = grad(jit(loss), { argnums: [0, 1] })(x, w)
    const expected = grad(loss, { argnums: [0, 1] })(x, w)
    await Promise.all(outside.map((y) => y.ready()))
    outside.forEach((y, i) => expectSame(y, expected[i] as NDArray))
  })
  test('vmap of jit is jit of vmap', async () => {
    await expectLaw(vmap(loss, { inAxes: [0, null] }), plain([5, 3, 4], 'float32'), w)
    const stack = plain([5, 3, 4], 'float32')
    expectSame(
      await vmap(jit(loss), { inAxes: [0, null] })(stack, w).ready(),
      vmap(loss, { inAxes: [0, null] })(stack, w),
    )
  })
  test('hessian, jvp, jacfwd of vmap of grad', async () => {
    await expectLaw(hessian(loss), x, w)
    await expectLaw((a: NDArray, b: NDArray) => jvp(loss, [a, b], [b.sum().mul(a), b]), x, w)
    await expectLaw(jacfwd(vmap(grad(loss), { inAxes: [0, null] })), plain([2, 3, 4], 'float32'), w)
    const [inside, expected] = [hessian(jit(loss))(x, w), hessian(loss)(x, w)]
    expectSame(await inside.ready(), expected, [], 5)
  })
  test('nested jit, with captured values of the outer function', async () => {
    const inner = jit((a: NDArray) => a.mul(2))
    await expectLaw((a: NDArray) => jit((b: NDArray) => inner(b).add(a))(np.sin(a)), x)
    await expectLaw(
      grad((a: NDArray) => jit((b: NDArray) => inner(b).mul(a).sum())(np.sin(a))),
      x,
    )
  })
  test('valueAndGrad of a tree of parameters', async () => {
    const params = { layers: [{ w, b: np.zeros([2]) }], scale: np.array(0.5) }
    await expectLaw(
      valueAndGrad((p: typeof params, a: NDArray) => {
        const [{ w: m, b }] = p.layers as [{ w: NDArray; b: NDArray }]
        return np.tanh(a.matmul(m).add(b)).mul(p.scale).square().sum()
      }),
      params,
      x,
    )
  })
  test('gradients of float64 keep its precision', async () => {
    await expectLaw(grad(loss, { argnums: [0, 1] }), plain([3, 4], 'float64'), plain([4, 2], 'float64', 1))
  })
})

describe('what goes in and comes out', () => {
  test('outputs that are inputs, constants, doubles and one another', async () => {
    const f = jit((a: NDArray, b: NDArray) => {
      const s = a.add(b)
      return { a, twice: [a, a], constant: np.array([1, 2]), s, again: s, zero: np.zeros([2, 3]), number: 3, yes: true }
    })
    const out = f(np.array([1, 2]), np.array([3, 4]))
    expect(await out.a.js()).toEqual([1, 2])
    expect(await Promise.all(out.twice.map((y) => y.js()))).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(await out.constant.js()).toEqual([1, 2])
    expect([await out.s.js(), await out.again.js()]).toEqual([
      [4, 6],
      [4, 6],
    ])
    expect(await out.zero.js()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect([await out.number.js(), await out.yes.js()]).toEqual([3, true])
  })
  test('no inputs, inputs that nothing uses, no outputs', async () => {
    expect(await jit(() => np.arange(3).mul(2))().js()).toEqual([0, 2, 4])
    expect(await jit((_: NDArray, b: NDArray) => b.neg())(x, np.array(1)).js()).toBe(-1)
    expect(jit((_: NDArray) => [])(x)).toEqual([])
  })
  test('an output that is a broadcast value, a reshaped input or a transposed one', async () => {
    await expectLaw((a: NDArray) => [np.broadcastTo(a, [2, 3, 4]), a.reshape([4, 3]), a.T, np.ones([2, 2])], x)
  })
  test('captured arrays: small ones, big ones, and one that is still on its way', async () => {
    const big = plain([50, 50], 'float32')
    await expectLaw(
      (a: NDArray) =>
        a
          .matmul(big)
          .add(plain([50], 'float32'))
          .add(big.at(0)),
      plain([2, 50], 'float32'),
    )
    const pending = jit((a: NDArray) => np.sin(a))(x)
    expectSame(await jit((a: NDArray) => a.add(pending))(x).ready(), x.add(np.sin(x)))
    expectSame(await grad((a: NDArray) => jit((b: NDArray) => b.mul(pending).sum())(a))(x).ready(), np.sin(x))
  })
  test('the result of one call goes into the next before it is there', async () => {
    const step = jit((a: NDArray) => a.mul(0.5).add(1))
    let [compiled, eager] = [x, x]
    for (let i = 0; i < 20; i++) {
      compiled = step(compiled)
      eager = eager.mul(0.5).add(1)
    }
    expectSame(await compiled.ready(), eager)
  })
  test('eager operations wait for a pending operand', async () => {
    const pending = jit((a: NDArray) => np.sin(a))(x)
    expectSame(await pending.add(1).sum().ready(), np.sin(x).add(1).sum())
  })
  test('arrays of no elements go in and come out', async () => {
    await expectLaw((a: NDArray) => [a.sum(0), a.mul(2), a.T, np.concatenate([a, a]), a.sum()], np.zeros([0, 3]))
    await expectLaw(
      grad((a: NDArray) => np.tanh(a).sum()),
      np.zeros([0, 3]),
    )
    await expectLaw(
      vmap((a: NDArray) => a.sum()),
      np.zeros([0, 3]),
    )
  })
  test('every dtype goes in and comes out', async () => {
    for (const dtype of ['float32', 'float64', 'int32', 'uint32', 'bool'] as const) {
      const operand = plain([2, 3], dtype)
      await expectLaw((a: NDArray) => [a, a.T, np.where(a.astype('bool'), a, a)], operand)
      expect((await jit((a: NDArray) => a.T)(operand).ready()).dtype).toBe(dtype)
    }
  })
  test('integers up to the ends of their range are not rounded on the way', async () => {
    const ends = arrayOf([2147483647, -2147483648, 16777217], 'int32')
    expect(await jit((a: NDArray) => [a.T, a.add(0)])(ends)[1]!.js()).toEqual([2147483647, -2147483648, 16777217])
    const unsigned = arrayOf([4294967295, 2147483648, 16777217], 'uint32')
    expect(await jit((a: NDArray) => lax.bitwiseOr(a, a))(unsigned).js()).toEqual([4294967295, 2147483648, 16777217])
  })
})

describe('arrays of nothing', () => {
  const empties: readonly [string, (x: NDArray, y: NDArray) => NDArray, readonly number[], readonly number[]][] = [
    ['an axis of 1 repeated no times', (x) => np.broadcastTo(x.mul(2), [5, 0]).T.sum(1), [5, 1], []],
    [
      'a matrix repeated no times, in a product',
      (x, y) => np.broadcastTo(x.mul(2), [0, 3, 4]).matmul(y),
      [1, 3, 4],
      [0, 4, 5],
    ],
    ['the same on the right', (x, y) => y.matmul(np.broadcastTo(x.mul(2), [0, 3, 4])), [1, 3, 4], [0, 2, 3]],
  ]
  test.each(empties)('%s', async (_, f, ...shapes) => {
    const xs = shapes.map((shape) => np.ones(shape)) as [NDArray, NDArray]
    for (const device of ['cpu', 'wasm'] as const) {
      const got = jit(f, { device })(...xs)
      expect(got.shape).toEqual(f(...xs).shape)
      expect(await got.data()).toEqual(new Float32Array())
    }
  })
})

describe('random numbers', () => {
  test('threefry gives the same bits', async () => {
    const words = [0, 1, 2, 3].map((turn) => {
      const list = [0, 4294967295, 2147483648, 123456789]
      return arrayOf([...list.slice(turn), ...list.slice(0, turn)], 'uint32')
    }) as [NDArray, NDArray, NDArray, NDArray]
    await expectLaw(threefry2x32, ...words)
  })
  test.each([
    ['random', random],
    ['legacyRandom', legacyRandom],
  ] as const)('%s: uniform, normal, split and their gradients', async (_, r) => {
    const key = r.PRNGKey(42)
    await expectLaw((k: Key) => [r.split(k, 3), r.foldIn(k, 7), r.bits(k, [4])], key)
    await expectLaw((k: Key) => [r.uniform(k, [50]), r.normal(k, [50])], key)
    await expectLaw((k: Key) => r.truncatedNormal(k, -2, 2, [20]), key)
    await expectLaw(
      vmap((k: Key) => r.normal(k, [3])),
      r.split(key, 4),
    )
    await expectLaw(
      jacfwd((theta: NDArray) =>
        r
          .normal(key, [10])
          .mul(np.sqrt(theta.at(1)))
          .add(theta.at(0)),
      ),
      np.array([0, 1]),
    )
  })
})
