import {
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
  linearTranspose,
  makeJaxpr,
  type NDArray,
  np,
  splitVjp,
  stopGradient,
  TracerError,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([1, -2, 0.5])
const f64 = (values: number[]): NDArray => np.array(values, { dtype: 'float64' })

describe('stopGradient', () => {
  test('is the identity with derivative zero, of trees too', () => {
    const f = (p: { a: NDArray; b: NDArray }): NDArray => {
      const fixed = stopGradient(p)
      return p.a.mul(fixed.b).add(p.b.mul(p.b)).sum()
    }
    const g = grad(f)({ a: v, b: np.array([3, 4, 5]) })
    expect(g.a).toBeIdentical(np.array([3, 4, 5]))
    expect(g.b).toBeIdentical(np.array([6, 8, 10]))
    expect(stopGradient([v, 2])[1].item()).toBe(2)
  })

  test('in forward mode, batches, programs and higher derivatives', async () => {
    const f = (x: NDArray): NDArray => x.mul(lax.stopGradient(x.mul(x)))
    expect(jvp(f, [v], [np.ones([3])])[1]).toBeIdentical(v.mul(v))
    expect(vmap(grad(f))(v)).toBeIdentical(v.mul(v))
    expect(grad(grad((x: NDArray) => f(x).mul(x)))(3).item()).toBe(2 * 9)
    await checkVmap(f, [np.ones([4, 3])])
    for (const device of ['js', 'cpu'] as const) await checkJit(vmap(grad(f)), [v], { device })
  })

  test('leaves integers alone and is there once', () => {
    expect(makeJaxpr((x: NDArray) => stopGradient(stopGradient(x)))(v).equations.length).toBe(1)
    expect(makeJaxpr((x: NDArray) => stopGradient(x))(np.array([1], { dtype: 'int32' })).equations.length).toBe(0)
  })

  test('complex numbers are constants too', async () => {
    // |z · stop(z)|² for z = x + 2ix: |z|² counts as a constant.
    const f = (x: NDArray): NDArray => {
      const z = lax.complex(x, x.mul(2))
      return np.abs(z.mul(stopGradient(z))).square()
    }
    expect(grad(f)(1).item()).toBeCloseTo(50, 4)
    expect(await jit(grad(f))(1).js()).toBeCloseTo(50, 4)
  })
})

const log1pexp: (x: NDArray) => NDArray = customJvp((x: NDArray) => np.log1p(np.exp(x)), {
  jvp: ([x], [dx]) => [log1pexp(x), dx.mul(np.divide(1, np.exp(x.neg()).add(1)))],
})

describe('customJvp', () => {
  const doubled: (x: NDArray) => NDArray = customJvp((x: NDArray) => np.sin(x), {
    jvp: ([x], [dx]) => [doubled(x), dx.mul(2)],
  })

  test('is the function itself, until it is differentiated', async () => {
    expect(doubled(v)).toBeIdentical(np.sin(v))
    expect(vmap(doubled)(v)).toBeIdentical(np.sin(v))
    expect(jit(doubled, js)(v)).toBeIdentical(np.sin(v))
    expect(await jit(vmap(doubled))(v).data()).toEqual(await jit((x: NDArray) => np.sin(x))(v).data())
    expect(doubled(np.array(0)).item()).toBe(0)
  })

  test('has the rule’s derivative in every mode', () => {
    const twos = np.array([2, 2, 2])
    const sum = (x: NDArray): NDArray => doubled(x).sum()
    expect(jvp(doubled, [v], [np.ones([3])])[1]).toBeIdentical(twos)
    expect(grad(sum)(v)).toBeIdentical(twos)
    expect(vjp(doubled, v)[1](np.ones([3]))[0]).toBeIdentical(twos)
    expect(linearize(doubled, v)[1](np.ones([3]))).toBeIdentical(twos)
    expect(jacfwd(doubled)(v)).toBeIdentical(np.eye(3).mul(2))
    expect(jacrev(doubled)(v)).toBeIdentical(np.eye(3).mul(2))
    expect(vmap(grad(doubled))(v)).toBeIdentical(twos)
    expect(grad((x: NDArray) => vmap(doubled)(x).sum())(v)).toBeIdentical(twos)
    expect(grad((x: NDArray) => vmap(vmap(doubled))(x).sum())(np.ones([2, 3]))).toBeIdentical(np.full([2, 3], 2))
    expect(jit(grad(sum), js)(v)).toBeIdentical(twos)
    expect(grad((x: NDArray) => jit(doubled, js)(x).sum())(v)).toBeIdentical(twos)
    expect(grad((x: NDArray) => jit(vmap(jit(doubled, js)), js)(x).sum())(v)).toBeIdentical(twos)
    expect(splitVjp(doubled, [v]).backward([], np.ones([3]))).toBeIdentical(twos)
    expect(hessian(sum)(v)).toBeIdentical(np.zeros([3, 3]))
  })

  test('a stable rule stays stable in second derivatives', async () => {
    expect(grad(log1pexp)(100).item()).toBe(1)
    expect(grad(grad(log1pexp))(0).item()).toBeCloseTo(0.25)
    await checkGrads(log1pexp, [f64([0.3, -1, 2])], { order: 3 })
    await checkGrads(vmap(log1pexp), [f64([0.3, -1, 2])], { order: 2 })
    await checkVmap(vmap(grad(log1pexp)), [np.ones([2, 3])])
    await checkJit(vmap(grad(grad(log1pexp))), [v], { device: 'cpu' })
  })

  test('takes and gives trees', () => {
    const f = customJvp((p: { w: NDArray; b: NDArray }, x: NDArray) => ({ y: p.w.mul(x), n: x.astype('int32') }), {
      jvp: ([p, x], [dp, dx]) => [
        { y: p.w.mul(x), n: x.astype('int32') },
        { y: dp.w.mul(x).add(dp.b).add(dx.mul(10)), n: x.astype('int32') },
      ],
    })
    const loss = (p: { w: NDArray; b: NDArray }, x: NDArray): NDArray => f(p, x).y.sum()
    const [gp, gx] = grad(loss, { argnums: [0, 1] })({ w: v, b: v }, np.array([1, 2, 3]))
    expect(gp.w).toBeIdentical(np.array([1, 2, 3]))
    expect(gp.b).toBeIdentical(np.ones([3]))
    expect(gx).toBeIdentical(np.full([3], 10))
    const batched = vmap(grad(loss), { inAxes: [{ w: 0, b: null }, 0] })({ w: v, b: np.array(0) }, np.array([1, 2, 3]))
    expect(batched.w).toBeIdentical(np.array([1, 2, 3]))
  })

  test('keeps its rule where only some arguments are batched', () => {
    const scale: (x: NDArray, s: NDArray) => NDArray = customJvp((x: NDArray, s: NDArray) => x.mul(s), {
      jvp: ([x, s], [dx, ds]) => [scale(x, s), dx.mul(s).mul(3).add(ds)],
    })
    const xs = np.array([1, 2])
    const g = vmap(grad(scale, { argnums: [0, 1] }), { inAxes: [0, null] })(xs, 5)
    expect(g[0]).toBeIdentical(np.full([2], 15))
    expect(g[1]).toBeIdentical(np.ones([2]))
    const summed = grad((s: NDArray) => vmap(scale, { inAxes: [0, null] })(xs, s).sum())(5)
    expect(summed.item()).toBe(2)
    const outside = grad((s: NDArray) => vmap(scale, { inAxes: [null, 0], outAxes: 1 })(np.ones([3]), s).sum())
    expect(outside(xs)).toBeIdentical(np.full([2], 3))
  })

  test('may have one rule an argument, null for zero', async () => {
    const f = customJvp((x: NDArray, y: NDArray) => np.sin(x).mul(y), {
      jvps: [(dx, _, x, y) => np.cos(x).mul(y).mul(dx), null],
    })
    const [gx, gy] = grad((x: NDArray, y: NDArray) => f(x, y).sum(), { argnums: [0, 1] })(v, v)
    expect(gx).toBeAllclose(np.cos(v).mul(v))
    expect(gy).toBeIdentical(np.zeros([3]))
    const tanh = customJvp((x: NDArray) => np.tanh(x), { jvps: [(dx, y) => dx.mul(np.subtract(1, y.mul(y)))] })
    await checkGrads(tanh, [f64([0.3, -1])], { order: 3 })
  })

  test('functions and settings are nondiffArgnums', () => {
    const apply = customJvp((g: (x: NDArray) => NDArray, x: NDArray, mode: string) => (mode === 'on' ? g(x) : x), {
      nondiffArgnums: [0, 2],
      jvp: ([g, x, mode], [none, dx, nothing]) => {
        expect([none, mode, nothing]).toEqual([null, 'on', null])
        return [g(x), dx.mul(7)]
      },
    })
    expect(grad((x: NDArray) => apply(np.sin, x, 'on'))(0).item()).toBe(7)
    expect(apply(np.sin, 2, 'off').item()).toBe(2)
  })

  test('integer arguments have tangents of zero', () => {
    const f = customJvp((x: NDArray, n: NDArray) => x.mul(n), {
      jvp: ([x, n], [dx, dn]) => {
        expect(dn.dtype).toBe('int32')
        return [x.mul(n), dx.mul(n).add(dn)]
      },
    })
    expect(grad((x: NDArray) => f(x, np.array(4, { dtype: 'int32' })))(1).item()).toBe(4)
  })

  test('closes over values of an enclosing function, and its rule may use the same', () => {
    const outer = (c: NDArray): NDArray => {
      const f = customJvp((x: NDArray) => x.mul(c), { jvp: ([x], [dx]) => [x.mul(c), dx.mul(c).mul(2)] })
      return grad(f)(1)
    }
    expect(jit(outer, js)(3).item()).toBe(6)
    expect(vmap(outer)(np.array([1, 2]))).toBeIdentical(np.array([2, 4]))
    // Also when it is differentiated after the function that it closes over is done.
    const inner = vmap(
      (c: NDArray, x: NDArray) => {
        const f = customJvp((y: NDArray) => y.mul(c), { jvp: ([y], [dy]) => [y.mul(c), dy.mul(c).mul(2)] })
        return f(x)
      },
      { inAxes: [0, 0] },
    )
    expect(grad((x: NDArray) => inner(np.array([1, 2]), x).sum())(np.array([5, 5]))).toBeIdentical(np.array([2, 4]))
    expect(() => grad((c: NDArray) => inner(c, np.array([5, 5])).sum())(np.array([1, 2]))).toThrow(
      /closes over.*Pass the value as an argument, or close over stopGradient/,
    )
    const held = vmap((c: NDArray, x: NDArray) => {
      const k = stopGradient(c)
      return customJvp((y: NDArray) => y.mul(k), { jvp: ([y], [dy]) => [y.mul(k), dy] })(x)
    })
    expect(grad((c: NDArray) => held(c, np.array([5, 5])).sum())(np.array([1, 2]))).toBeIdentical(np.zeros([2]))
  })

  test('a linear one can be transposed', () => {
    const f = customJvp((x: NDArray) => x.mul(3), { jvp: ([x], [dx]) => [x, dx] })
    expect(linearTranspose(f, v)(v)[0]).toBeIdentical(v.mul(3))
  })
})

describe('customVjp', () => {
  const clipped: (x: NDArray) => NDArray = customVjp((x: NDArray) => x.mul(x), {
    forward: (x) => [x.mul(x), { x }],
    backward: ({ x }, ct) => [np.clip(ct.mul(x).mul(2), -1, 1)],
  })

  test('is the function itself, until it is differentiated', async () => {
    expect(clipped(v)).toBeIdentical(v.mul(v))
    expect(vmap(clipped)(v)).toBeIdentical(v.mul(v))
    expect(jit(vmap(clipped), js)(v)).toBeIdentical(v.mul(v))
    expect(await jit(clipped)(v).js()).toEqual([1, 4, 0.25])
  })

  test('has the rule’s cotangents in reverse mode', async () => {
    const expected = np.array([1, -1, 1])
    const sum = (x: NDArray): NDArray => clipped(x).sum()
    expect(grad(sum)(v)).toBeIdentical(expected)
    expect(vjp(clipped, v)[1](np.full([3], 0.1))[0]).toBeAllclose([0.2, -0.4, 0.1])
    expect(jacrev(clipped)(v)).toBeAllclose(np.diag(expected), { rtol: 0, atol: 0 })
    expect(vmap(grad(clipped))(v)).toBeIdentical(expected)
    expect(grad((x: NDArray) => vmap(clipped)(x).sum())(v)).toBeIdentical(expected)
    expect(grad((x: NDArray) => vmap(vmap(clipped))(x).sum())(v.reshape([1, 3]))).toBeIdentical(
      expected.reshape([1, 3]),
    )
    expect(jit(grad(sum), js)(v)).toBeIdentical(expected)
    expect(grad((x: NDArray) => jit(vmap(jit(clipped, js)), js)(x).sum())(v)).toBeIdentical(expected)
    const { forward, backward } = splitVjp(clipped, [v])
    expect(backward(forward(v)[1], np.ones([3]))).toBeIdentical(expected)
    await checkJit(vmap(grad(clipped)), [v], { device: 'cpu' })
  })

  test('higher derivatives differentiate the rule', async () => {
    // The rule's cotangent is clip(2x): its derivative is 2 inside, and 0 outside.
    expect(grad(grad(clipped))(0.25).item()).toBe(2)
    expect(grad(grad(clipped))(3).item()).toBe(0)
    expect(jvp(grad(clipped), [np.array(0.25)], [np.array(1)])[1].item()).toBe(2)
    expect(hessian((x: NDArray) => clipped(x).sum())(np.array([0.25, 3])).jsSync()).toEqual([
      [2, 0],
      [0, 0],
    ])
    expect(vmap(grad(grad(clipped)))(np.array([0.25, 3]))).toBeIdentical(np.array([2, 0]))
    const tanh = customVjp((x: NDArray) => np.tanh(x), {
      forward: (x) => {
        const y = np.tanh(x)
        return [y, y]
      },
      backward: (y, ct) => [ct.mul(np.subtract(1, y.mul(y)))],
    })
    const x = f64([0.3, -1])
    const third = (f: (y: NDArray) => NDArray): NDArray => vmap(grad(grad(grad(f))))(x)
    expect(third(tanh)).toBeAllclose(third((y) => np.tanh(y)))
  })

  test('takes and gives trees; null is a cotangent of zero', () => {
    const f = customVjp((p: { w: NDArray; n: NDArray }, x: NDArray, y: NDArray) => [p.w.mul(x), y.add(p.n)] as const, {
      forward: (p, x, y) => [[p.w.mul(x), y.add(p.n)] as const, [x, [p.w, 3]]],
      backward: ([x, [w, three]], [ct, cty]) => [{ w: ct.mul(x), n: p0 }, ct.mul(w).mul(three).add(cty), null],
    })
    const p0 = np.array(0, { dtype: 'int32' })
    const loss = (w: NDArray, x: NDArray, y: NDArray): NDArray => f({ w, n: p0 }, x, y)[0].sum()
    const g = grad(loss, { argnums: [0, 1, 2] })(v, np.array([1, 2, 3]), v)
    expect(g[0]).toBeIdentical(np.array([1, 2, 3]))
    expect(g[1]).toBeIdentical(v.mul(3))
    expect(g[2]).toBeIdentical(np.zeros([3]))
  })

  test('a cotangent is summed over a batch that shares its argument', () => {
    const scale = customVjp((x: NDArray, w: NDArray) => x.mul(w), {
      forward: (x, w) => [x.mul(w), [x, w]],
      backward: ([x, w], ct) => [ct.mul(w), ct.mul(x).mul(10)],
    })
    const xs = np.array([1, 2, 4])
    const total = grad((w: NDArray) => vmap(scale, { inAxes: [0, null] })(xs, w).sum())
    expect(total(3).item()).toBe(70)
    expect(vmap(total)(np.array([3, 4]))).toBeIdentical(np.array([70, 70]))
    // Residuals that are not batched stay so: the weights are one for all.
    const forward = splitVjp((w: NDArray) => vmap(scale, { inAxes: [0, null] })(xs, w), [np.array(3)]).forward
    expect(forward(3)[1].map((r) => r.shape)).not.toContainEqual([3, 1])
    const placed = grad((x: NDArray) => vmap(scale, { inAxes: [1, null] })(x, np.array([1, 2])).sum())
    expect(placed(np.ones([2, 5]))).toBeIdentical(
      np
        .array([1, 2])
        .reshape([2, 1])
        .mul(np.ones([2, 5])),
    )
  })

  test('functions are nondiffArgnums', () => {
    const f = customVjp((g: (x: NDArray) => NDArray, x: NDArray) => g(x), {
      nondiffArgnums: [0],
      forward: (g, x) => [g(x), x],
      backward: (x, ct, g) => [null, ct.mul(g(x)).mul(100)],
    })
    expect(grad((x: NDArray) => f((y) => y.mul(2), x))(3).item()).toBe(600)
  })

  test('closes over values of an enclosing function that are not differentiated', () => {
    const f = vmap((c: NDArray, x: NDArray) =>
      customVjp((y: NDArray) => y.mul(c), {
        forward: (y) => [y.mul(c), null],
        backward: (_, ct) => [ct.mul(c).mul(2)],
      })(x),
    )
    expect(grad((x: NDArray) => f(np.array([1, 2]), x).sum())(np.array([5, 5]))).toBeIdentical(np.array([2, 4]))
    expect(() => grad((c: NDArray) => f(c, np.array([5, 5])).sum())(np.array([1, 2]))).toThrow(TracerError)
  })

  test('forward mode is an error that says so, wherever it is tried', () => {
    const says = /forward mode \(jvp, jacfwd, linearize\).*customJvp/
    expect(() => jvp(clipped, [v], [v])).toThrow(says)
    expect(() => jacfwd(clipped)(v)).toThrow(says)
    expect(() => linearize(clipped, v)[1](v)).toThrow(says)
    expect(() => jit((x: NDArray) => jvp(clipped, [x], [x])[1], js)(v)).toThrow(says)
    expect(() => jit((x: NDArray) => jvp(clipped, [x], [x])[1])(v)).toThrow(says)
    expect(() => vmap((x: NDArray) => jvp(clipped, [x], [x])[1])(v)).toThrow(says)
    expect(jvp((x: NDArray) => x.mul(2).add(clipped(stopGradient(x))), [v], [v])[1]).toBeIdentical(v.mul(2))
  })
})
