import { AbortError, devicePut, devices, grad, jit, NDArray, np, withSignal } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { afterAll, describe, expect, test } from 'vitest'

const device = createDevice('cpu', { worker: true })
const [here] = devices('cpu')
afterAll(() => device.close())

const f = (x: NDArray): NDArray => np.sin(x).mul(2).sum()

describe('a device in a worker', () => {
  test('computes what the same programs compute on the calling thread, to the bit', async () => {
    const x = np.linspace(-3, 3, 1001)
    for (const g of [f, grad(f)]) {
      expect(await jit(g, { device })(x).data()).toEqual(
        await jit(g, { device: createDevice('cpu', { worker: false }) })(x).data(),
      )
    }
  })
  test('takes results of earlier calls as they are, without waiting', async () => {
    const step = jit((x: NDArray) => [x.mul(0.5).add(1), x.sum()] as const, { device })
    let x: NDArray = np.zeros([10_000])
    let sum = x
    for (let i = 0; i < 200; i++) [x, sum] = step(x)
    expect(await sum.js()).toBeCloseTo(20_000, 0)
    expect((await x.data())[17]).toBe(2)
    expect(here.name).toBe('cpu:0')
  })
  test('devicePut', async () => {
    const x = devicePut(np.arange(5), device)
    expect(await jit((a: NDArray) => a.add(1), { device })(x).js()).toEqual([1, 2, 3, 4, 5])
    expect(await x.js()).toEqual([0, 1, 2, 3, 4])
  })
  test('cancel', async () => {
    const controller = new AbortController()
    const slow = jit(
      (a: NDArray) => {
        let y = a
        for (let i = 0; i < 20; i++) y = y.matmul(a).mul(0.001)
        return y
      },
      { device },
    )
    const a = np.ones([512, 512])
    const [first, second, third] = withSignal(controller.signal, () => [slow(a), slow(a.add(1)), slow(a.add(2))])
    const after = slow(a.add(3))
    await new Promise((r) => setTimeout(r, 5))
    controller.abort(new Error('enough'))
    await expect(third!.data()).rejects.toThrow(AbortError)
    await after.ready()
    console.log(await Promise.allSettled([first, second].map((x) => x!.ready().then(() => 1))))
  })
})
