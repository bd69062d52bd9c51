import { DeviceError, devicePut, grad, jit, NDArray, np, PendingError } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WorkerBackend } from '../../../packages/autodiff/src/onnx/worker/backend.ts'
import { scriptOf } from '../../helpers/child.ts'
import { watchThreads } from '../../helpers/threads.ts'

const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)
let threads: ReturnType<typeof watchThreads>
beforeEach(() => {
  unhandled.length = 0
  threads = watchThreads()
  process.on('unhandledRejection', remember)
})
afterEach(async () => {
  threads.restore()
  await new Promise((done) => setTimeout(done, 10))
  process.off('unhandledRejection', remember)
  expect(unhandled).toEqual([])
})

const source = (module: 'onnxruntime-node' | 'onnxruntime-web') =>
  ({ module, address: () => undefined, settings: () => undefined }) as const

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
const twice = (a: NDArray): NDArray => a.mul(2)
const long = (a: NDArray): NDArray => {
  let y = a
  for (let i = 0; i < 250; i++) y = y.matmul(a).mul(0.001)
  return y.sum()
}
const big = np.ones([800, 800])

describe('a worker that dies', () => {
  test('in a call: what it computed and held fails with a DeviceError, the rest lives, and a new one goes on', async () => {
    await using device = createDevice('cpu', { worker: true })
    const f = jit(long, { device })
    const g = jit(twice, { device })
    const host = np.arange(5000)
    const held = g(host)
    const read = g(host)
    await Promise.all([held, read].map((x, i) => (i === 0 ? jit(twice, { device })(x) : x).ready()))
    const running = f(big)
    const waiting = g(host)
    await wait(150)
    void threads.workers.at(-1)!.terminate()
    await expect(running.js()).rejects.toThrow(DeviceError)
    await expect(running.js()).rejects.toThrow(
      /^cpu:\d+: its worker ended during the call \(it was terminated\); the device goes on with a new one$/,
    )
    await expect(waiting.data()).rejects.toThrow(DeviceError)
    await expect(held.data()).rejects.toThrow(
      /^cpu:\d+: the worker that held this array is gone \(it was terminated\); compute the array again$/,
    )
    expect((await read.data())[3]).toBe(6)
    expect((await g(host).data())[4]).toBe(8)
    expect((await g(read).data())[4]).toBe(16)
    await expect(g(held).data()).rejects.toThrow('the worker that held this array is gone')
    expect(Number.isFinite(await f(big).js())).toBe(true)
    expect(threads.workers.length).toBe(2)
  })

  test('in a call that nobody else waits for: the process stays until who ended it has been told', async () => {
    const script = await scriptOf(`
      import { Worker } from 'node:worker_threads'
      import { jit, np } from '@cotangent/autodiff'
      import { createDevice } from '@cotangent/autodiff/onnx'
      const workers = new Set()
      const { ref } = Worker.prototype
      Worker.prototype.ref = function () {
        workers.add(this)
        return ref.call(this)
      }
      const long = (a) => Array.from({ length: 250 }).reduce((y) => y.matmul(a).mul(0.001), a).sum()
      const y = jit(long, { device: createDevice('cpu', { worker: true }) })(np.ones([800, 800]))
      y.ready().catch((error) => console.log(error.name))
      await new Promise((done) => setTimeout(done, 200))
      for (const worker of workers) await worker.terminate()
      console.log('ended')
    `)
    const ended = await script.run()
    script.remove()
    expect([ended.code, ended.stdout], ended.stderr).toEqual([0, 'DeviceError\nended\n'])
  })

  test('by its own error, between calls', async () => {
    await using device = createDevice('cpu', { worker: true })
    const g = jit(twice, { device })
    const held = g(np.ones([5000]))
    await wait(200)
    threads.workers[0]!.postMessage([null])
    await new Promise((done) => threads.workers[0]!.on('exit', done))
    await expect(held.data()).rejects.toThrow(/the worker that held this array is gone \(.*null/)
    expect((await g(np.ones([5000])).data())[0]).toBe(2)
  })

  test('again and again', async () => {
    await using device = createDevice('cpu', { worker: true })
    const g = jit(
      grad((a: NDArray) => np.sin(a).sum()),
      { device },
    )
    const x = np.zeros([2])
    for (let i = 0; i < 5; i++) {
      expect(await g(x).js()).toEqual([1, 1])
      const lost = g(x)
      await threads.workers.at(-1)!.terminate()
      await expect(lost.js()).rejects.toThrow(DeviceError)
    }
    expect(threads.workers.length).toBe(5)
  })

  test('of a device of which long programs alone run there', async () => {
    await using device = createDevice('cpu')
    const f = jit(long, { device })
    const short = jit(twice, { device })
    const running = f(big)
    await wait(50)
    void threads.workers.at(-1)!.terminate()
    await expect(running.js()).rejects.toThrow('its worker ended during the call')
    expect(await short(np.array([1])).js()).toEqual([2])
    expect(Number.isFinite(await f(big).js())).toBe(true)
  })
})

describe('what the runtime refuses', () => {
  test('a model: a DeviceError of its results, and other programs go on', async () => {
    const backend = new WorkerBackend('cpu:9', source('onnxruntime-node'))
    const value = { name: 'x', shape: [1], dtype: 'float32' } as const
    const request = {
      model: new Uint8Array([1, 2, 3]),
      inputs: [value],
      outputs: [{ ...value, name: 'y' }],
      options: {},
    }
    const session = backend.createSession(request)
    await expect(session.ready).rejects.toThrow(/^cpu:9 could not make a session of the program: /)
    const [y] = session.run([{ ...value, data: new Float32Array(1) }])
    await expect(y!.download()).rejects.toThrow(DeviceError)
    await expect(y!.download()).rejects.toThrow('could not make a session of the program')
    const [z] = session.run([y!])
    await expect(z!.download()).rejects.toThrow('could not make a session of the program')
    await backend.close()
    expect(() => session.run([])).toThrow('cpu:9 was closed')
  })

  test('a provider that is not there', async () => {
    const backend = new WorkerBackend('cpu:9', source('onnxruntime-web'))
    const value = { name: 'x', shape: [1], dtype: 'float32' } as const
    const session = backend.createSession({
      model: new Uint8Array(4),
      inputs: [value],
      outputs: [value],
      options: { executionProviders: ['nothing'] },
    })
    await expect(session.ready).rejects.toThrow(DeviceError)
    await backend.close()
  })
})

describe('no memory', () => {
  const tooMuch = (a: NDArray): NDArray => np.broadcastTo(a.slice([0, 1]), [2 ** 21, 2 ** 21]).T.mul(2)
  const tooLong = (a: NDArray): NDArray => np.broadcastTo(a.slice([0, 1]), [2 ** 34]).mul(2)

  test.each([true, false, 'auto'] as const)('is a DeviceError, worker: %s', async (worker) => {
    await using device = createDevice('cpu', { worker })
    const x = np.array([1, 2, 3])
    const other = jit(twice, { device })(np.ones([5000]))
    for (const f of [tooMuch, tooLong]) {
      const y = jit(f, { device })(x)
      await expect(y.data()).rejects.toThrow(DeviceError)
      await expect(y.data()).rejects.toThrow(/^cpu:\d+ failed to run the program: /)
      await expect(jit((a: NDArray) => a.sum(), { device })(y).js()).rejects.toThrow(DeviceError)
    }
    expect((await other.data())[0]).toBe(2)
    expect(await jit(twice, { device })(x).js()).toEqual([2, 4, 6])
  })

  test.runIf(process.platform === 'linux').each(['true', 'false'])(
    'of the process: an error where the array would have been, worker: %s',
    async (worker) => {
      const script = await scriptOf(`
        import { execSync } from 'node:child_process'
        import { readFileSync } from 'node:fs'
        import { jit, np } from '@cotangent/autodiff'
        import { createDevice } from '@cotangent/autodiff/onnx'
        const device = createDevice('cpu', { worker: ${worker}, threads: 1 })
        const f = jit((x) => np.broadcastTo(x, [2 ** 27]), { device })
        const g = jit((x) => x.mul(2), { device })
        await g(np.array([1])).js()
        const size = Number(/VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
        for (const more of [0.1, 0.3, 0.55, 0.7, 2.5]) {
          execSync('prlimit --as=' + Math.round(size * 1024 + more * 2 ** 30) + ': --pid ' + process.pid)
          const y = f(np.array([1]))
          console.log(await y.ready().then(() => 'there', (e) => e.name))
          console.log(...(await g(np.array([2])).js()))
          execSync('prlimit --as=unlimited: --pid ' + process.pid)
        }
      `)
      const ended = await script.run()
      script.remove()
      expect([ended.code, ended.signal], ended.stderr).toEqual([0, null])
      expect(ended.stdout.split('\n').filter((line) => line !== '4')).toEqual([
        'DeviceError',
        'DeviceError',
        'DeviceError',
        'DeviceError',
        'there',
        '',
      ])
    },
  )
})

describe('arrays that are gone', () => {
  test('a released one as argument', async () => {
    await using device = createDevice('cpu', { worker: true })
    const f = jit(twice, { device })
    for (const x of [np.ones([3]), f(np.ones([3])), devicePut(np.ones([3]), device)]) {
      x[Symbol.dispose]()
      expect(() => f(x)).toThrow(PendingError)
    }
    expect(await f(np.array(1)).js()).toBe(2)
  })

  test('one of a device that was closed', async () => {
    const device = createDevice('cpu', { worker: true })
    const f = jit(twice, { device })
    const read = f(np.ones([5000]))
    const unread = f(read)
    await read.data()
    const running = jit(long, { device })(big)
    await wait(30)
    await device.close()
    expect((await read.data())[0]).toBe(2)
    await expect(unread.data()).rejects.toThrow(DeviceError)
    await expect(running.data()).rejects.toThrow(/^cpu:\d+ was closed$/)
    expect(() => f(np.ones([2]))).toThrow(/^cpu:\d+ was closed$/)
    await expect(jit(twice)(unread).data()).rejects.toThrow('the device was closed')
    expect((await jit(twice)(read).data())[0]).toBe(4)
  })
})
