import {
  defaultDevice,
  deviceOf,
  devicePut,
  DeviceError,
  devices,
  grad,
  initRuntime,
  jit,
  lax,
  NDArray,
  np,
  setDefaultDevice,
  TreeError,
  ValueError,
  withDefaultDevice,
} from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { afterEach, describe, expect, test } from 'vitest'
import { expectSame } from '../helpers/device-law.ts'
import { noWebGpu, webGpuTitle } from '../helpers/webgpu.ts'

const dtypes = [
  ...(['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const),
  ...(['float16', 'bfloat16', 'float32', 'float64', 'complex64'] as const),
]
const x = np.array([1, 2, 3])
const kinds = [
  { kind: 'js', skip: false },
  { kind: 'cpu', skip: false },
  { kind: 'wasm', skip: false },
  { kind: 'webgpu', skip: noWebGpu !== undefined },
] as const
const title = (kind: string, text: string): string => (kind === 'webgpu' ? webGpuTitle(text) : text)

describe('which devices there are', () => {
  test('the CPU and WebAssembly compute with every dtype, WebGPU with those it has kernels for', () => {
    expect(devices('cpu')[0].supports).toEqual({ dtypes, loops: true, memory: false })
    expect(devices('wasm')[0].supports).toEqual({ dtypes, loops: true, memory: false })
    expect(devices('js')[0].supports.dtypes).toEqual(dtypes)
  })
  test('a kind that this machine has not says where it is, and what else to use', () => {
    if (process.platform !== 'win32') expect(() => devices('directml')).toThrow(/directml: .* on Windows; use devices/)
    if (process.platform !== 'darwin') expect(() => devices('coreml')).toThrow(/coreml: .* on macOS; use devices/)
    if (!devices().some((d) => d.kind === 'cuda')) {
      expect(() => devices('tensorrt')).toThrow(/tensorrt: .* run `node .*install` and install TensorRT/)
      expect(() => createDevice('cuda', { id: 1 })).toThrow(/cuda: .* run `node .*install`/)
    }
    for (const kind of ['directml', 'coreml', 'tensorrt', 'cuda'] as const) {
      if (!devices().some((d) => d.kind === kind)) expect(() => devices(kind)).toThrow(DeviceError)
    }
  })
  test.each([
    [
      'threads of wasm',
      'wasm',
      { threads: 2 },
      'createDevice: the threads of wasm are the whole process’s: initRuntime({ numThreads })',
    ],
    ['half a thread', 'cpu', { threads: 0.5 }, 'createDevice: threads is 0.5; it must be a whole number from 1'],
    [
      'the id of a CPU',
      'cpu',
      { id: 0 },
      'createDevice: cpu has no id; the kinds of several GPUs are cuda, tensorrt, directml',
    ],
    ['a negative id', 'cuda', { id: -1 }, 'createDevice: id is -1; it must be a whole number from 0'],
    [
      'a way to wait',
      'cpu',
      { spinning: 'often' },
      'createDevice: spinning is "often"; it must be true, false or \'auto\'',
    ],
    ['a fallback that is a number', 'webgpu', { fallback: 1 }, 'createDevice: fallback is 1; it must be true or false'],
    ['a fallback of the CPU', 'cpu', { fallback: true }, 'createDevice: cpu has no fallback; on webgpu alone'],
    ['an unknown option', 'cpu', { cores: 1 }, 'createDevice has no option cores; it has id, threads, spinning'],
    ['threads as text', 'cpu', { threads: '2' }, 'createDevice: threads is "2"; it must be a whole number from 1'],
    ['more threads than any machine has', 'cpu', { threads: 60_000 }, 'it must be a whole number from 1 to 1024'],
    ['a kind that is a BigInt', 1n, {}, 'createDevice: unknown kind of device 1n; kinds are cpu'],
    ['a kind that is a symbol', Symbol('cpu'), {}, 'createDevice: unknown kind of device Symbol(cpu); kinds are cpu'],
    ['an unknown kind', 'tpu', {}, 'createDevice: unknown kind of device "tpu"; kinds are cpu, cuda, webgpu'],
  ])('createDevice refuses %s', (_, kind, options, message) => {
    expect(() => createDevice(kind as 'cpu', options as object)).toThrow(message)
  })
  test('devices names a kind that JSON cannot write', () => {
    expect(() => devices(1n as never)).toThrow('devices: unknown kind of device 1n; kinds are js, cpu')
    expect(() => devices(Symbol('cpu') as never)).toThrow(
      'devices: unknown kind of device Symbol(cpu); kinds are js, cpu',
    )
  })
  test('devices of one’s own have names of their own', () => {
    const [one, two] = [createDevice('cpu', { spinning: true }), createDevice('cpu')]
    expect(new Set([devices('cpu')[0].name, one.name, two.name]).size).toBe(3)
  })
})

describe('the default device', () => {
  afterEach(() => setDefaultDevice())

  test('is the CPU, until another is chosen, and then that, also for functions compiled before', async () => {
    const f = jit((a: NDArray) => a.add(1))
    expect(defaultDevice()).toBe(devices('cpu')[0])
    expect(deviceOf(f(x)).kind).toBe('cpu')
    setDefaultDevice('wasm')
    expect(deviceOf(f(x)).kind).toBe('wasm')
    expect(await f(x).js()).toEqual([2, 3, 4])
    expect(deviceOf(devicePut(x)).kind).toBe('wasm')
    const own = createDevice('cpu', { threads: 1 })
    setDefaultDevice(own)
    expect(deviceOf(f(x))).toBe(own)
    setDefaultDevice()
    expect(defaultDevice().name).toBe('cpu:0')
  })
  test('a device that is named wins', () => {
    setDefaultDevice('js')
    expect(deviceOf(jit((a: NDArray) => a.add(1), { device: 'cpu' })(x)).kind).toBe('cpu')
  })
  test('may be another one for a while, whatever happens in it', () => {
    expect(withDefaultDevice('js', () => jit((a: NDArray) => a.mul(2))(x).jsSync())).toEqual([2, 4, 6])
    expect(() =>
      withDefaultDevice('js', () => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(defaultDevice().kind).toBe('cpu')
  })
  test('is not changed by what cannot be', () => {
    expect(() => setDefaultDevice('tpu' as 'cpu')).toThrow('setDefaultDevice: unknown kind of device "tpu"')
    expect(() => setDefaultDevice(3 as never)).toThrow(
      "setDefaultDevice: device is 3, which is no device; use devices('cpu')[0]",
    )
    expect(() => setDefaultDevice(null as never)).toThrow(DeviceError)
    expect(() => withDefaultDevice('tpu' as 'cpu', () => 1)).toThrow(DeviceError)
    expect(() => withDefaultDevice('js', 3 as never)).toThrow(
      'withDefaultDevice: takes a device and a function, not number',
    )
    expect(() => withDefaultDevice('js', async () => 1)).toThrow(/withDefaultDevice: the function is asynchronous/)
    expect(defaultDevice().kind).toBe('cpu')
  })
})

describe.each(kinds)('arrays on $kind', ({ kind, skip }) => {
  const here = test.skipIf(skip)

  here(title(kind, 'devicePut gives a tree like the one it takes, with numbers for arrays'), async () => {
    const tree = devicePut({ w: x, list: [np.ones([2, 2]), 3] as const, none: null }, kind)
    expect(Object.keys(tree).sort()).toEqual(['list', 'none', 'w'])
    expect(tree.none).toBeNull()
    expect([tree.w, ...tree.list].map((a) => deviceOf(a).kind)).toEqual([kind, kind, kind])
    expect(await Promise.all([tree.w, ...tree.list].map((a) => a.js()))).toEqual([
      [1, 2, 3],
      [
        [1, 1],
        [1, 1],
      ],
      3,
    ])
  })
  here(title(kind, 'numbers of every dtype and rank come back as they were'), async () => {
    for (const dtype of dtypes) {
      for (const shape of [[], [0], [3], [2, 0, 3], [1, 2, 1, 2]]) {
        const size = shape.reduce((a, b) => a * b, 1)
        const given = np
          .arange(size)
          .sub(dtype.startsWith('u') || dtype === 'bool' ? 0 : 1)
          .reshape(shape)
          .astype(dtype)
        expectSame(await devicePut(given, kind).ready(), given)
      }
    }
    for (const value of [NaN, Infinity, -0, Math.fround(1e-42)]) {
      expect(await devicePut(np.array(value), kind).js()).toBe(value)
    }
  })
  here(title(kind, 'those of another device, and those still on their way, are put too'), async () => {
    const pending = jit((a: NDArray) => a.mul(2), { device: 'cpu' })(x)
    const there = devicePut(pending, kind)
    expect(there.shape).toEqual([3])
    expect(await there.js()).toEqual([2, 4, 6])
    const back = devicePut(there, 'js')
    expect(await back.js()).toEqual([2, 4, 6])
    expect(deviceOf(back).kind).toBe('js')
    expect(await there.add(1).js()).toEqual([3, 5, 7])
  })
  here(title(kind, 'a program takes arrays of any device, and its result is on its own'), async () => {
    const f = jit((a: NDArray, b: NDArray, c: NDArray) => a.add(b).mul(c), { device: kind })
    const y = f(devicePut(x, 'cpu'), devicePut(x, kind), jit((a: NDArray) => a.mul(1), { device: 'wasm' })(x))
    expect(deviceOf(y).kind).toBe(kind)
    expect(await y.js()).toEqual([2, 8, 18])
  })
  here(title(kind, 'a training loop goes on without the host, and a gradient is that of the interpreter'), async () => {
    const w = np.array([
      [0.5, -1],
      [2, 0.25],
    ])
    const data = np.array([
      [1, 2],
      [3, 4],
      [-1, 0.5],
    ])
    const loss = (p: NDArray, a: NDArray): NDArray => np.tanh(a.matmul(p)).square().sum()
    const step = (p: NDArray, a: NDArray): NDArray => p.sub(grad(loss)(p, a).mul(0.1))
    const compiled = jit(step, { device: kind })
    let [got, expected] = [w as NDArray, w as NDArray]
    for (let i = 0; i < 5; i++) [got, expected] = [compiled(got, data), step(expected, data)]
    expectSame(await got.ready(), expected, [], kind === 'webgpu' ? 10 : 1)
  })
  here(title(kind, 'a list that names one device several times is as many lanes'), async () => {
    const lanes = [devices(kind)[0], devices(kind)[0], devices(kind)[0]]
    const f = (a: NDArray): NDArray => np.sin(a).sum()
    const results = lanes.map((device, k) => jit(f, { device })(x.mul(k)))
    const expected = lanes.map((_, k) => f(x.mul(k)))
    await Promise.all(results.map((y) => y.ready()))
    results.forEach((y, k) => expectSame(y, expected[k]!, [], kind === 'webgpu' ? 100 : 1))
  })
  here(title(kind, 'devicePut inside a compiled function is the identity'), async () => {
    expect(await jit((a: NDArray) => devicePut(a, kind).mul(2), { device: kind })(x).js()).toEqual([2, 4, 6])
  })
})

describe('what goes wrong', () => {
  test('a program that WebAssembly has no memory for fails, and the other arrays live on', async () => {
    const device = createDevice('wasm')
    const kept = devicePut(x, device)
    const large = jit((a: NDArray) => np.broadcastTo(a.slice([0, 1]), [2 ** 17, 2 ** 17]).T.mul(2), { device })(kept)
    await expect(large.data()).rejects.toThrow(/^wasm:\d+ failed to run the program: /)
    await expect(large.data()).rejects.toThrow(DeviceError)
    expect(await jit((a: NDArray) => a.add(1), { device })(kept).js()).toEqual([2, 3, 4])
    expect(await kept.js()).toEqual([1, 2, 3])
  })
  test.skipIf(noWebGpu !== undefined)(webGpuTitle('webgpu has no worker in Node, and says why'), () => {
    for (const worker of [true, 'auto'] as const)
      expect(() => createDevice('webgpu', { worker })).toThrow(
        'createDevice: webgpu does not run in a worker here: all sessions of onnxruntime-node share one GPU device',
      )
  })

  test.skipIf(noWebGpu !== undefined)(webGpuTitle('so it does on a GPU'), async () => {
    const device = createDevice('webgpu')
    const kept = devicePut(x, device)
    const large = jit((a: NDArray) => np.broadcastTo(a.slice([0, 1]), [2 ** 17, 2 ** 17]).mul(2), { device })(kept)
    await expect(large.data()).rejects.toThrow(DeviceError)
    expect(await jit((a: NDArray) => a.add(1), { device })(kept).js()).toEqual([2, 3, 4])
  })
  test('a device that was closed says so, and devices gives another', async () => {
    const [first] = devices('wasm')
    const y = jit((a: NDArray) => a.add(1), { device: first })(x)
    await y.ready()
    await first.close()
    expect(() => jit((a: NDArray) => a.sub(1), { device: first })(x)).toThrow('wasm:0 was closed')
    expect(await y.js()).toEqual([2, 3, 4])
    expect(devices('wasm')[0]).not.toBe(first)
    expect(await jit((a: NDArray) => a.add(1), { device: 'wasm' })(x).js()).toEqual([2, 3, 4])
  })
  test('deviceOf takes arrays that are somewhere', () => {
    expect(() => deviceOf(3 as never)).toThrow('deviceOf: takes an array, not number')
    expect(() => jit((a: NDArray) => (deviceOf(a), a))(x)).toThrow('a value of a trace is on no device')
  })
  test.each([
    ['no thread', { numThreads: 0 }, 'initRuntime: numThreads is 0; it must be a whole number from 1'],
    ['another module', { runtime: {} }, 'initRuntime: runtime is not onnxruntime-web; give what `await import'],
    ['an address in Node', { runtime: '/ort.mjs' }, 'initRuntime: an address is for browsers; give what `await import'],
    [
      'paths that are a number',
      { wasmPaths: 5 },
      'initRuntime: wasmPaths is 5; it must be the beginning of an address',
    ],
    ['paths of other files', { wasmPaths: { js: '/x' } }, 'it must be the beginning of an address, or { wasm, mjs }'],
    ['an unknown option', { threads: 2 }, 'initRuntime has no option threads; it has runtime, wasmPaths, numThreads'],
    ['other threads when programs run', { numThreads: 3 }, 'initRuntime: programs run already with another numThreads'],
  ])('initRuntime refuses %s', async (_, options, message) => {
    await jit((a: NDArray) => a.add(1), { device: 'wasm' })(x).ready()
    await expect(initRuntime(options as object)).rejects.toThrow(message)
    expect(await jit((a: NDArray) => a.add(2), { device: 'wasm' })(x).js()).toEqual([3, 4, 5])
  })
  test('devicePut refuses what is no device, before anything', () => {
    expect(() => devicePut(x, {} as never)).toThrow(
      "devicePut: device is a Object, which is no device; use devices('cpu')[0]",
    )
    expect(() => devicePut(x, null as never)).toThrow('devicePut: device is null, which is no device; use')
    expect(() => devicePut(x, 'gpu' as never)).toThrow(
      'devicePut: unknown kind of device "gpu"; kinds are js, cpu, cuda',
    )
  })

  test.each([
    ['x', 'devicePut: tree is a string'],
    [undefined, 'devicePut: tree is undefined'],
    [() => x, 'devicePut: tree is a function'],
    [new Map(), 'devicePut: tree is a Map'],
    [{ a: ['text'] }, 'devicePut: tree.a[0] is a string'],
  ])('devicePut(%s) is told what it takes', (given, message) => {
    const put = (): unknown => devicePut(given as never, 'js')
    expect(put).toThrow(TreeError)
    expect(put).toThrow(
      `${message}: trees are nested arrays and plain objects of NDArrays, numbers, booleans and typed`,
    )
  })

  test('an empty tree stays one', () => expect(devicePut(null, 'js')).toBe(null))

  test.each([
    [-1, '-1'],
    [1.5, '1.5'],
    ['a', '"a"'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [256, '256'],
    [1e9, '1000000000'],
  ])('lane(%s) is refused', async (k, shown) => {
    await using device = createDevice('cpu', { worker: true })
    const message = `${device.name}: lane is ${shown}; lanes are whole numbers from 0 to 255`
    expect(() => device.lane!(k as number)).toThrow(ValueError)
    expect(() => device.lane!(k as number)).toThrow(message)
    await using alone = createDevice('cpu', { worker: false })
    expect(() => alone.lane!(k as number)).toThrow(`${alone.name}: lane is ${shown}; lanes are`)
    expect([device.lane!(0), device.lane!(2), alone.lane!(255)]).toEqual([device, device.lane!(2), alone])
  })
})

test('loops run on WebAssembly within one call', async () => {
  const sums = (a: NDArray): NDArray => lax.scan((t: NDArray, y: NDArray) => [t.add(y), t.mul(y)], 0, a)[1].sum()
  expect(await jit(grad(sums), { device: 'wasm' })(x).js()).toEqual([5, 4, 3])
})
