import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import {
  type Device,
  DeviceError,
  devices,
  grad,
  jit,
  lax,
  makeJaxpr,
  type NDArray,
  np,
  profile,
  ValueError,
} from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { Dense, serial, Tanh } from '@cotangent/nn'
import { random } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { locating, parseFrame } from '../../packages/autodiff/src/core/source.ts'
import { readProfile } from '../../packages/autodiff/src/onnx/device/profile.ts'

// Each operation on a line of its own, whose number is looked up, not written down.
function layer(x: NDArray, w: NDArray): NDArray {
  const product = x.matmul(w)
  const bent = np.tanh(product)
  return bent.square().sum()
}
const here = readLines()
const lineOf = (text: string): number => here.findIndex((line) => line.includes(text)) + 1

function readLines(): string[] {
  const fs = process.getBuiltinModule('node:fs')
  return fs.readFileSync(new URL(import.meta.url), 'utf8').split('\n')
}

const [x, w] = [np.ones([64, 128]).mul(0.01), np.ones([128, 256]).mul(0.02)]

describe('profile says where the time goes', () => {
  test.each(['js', 'cpu'] as const)('by equation, with the line it comes from, on %s', async (device) => {
    const { rows, time, runs } = await profile(layer, { device, runs: 4 })(x, w)
    const of = (name: string) => rows.find((row) => row.primitive === name)
    expect(of('dot_general')).toMatchObject({ result: 'float32[64, 256]', kernels: 1 })
    expect(of('dot_general')?.source).toMatchObject({ function: 'layer', line: lineOf('const product') })
    expect(of('dot_general')?.source?.file).toMatch(/profile\.test\.ts$/)
    expect(of('reduce_sum')?.source?.line).toBe(lineOf('return bent'))
    // ONNX Runtime makes one kernel of the product and its tanh.
    if (device === 'js') expect(of('tanh')?.source?.line).toBe(lineOf('const bent'))
    else expect(of('dot_general')?.operators).toEqual(['FusedGemm'])
    expect(runs).toBe(4)
    expect(time).toBeGreaterThan(0)
    expect(rows.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1, 6)
    expect(rows.reduce((sum, row) => sum + row.time, 0)).toBeLessThanOrEqual(time * 1.01)
    expect(rows.map((row) => row.time)).toEqual(rows.map((row) => row.time).toSorted((a, b) => b - a))
  })

  test.each(['js', 'cpu'] as const)(
    'derivatives have the line of what they are derivatives of, on %s',
    async (device) => {
      const { rows } = await profile(grad(jit(layer)), { device, runs: 1 })(x, w)
      const lines = new Set(rows.map((row) => row.source?.line))
      expect(lines).toContain(lineOf('const bent'))
      const products = rows.filter((row) => row.primitive === 'dot_general')
      expect(products.map((row) => row.source?.line)).toEqual([lineOf('const product'), lineOf('const product')])
      expect(rows.every((row) => row.source !== undefined)).toBe(true)
    },
  )

  test('the engine’s packages are passed over: a layer has the line that applies it', async () => {
    const [init, apply] = serial(Dense(8), Tanh, Dense(2))
    const [, params] = init(random.PRNGKey(0), [4])
    const f = (input: NDArray): NDArray => apply(params, input) // the network
    const { rows } = await profile(f, { runs: 1 })(np.ones([5, 4]))
    expect(new Set(rows.map((row) => row.source?.line))).toEqual(new Set([lineOf('// the network')]))
  })

  test('what a loop’s body takes is the body’s', async () => {
    const step = (c: NDArray, y: NDArray): [NDArray, NDArray] => [np.sin(c).add(y), c]
    const { rows } = await profile((c: NDArray, ys: NDArray) => lax.scan(step, c, ys), { runs: 2 })(
      np.ones([1000]),
      np.ones([7, 1000]),
    )
    expect(rows.find((row) => row.primitive === 'sin')).toMatchObject({ kernels: 7, operators: ['Sin'] })
    expect(rows.find((row) => row.primitive === 'scan')).toMatchObject({ kernels: 8, operators: ['Scan', 'Identity'] })
    expect(rows.find((row) => row.primitive === 'sin')?.source?.line).toBe(lineOf('const step'))
  })

  test('static arguments are static', async () => {
    const { rows } = await profile((y: NDArray, n: number) => np.power(y, n), {
      device: 'js',
      runs: 1,
      staticArgnums: 1,
    })(x, 3)
    expect(rows.map((row) => row.primitive)).toEqual(['integer_pow'])
  })

  test('prints as a table', async () => {
    const text = (await profile(layer, { runs: 2 })(x, w)).toString()
    expect(text).toMatch(/^\d+\.\d{3} ms a run on cpu:0, the mean of 2\n/)
    expect(text).toMatch(/\n +ms +share +kernels +equation +line +result +operators\n/)
    expect(text).toContain(`profile.test.ts:${lineOf('const product')}  float32[64, 256]`)
  })

  test('leaves no file, and nothing in the programs of a compiled function', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('cotangent-profile-'))
    const f = jit(layer)
    await profile(f, { runs: 1 })(x, w)
    expect(f.cacheSize()).toBe(0)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cotangent-profile-'))).toEqual(before)
    expect(existsSync('onnxruntime_profile_')).toBe(false)
  })

  test('options and devices that cannot be are errors', async () => {
    expect(() => profile(layer, { runs: 0 })).toThrow(ValueError)
    expect(() => profile(layer, { runs: 1.5 })).toThrow('profile of layer: runs is 1.5')
    expect(() => profile(layer, { device: {} as Device })).toThrow(DeviceError)
    expect(() => profile(3 as never)).toThrow('profile: takes a function, not number')
    const blind = { ...devices('js')[0], name: 'blind:0' }
    delete (blind as { profile?: unknown }).profile
    await expect(profile(layer, { device: blind })(x, w)).rejects.toThrow('blind:0 has no profiler')
    await expect(profile(layer, { device: 'wasm' })(x, w)).rejects.toThrow(
      "wasm:0 has no profiler; use device: 'cpu', or 'js' for the interpreter",
    )
    const gone = createDevice('cpu')
    await gone.close()
    await expect(profile(layer, { device: gone })(x, w)).rejects.toThrow(`${gone.name} was closed`)
    const threads = createDevice('cpu', { threads: 1 })
    expect((await profile(layer, { device: threads, runs: 1 })(x, w)).device).toBe(threads.name)
  })
})

describe('lines', () => {
  test('are only looked for when asked', () => {
    const sources = (f: () => { equations: readonly { source?: unknown }[] }) => f().equations.map((e) => e.source)
    const trace = () => makeJaxpr((y: NDArray) => np.sin(y))(x)
    expect(sources(trace)).toEqual([undefined])
    expect(sources(() => locating(trace))).toEqual([expect.objectContaining({ line: lineOf('const trace') })])
    expect(sources(trace)).toEqual([undefined])
  })

  test.each([
    ['    at layer (file:///home/u/my%20app/model.ts:3:17)', 'layer', '/home/u/my%20app/model.ts', 3, 17],
    ['    at /home/u/model.js:10:2', '', '/home/u/model.js', 10, 2],
    ['    at Object.loss (C:\\app\\model.ts:4:5)', 'loss', 'C:\\app\\model.ts', 4, 5],
    ['    at async Promise.all (file:///a.js:1:2)', 'Promise.all', '/a.js', 1, 2],
    ['loss@https://example.org/app.js:7:9', 'loss', 'https://example.org/app.js', 7, 9],
  ])('%s', (frame, name, file, line, column) => {
    expect(parseFrame(frame)).toEqual({ function: name, file, line, column })
  })

  test('a frame without a place has none', () => {
    expect(parseFrame('    at Array.map (<anonymous>)')).toBeUndefined()
  })
})

test('nodes that the runtime renamed are found by the name inside, others are listed by operator', () => {
  const [equation] = makeJaxpr((y: NDArray) => np.sin(y))(x).equations
  const event = (name: string, op: string, ts: number, dur: number) => ({
    cat: 'Node',
    name: `${name}_kernel_time`,
    ts,
    dur,
    tid: 1,
    args: { op_name: op },
  })
  const nodes = [{ op: 'Sin', inputs: ['in0'], outputs: ['v3'], attributes: {}, equation: equation! }]
  const { equations, others, time } = readProfile(
    [
      { cat: 'Session', name: 'model_run', ts: 0, dur: 900, tid: 1, args: {} },
      event('v3', 'Sin', 10, 500),
      { cat: 'Session', name: 'model_run', ts: 1000, dur: 300, tid: 1, args: {} },
      event('v3_nchwc', 'Sin', 1010, 100),
      event('fused v3/Gelu', 'Gelu', 1120, 20),
      event('v33', 'Cast', 1150, 5),
      event('ReorderInput_token_4', 'ReorderInput', 1160, 15),
    ],
    nodes,
    1,
  )
  expect(time).toBe(0.3)
  expect(equations.get(equation!)?.time).toBeCloseTo(0.12)
  expect([...equations.get(equation!)!.operators]).toEqual(['Sin', 'Gelu'])
  expect(Array.from(others, ([op, took]) => [op, took.time])).toEqual([
    ['Cast', 0.005],
    ['ReorderInput', 0.015],
  ])
})
