import {
  checkpoint,
  customJvp,
  grad,
  jacfwd,
  jit,
  lax,
  linalg,
  type NDArray,
  np,
  special,
  vmap,
} from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { checkVjp, checkVmap } from '@cotangent/autodiff/testing'
import { describe, expect, test } from 'vitest'
import { halves } from '../helpers/dtypes.ts'
import { expectSame } from '../helpers/device-law.ts'
import '../helpers/matchers.ts'

type Fn = (...xs: NDArray[]) => NDArray

const random = (shape: readonly number[], dtype: DType, salt = 0): NDArray =>
  np
    .sin(
      np
        .arange(shape.reduce((a, b) => a * b, 1))
        .mul(1.7)
        .add(salt),
    )
    .astype(dtype)
    .reshape([...shape])

const kernel = (dtype: DType): NDArray => random([2, 1, 2], dtype, 3)
const functions: Readonly<Record<string, readonly [f: Fn, ...shapes: (readonly number[])[]]>> = {
  tanh: [(x) => np.tanh(x).mul(x), [4]],
  'matmul and softmax': [(x, w) => special.softmax(x.matmul(w), { axis: -1 }), [3, 4], [4, 2]],
  conv: [(x) => lax.conv(x.reshape([2, 1, 5]), kernel(x.dtype), [1], 'SAME'), [10]],
  sort: [(x) => lax.sort(x).mul(np.arange(5, { dtype: x.dtype })), [5]],
  'top k': [(x) => lax.topK(x, 2)[0], [2, 5]],
  'cumulative sums and products': [(x) => lax.cumsum(x, 0).mul(lax.cumprod(x, 0)), [5]],
  'running maxima': [(x) => lax.cummax(x, 0).add(lax.cumlogsumexp(x, 0)), [5]],
  windows: [
    (x) =>
      lax.reduceWindow(x, -Infinity, lax.max, [3], [1], 'SAME').add(lax.reduceWindow(x, 0, lax.add, [2], [1], 'SAME')),
    [6],
  ],
  'gather and scatter': [
    (x, u) => x.addAt(np.array(Int32Array.of(0, 2, 0)), u).slice(np.array(Int32Array.of(2, 0))),
    [4],
    [3],
  ],
  scan: [
    (x, w) => {
      const [last, ys] = lax.scan((c, v) => [np.tanh(c.add(v)), c.mul(v)], w, x)
      return ys.add(last)
    },
    [3, 2],
    [2],
  ],
  cond: [
    (x) =>
      lax.cond(
        x.sum().gt(0),
        (y) => y.mul(y),
        (y) => np.exp(y),
        x,
      ),
    [3],
  ],
  'mean and variance': [(x) => x.sub(np.mean(x)).div(np.std(x)), [6]],
  solve: [(x, b) => linalg.solve(x.add(np.eye(3, { dtype: x.dtype }).mul(4)), b), [3, 3], [3]],
  checkpoint: [checkpoint((x: NDArray) => np.sin(np.exp(x))) as Fn, [3]],
}

describe.each(halves)('%s', (dtype) => {
  const operandsOf = (shapes: readonly (readonly number[])[]): NDArray[] => shapes.map((s, k) => random(s, dtype, k))
  // Differences of 16-bit numbers say little; the transpose is checked against forward mode, and values against float32.
  test.each(Object.entries(functions))(
    '%s: reverse mode is the transpose of forward mode',
    async (_, [f, ...shapes]) => {
      const epsilon = dtype === 'float16' ? 2 ** -10 : 2 ** -7
      const tolerance = { rtol: 8 * epsilon, atol: 8 * epsilon }
      await checkVjp(f, operandsOf(shapes), { tolerance })
      await checkVmap(
        f,
        operandsOf(shapes).map((x) => np.stack([x, x.mul(0.5)])),
      )
    },
  )

  test.each(Object.entries(functions))('%s: values and gradients are near those in float32', (_, [f, ...shapes]) => {
    const narrow = operandsOf(shapes)
    const wide = narrow.map((x) => x.astype('float32'))
    const bound = dtype === 'float16' ? { rtol: 1e-2, atol: 1e-2 } : { rtol: 6e-2, atol: 6e-2 }
    expect(f(...narrow).dtype).toBe(dtype)
    expect(f(...narrow).astype('float32')).toBeAllclose(f(...wide), bound)
    const slope = grad((...xs: NDArray[]) => np.sum(np.sin(f(...xs))))
    expect(slope(...narrow).dtype).toBe(dtype)
    expect(slope(...narrow).astype('float32')).toBeAllclose(slope(...wide), bound)
  })

  test.each(Object.entries(functions))('%s: compiled for the cpu, with its gradient', async (_, [f, ...shapes]) => {
    const operands = operandsOf(shapes)
    const slope = grad((...xs: NDArray[]) => np.sum(f(...xs)))
    expectSame(await jit(f)(...operands).ready(), f(...operands), [], 4)
    expectSame(await jit(slope)(...operands).ready(), slope(...operands), [], 8)
  })

  test('nextafter is the next number of the dtype', async () => {
    const x = np.array([1, 0, -1, 65504, Infinity, NaN, 0.1], { dtype })
    const bits = dtype === 'float16' ? 10 : 7
    const up = np.nextafter(x, np.array(Infinity, { dtype }))
    const steps = [...up.sub(x).dataSync()]
    expect(up.dtype).toBe(dtype)
    expect(steps[0]).toBe(2 ** -bits)
    expect(steps[1]).toBe(dtype === 'float16' ? 2 ** -24 : 2 ** -133)
    expect(steps[2]).toBe(2 ** -(bits + 1))
    expect(np.nextafter(up, x).slice([0, 3])).toBeIdentical(x.slice([0, 3]))
    expect(await jit((v: NDArray) => np.nextafter(v, 9))(x).ready()).toBeIdentical(np.nextafter(x, 9))
    expect(np.nextafter(x, np.array(0, { dtype })).at(4).item()).toBe(np.finfo(dtype).max)
  })

  test('means of more numbers than it can count are right', () => {
    const x = np.full([70001], 3, { dtype })
    expect(np.mean(x).item()).toBe(3)
    expect(np.std(x).item()).toBe(0)
  })

  test('custom rules and forward mode keep the dtype', () => {
    const f = customJvp((x: NDArray) => np.exp(x), {
      jvp: ([x], [dx]) => [np.exp(x), dx.mul(2)],
    })
    expect(jacfwd(f as Fn)(np.array(0, { dtype }))).toBeIdentical(np.array(2, { dtype }))
    expect(vmap(grad(f as Fn))(np.zeros([2], { dtype }))).toBeIdentical(np.full([2], 2, { dtype }))
  })

  // Without MatmulTransposeFusion off, this ended the process.
  test('a transposed product with a constant is a factor of a compiled product', async () => {
    const scales = random([3, 5, 1], dtype)
    const f = (x: NDArray, y: NDArray): NDArray =>
      scales
        .mul(x.T.reshape([3, 1, 16]))
        .transpose([2, 0, 1])
        .matmul(y)
    const xs = [random([16, 3], dtype, 1), random([5, 2], dtype, 2)] as const
    const got = jit(f)(...xs)
    await got.data()
    expectSame(got, f(...xs))
  })

  test('a factor that keeps a compiled product within what there is stays where it is', async () => {
    const n = 90000
    const mean = jit((x: NDArray, y: NDArray, scale: NDArray) => x.mul(scale).matmul(y))
    const got = mean(np.ones([8, n], { dtype }), np.ones([n, 4], { dtype }), np.array(1 / n, { dtype }))
    for (const v of (await got.data()) as Float32Array) expect(Math.abs(v - 1)).toBeLessThan(0.02)
  })
})
