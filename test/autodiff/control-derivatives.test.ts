import {
  grad,
  jacfwd,
  jit,
  lax,
  linearize,
  linearTranspose,
  makeJaxpr,
  type NDArray,
  np,
  TracerError,
  vjp,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { primitiveNames } from '../helpers/jaxpr.ts'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([0.5, -1, 2])
const int = (value: number): NDArray => np.array(value, { dtype: 'int32' })

describe('derivatives of loops', () => {
  const untilLarge = (x: NDArray): NDArray =>
    lax.whileLoop(
      (y) => y.lt(100),
      (y) => y.mul(y),
      x,
    )

  test('a while loop has forward mode, and says what to use instead of reverse mode', () => {
    // ((3²)²)² = 3⁸
    expect(jacfwd(untilLarge)(3).item()).toBe(8 * 3 ** 7)
    expect(linearize(untilLarge, np.array(3))[1](1).item()).toBe(8 * 3 ** 7)
    const says = /reverse-mode differentiation does not work for lax\.whileLoop.*Use lax\.scan/
    expect(() => grad(untilLarge)(3)).toThrow(TracerError)
    expect(() => grad(untilLarge)(3)).toThrow(says)
    const [value, pullback] = vjp(untilLarge, np.array(3))
    expect(value.item()).toBe(3 ** 8)
    expect(() => pullback(1)).toThrow(says)
    const dynamic = (x: NDArray, n: NDArray): NDArray => lax.foriLoop(0, n, (_, y) => y.mul(x), x)
    expect(() => grad(dynamic)(3, int(2))).toThrow(says)
    expect(grad(jit((x: NDArray) => dynamic(x, int(2)), js))(3).item()).toBe(27)
  })

  test('a while loop that the gradient does not go through is no obstacle', () => {
    const f = (x: NDArray): [NDArray, NDArray] => {
      const [n, y] = lax.whileLoop(
        ([, z]) => z.lt(100),
        ([k, z]) => [k.add(1), z.mul(2)],
        [0, x] as const,
      )
      return [x.mul(x).mul(n), y]
    }
    expect(grad(f, { hasAux: true })(3)[0].item()).toBe(6 * 6)
  })

  test('what every step computes alike is computed once, and kept once', () => {
    const f = (w: NDArray, xs: NDArray): NDArray =>
      lax.scan((c, x) => [np.tanh(c.mul(np.sin(w)).add(x)), null], np.zeros([3]), xs)[0].sum()
    expect(primitiveNames(makeJaxpr(f)(v, np.ones([4, 3])))).toEqual([
      'broadcast_in_dim',
      'sin',
      'scan(mul add tanh)',
      'reduce_sum',
    ])
    const program = primitiveNames(makeJaxpr(grad(f))(v, np.ones([4, 3])))
    expect(program.filter((name) => name === 'sin' || name === 'cos')).toEqual(['sin', 'cos'])
    expect(program.filter((name) => name.startsWith('scan(') && /sin|cos/.test(name))).toEqual([])
    // The carry, what it was before each step, and the slope of tanh: nothing that all steps share.
    const [forward] = makeJaxpr(grad(f))(v, np.ones([4, 3])).equations.filter((e) => e.primitive.name === 'scan')
    expect(forward!.outputs.map((o) => o.aval.shape)).toEqual([[3], [4, 3], [4, 3]])
  })

  test('what is carried or stacked for nothing is left out', () => {
    const f = (x: NDArray): NDArray =>
      lax.scan(([a, b], y) => [[a.mul(y), b.add(1)], a.add(b)], [x, np.zeros([])] as const, v)[0][0]
    const [scan] = makeJaxpr(f)(np.array(2)).equations
    expect(primitiveNames(makeJaxpr(f)(np.array(2)))).toEqual(['scan(mul)'])
    expect(scan!.outputs.length).toBe(1)
    const counted = makeJaxpr((x: NDArray) => lax.foriLoop(0, 3, (_, y) => y.mul(2), x))(v)
    expect(primitiveNames(counted)).toEqual(['scan(broadcast_in_dim mul)'])
    const loop = makeJaxpr(
      (x: NDArray) =>
        lax.whileLoop(
          ([n]) => n.lt(3),
          ([n, y, z]) => [n.add(1), y.mul(2), z.add(y)],
          [x.sum(), x, x] as const,
        )[1],
    )(v)
    expect(loop.equations.at(-1)!.outputs.length).toBe(2)
  })

  test('a scan that is linear in a part of what it carries is transposed in that part', () => {
    const f = (x: NDArray): NDArray => lax.foriLoop(0, 3, (i, y) => y.mul(i.astype('float32').add(1)), x)
    expect(linearTranspose(f, v)(np.array([1, 10, 100]))[0].jsSync()).toEqual([6, 60, 600])
    const g = (xs: NDArray): NDArray =>
      lax.scan(([n, s], x) => [[n.mul(2), s.add(x.mul(n))], null], [np.array(1), np.array(0)] as const, xs)[0][1]
    expect(linearTranspose(g, v)(np.array(1))[0].jsSync()).toEqual([1, 2, 4])
  })
})
