import { devicePut, devices, jit, NDArray, np } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { describe, expect, test } from 'vitest'
import { collectGarbage } from '../helpers/collect.ts'
import { noWebGpu, webGpuTitle } from '../helpers/webgpu.ts'

describe.each([
  { kind: 'cpu', calls: 2000, skip: false },
  { kind: 'wasm', calls: 1000, skip: false },
  { kind: 'webgpu', calls: 200, skip: noWebGpu !== undefined },
] as const)('memory of $kind', ({ kind, calls, skip }) => {
  const here = test.skipIf(skip)
  const title = (text: string): string => (kind === 'webgpu' ? webGpuTitle(text) : text)

  here(title('is given back when nobody holds the arrays, after many calls'), async () => {
    const device = createDevice(kind)
    const loop = async (): Promise<void> => {
      const f = jit((a: NDArray) => [a.mul(0.5), a.sum()], { device })
      let x: NDArray = np.ones([250])
      for (let i = 0; i < calls; i++) {
        const [half, sum] = f(x) as [NDArray, NDArray]
        x = half
        if (i % 10 === 9) await sum.ready()
      }
      await x.ready()
      expect(device.liveBytes).toBeGreaterThanOrEqual(1004)
    }
    await loop()
    await collectGarbage()
    expect(device.liveBytes).toBe(0)
    await device.close()
  })

  here(title('is given back at once by dispose, and counted to the byte'), async () => {
    const device = createDevice(kind)
    const f = jit((a: NDArray) => [a.add(1), a.gt(0)], { device })
    {
      using x = devicePut(np.ones([100]), device)
      await x.ready()
      expect(device.liveBytes).toBe(400)
      const [y, mask] = f(x) as [NDArray, NDArray]
      using more = y
      await Promise.all([more.ready(), mask.ready()])
      expect(device.liveBytes).toBe(900)
      mask[Symbol.dispose]()
      expect(device.liveBytes).toBe(800)
    }
    expect(device.liveBytes).toBe(0)
    await device.close()
  })

  here(title('an array may be released as soon as it was passed on, and before it is there'), async () => {
    const device = createDevice(kind)
    const f = jit((a: NDArray) => a.mul(2), { device })
    const g = jit((a: NDArray) => a.add(1), { device })
    const x = devicePut(np.array([1, 2, 3]), device)
    const y = f(x)
    x[Symbol.dispose]()
    const z = g(y)
    const reading = y.js()
    y[Symbol.dispose]()
    const never = f(z)
    never[Symbol.dispose]()
    expect(await z.js()).toEqual([3, 5, 7])
    expect(await reading).toEqual([2, 4, 6])
    await expect(y.data()).rejects.toThrow('this array was released')
    expect(() => f(y)).toThrow('this array was released')
    expect(y.toString()).toContain('released')
    expect(device.liveBytes).toBe(12)
    await device.close()
  })

  here(title('arrays that share numbers are released apart'), async () => {
    const device = createDevice(kind)
    const x = devicePut(np.array([1, 2, 3]), device)
    const [same, again] = jit((a: NDArray) => [a, a], { device })(x) as [NDArray, NDArray]
    const put = devicePut(x, device)
    const [twice, too] = jit((a: NDArray) => [a.mul(2), a.mul(2)], { device })(x) as [NDArray, NDArray]
    await Promise.all([twice.ready(), too.ready()])
    const made = device.liveBytes
    for (const array of [x, same, twice]) array[Symbol.dispose]()
    expect(device.liveBytes).toBe(made)
    expect(await Promise.all([again, put, too].map((y) => y.js()))).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [2, 4, 6],
    ])
    for (const array of [again, put, too]) array[Symbol.dispose]()
    expect(device.liveBytes).toBe(0)
    await device.close()
  })
})

test.each(['cpu', 'wasm'] as const)(
  'in a long loop of short calls on %s the count does not grow without end',
  async (kind) => {
    const device = createDevice(kind, { worker: false })
    const f = jit((a: NDArray) => [a.mul(0.5).add(1), a.sum()], { device })
    let x: NDArray = np.ones([4000])
    let most = 0
    for (let i = 0; i < 20_000; i++) {
      x = (f(x) as [NDArray, NDArray])[0]
      if (i % 100 === 99) {
        await x.ready()
        most = Math.max(most, device.liveBytes)
      }
    }
    // All that was made is 320 MB.
    expect(most).toBeLessThan(200e6)
    await device.close()
  },
)

test('timers have their turn in a long loop of short calls on wasm', async () => {
  const device = createDevice('wasm', { worker: false })
  const f = jit((a: NDArray) => a.mul(0.5), { device })
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  let x = f(np.ones([4]))
  await x.ready()
  ticks = 0
  const end = performance.now() + 200
  while (performance.now() < end) {
    x = f(x)
    await x.ready()
  }
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(2)
  await device.close()
})

describe.skipIf(noWebGpu !== undefined)(webGpuTitle('arrays of the host on a GPU'), () => {
  test('one that is passed again is uploaded, once, and stays as long as the array', async () => {
    const device = createDevice('webgpu')
    const f = jit((a: NDArray, b: NDArray) => a.mul(b).sum(), { device })
    const data = np.ones([1000])
    const results = [1, 2, 3, 4].map((k) => f(data, np.array(k)))
    expect(await Promise.all(results.map((y) => y.js()))).toEqual([1000, 2000, 3000, 4000])
    for (const y of results) y[Symbol.dispose]()
    expect(device.liveBytes).toBe(4000)
    data[Symbol.dispose]()
    expect(device.liveBytes).toBe(0)
    await device.close()
  })
  test('a large captured array goes there with the first call', async () => {
    const device = createDevice('webgpu')
    const weights = np.arange(5000)
    const f = jit((a: NDArray) => weights.mul(a).sum(), { device })
    const y = f(np.array(3))
    expect(await y.js()).toBe(3 * 12_497_500)
    y[Symbol.dispose]()
    expect(device.liveBytes).toBe(20_000)
    await device.close()
  })
  test('lanes of one GPU pass arrays on without the host', async () => {
    const [one, two] = [createDevice('webgpu'), devices('webgpu')[0]]
    const x = jit((a: NDArray) => a.add(1), { device: one })(np.array([1, 2]))
    const y = jit((a: NDArray) => a.mul(10), { device: two })(x)
    expect(await y.js()).toEqual([20, 30])
    expect(x.storage.host).toBeUndefined()
    await one.close()
  })
  test('arrays outlive their program and their device, and are given back after them', async () => {
    const device = createDevice('webgpu')
    const make = (): NDArray => jit((a: NDArray) => a.add(1), { device })(np.array([1, 2]))
    const [x, y] = [make(), make()]
    await Promise.all([x.ready(), y.ready()])
    await collectGarbage()
    x[Symbol.dispose]()
    await device.close()
    y[Symbol.dispose]()
    expect(device.liveBytes).toBe(0)
    expect(await jit((a: NDArray) => a.mul(2), { device: 'webgpu' })(np.array([1, 2])).js()).toEqual([2, 4])
  })
})
