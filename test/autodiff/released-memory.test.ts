import { devicePut, jit, NDArray, np } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import { describe, expect, test } from 'vitest'
import { freeAtOnce } from '../../packages/autodiff/src/onnx/backend/free-at-once.ts'

/** Bytes of array buffers that were neither freed nor collected. */
const held = (): number => process.memoryUsage().arrayBuffers

const MANY = 2 ** 22
const BYTES = 4 * MANY

describe.each(['cpu', 'wasm'] as const)('numbers that %s computed', (kind) => {
  const device = createDevice(kind)
  const increment = jit((a: NDArray) => a.add(1), { device })

  test('are free at once when they are released, without the collector', async () => {
    const y = await increment(np.zeros([MANY])).ready()
    const before = held()
    y[Symbol.dispose]()
    expect(before - held()).toBeGreaterThanOrEqual(BYTES)
  })

  test('are free at once when they are donated, after they were read', async () => {
    const next = jit((a: NDArray) => a.mul(2).sum(), { device, donateArgnums: [0] })
    const y = increment(np.zeros([MANY]))
    expect((await y.data())[5]).toBe(1)
    const before = held()
    expect(await next(y).js()).toBe(2 * MANY)
    expect(before - held()).toBeGreaterThanOrEqual(0.9 * BYTES)
  })

  test('are free when nobody reads any more, if released before they are there', async () => {
    const start = held()
    const y = increment(np.zeros([MANY]))
    const reading = y.data()
    y[Symbol.dispose]()
    expect((await reading)[7]).toBe(1)
    // The numbers read are the reader's own; the argument may be there too.
    expect(held() - start).toBeLessThan(2.5 * BYTES)
  })

  const twice = jit((a: NDArray) => a.mul(2), { device })
  const other = createDevice(kind)
  const keepers: readonly (readonly [string, (y: NDArray) => unknown])[] = [
    ['a reader', (y) => y.data()],
    ['a reader of lists', (y) => y.js()],
    ['who reads at once', (y) => y.dataSync()],
    ['an array of another shape', (y) => y.reshape([100, 50])],
    ['a copy', (y) => np.copy(y)],
    ['a transposed one', (y) => y.reshape([1, -1]).T],
    ['a part', (y) => y.slice([0, 2000])],
    ['an array of one axis more', (y) => np.expandDims(y, 0)],
    ['the same dtype', (y) => y.astype('float32')],
    ['operations', (y) => y.add(1).mul(2)],
    ['the interpreter', (y) => jit((a: NDArray) => [a, a.reshape([50, 100])], { device: 'js' })(y)],
    ['an array put on the interpreter', (y) => devicePut(y, 'js')],
    ['an array put on the device', (y) => devicePut(y, device)],
    ['an array put on another device', (y) => devicePut(y, other)],
    ['a result that is the argument', (y) => jit((a: NDArray) => [a, a.sum()], { device })(y)],
    ['a call', (y) => twice(y)],
    ['a call on another device', (y) => jit((a: NDArray) => a.mul(2), { device: other })(y)],
    ['calls that wait for one another', (y) => twice(twice(twice(y)))],
  ]
  const numbers = async (kept: unknown): Promise<unknown> => {
    if (kept instanceof NDArray) return kept.js()
    return Array.isArray(kept) && kept[0] instanceof NDArray ? Promise.all(kept.map(numbers)) : kept
  }

  test.each(keepers)('stay with %s when the array is released', async (_, keep) => {
    const x = np.arange(5000)
    const expected = await numbers(await keep(await increment(x).ready()))
    for (const wait of [true, false]) {
      const y = increment(x)
      if (wait || keep.toString().includes('dataSync')) await y.ready()
      const kept = keep(y)
      y[Symbol.dispose]()
      // What would take freed memory.
      for (const z of [increment(np.zeros([5000])), twice(np.ones([5000]))]) await z.ready()
      expect(await numbers(await kept)).toEqual(expected)
    }
  })

  test('a list of numbers that was passed stays its owner’s', async () => {
    const own = Float32Array.from({ length: 5000 }, (_, i) => i)
    const x = devicePut(np.array(own), device)
    const array = np.array(own)
    const put = devicePut(array, device)
    expect((await twice(put).data())[4]).toBe(8)
    for (const y of [x, put]) y[Symbol.dispose]()
    expect(own[4]).toBe(4)
    expect((await array.data())[4]).toBe(4)
  })

  test('of every dtype come back as they were when others are released', async () => {
    for (const dtype of ['bool', 'int32', 'uint8', 'float64', 'float16', 'bfloat16', 'int64', 'complex64'] as const) {
      const f = jit((a: NDArray) => [np.concatenate([a, a]), a.reshape([100, 50])], { device })
      const x = np.arange(5000).mod(2).astype(dtype)
      const [one, two] = f(x) as [NDArray, NDArray]
      const flat = two.reshape([-1])
      const found = one.data()
      for (const y of [one, two]) y[Symbol.dispose]()
      const given = [...(await x.data())]
      expect([...(await found)], dtype).toEqual([...given, ...given])
      expect([...(await flat.data())], dtype).toEqual(given)
    }
  })
})

test('memory is freed with transfer of ArrayBuffers where there is one, and by a message where not', () => {
  const first = new ArrayBuffer(10_000)
  expect([freeAtOnce(first), first.byteLength]).toEqual([true, 0])
  const asked: number[] = []
  const second = Object.assign(new ArrayBuffer(10_000), { transfer: (length: number) => void asked.push(length) })
  expect([freeAtOnce(second), asked]).toEqual([true, [0]])
})
