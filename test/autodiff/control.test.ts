import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  jit,
  jvp,
  lax,
  makeJaxpr,
  type NDArray,
  np,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { primitiveNames } from '../helpers/jaxpr.ts'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([0.5, -1, 2])
const int = (value: number): NDArray => np.array(value, { dtype: 'int32' })

describe('branches', () => {
  test('only the branch that is taken runs', async () => {
    const forever = (x: NDArray): NDArray =>
      lax.whileLoop(
        () => true,
        (y) => y.add(1),
        x,
      )
    const f = (p: NDArray, x: NDArray): NDArray => lax.cond(p, (y) => y.mul(2), forever, x)
    expect(f(np.array(1), v).jsSync()).toEqual([1, -2, 4])
    expect(await jit(f)(true, v).js()).toEqual([1, -2, 4])
    expect(jit(f, js)(true, v).jsSync()).toEqual([1, -2, 4])
    expect(jvp((x: NDArray) => f(np.array(true), x), [v], [v])[1].jsSync()).toEqual([1, -2, 4])
  })

  test('numbers choose as in Python: all but 0 hold, NaN too', () => {
    const chosen = (p: NDArray | number | boolean): number =>
      lax
        .cond(
          p,
          () => 1,
          () => 2,
        )
        .item()
    expect([true, false, 1, 0, -0, NaN, -3, 0.1].map(chosen)).toEqual([1, 2, 1, 2, 2, 1, 1, 1])
    expect(chosen(int(0))).toBe(2)
    expect(chosen(np.array(2, { dtype: 'uint32' }))).toBe(1)
  })

  test('the index of a switch is held within its branches', () => {
    const branches = [0, 1, 2].map((k) => () => k)
    expect([-5, 0, 1, 2, 3, 100].map((i) => lax.switch(i, branches).item())).toEqual([0, 0, 1, 2, 2, 2])
    expect(vmap((i: NDArray) => lax.switch(i, branches))(np.array([5, -1, 1], { dtype: 'int32' })).jsSync()).toEqual([
      2, 0, 1,
    ])
    expect(lax.switch(7, [(x) => x.mul(3)], v).jsSync()).toEqual([1.5, -3, 6])
  })

  test('a constant predicate leaves the branch in place', () => {
    const f = (x: NDArray): NDArray =>
      lax.cond(
        false,
        (y) => np.exp(y),
        (y) => np.sin(y),
        x,
      )
    expect(primitiveNames(makeJaxpr(f)(v))).toEqual(['sin'])
  })

  test('a result that is an operand or a constant is an array of its own', () => {
    const constant = np.array([1, 2, 3])
    const give = (p: boolean): NDArray =>
      lax.cond(
        p,
        (x) => x,
        () => constant,
        v,
      )
    for (const p of [true, false]) give(p)[Symbol.dispose]()
    expect(v.jsSync()).toEqual([0.5, -1, 2])
    expect(constant.jsSync()).toEqual([1, 2, 3])
  })

  test('under vmap a predicate of the batch selects, one that is shared does not', () => {
    const f = (p: NDArray, x: NDArray): NDArray =>
      lax.cond(
        p,
        (y) => np.exp(y),
        (y) => np.sin(y),
        x,
      )
    const flags = np.array([true, false, true])
    expect(primitiveNames(makeJaxpr(vmap(f))(flags, v))).toEqual(['sin', 'exp', 'select'])
    expect(primitiveNames(makeJaxpr(vmap(f, { inAxes: [null, 0] }))(true, v))).toEqual([
      'convert_element_type',
      'cond(sin | exp)',
    ])
  })
})

describe('loops', () => {
  test('a body is traced once, however many iterations there are', () => {
    let traced = 0
    const body = (x: NDArray): NDArray => {
      traced++
      return x.add(1)
    }
    expect(lax.foriLoop(0, 100_000, (_, x) => body(x), 0).item()).toBe(100_000)
    expect(lax.whileLoop((x) => x.lt(100_000), body, 0).item()).toBe(100_000)
    expect(lax.scan((x) => [body(x), null], 0, null, { length: 100_000 })[0].item()).toBe(100_000)
    expect(traced).toBe(3)
  })

  test('no iteration leaves the carry as it is', async () => {
    expect(lax.foriLoop(3, 3, (_, x) => x.add(1), v).jsSync()).toEqual([0.5, -1, 2])
    expect(lax.foriLoop(5, 2, (_, x) => x.add(1), v).jsSync()).toEqual([0.5, -1, 2])
    const dynamic = (n: NDArray): NDArray => lax.foriLoop(n, 2, (_, x) => x.add(1), v)
    expect(dynamic(int(5)).jsSync()).toEqual([0.5, -1, 2])
    expect(await jit(dynamic)(int(5)).js()).toEqual([0.5, -1, 2])
    const [last, ys] = lax.scan((c, x: NDArray) => [c.add(x), { x: [x, c] }], 7, np.zeros([0, 3]).sum(1))
    expect(last.item()).toBe(7)
    expect([ys.x[0]!.shape, ys.x[1]!.shape]).toEqual([[0], [0]])
    expect(lax.map((row) => row.mul(2), np.zeros([0, 2])).shape).toEqual([0, 2])
  })

  test('the results of a loop are arrays of their own', () => {
    const [last] = lax.scan((_, x) => [x, null], 0, v)
    const same = lax.foriLoop(0, 3, (_, x) => x, v)
    last[Symbol.dispose]()
    same[Symbol.dispose]()
    expect(v.jsSync()).toEqual([0.5, -1, 2])
  })

  test('operands, and constants, that are on their way give results that are', async () => {
    const double = jit((x: NDArray) => x.mul(2))
    const late = double(v)
    const constant = double(v)
    const [last, ys] = lax.scan((c, x) => [c.add(x.mul(constant)), c], np.zeros([3]), np.stack([v, late]))
    expect(await last.js()).toEqual([1.5, 6, 24])
    expect(await ys.js()).toEqual([
      [0, 0, 0],
      [0.5, 2, 8],
    ])
    const again = double(v)
    const chosen = (p: boolean): NDArray =>
      lax.cond(
        p,
        () => lax.foriLoop(0, 2, (_, x) => x.add(again), np.zeros([3])),
        () => again,
      )
    expect(await chosen(true).js()).toEqual([2, -4, 8])
    expect(await chosen(false).js()).toEqual([1, -2, 4])
    const until = lax.whileLoop(
      (x) => x.sum().lt(10),
      (x) => x.add(double(again)),
      double(np.zeros([3])),
    )
    expect(await until.js()).toEqual([4, -8, 16])
  })

  test('a compiled function in a body runs with the loop', async () => {
    const step = jit((x: NDArray) => np.sin(x).mul(2))
    const f = (x: NDArray): NDArray => lax.foriLoop(0, 3, (_, y) => step(y), x)
    const plain = (x: NDArray): NDArray => lax.foriLoop(0, 3, (_, y) => np.sin(y).mul(2), x)
    expect(f(v)).toBeAllclose(plain(v))
    expect(grad((x: NDArray) => f(x).sum())(v)).toBeAllclose(grad((x: NDArray) => plain(x).sum())(v))
    expect(await jit(f)(v).ready()).toBeAllclose(plain(v), { rtol: 1e-5 })
    const gradient = jit(grad((x: NDArray) => f(x).sum()))(v)
    expect(await gradient.ready()).toBeAllclose(grad((x: NDArray) => plain(x).sum())(v), { rtol: 1e-5 })
  })

  test.each<[string, (x: NDArray) => NDArray]>([
    ['customJvp', customJvp((x: NDArray) => x.mul(x), { jvp: ([x], [dx]) => [x.mul(x), x.mul(dx).mul(5)] })],
    [
      'customVjp',
      customVjp((x: NDArray) => x.mul(x), {
        forward: (x) => [x.mul(x), x],
        backward: (x, ct) => [x.mul(ct).mul(5)],
      }),
    ],
    ['checkpoint', checkpoint((x: NDArray) => x.mul(x))],
  ])('a step may have rules of its own: %s', async (name, step) => {
    const twice = (x: NDArray): NDArray => lax.foriLoop(0, 2, (_, y) => step(y), x)
    const slope = name === 'checkpoint' ? 2 : 5
    const expected = slope * 9 * (slope * 3)
    expect(twice(np.array(3)).item()).toBe(81)
    expect(grad(twice)(3).item()).toBe(expected)
    for (const device of ['js', 'cpu'] as const) expect(await jit(grad(twice), { device })(3).js()).toBe(expected)
    expect(vmap(grad(twice))(np.array([3, 1])).jsSync()).toEqual([expected, slope * slope])
  })

  test('what is scanned backwards stands where its entries do', () => {
    const [last, before] = lax.scan((c, x) => [c.add(x), c], 0, np.array([1, 2, 3]), { reverse: true })
    expect(last.item()).toBe(6)
    expect(before.jsSync()).toEqual([5, 3, 0])
  })

  test('trees of any form are carried, scanned and stacked', () => {
    const [carry, ys] = lax.scan(
      ({ a, none }, [x, { y }]) => [
        { a: [a[1], a[0].add(x)] as const, none },
        { y: y.mul(2), nothing: null, two: [x, y] },
      ],
      { a: [0, 10], none: null } as const,
      [np.array([1, 2]), { y: np.array([[1], [2]]) }],
    )
    expect(carry.a.map((x) => x.item())).toEqual([1, 12])
    expect(carry.none).toBeNull()
    expect(ys.nothing).toBeNull()
    expect(ys.y.jsSync()).toEqual([[2], [4]])
    expect(ys.two.map((x) => x.shape)).toEqual([[2], [2, 1]])
  })

  test('constants and operands may be what a step gives', async () => {
    const f = (x: NDArray, c: NDArray): { last: NDArray; ys: readonly NDArray[] } => {
      const [last, ys] = lax.scan((s, y) => [0, [1, s.mul(y), y, c, true, s]], 3, x)
      return { last, ys }
    }
    const expected = [
      [1, 1, 1],
      [1.5, -0, 0],
      [0.5, -1, 2],
      [7, 7, 7],
      [true, true, true],
      [3, 0, 0],
    ]
    const c = np.array(7)
    for (const { last, ys } of [f(v, c), jit(f)(v, c), jit(f, js)(v, c)]) {
      expect(await last.js()).toBe(0)
      expect(await Promise.all(ys.map((y) => y.js()))).toEqual(expected)
    }
    const g = (x: NDArray): NDArray => {
      const { last, ys } = f(x, x.sum())
      return ys.reduce((sum, y) => sum.add(y.mul(y).sum()), last)
    }
    // 2 · 3 · 3 x₀ of the product, 2 xᵢ of the entries, and 3 · 2 · Σx of the sums.
    expect(grad(g)(v).jsSync()).toEqual([9 + 1 + 9, 0 - 2 + 9, 0 + 4 + 9])
    expect(await jit(grad(g))(v).js()).toEqual([19, 7, 13])
    const swapped = (x: NDArray): NDArray[] => [
      ...lax.foriLoop(0, 3, (_, [a, b]) => [b, a], [x, 1] as const),
      ...lax.cond(
        x.sum().gt(0),
        (y) => [y, y, 0] as const,
        (y) => [2, y, y] as const,
        x,
      ),
    ]
    for (const got of [swapped(v.at(0)), jit((x: NDArray) => swapped(x.at(0)))(v)]) {
      expect(await Promise.all(got.map((y) => y.js()))).toEqual([1, 0.5, 0.5, 0.5, 0])
    }
  })

  test('map in groups is map, also where a group is left over', () => {
    const x = np.arange(10).reshape([5, 2])
    const f = (row: NDArray): { s: NDArray; r: NDArray } => ({ s: row.sum(), r: row.mul(row.sum()) })
    const one = lax.map(f, x)
    for (const batchSize of [1, 2, 5, 7]) {
      const many = lax.map(f, x, { batchSize })
      expect(many.s.jsSync()).toEqual(one.s.jsSync())
      expect(many.r.jsSync()).toEqual(one.r.jsSync())
    }
  })

  test('an associative scan has zeros without a sign, as JAX’s', () => {
    const x = np.array([-0, 1, -0, 2, -0])
    const product = lax.associativeScan((a: NDArray, b: NDArray) => a.mul(b), x)
    expect(product.jsSync()).toEqual([0, 0, 0, 0, 0])
    expect(np.cumprod(x).jsSync()).toEqual([-0, -0, 0, 0, -0])
  })

  test('an associative scan goes along any axis, both ways, for any length', () => {
    for (const n of [0, 1, 2, 3, 8, 11]) {
      const x = np.arange(2 * n).reshape([2, n])
      const expected = np.cumsum(x, { axis: 1 })
      expect(lax.associativeScan((a, b) => a.add(b), x, { axis: -1 }).jsSync()).toEqual(expected.jsSync())
      const back = lax.associativeScan((a, b) => a.add(b), x, { axis: 1, reverse: true })
      expect(back.jsSync()).toEqual(np.flip(np.cumsum(np.flip(x, { axis: 1 }), { axis: 1 }), { axis: 1 }).jsSync())
    }
  })
})

test('programs within programs print as JAX’s do', () => {
  const f = (p: NDArray, x: NDArray): NDArray =>
    lax.cond(
      p,
      (y) => y.mul(2),
      (y) => lax.scan((c, z) => [c.add(z), c], 0, y)[1],
      x,
    )
  expect(makeJaxpr(f)(np.array(true), v).toString()).toBe(
    `{ lambda ; a:bool[] b:float32[3]. let
    c:int32[] = convert_element_type[dtype=int32] a
    d:float32[3] = cond[
      branches=(
        { lambda ; e:float32[3]. let
            f:float32[] g:float32[3] = scan[
              jaxpr={ lambda ; h:float32[] i:float32[]. let
                  j:float32[] = add h i
                in (j, h) }
              length=3
              reverse=false
              unroll=1
              carry=1
              xs=1
            ] 0:float32[] e
          in (g) }
        { lambda ; k:float32[3]. let
            l:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 2:float32[]
            m:float32[3] = mul k l
          in (m) }
      )
    ] c b
  in (d) }`,
  )
})
