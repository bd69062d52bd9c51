import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  lax,
  linearize,
  linearTranspose,
  type NDArray,
  np,
  splitVjp,
  valueAndGrad,
  valueAndJacfwd,
  valueAndJacrev,
  value_and_jacfwd,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([1, -2, 0.5])
const matrix = np.array([
  [1, 2],
  [3, 4],
])

interface Layer {
  w: NDArray
  b: NDArray
}
const layer: Layer = { w: matrix, b: np.array([0.5, -0.5]) }
const predict = ({ w, b }: Layer, x: NDArray): NDArray => x.matmul(w).add(b)
const loss = (p: Layer, x: NDArray): NDArray => predict(p, x).square().sum()
const x = np.array([1, 2])
// predict = [1 + 6 + 0.5, 2 + 8 − 0.5] = [7.5, 9.5]

describe('grad', () => {
  test('of a tree is a tree', () => {
    const g = grad(loss)(layer, x)
    expect(g.w.jsSync()).toEqual([
      [15, 19],
      [30, 38],
    ])
    expect(g.b.jsSync()).toEqual([15, 19])
  })

  test('in several arguments, counted from the front or the end', () => {
    const [gp, gx] = grad(loss, { argnums: [0, 1] })(layer, x)
    expect(gp.b.jsSync()).toEqual([15, 19])
    expect(gx.jsSync()).toEqual([15 + 2 * 19, 3 * 15 + 4 * 19])
    expect(grad(loss, { argnums: -1 })(layer, x)).toBeIdentical(gx)
  })

  test('with its value, and with what the function gives beside', () => {
    const [value, g] = valueAndGrad(loss)(layer, x)
    expect(value.item()).toBe(7.5 ** 2 + 9.5 ** 2)
    expect(g.b.jsSync()).toEqual([15, 19])
    const withAux = (p: Layer, y: NDArray) => [loss(p, y), { predicted: predict(p, y), hits: y.gt(0) }] as const
    const [again, aux] = grad(withAux, { hasAux: true })(layer, x)
    expect(again.b.jsSync()).toEqual([15, 19])
    expect(aux.predicted.jsSync()).toEqual([7.5, 9.5])
    expect(aux.hits.jsSync()).toEqual([true, true])
    const [[v0, aux0], g0] = valueAndGrad(withAux, { hasAux: true, argnums: 1 })(layer, x)
    expect(v0.item()).toBe(146.5)
    expect(aux0.predicted.jsSync()).toEqual([7.5, 9.5])
    expect(g0.jsSync()).toEqual([53, 121])
  })

  test('takes numbers for arrays', () => {
    expect(grad((y: NDArray) => y.mul(y))(3).item()).toBe(6)
    expect(grad((y: NDArray, n: NDArray) => y.mul(n).sum())(new Float64Array([1, 2]), 3)).toBeIdentical(
      np.array([3, 3], { dtype: 'float64' }),
    )
  })

  test('is 0 in what the result does not depend on', () => {
    expect(grad((_: NDArray) => np.sum(np.ones([3])))(v)).toBeIdentical(np.zeros([3]))
    expect(grad((_: NDArray) => np.array(2))(v)).toBeIdentical(np.zeros([3]))
    expect(grad((y: NDArray) => np.floor(y).sum())(v)).toBeIdentical(np.zeros([3]))
    expect(grad((y: NDArray) => y.astype('int32').astype('float32').sum())(v)).toBeIdentical(np.zeros([3]))
  })

  test('keeps float64, and goes through a change of dtype', () => {
    const y = v.astype('float64')
    expect(grad((z: NDArray) => np.exp(z).sum())(y)).toBeIdentical(np.exp(y))
    const g = grad((z: NDArray) => z.astype('float32').mul(3).sum())(y)
    expect(g).toBeIdentical(np.array([3, 3, 3], { dtype: 'float64' }))
  })

  test('of x^n, three deep', () => {
    const cube = (y: NDArray): NDArray => y.pow(3)
    expect(grad(grad(grad(cube)))(2).item()).toBe(6)
    expect(grad(grad(grad(grad(cube))))(2).item()).toBe(0)
  })

  test('of a product over a zero, and over several', () => {
    const g = grad((y: NDArray) => np.prod(y))
    expect(g(np.array([2, 0, 5]))).toBeIdentical(np.array([0, 10, 0]))
    expect(g(np.array([0, 0, 5]))).toBeIdentical(np.array([0, 0, 0]))
    expect(hessian((y: NDArray) => np.prod(y))(np.array([0, 0, 5])).jsSync()).toEqual([
      [0, 5, 0],
      [5, 0, 0],
      [0, 0, 0],
    ])
  })

  test('of the largest entry is shared among equal ones', () => {
    expect(grad((y: NDArray) => np.max(y))(np.array([2, 1, 2, 2]))).toBeAllclose([1 / 3, 0, 1 / 3, 1 / 3])
    expect(grad((y: NDArray) => np.maximum(y, y.mul(1)).sum())(v)).toBeAllclose([1, 1, 1])
    expect(grad((y: NDArray) => np.maximum(y, 1).sum())(v)).toBeAllclose([0.5, 0, 0])
  })
})

describe('an inner function uses values of the outer one', () => {
  test('derivatives are not confused', () => {
    // d/dx (x · d/dy (x + y)) = 1: a classic that confuses perturbations
    const f = (a: NDArray): NDArray => a.mul(grad((b: NDArray) => a.add(b))(a))
    expect(grad(f)(3).item()).toBe(1)
    expect(jvp(f, [3], [1])[1].item()).toBe(1)
    // d/dx (x · d/dy (x·y²) at y = x) = d/dx 2x³ = 6x²
    const g = (a: NDArray): NDArray => a.mul(grad((b: NDArray) => a.mul(b).mul(b))(a))
    expect(grad(g)(3).item()).toBe(54)
    expect(jvp((a: NDArray) => a.mul(jvp((b: NDArray) => a.mul(b).mul(b), [a], [1])[1]), [3], [1])[1].item()).toBe(54)
    expect(grad((a: NDArray) => a.mul(jvp((b: NDArray) => a.mul(b).mul(b), [a], [1])[1]))(3).item()).toBe(54)
    expect(jit(grad(jit(g, js)), js)(3).item()).toBe(54)
    expect(vmap(grad(g))(np.array([1, 2, 3])).jsSync()).toEqual([6, 24, 54])
  })

  test('through two levels, under vmap and jit', () => {
    // y ↦ Σ over rows r of d/ds sin(s · Σ(y · r)) at s = 1 = Σ (y·r) cos(y·r)
    const f = (y: NDArray): NDArray =>
      vmap((row: NDArray) => grad((s: NDArray) => jit((t: NDArray) => np.sin(t.mul(np.dot(y, row))), js)(s))(1))(
        matrix,
      ).sum()
    const y = np.array([0.3, -0.2])
    const u = matrix.matmul(y)
    expect(f(y)).toBeAllclose(u.mul(np.cos(u)).sum())
    const slope = np.cos(u).sub(u.mul(np.sin(u)))
    expect(grad(f)(y)).toBeAllclose(slope.matmul(matrix))
    expect(jit(grad(f), js)(y)).toBeAllclose(slope.matmul(matrix))
  })

  test('a pullback and a push made outside are used inside', () => {
    const [, pullback] = vjp((y: NDArray) => np.sin(y), v)
    const [, push] = linearize((y: NDArray) => np.sin(y), v)
    const outside = np.cos(v)
    expect(grad((ct: NDArray) => pullback(ct)[0].sum())(v)).toBeAllclose(outside)
    expect(grad((t: NDArray) => push(t).sum())(v)).toBeAllclose(outside)
    expect(vmap(push)(np.eye(3))).toBeAllclose(np.diag(outside))
    expect(jit((ct: NDArray) => pullback(ct)[0], js)(v)).toBeAllclose(outside.mul(v))
  })

  test('a pullback made inside carries derivatives of where it was made', () => {
    const f = (y: NDArray): NDArray => vjp((z: NDArray) => np.sin(z), y)[1](np.ones([3]))[0].sum()
    expect(grad(f)(v)).toBeAllclose(np.sin(v).neg())
    const g = (y: NDArray): NDArray => linearize((z: NDArray) => np.sin(z), y)[1](np.ones([3])).sum()
    expect(grad(g)(v)).toBeAllclose(np.sin(v).neg())
  })
})

describe('vjp, linearize and linearTranspose', () => {
  test('integers have zeros for cotangents', () => {
    const i = np.array([2, 3], { dtype: 'int32' })
    const [y, pullback] = vjp((a: NDArray, n: NDArray) => a.mul(n), np.array([1, 2]), i)
    expect(y.jsSync()).toEqual([2, 6])
    const [a, n] = pullback(np.array([1, 10]))
    expect(a).toBeIdentical(np.array([2, 30]))
    expect(n).toBeIdentical(np.zeros([2], { dtype: 'int32' }))
  })

  test('results of several dtypes', () => {
    const f = (y: NDArray) => ({ twice: y.mul(2), which: y.gt(0) })
    const [out, tangent] = jvp(f, [v], [v])
    expect(out.which.jsSync()).toEqual([true, false, true])
    expect(tangent.twice).toBeIdentical(v.mul(2))
    expect(tangent.which).toBeIdentical(np.zeros([3], { dtype: 'bool' }))
    const [, pullback] = vjp(f, v)
    expect(pullback({ twice: v, which: np.zeros([3], { dtype: 'bool' }) })[0]).toBeIdentical(v.mul(2))
  })

  test('the result may be the argument, or a constant', () => {
    const f = (y: NDArray) => [y, np.ones([2]), y.mul(2)] as const
    expect(jvp(f, [v], [v])[1].map((t) => t.jsSync())).toEqual([v.jsSync(), [0, 0], v.mul(2).jsSync()])
    expect(vjp(f, v)[1]([v, np.ones([2]), v])[0]).toBeIdentical(v.mul(3))
    expect(linearize(f, v)[1](v).map((t) => t.jsSync())).toEqual([v.jsSync(), [0, 0], v.mul(2).jsSync()])
  })

  test('a tangent that turns out not to depend is zero', () => {
    const f = (y: NDArray): NDArray => y.mul(0).add(y.sub(y)).astype('int32').astype('float32')
    expect(linearize(f, v)[1](v)).toBeIdentical(np.zeros([3]))
    expect(vjp(f, v)[1](v)[0]).toBeIdentical(np.zeros([3]))
  })

  test('transposes of linear functions', () => {
    const weights = np.array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const [ct] = linearTranspose((y: NDArray) => weights.matmul(y), np.zeros([2]))(v)
    expect(ct).toBeIdentical(v.matmul(weights))
    const f = (a: NDArray, b: NDArray): NDArray => np.concatenate([a.mul(2), b.sub(a)]).slice([null, null, 2])
    const [ca, cb] = linearTranspose(f, np.zeros([2]), np.zeros([2]))(np.array([1, 10]))
    expect(ca).toBeIdentical(np.array([2 - 10, 0]))
    expect(cb).toBeIdentical(np.array([10, 0]))
    const [selected] = linearTranspose((y: NDArray) => np.where([true, false, true], y, 0), v)(v)
    expect(selected).toBeIdentical(np.array([1, 0, 0.5]))
    expect(linearTranspose((y: NDArray) => y.div(4), v)(v)[0]).toBeIdentical(v.div(4))
    expect(vmap(linearTranspose((y: NDArray) => weights.matmul(y), np.zeros([2])))(np.eye(3))[0]).toBeIdentical(weights)
  })

  test('split halves compile apart, and residuals are values', () => {
    const { forward, backward } = splitVjp(loss, [layer, x], { argnums: [0, 1] })
    const [value, residuals] = jit(forward, js)(layer, x)
    expect(value.item()).toBe(146.5)
    const [gp, gx] = jit(backward, js)(residuals, np.array(2))
    expect(gp.b.jsSync()).toEqual([30, 38])
    expect(gx.jsSync()).toEqual([106, 242])
    const none = splitVjp((y: NDArray) => y.mul(2), [v])
    expect(none.forward(v)[1]).toEqual([])
    expect(none.backward([], v)).toBeIdentical(v.mul(2))
  })
})

describe('Jacobians', () => {
  const f = (a: NDArray, b: { c: NDArray }) => ({ p: np.outer(a, b.c), s: a.sum() })
  const a = np.array([1, 2])
  const b = { c: np.array([3, 4, 5]) }
  const eye = (n: number): NDArray => np.eye(n)

  test.each([
    ['jacfwd', jacfwd],
    ['jacrev', jacrev],
  ] as const)('%s over several leaves and arguments', (_, jac) => {
    const J = jac(f, { argnums: [0, 1] })(a, b)
    // ∂p[i, j]/∂a[k] = c[j]·(i = k), ∂p[i, j]/∂c[k] = a[i]·(j = k)
    const pa = eye(2)
      .reshape([2, 1, 2])
      .mul(b.c.reshape([1, 3, 1]))
    const pc = a.reshape([2, 1, 1]).mul(eye(3))
    expect(J.p[0]).toBeIdentical(pa)
    expect(J.p[1].c).toBeIdentical(pc)
    expect(J.s[0]).toBeIdentical(np.ones([2]))
    expect(J.s[1].c).toBeIdentical(np.zeros([3]))
    expect(jac(f, { argnums: 1 })(a, b).p.c).toBeIdentical(pc)
  })

  test.each([
    ['valueAndJacfwd', valueAndJacfwd],
    ['valueAndJacrev', valueAndJacrev],
    ['value_and_jacfwd', value_and_jacfwd],
  ] as const)('%s gives the value, and what is beside', (_, jac) => {
    const [value, J] = jac((y: NDArray) => y.mul(y))(v)
    expect(value).toBeIdentical(v.mul(v))
    expect(J).toBeAllclose(np.diag(v.mul(2)))
    const [[y, aux], again] = jac((z: NDArray) => [z.mul(z), { n: z.gt(0) }] as const, { hasAux: true })(v)
    expect(y).toBeIdentical(v.mul(v))
    expect(aux.n.jsSync()).toEqual([true, false, true])
    expect(again).toBeAllclose(np.diag(v.mul(2)))
  })

  test('evaluate the function once', () => {
    let calls = 0
    const counted = (y: NDArray): NDArray => {
      calls += 1
      return y.mul(y)
    }
    valueAndJacfwd(counted)(v)
    valueAndJacrev(counted)(v)
    expect(calls).toBe(2)
  })

  test('of nothing, and in nothing, are empty', () => {
    expect(jacfwd((y: NDArray) => y.slice([0, 0]))(v).shape).toEqual([0, 3])
    expect(jacrev((y: NDArray) => y.slice([0, 0]))(v).shape).toEqual([0, 3])
    expect(jacfwd((y: NDArray) => y.sum())(np.zeros([0])).shape).toEqual([0])
    expect(jacrev((y: NDArray) => y.sum())(np.zeros([0])).shape).toEqual([0])
  })

  test('a Hessian over a tree is a tree of trees', () => {
    const h = hessian((p: { u: NDArray; v: NDArray }) => p.u.square().sum().mul(p.v))({ u: np.array([1, 2]), v: 3 })
    expect(h.u.u).toBeAllclose([
      [6, 0],
      [0, 6],
    ])
    expect(h.u.v).toBeAllclose([2, 4])
    expect(h.v.u).toBeAllclose([2, 4])
    expect(h.v.v).toBeAllclose(0)
  })

  test('under vmap and jit', () => {
    const rows = np.stack([v, v.mul(2)])
    const expected = np.stack([np.diag(v.mul(2)), np.diag(v.mul(4))])
    for (const jac of [jacfwd, jacrev]) {
      expect(vmap(jac((y: NDArray) => y.mul(y)))(rows)).toBeAllclose(expected)
      expect(jit(vmap(jac(jit((y: NDArray) => y.mul(y), js))), js)(rows)).toBeAllclose(expected)
    }
  })
})

describe('vmap', () => {
  const rows = np.array([
    [1, 2, 3],
    [4, 5, 6],
  ])

  test('over a tree, with axes as a prefix of it', () => {
    const f = (p: { a: NDArray; b: NDArray }, n: NDArray): NDArray => np.dot(p.a, p.b).mul(n)
    const out = vmap(f, { inAxes: [{ a: 0, b: null }, null] })({ a: rows, b: v }, 2)
    expect(out).toBeAllclose([-3, -6])
    expect(vmap(f, { inAxes: [0, 0] })({ a: rows, b: rows }, np.array([1, 2])).jsSync()).toEqual([14, 154])
  })

  test('along other axes, in and out', () => {
    const f = (y: NDArray): NDArray => y.mul(2)
    expect(vmap(f, { inAxes: 1 })(rows)).toBeIdentical(rows.T.mul(2))
    expect(vmap(f, { inAxes: -1, outAxes: -1 })(rows)).toBeIdentical(rows.mul(2))
    expect(vmap(f, { outAxes: 1 })(rows)).toBeIdentical(rows.T.mul(2))
    const two = vmap((y: NDArray) => ({ y, s: y.sum() }), { outAxes: { y: 1, s: 0 } })(rows)
    expect(two.y).toBeIdentical(rows.T)
    expect(two.s.jsSync()).toEqual([6, 15])
  })

  test('what does not differ over the batch is repeated, or stays with outAxes null', () => {
    expect(vmap(() => v, { inAxes: 0 })).toBeTypeOf('function')
    expect(vmap((_: NDArray) => v)(rows)).toBeIdentical(np.stack([v, v]))
    expect(vmap((_: NDArray) => v, { outAxes: 1 })(rows)).toBeIdentical(np.stack([v, v], { axis: 1 }))
    expect(vmap((_: NDArray) => v, { outAxes: null })(rows)).toBeIdentical(v)
  })

  test('of vmap of vmap', () => {
    const outer = vmap((p: NDArray) => vmap((q: NDArray) => p.mul(q).add(p))(v))(v)
    expect(outer).toBeAllclose(np.outer(v, v).add(v.reshape([3, 1])))
  })

  test('over an empty batch', () => {
    expect(vmap((y: NDArray) => np.sin(y).sum())(np.zeros([0, 3])).shape).toEqual([0])
  })

  test('pads with a value for each entry, also where that is infinite', () => {
    const f = (y: NDArray, value: NDArray): NDArray => lax.pad(y, value, { low: [1], high: [-1], interior: [0] })
    expect(vmap(f)(rows, np.array([Infinity, NaN])).jsSync()).toEqual([
      [Infinity, 1, 2],
      [NaN, 4, 5],
    ])
    expect(vmap(f)(rows.gt(2), np.array([true, false])).jsSync()).toEqual([
      [true, false, false],
      [false, true, true],
    ])
  })
})

describe('jit', () => {
  test('traces once for arguments of the same shapes and dtypes', () => {
    let traces = 0
    const f = jit((y: NDArray) => {
      traces += 1
      return y.mul(2)
    }, js)
    expect(f(v).jsSync()).toEqual([2, -4, 1])
    f(v.mul(3))
    expect(traces).toBe(1)
    f(v.astype('float64'))
    f(np.ones([2]))
    expect(traces).toBe(3)
    vmap(f)(np.ones([4, 3]))
    grad((y: NDArray) => f(y).sum())(v)
    expect(traces).toBe(3)
  })

  test('a program that was looked at is not traced again when it runs, nor the other way round', () => {
    let traces = 0
    const f = jit((y: NDArray) => {
      traces += 1
      return y.mul(2)
    }, js)
    const { jaxpr } = f.lower(v)
    expect(f(v).jsSync()).toEqual([2, -4, 1])
    expect(f.lower(v).jaxpr).toBe(jaxpr)
    expect(traces).toBe(1)
  })

  test('what uses values of an outer function is traced with it', () => {
    const f = (y: NDArray): NDArray => jit((z: NDArray) => z.mul(y), js)(y)
    expect(vmap(f)(v)).toBeAllclose(v.mul(v))
    expect(grad((y: NDArray) => f(y).sum())(v)).toBeAllclose(v.mul(2))
    expect(jacfwd(f)(v)).toBeAllclose(np.diag(v.mul(2)))
  })

  test('keeps trees, and gives arrays for numbers', () => {
    const out = jit((p: Layer) => ({ sum: p.w.add(p.b), n: 3, none: null, list: [p.b] }), js)(layer)
    expect(out.sum.jsSync()).toEqual([
      [1.5, 1.5],
      [3.5, 3.5],
    ])
    expect(out.n).toBeIdentical(np.array(3))
    expect(out.none).toBeNull()
    expect(out.list[0]).toBeIdentical(layer.b)
  })

  test('lowers to a program that can be looked at', () => {
    const lowered = jit((y: NDArray) => np.sin(y), js).lower(v)
    expect(lowered.toString()).toBe('{ lambda ; a:float32[3]. let\n    b:float32[3] = sin a\n  in (b) }')
  })
})
