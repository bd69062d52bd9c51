import { runInNewContext } from 'node:vm'
import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  linearTranspose,
  type NDArray,
  np,
  valueAndGrad,
  valueAndJacfwd,
  valueAndJacrev,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([1, -2, 0.5])
const n = np.array([2, 3, 4], { dtype: 'int32' })
const eye = np.eye(3)
const zeros = np.zeros([3, 3])

interface Params {
  layers: readonly [{ w: NDArray }, { w: NDArray }]
  scale: NDArray
}
const params: Params = { layers: [{ w: v }, { w: v.mul(2) }], scale: np.array(3) }
const model = (p: Params, x: NDArray) => ({
  out: [p.layers[0].w.mul(p.layers[1].w), p.scale] as const,
  x: x.mul(p.scale),
})

describe('hasAux: what a function gives beside its value is passed on', () => {
  const f = (x: NDArray, k: NDArray) => [x.mul(x).mul(k), { twice: x.mul(2), count: n }] as const

  test('by jvp', () => {
    const [y, dy, aux] = jvp(f, [v, 2], [v, 0], { hasAux: true })
    expectTypeOf(aux).toEqualTypeOf<{ readonly twice: NDArray; readonly count: NDArray }>()
    expect(y).toBeIdentical(v.mul(v).mul(2))
    expect(dy).toBeIdentical(v.mul(v).mul(4))
    expect(aux.twice).toBeIdentical(v.mul(2))
    expect(aux.count).toBeIdentical(n)
  })

  test('by vjp, whose pullback takes the value’s cotangent alone', () => {
    const [y, pullback, aux] = vjp(f, v, 2, { hasAux: true })
    expectTypeOf(y).toEqualTypeOf<NDArray>()
    expect(y).toBeIdentical(v.mul(v).mul(2))
    const [gx, gk] = pullback(np.ones([3]))
    expect(gx).toBeIdentical(v.mul(4))
    expect(gk.item()).toBe(5.25)
    expect(aux.twice).toBeIdentical(v.mul(2))
    expect(() => pullback([v, v] as never)).toThrow('the cotangent [*, *] does not have the structure of the result *')
  })

  test('by linearize', () => {
    const [y, push, aux] = linearize(f, v, 2, { hasAux: true })
    expect(y).toBeIdentical(v.mul(v).mul(2))
    expect(push(v, 0)).toBeIdentical(v.mul(v).mul(4))
    expect(aux.count).toBeIdentical(n)
  })

  test('by hessian and the Jacobians', () => {
    const g = (x: NDArray) => [x.mul(x).sum(), { x, n }] as const
    const [H, aux] = hessian(g, { hasAux: true })(v)
    expectTypeOf(H).toEqualTypeOf<NDArray>()
    expect(H).toBeIdentical(eye.mul(2))
    expect(aux.x).toBeIdentical(v)
    expect(aux.n).toBeIdentical(n)
    const [[y, beside], J] = valueAndJacfwd(f, { hasAux: true, argnums: 1 })(v, 2)
    expect(y).toBeIdentical(v.mul(v).mul(2))
    expect(beside.count).toBeIdentical(n)
    expect(J).toBeIdentical(v.mul(v))
    expect(valueAndJacrev(f, { hasAux: true, argnums: 1 })(v, 2)[1]).toBeIdentical(v.mul(v))
  })

  test('inside other transformations', () => {
    const both = (x: NDArray) => {
      const [, pullback, aux] = vjp(f, x, 2, { hasAux: true })
      return pullback(np.ones([3]))[0].add(aux.twice)
    }
    expect(jit(both, js)(v)).toBeIdentical(v.mul(6))
    expect(vmap(both)(np.stack([v, v]))).toBeIdentical(np.stack([v, v]).mul(6))
    expect(grad((x: NDArray) => both(x).sum())(v)).toBeIdentical(np.full([3], 6))
  })

  test('needs a pair', () => {
    const one = ((x: NDArray) => x) as never
    expect(() => vjp(one, v, { hasAux: true } as never)).toThrow(
      'with hasAux the function gives [value, aux]; it gave *',
    )
    expect(() => jvp(one, [v] as never, [v] as never, { hasAux: true })).toThrow('it gave *')
    expect(() => linearize(one, v as never, { hasAux: true } as never)).toThrow('it gave *')
  })

  test('an argument of that name alone is an argument', () => {
    expect(vjp((p: { hasAux: NDArray }) => p.hasAux.mul(2), { hasAux: v })[1](v)[0].hasAux).toBeIdentical(v.mul(2))
  })
})

describe('Jacobians of trees in trees', () => {
  test.each([
    ['jacfwd', jacfwd],
    ['jacrev', jacrev],
  ] as const)('%s: the tree of the result, of trees of the arguments', (_, jacobian) => {
    const J = jacobian(model)(params, v)
    expectTypeOf(J.out[0]).toEqualTypeOf<{ layers: readonly [{ w: NDArray }, { w: NDArray }]; scale: NDArray }>()
    expect(J.out[0].layers[0].w).toBeAllclose(np.diag(v.mul(2)))
    expect(J.out[0].layers[1].w).toBeAllclose(np.diag(v))
    expect(J.out[0].scale).toBeAllclose(np.zeros([3]))
    expect(J.out[1].scale.item()).toBe(1)
    expect(J.out[1].layers[0].w).toBeAllclose(np.zeros([3]))
    expect(J.x.scale).toBeAllclose(v)
    expect(J.x.layers[1].w).toBeAllclose(zeros)
    const several = jacobian(model, { argnums: [-1, 0] })(params, v)
    expect(several.x[0]).toBeAllclose(eye.mul(3))
    expect(several.x[1].scale).toBeAllclose(v)
  })

  test('a Hessian has a block for each pair of leaves', () => {
    const loss = (p: Params): NDArray => p.layers[0].w.mul(p.layers[1].w).sum().mul(p.scale)
    const H = hessian(loss)(params)
    expect(H.layers[0].w.layers[1].w).toBeAllclose(eye.mul(3))
    expect(H.layers[0].w.layers[0].w).toBeAllclose(zeros)
    expect(H.scale.layers[0].w).toBeAllclose(v.mul(2))
    expect(H.layers[1].w.scale).toBeAllclose(v)
    expect(H.scale.scale.item()).toBe(0)
    const [first] = hessian((a: NDArray, b: NDArray) => a.mul(b).sum(), { argnums: [0, 1] })(v, v)
    expect(first[1]).toBeAllclose(eye)
  })

  test('of a vector of nothing, and with respect to nothing', () => {
    expect(jacfwd((x: NDArray) => x.slice([0, 0]))(v).shape).toEqual([0, 3])
    expect(jacrev((x: NDArray) => x.slice([0, 0]))(v).shape).toEqual([0, 3])
    expect(jacfwd((x: NDArray) => np.sum(x).reshape([1]))(np.zeros([0])).shape).toEqual([1, 0])
    expect(jacrev((x: NDArray) => np.sum(x).reshape([1]))(np.zeros([0])).shape).toEqual([1, 0])
  })
})

describe('argnums', () => {
  const f = (a: NDArray, b: NDArray, c: NDArray): NDArray => a.mul(b).mul(c)

  test('in any order, from the front or the end', () => {
    expect(grad(f, { argnums: [2, -3] })(2, 3, 5).map((x) => x.item())).toEqual([6, 15])
    expect(valueAndGrad(f, { argnums: -1 })(2, 3, 5).map((x) => x.item())).toEqual([30, 6])
  })

  test('name an argument once, and at least one', () => {
    expect(() => grad(f, { argnums: [0, 0] })(2, 3, 5)).toThrow('argnums [0, 0] names argument 0 twice')
    expect(() => jacrev(f, { argnums: [1, -2] })(2, 3, 5)).toThrow('argnums [1, -2] names argument 1 twice')
    expect(() => grad(f, { argnums: [] })(2, 3, 5)).toThrow('argnums is []')
  })
})

describe('vmap', () => {
  const x = np.arange(24).reshape([2, 3, 4]).astype('float32')

  test('axes in front and from the end, of arguments and results', () => {
    const sum = (row: NDArray): NDArray => row.sum(0)
    expect(vmap(sum, { inAxes: -1 })(x).shape).toEqual([4, 3])
    expect(vmap(sum, { inAxes: -1, outAxes: -1 })(x).shape).toEqual([3, 4])
    expect(vmap(sum, { inAxes: 1, outAxes: 1 })(x)).toBeIdentical(x.sum(0).T)
    const outer = vmap((a: NDArray, b: NDArray) => a.sum().mul(b), { inAxes: [-2, null] })
    expect(outer(x, v).shape).toEqual([3, 3])
  })

  test('axes for each leaf of a tree, or for a part of it', () => {
    const f = (p: Params, y: NDArray) => ({ sum: p.layers[0].w.sum().add(p.layers[1].w.sum()), y: y.mul(p.scale) })
    const batch: Params = { layers: [{ w: np.stack([v, v]) }, { w: v }], scale: np.array(2) }
    const out = vmap(f, { inAxes: [{ layers: [0, null], scale: null }, null], outAxes: { sum: 0, y: null } })(batch, v)
    expect(out.sum).toBeIdentical(np.full([2], -1))
    expect(out.y).toBeIdentical(v.mul(2))
    const deep = vmap(f, { inAxes: [{ layers: [{ w: 0 }, { w: null }], scale: null }, null] })(batch, v)
    expect(deep.y.shape).toEqual([2, 3])
  })

  test('axisSize says how long, where no argument does', () => {
    expect(vmap(() => v, { axisSize: 2 })()).toBeIdentical(np.stack([v, v]))
    expect(vmap((y: NDArray) => y.mul(2), { inAxes: null, axisSize: 2, outAxes: 1 })(v).shape).toEqual([3, 2])
    expect(vmap((y: NDArray) => y, { inAxes: null, outAxes: null, axisSize: 2 })(v)).toBeIdentical(v)
    expect(vmap((y: NDArray) => y.mul(2), { axisSize: 3 })(v)).toBeIdentical(v.mul(2))
    expect(() => vmap((y: NDArray) => y, { axisSize: 2 })(v)).toThrow(
      'vmap: axisSize is 2, but axis 0 of arguments[0] ([3]) is 3 long',
    )
    expect(() => vmap((y: NDArray) => y, { axisSize: 1.5 })).toThrow('axisSize must be a whole number')
    expect(() => vmap(() => v)()).toThrow(
      'no argument is mapped over; give inAxes an axis for at least 1 of them, or axisSize',
    )
  })

  test('over no entries', () => {
    expect(vmap((y: NDArray) => y.sum())(np.zeros([0, 3])).shape).toEqual([0])
    expect(vmap(grad((y: NDArray) => y.mul(y).sum()))(np.zeros([0, 3])).shape).toEqual([0, 3])
  })
})

test('derivatives of integers are zeros, of their dtype, in vjp', () => {
  const [, pullback] = vjp((x: NDArray, k: NDArray) => x.mul(k), v, n)
  expect(pullback(v)[1]).toBeIdentical(np.zeros([3], { dtype: 'int32' }))
  expect(jvp((x: NDArray, k: NDArray) => ({ y: x.mul(k), k }), [v, n], [v, n])[1].k.dtype).toBe('int32')
})

test('linearTranspose takes trees and gives trees', () => {
  const f = (p: { a: NDArray; b: NDArray }) => [p.a.add(p.b.mul(2)), p.b.sum()] as const
  const [ct] = linearTranspose(f, { a: v, b: v })([v, np.array(1)])
  expect(ct.a).toBeIdentical(v)
  expect(ct.b).toBeIdentical(v.mul(2).add(1))
})

test('a Hessian-vector product is forward over reverse', () => {
  const f = (x: NDArray): NDArray => np.sin(x).mul(x).sum()
  const w = np.array([0.5, 1, -1])
  const [, product] = jvp(grad(f), [v], [w])
  expect(product).toBeAllclose(hessian(f)(v).matmul(w))
})

describe('options are plain objects', () => {
  const x = np.ones([2, 3])

  test('of any realm, and without a prototype, as parsers and modules make them', () => {
    const bare = Object.assign(Object.create(null) as object, { axis: 0 })
    const foreign = runInNewContext('({ axis: 0 })') as { axis: number }
    expect(x.sum(bare).jsSync()).toEqual([2, 2, 2])
    expect(np.sum(x, foreign).jsSync()).toEqual([2, 2, 2])
  })

  test('and not lists, arrays or instances of classes', () => {
    for (const options of [[0], x, new (class Options {})()])
      expect(() => np.sum(x, options as never)).toThrow('sum: options are given by name, as { axis: … }, not as a')
  })
})
