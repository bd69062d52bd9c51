import { devicePut, grad, jit, lax, NDArray, np, vmap } from '@cotangent/autodiff'
import { configureCache, createDevice } from '@cotangent/autodiff/onnx'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { collectGarbage } from '../../helpers/collect.ts'
import { forAll } from '../../helpers/draws.ts'

const device = createDevice('cpu', { worker: true })
const inThread = createDevice('cpu', { worker: false })
afterAll(() => Promise.all([device.close(), inThread.close()]))

const x = np.linspace(-3, 3, 1001)
const twice = (a: NDArray): NDArray => a.mul(2)

describe('a device in a worker', () => {
  test('computes what the same programs compute on the calling thread, to the bit', async () => {
    const f = (a: NDArray): NDArray => np.sin(a).mul(np.exp(a)).sum()
    const cubes = (a: NDArray): NDArray => lax.scan((c: NDArray, b: NDArray) => [c.add(b), c.mul(b)], np.array(0), a)[1]
    for (const g of [f, grad(f), vmap(grad((a: NDArray) => np.tanh(a))), cubes]) {
      const there = await jit(g, { device })(x).data()
      expect(there).toEqual(await jit(g, { device: inThread })(x).data())
    }
  })

  test('random programs and their gradients, to the bit', async () => {
    const both = { argnums: [0, 1] } as const
    await forAll(
      programs(),
      async ({ f, args: [a, b] }) => {
        const found = [jit(f, { device })(a, b), ...jit(grad(f, both), { device })(a, b)]
        const expected = [jit(f, { device: inThread })(a, b), ...jit(grad(f, both), { device: inThread })(a, b)]
        for (const [i, y] of found.entries()) expect(await y.data()).toEqual(await expected[i]!.data())
      },
      0.2,
    )
  })

  test('takes results of earlier calls as they are, without waiting for them', async () => {
    const step = jit((a: NDArray) => [a.mul(0.5).add(1), a.sum()] as const, { device })
    let a: NDArray = np.zeros([10_000])
    let sum = a
    for (let i = 0; i < 200; i++) [a, sum] = step(a)
    expect(() => a.dataSync()).toThrow('on their way')
    expect(await sum.js()).toBe(20_000)
    expect((await a.data())[17]).toBe(2)
    expect(a.dataSync()[17]).toBe(2)
  })

  test('small results come with the answer, large ones when somebody reads them', async () => {
    const [small, large] = jit((a: NDArray) => [a.sum(), a.mul(2)] as const, { device })(np.ones([5000]))
    await small.ready()
    expect(small.item()).toBe(5000)
    expect(() => large.dataSync()).toThrow('on their way')
    expect((await large.data()).length).toBe(5000)
  })

  test('numbers of every dtype, of no size, and of parts of a buffer', async () => {
    const same = jit((a: NDArray) => np.concatenate([a, a]), { device })
    for (const dtype of [
      'bool',
      'int8',
      'uint8',
      'int16',
      'uint16',
      'int32',
      'uint32',
      'int64',
      'uint64',
      'float16',
      'bfloat16',
      'float32',
      'float64',
      'complex64',
    ] as const) {
      const a = np.array([0, 1, 1]).astype(dtype)
      expect(await same(a).js(), dtype).toEqual([...(a.jsSync() as never[]), ...(a.jsSync() as never[])])
      const big = np.ones([3000]).astype(dtype)
      expect(await same(big).data(), dtype).toEqual(np.ones([6000]).astype(dtype).dataSync())
    }
    expect(await jit((a: NDArray) => a.sum(), { device })(np.zeros([0])).js()).toBe(0)
    expect(await jit((a: NDArray) => a.mul(2), { device })(np.zeros([0, 3])).js()).toEqual([])
    const wide = new Float32Array(1e6).fill(3)
    expect(await jit(twice, { device })(np.array(wide.subarray(5, 8))).js()).toEqual([6, 6, 6])
  })

  test('takes arrays of other devices, and gives them its own', async () => {
    const there = jit(twice, { device })
    const here = jit((a: NDArray) => a.add(1), { device: inThread })
    const onJs = jit((a: NDArray) => a.sub(1), { device: 'js' })
    expect(await there(here(there(onJs(here(x.slice([0, 3])))))).js()).toEqual(
      x.slice([0, 3]).mul(2).add(1).mul(2).jsSync() as number[],
    )
    expect(there(x).add(1).shape).toEqual([1001])
    expect((await there(x).add(1).data())[0]).toBe(-5)
  })

  test('devicePut, and constants that are given again and again, go there once', async () => {
    const w = devicePut(np.ones([100, 100]), device)
    await w.ready()
    const f = jit((a: NDArray) => w.matmul(a).sum(), { device })
    expect(await f(np.ones([100, 1])).js()).toBe(10_000)
    expect(await f(np.zeros([100, 1])).js()).toBe(0)
    w[Symbol.dispose]()
  })
})

test('a folder for optimized models serves workers too', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cotangent-cache-'))
  try {
    configureCache({ directory })
    // Else how threads wait hangs on what others do, and a model on that.
    const own = (): ReturnType<typeof createDevice> => createDevice('cpu', { worker: true, spinning: false })
    const f = (a: NDArray): NDArray => np.cos(a).mul(3).sum()
    const expected = await jit(f, { device: inThread })(x).js()
    for (const name of readdirSync(directory)) rmSync(join(directory, name))
    for (let i = 0; i < 2; i++) {
      await using device = own()
      const g = jit(f, { device })
      expect(await g(x).js()).toBe(expected)
      expect(await g(x).js()).toBe(expected)
      expect(readdirSync(directory).filter((name) => name.endsWith('.model')).length).toBe(1)
    }
    for (const name of readdirSync(directory)) writeFileSync(join(directory, name), 'nonsense')
    await using device = own()
    expect(await jit(f, { device })(x).js()).toBe(expected)
  } finally {
    configureCache({ directory: null })
    rmSync(directory, { recursive: true })
  }
})

describe('the memory of a worker', () => {
  test('is given back when nobody holds the arrays, and counted to the byte', async () => {
    const own = createDevice('cpu', { worker: true })
    const f = jit((a: NDArray) => [a.mul(0.5), a.gt(0)] as const, { device: own })
    const loop = async (): Promise<void> => {
      let a: NDArray = np.ones([2500])
      for (let i = 0; i < 500; i++) {
        const [half, mask] = f(a)
        a = half
        if (i % 50 === 49) await mask.ready()
      }
      await a.ready()
      expect(own.liveBytes).toBeGreaterThanOrEqual(10_000)
    }
    await loop()
    await collectGarbage()
    expect(own.liveBytes).toBe(0)
    {
      using a = devicePut(np.ones([100]), own)
      await a.ready()
      expect(own.liveBytes).toBe(400)
      const [half, mask] = f(np.ones([2500]))
      await Promise.all([half.ready(), mask.ready()])
      expect(own.liveBytes).toBe(400 + 10_000 + 2500)
      half[Symbol.dispose]()
      mask[Symbol.dispose]()
    }
    expect(own.liveBytes).toBe(0)
    await own.close()
  })

  test('an array may be released as soon as it was passed on', async () => {
    const f = jit(twice, { device })
    const a = devicePut(np.ones([5000]), device)
    const b = f(a)
    a[Symbol.dispose]()
    const c = f(b)
    b[Symbol.dispose]()
    expect((await c.data())[0]).toBe(4)
    await expect(b.data()).rejects.toThrow('this array was released')
    expect(() => f(b)).toThrow('this array was released')
  })
})
