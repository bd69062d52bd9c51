import { AbortError, DeviceError, devices, jit, lax, NDArray, np, ValueError, withSignal } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchThreads } from '../../helpers/threads.ts'

/** About a second of one core, and its expected time is too. */
const long = (a: NDArray): NDArray => {
  let y = a
  for (let i = 0; i < 60; i++) y = y.matmul(a).mul(0.001)
  return y.sum()
}
const big = np.ones([1000, 1000])
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

let threads: ReturnType<typeof watchThreads>
beforeEach(() => void (threads = watchThreads()))
afterEach(() => threads.restore())

describe('where programs run', () => {
  test('the event loop stays free during a long call, on the default device', async () => {
    const f = jit(long)
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    const start = performance.now()
    await f(big).ready()
    clearInterval(timer)
    expect(performance.now() - start).toBeGreaterThan(100)
    expect(ticks).toBeGreaterThan(5)
  })

  test('short programs stay on the calling thread, and follow the results of long ones', async () => {
    const device = createDevice('cpu')
    const short = jit((a: NDArray) => a.mul(2), { device })
    expect((await short(np.ones([5000])).data())[0]).toBe(2)
    expect(threads.posts).toBe(0)
    const y = jit((a: NDArray) => [long(a), a.sum(0), a.sum()] as const, { device })(big)
    const z = short(y[1])
    expect((await z.data())[0]).toBe(2000)
    expect(threads.workers.length).toBe(1)
    const posts = threads.posts
    // On the host now.
    await y[2].ready()
    expect(await short(y[2]).js()).toBe(2e6)
    expect(threads.posts).toBe(posts)
    await device.close()
  })

  test('a loop of unknown length begins in the worker, and comes back when it proves to be short', async () => {
    const device = createDevice('cpu')
    const halve = jit(
      (a: NDArray) =>
        lax.whileLoop(
          (c: NDArray) => c.gt(1),
          (c: NDArray) => c.mul(0.5),
          a,
        ),
      { device },
    )
    expect(await halve(np.array(100)).js()).toBe(0.78125)
    expect(threads.posts).toBeGreaterThan(0)
    for (let i = 0; i < 50 && threads.posts > 0; i++) {
      threads.posts = 0
      expect(await halve(np.array(100)).js()).toBe(0.78125)
    }
    expect(threads.posts).toBe(0)
    await device.close()
  })

  test('the option says so: in the worker, or not', async () => {
    const there = createDevice('cpu', { worker: true })
    expect(await jit((a: NDArray) => a.mul(2), { device: there })(np.array(2)).js()).toBe(4)
    expect(threads.posts).toBeGreaterThan(0)
    await there.close()
    threads.posts = 0
    const here = createDevice('cpu', { worker: false })
    await jit(long, { device: here })(np.ones([300, 300])).ready()
    expect(threads.posts).toBe(0)
    await here.close()
    expect(() => createDevice('cpu', { worker: 'sometimes' as 'auto' })).toThrow(
      'createDevice: worker is "sometimes"; it must be true, false or \'auto\'',
    )
    expect(() => createDevice('cpu', { worker: 1 as unknown as true })).toThrow(DeviceError)
  })

  test('wasm runs in a worker too', async () => {
    const device = createDevice('wasm', { worker: true })
    expect(await jit((a: NDArray) => np.sin(a).mul(2), { device })(np.array([0, 1])).js()).toEqual(
      await jit((a: NDArray) => np.sin(a).mul(2), { device: createDevice('wasm', { worker: false }) })(
        np.array([0, 1]),
      ).js(),
    )
    await device.close()
  })

  test('devices compute at the same time: one that is called later is done first', async () => {
    await using one = createDevice('cpu', { worker: true, threads: 1 })
    await using two = createDevice('cpu', { worker: true, threads: 1 })
    const slow = jit(long, { device: one })
    const fast = jit((a: NDArray) => a.matmul(a).sum(), { device: two })
    await Promise.all([slow(np.ones([1000, 1000]).mul(0.5)).ready(), fast(np.ones([8, 8])).ready()])
    const order: string[] = []
    const first = slow(big)
      .ready()
      .then(() => order.push('slow'))
    const second = fast(np.ones([8, 8]))
      .ready()
      .then(() => order.push('fast'))
    await Promise.all([first, second])
    expect(order).toEqual(['fast', 'slow'])
  })

  test('a device that is listed again has a lane of its own: the same numbers, another worker', async () => {
    await using device = createDevice('cpu', { worker: true })
    const lanes = [0, 1, 1, 2].map((k) => device.lane!(k))
    expect(lanes[0]).toBe(device)
    expect(lanes[1]).toBe(lanes[2])
    const f = (a: NDArray): NDArray => np.sin(a).mul(2)
    const results = [0, 1, 3].map((i) => jit(f, { device: lanes[i]! })(np.arange(3)))
    const found = await Promise.all(results.map((x) => x.data()))
    expect(found[1]).toEqual(found[0])
    expect(found[2]).toEqual(found[0])
    expect(threads.workers.length).toBe(3)
    expect(devices('js')[0].lane?.(1)).toBe(undefined)
  })

  test('many short calls that wait leave turns to the event loop', async () => {
    const f = jit((a: NDArray) => a.matmul(a).sum(), { device: createDevice('cpu', { worker: false }) })
    const a = np.ones([200, 200])
    await f(a).ready()
    let turns = 0
    let on = true
    const turn = (): void => {
      turns++
      if (on) setImmediate(turn)
    }
    setImmediate(turn)
    await Promise.all(Array.from({ length: 100 }, () => f(a).ready()))
    on = false
    expect(turns).toBeGreaterThan(50)
  })
})

describe('cancellation', () => {
  test('calls that wait are dropped, with all computed from them; the one that runs, later ones and others go on', async () => {
    await using device = createDevice('cpu', { worker: true })
    const f = jit(long, { device })
    const add = jit((a: NDArray) => a.add(1), { device })
    await f(np.ones([1000, 1000]).mul(0.5)).ready()
    const controller = new AbortController()
    const [running, waiting] = withSignal(controller.signal, () => [f(big), f(big.mul(2))] as const)
    const dependent = add(waiting)
    const outside = add(np.array(1))
    await wait(50)
    controller.abort(new Error('enough'))
    await expect(waiting.data()).rejects.toThrow(AbortError)
    await expect(waiting.data()).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') })
    await expect(dependent.js()).rejects.toThrow(AbortError)
    expect(await outside.js()).toBe(2)
    expect(Number.isFinite(await running.js())).toBe(true)
    expect(await add(np.array(2)).js()).toBe(3)
  })

  test('on the calling thread too', async () => {
    await using device = createDevice('cpu', { worker: false })
    const f = jit((a: NDArray) => a.matmul(a).sum(), { device })
    const a = np.ones([300, 300])
    await f(a).ready()
    const controller = new AbortController()
    const calls = withSignal(controller.signal, () => Array.from({ length: 200 }, () => f(a)))
    await calls[0]!.ready()
    controller.abort()
    await expect(calls[199]!.js()).rejects.toThrow('the call was cancelled by its signal before it began')
    expect(await calls[0]!.js()).toBe(27e6)
  })

  test('a signal that was given before is an error at once; signals of enclosing calls hold', async () => {
    const f = jit((a: NDArray) => a.mul(2))
    expect(() => withSignal(AbortSignal.abort(), () => f(np.array(1)))).toThrow(AbortError)
    const outer = new AbortController()
    const inner = new AbortController()
    await using device = createDevice('cpu', { worker: true })
    const g = jit(long, { device })
    const [first, second] = withSignal(outer.signal, () =>
      withSignal(inner.signal, () => [g(np.ones([600, 600])), g(np.ones([600, 600]).mul(2))] as const),
    )
    outer.abort()
    await expect(second.js()).rejects.toThrow(AbortError)
    await first.js().catch(() => undefined)
  })

  test('what is no signal, and asynchronous functions, are refused', () => {
    expect(() => withSignal({} as AbortSignal, () => 1)).toThrow(ValueError)
    expect(() => withSignal(new AbortController().signal, 3 as unknown as () => number)).toThrow('f is no function')
    expect(() => withSignal(new AbortController().signal, async () => {})).toThrow('withSignal: f is async')
    expect(withSignal(new AbortController().signal, () => 5)).toBe(5)
    expect(devices('cpu')[0].name).toBe('cpu:0')
  })
})
