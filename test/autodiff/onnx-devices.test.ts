import { DeviceError, devices, grad, jit, NDArray, np } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', remember)
})
afterEach(async () => {
  await new Promise((done) => setTimeout(done, 10))
  process.off('unhandledRejection', remember)
  expect(unhandled).toEqual([])
})

const x = np.array([1, 2, 3])
/** More memory than there is. */
const tooMuch = (a: NDArray): NDArray => np.broadcastTo(a.slice([0, 1]), [2 ** 21, 2 ** 21]).T.mul(2)

describe('which devices there are', () => {
  test('devices() has the interpreter and the CPU; a kind is a non-empty list', () => {
    expect(devices().map((d) => d.kind)).toEqual(expect.arrayContaining(['js', 'cpu']))
    expect(devices('cpu')[0].name).toBe('cpu:0')
    expect(devices('js')[0].kind).toBe('js')
  })
  test('a kind that is not there says what to install, and an unknown one which there are', () => {
    if (!devices().some((d) => d.kind === 'cuda')) expect(() => devices('cuda')).toThrow(/cuda: .* run `node .*install/)
    expect(() => devices('tpu' as 'cpu')).toThrow('"tpu"; kinds are js, cpu, cuda, webgpu, wasm')
    expect(() => devices('tpu' as 'cpu')).toThrow(DeviceError)
    expect(() => jit((a: NDArray) => np.sin(a), { device: 'tpu' as 'cpu' })(x)).toThrow(DeviceError)
  })
  test('a device of one’s own, with its threads', async () => {
    const one = createDevice('cpu', { threads: 1 })
    expect(one.id).not.toBe(devices('cpu')[0].id)
    expect(await jit((a: NDArray) => a.mul(2), { device: one })(x).js()).toEqual([2, 4, 6])
    expect(() => createDevice('cpu', { threads: 0 })).toThrow('threads is 0')
    expect(() => createDevice('js')).toThrow(DeviceError)
  })
  test('the interpreter is a device', async () => {
    const f = (a: NDArray): NDArray => np.sin(a).sum()
    expect(jit(f, { device: 'js' })(x).jsSync()).toBe(f(x).jsSync())
    expect(jit(grad(f), { device: 'js' })(x).jsSync()).toEqual(grad(f)(x).jsSync())
  })
})

describe('a program that fails', () => {
  test('gives its shape at once, and a DeviceError where it is read; the process lives', async () => {
    const y = jit(tooMuch)(x)
    expect(y.shape).toEqual([2 ** 21, 2 ** 21])
    await expect(y.data()).rejects.toThrow(DeviceError)
    await expect(y.data()).rejects.toThrow(/^cpu:0 failed to run the program: /)
    expect(await jit((a: NDArray) => a.add(1))(x).js()).toEqual([2, 3, 4])
  })
  test('so do the calls and operations on its results', async () => {
    const f = jit((a: NDArray) => [tooMuch(a).sum(), np.sin(a)])
    const [sum, sine] = f(x) as [NDArray, NDArray]
    await expect(jit((a: NDArray) => a.add(1))(sine).js()).rejects.toThrow(DeviceError)
    await expect(sum.add(1).mul(2).js()).rejects.toThrow(DeviceError)
    await expect(sine.ready()).rejects.toThrow(DeviceError)
  })
  test('and nothing is unhandled when nobody reads', async () => {
    const y = jit(tooMuch)(x)
    y.sum().add(1)
    jit((a: NDArray) => a.sum())(y)
    await new Promise((done) => setTimeout(done, 100))
  })
})

/** The library as it is where `require` finds this instead of ONNX Runtime. */
async function libraryWith(runtime: () => unknown): Promise<typeof import('@cotangent/autodiff')> {
  vi.resetModules()
  const { getBuiltinModule } = process
  const module = {
    createRequire: (url: string) => Object.assign(() => runtime(), { resolve: createRequire(url).resolve }),
  }
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:module' ? module : getBuiltinModule(name as never)) as never)
  return await import('@cotangent/autodiff')
}

describe('the runtime', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.resetModules()
  })

  test('not installed: an error at the call with the command, and the interpreter still runs', async () => {
    const lib = await libraryWith(() => {
      throw new Error("Cannot find module 'onnxruntime-node'")
    })
    const f = (a: import('@cotangent/autodiff').NDArray) => a.mul(2)
    expect(lib.devices().map((d) => d.kind)).toEqual(['js'])
    expect(() => lib.jit(f)(lib.np.array([1]))).toThrow(lib.DeviceError)
    expect(() => lib.jit(f)(lib.np.array([1]))).toThrow(/npm install onnxruntime-node/)
    expect(
      lib
        .jit(f, { device: 'js' })(lib.np.array([1]))
        .jsSync(),
    ).toEqual([2])
  })
  test('refuses a program: an error where the result is read', async () => {
    const lib = await libraryWith(() => ({
      InferenceSession: { create: () => Promise.reject(new Error('Could not find an implementation for Foo(7)')) },
    }))
    const y = lib.jit((a) => lib.np.sin(a as never))(lib.np.array([1]))
    await expect(y.data()).rejects.toThrow(lib.DeviceError)
    await expect(y.data()).rejects.toThrow('could not make a session of the program: Could not find an implementation')
  })
  test('has no graphics driver: an error with what to install', async () => {
    const lib = await libraryWith(() => ({
      listSupportedBackends: () => [{ name: 'webgpu', bundled: true }],
      InferenceSession: { create: () => Promise.reject(new Error('Failed to get a WebGPU adapter')) },
    }))
    const y = lib.jit((a) => lib.np.sin(a as never), { device: 'webgpu' })(lib.np.array([1]))
    await expect(y.js()).rejects.toThrow(/webgpu:0 could not .*`apt install libvulkan1/)
  })
})
