import { array, fromPending, NDArray, ShapeError, TreeError, ValueError } from '@cotangent/autodiff/array'
import { AUTOTUNE, Dataset, DatasetError } from '@cotangent/data'
import { describe, expect, expectTypeOf, test } from 'vitest'

const numbers = async (dataset: Dataset<NDArray>): Promise<unknown[]> =>
  (await dataset.toArray()).map((x) => x.jsSync())
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A generator that tells what it did. */
function watched(length: number) {
  const log = { started: 0, made: 0, released: 0 }
  const dataset = Dataset.fromGenerator(function* () {
    log.started++
    try {
      for (let i = 0; i < length; i++) {
        log.made++
        yield i
      }
    } finally {
      log.released++
    }
  })
  return { log, dataset }
}

describe('types', () => {
  test('elements keep their static type', () => {
    const x = array([[1, 2]], { dtype: 'float32' })
    const y = array([1], { dtype: 'int32' })
    const pairs = Dataset.fromTensorSlices([x, y])
    expectTypeOf(pairs).toEqualTypeOf<Dataset<[NDArray<'float32'>, NDArray<'int32'>]>>()
    expectTypeOf(pairs.batch(2)).toEqualTypeOf(pairs)
    expectTypeOf(Dataset.fromTensorSlices({ x, more: [y, y] })).toEqualTypeOf<
      Dataset<{ x: NDArray<'float32'>; more: [NDArray<'int32'>, NDArray<'int32'>] }>
    >()
    const mapped = pairs.map((a, b) => {
      expectTypeOf(a).toEqualTypeOf<NDArray<'float32'>>()
      expectTypeOf(b).toEqualTypeOf<NDArray<'int32'>>()
      return { a, n: b.item(), flat: Float32Array.of(1) }
    })
    expectTypeOf(mapped).toEqualTypeOf<Dataset<{ a: NDArray<'float32'>; n: NDArray; flat: NDArray }>>()
    expectTypeOf(pairs.map(async (a) => [a, 1] as const)).toEqualTypeOf<Dataset<[NDArray<'float32'>, NDArray]>>()
    expectTypeOf(Dataset.zip([pairs, Dataset.range(3)])).toEqualTypeOf<
      Dataset<[[NDArray<'float32'>, NDArray<'int32'>], NDArray]>
    >()
    const spec = [
      { shape: [10], dtype: 'float32' },
      { shape: [10, 2], dtype: 'float64' },
    ] as const
    const generated = Dataset.fromGenerator(() => [[[1], [[2]]]], { elementSpec: spec })
    expectTypeOf(generated).toEqualTypeOf<Dataset<[NDArray<'float32'>, NDArray<'float64'>]>>()
    expectTypeOf(pairs).toExtend<Dataset<[NDArray, NDArray]>>()
    expectTypeOf(pairs).toExtend<Dataset<unknown>>()
  })
})

describe('fromTensorSlices', () => {
  test('batches are views of the arrays: nothing is copied', async () => {
    const x = array(
      Float32Array.from({ length: 60 }, (_, i) => i),
      { shape: [10, 2, 3] },
    )
    const [first, second] = await Dataset.fromTensorSlices(x).batch(4).toArray()
    expect(first!.shape).toEqual([4, 2, 3])
    expect((second!.storage.host as Float32Array).buffer).toBe(x.storage.host!.buffer)
    expect(second!.jsSync()).toEqual((x.jsSync() as number[][][]).slice(4, 8))
  })

  test('arrays on their way are awaited by the first iteration; a failure rejects it', async () => {
    const late = fromPending(
      pause(5).then(() => Float32Array.of(1, 2, 3, 4)),
      [4],
      'float32',
    )
    const dataset = Dataset.fromTensorSlices([late, array([5, 6, 7, 8])]).batch(2)
    expect(dataset.elementSpec).toEqual([
      { shape: [null], dtype: 'float32' },
      { shape: [null], dtype: 'float32' },
    ])
    expect((await dataset.toArray()).map(([a, b]) => [a.jsSync(), b.jsSync()])).toEqual([
      [
        [1, 2],
        [5, 6],
      ],
      [
        [3, 4],
        [7, 8],
      ],
    ])
    const lost = fromPending(Promise.reject(new Error('device lost')), [4], 'float32')
    await expect(Dataset.fromTensorSlices(lost).toArray()).rejects.toThrow('device lost')
  })

  test('errors name the arrays and say what to do', () => {
    expect(() => Dataset.fromTensorSlices([array([1, 2]), { y: array([1]) }])).toThrow(
      /first axes must be equally long: fromTensorSlices\[0\] \[2\], fromTensorSlices\[1\]\.y \[1\]/,
    )
    expect(() => Dataset.fromTensorSlices([1, 2])).toThrow(/is a scalar.*np\.array/)
    expect(() => Dataset.fromTensorSlices([1, 2])).toThrow(ShapeError)
    expect(() => Dataset.fromTensorSlices('text')).toThrow(TreeError)
    expect(() => Dataset.fromTensorSlices([])).toThrow(/no array to slice/)
    expect(() => Dataset.zip(Dataset.range(1))).toThrow(/zip\(\[a, b\]\)/)
    expect(() => Dataset.zip([])).toThrow(ValueError)
  })
})

describe('laziness and release', () => {
  test('nothing runs before iteration, and nothing is made that is not asked for', async () => {
    const { log, dataset } = watched(100)
    let mapped = 0
    const pipeline = dataset
      .map((x) => (mapped++, x))
      .batch(10)
      .repeat()
    expect(log).toEqual({ started: 0, made: 0, released: 0 })
    for await (const batch of pipeline) {
      expect(batch.shape).toEqual([10])
      break
    }
    expect(log).toEqual({ started: 1, made: 10, released: 1 })
    expect(mapped).toBe(10)
  })

  test('a break releases every operation and every source', async () => {
    const a = watched(1000)
    const b = watched(1000)
    const operations: ((d: Dataset<NDArray>) => Dataset<NDArray>)[] = [
      (d) => d.prefetch(3),
      (d) => d.map(async (x) => x, { numParallelCalls: 4 }),
      (d) => d.cache(),
      (d) => d.shard(2, 1),
      (d) => d.skip(2).take(100),
      (d) => d.repeat(),
      (d) => d.concatenate(Dataset.range(3)),
      (d) => d.prefetch(AUTOTUNE).batch(3),
    ]
    const pipeline = Dataset.zip([operations.reduce((d, f) => f(d), a.dataset), b.dataset]).prefetch(2)
    for await (const _ of pipeline) break
    expect([a.log.started, a.log.released]).toEqual([1, 1])
    expect([b.log.started, b.log.released]).toEqual([1, 1])
  })

  test('repeat releases each epoch before it starts the next', async () => {
    const { log, dataset } = watched(3)
    await dataset.repeat(3).take(8).toArray()
    expect(log).toEqual({ started: 3, made: 8, released: 3 })
  })

  test('iterations at the same time are independent', async () => {
    const dataset = Dataset.range(5)
      .map((x) => x)
      .batch(2)
      .prefetch(1)
    const [a, b] = [dataset[Symbol.asyncIterator](), dataset[Symbol.asyncIterator]()]
    const read: unknown[] = []
    for (let i = 0; i < 3; i++) read.push((await a.next()).value?.jsSync(), (await b.next()).value?.jsSync())
    expect(read).toEqual([[0, 1], [0, 1], [2, 3], [2, 3], [4], [4]])
  })
})

describe('fromGenerator', () => {
  const spec = { shape: [2], dtype: 'float32' } as const

  test('lists, typed arrays and other floats become what the spec says', async () => {
    const dataset = Dataset.fromGenerator(() => [[1, 2], Float64Array.of(3, 4), array([5, 6], { dtype: 'float64' })], {
      elementSpec: spec,
    })
    expect((await dataset.toArray()).map((x) => [x.dtype, x.jsSync()])).toEqual([
      ['float32', [1, 2]],
      ['float32', [3, 4]],
      ['float32', [5, 6]],
    ])
    const matrix = Dataset.fromGenerator(() => [Float32Array.of(1, 2, 3, 4)], {
      elementSpec: { shape: [2, 2], dtype: 'float32' },
    })
    expect(await numbers(matrix)).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ])
  })

  test('what does not fit is an error that names the element', async () => {
    const read = (items: unknown[], elementSpec: object = spec) =>
      Dataset.fromGenerator(() => items as never, { elementSpec: elementSpec as typeof spec }).toArray()
    await expect(
      read([
        [1, 2],
        [1, 2, 3],
      ]),
    ).rejects.toThrow(/element 1 has shape \[3\] where elementSpec promises \[2\]/)
    await expect(read([[array([1, 2])]], [spec, spec])).rejects.toThrow(
      /element 0 does not have the structure \[float32\[2\], float32\[2\]\]/,
    )
    await expect(read([array([1.5, 2])], { shape: [2], dtype: 'int32' })).rejects.toThrow(
      /is float32 where elementSpec promises int32/,
    )
    await expect(read([{ a: 1 }], { b: spec })).rejects.toThrow(DatasetError)
    await expect(Dataset.fromGenerator(() => [Promise.resolve(1)] as never).toArray()).rejects.toThrow(
      /is a Promise inside an element/,
    )
    await expect(Dataset.fromGenerator(() => 3 as never).toArray()).rejects.toThrow(/must return something to iterate/)
  })

  test('an asynchronous generator gives what it has made; its error comes after', async () => {
    async function* source() {
      yield 1
      yield 2
      throw new Error('the simulator failed')
    }
    const read: unknown[] = []
    const failing = async () => {
      for await (const x of Dataset.fromGenerator(source)) read.push(x.jsSync())
    }
    await expect(failing()).rejects.toThrow('the simulator failed')
    expect(read).toEqual([1, 2])
    await expect(Dataset.fromGenerator(source).batch(2).take(1).toArray()).resolves.toHaveLength(1)
    await expect(Dataset.fromGenerator(source).batch(3).toArray()).rejects.toThrow('the simulator failed')
  })
})

describe('map', () => {
  test('numParallelCalls of them run at once, in order', async () => {
    for (const [numParallelCalls, expected] of [
      [1, 1],
      [3, 3],
      [AUTOTUNE, 8],
    ] as const) {
      let running = 0
      let most = 0
      const slow = Dataset.range(12).map(
        async (x) => {
          most = Math.max(most, ++running)
          await pause(x.item() % 3)
          running--
          return x.item()
        },
        { numParallelCalls },
      )
      expect(await numbers(slow)).toEqual([...Array(12).keys()])
      expect(most).toBe(expected)
      expect(await numbers(slow.batch(5))).toEqual([
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8, 9],
        [10, 11],
      ])
    }
  })

  test('an error comes at its element, also with calls in flight', async () => {
    for (const numParallelCalls of [1, 4]) {
      for (const asynchronous of [false, true]) {
        const read: unknown[] = []
        const f = (x: NDArray) => {
          if (x.item() === 5) throw new RangeError('five')
          return x
        }
        const dataset = Dataset.range(9).map((x) => (asynchronous ? Promise.resolve(x).then(f) : f(x)) as NDArray, {
          numParallelCalls,
        })
        const failing = async () => {
          for await (const x of dataset) read.push(x.jsSync())
        }
        await expect(failing()).rejects.toThrow(RangeError)
        expect(read).toEqual([0, 1, 2, 3, 4])
        expect(await numbers(dataset.batch(5).take(1))).toEqual([[0, 1, 2, 3, 4]])
      }
    }
  })

  test('an error of the source comes after the results before it', async () => {
    const failing = Dataset.fromGenerator(function* () {
      yield 1
      yield 2
      throw new Error('broken')
    })
    const read: unknown[] = []
    const run = async () => {
      for await (const x of failing.map(async (x) => x, { numParallelCalls: 4 })) read.push(x.jsSync())
    }
    await expect(run()).rejects.toThrow('broken')
    expect(read).toEqual([1, 2])
  })

  test('elementSpec: unknown until it is asked for, or given', async () => {
    const dataset = Dataset.range(3).map((x) => ({ x, y: [1.5, true] }))
    expect(dataset.elementSpec).toBeUndefined()
    expect(dataset.batch(2).elementSpec).toBeUndefined()
    const spec = {
      x: { shape: [], dtype: 'int32' },
      y: [
        { shape: [], dtype: 'float32' },
        { shape: [], dtype: 'bool' },
      ],
    }
    expect(await dataset.spec()).toEqual(spec)
    expect(dataset.elementSpec).toEqual(spec)
    const given = Dataset.range(3).map((x) => x, { elementSpec: { shape: [], dtype: 'int32' } })
    expect(given.batch(2, { dropRemainder: true }).elementSpec).toEqual({ shape: [2], dtype: 'int32' })
    await expect(
      Dataset.range(0)
        .map((x) => x)
        .spec(),
    ).rejects.toThrow(/empty/)
    expect(() => Dataset.range(3).map((x) => x, { numParallelCalls: 0 })).toThrow(ValueError)
  })

  test('a function that returns no tree is an error', async () => {
    await expect(
      Dataset.range(1)
        .map(() => 'text')
        .toArray(),
    ).rejects.toThrow(/map: element 0 is a string/)
  })
})

describe('cache', () => {
  test('is filled by a whole pass and read by the next ones', async () => {
    const { log, dataset } = watched(6)
    const cached = dataset.cache()
    await cached.take(3).toArray()
    expect(log.made).toBe(3)
    expect(await numbers(cached.repeat(3).batch(4))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 0, 1],
      [2, 3, 4, 5],
      [0, 1, 2, 3],
      [4, 5],
    ])
    expect(log).toEqual({ started: 2, made: 9, released: 2 })
    expect(await numbers(cached)).toEqual([0, 1, 2, 3, 4, 5])
    expect(log.started).toBe(2)
  })
})

describe('prefetch', () => {
  test('makes up to n elements while the reader works', async () => {
    const { log, dataset } = watched(20)
    let first = true
    for await (const _ of dataset.prefetch(4)) {
      await pause(2)
      if (first) expect(log.made).toBe(5) // the one being used, and four ahead
      first = false
    }
    expect(log.made).toBe(20)
  })

  test('the next element is being made while one is used', async () => {
    const log: string[] = []
    const slow = Dataset.range(3).map(async (x) => {
      log.push(`make ${x.item()}`)
      await pause(1)
      log.push(`made ${x.item()}`)
      return x
    })
    for await (const x of slow.prefetch(1)) {
      log.push(`use ${x.item()}`)
      await pause(10)
      log.push(`used ${x.item()}`)
    }
    for (const i of [0, 1]) expect(log.indexOf(`made ${i + 1}`)).toBeLessThan(log.indexOf(`used ${i}`))
  })

  test('errors come in their place; an early return stops the background', async () => {
    const { log, dataset } = watched(1000)
    const failing = dataset.map((x) => {
      if (x.item() === 3) throw new Error('three')
      return x
    })
    const read: unknown[] = []
    const run = async () => {
      for await (const x of failing.prefetch(10)) read.push(x.jsSync())
    }
    await expect(run()).rejects.toThrow('three')
    expect(read).toEqual([0, 1, 2])
    expect(log.released).toBe(1)
    for await (const _ of dataset.prefetch(5)) break
    const { made } = log
    await pause(5)
    expect(log.made).toBe(made)
    expect(() => dataset.prefetch(1.5)).toThrow(ValueError)
  })
})

test('an endless dataset knows after how many elements it starts over', () => {
  const ten = Dataset.range(10)
  const endless = ten.repeat()
  expect([
    ten.cycle,
    endless.cycle,
    endless.batch(5).cycle,
    endless.batch(4).cycle,
    ten.batch(5).repeat().cycle,
  ]).toEqual([undefined, 10, 2, 5, 2])
  expect(Dataset.zip([endless, Dataset.range(4).repeat()]).cycle).toBe(20)
  expect(
    endless
      .map((x) => x)
      .cache()
      .prefetch(1)
      .skip(3)
      .shard(4, 1).cycle,
  ).toBe(5)
  expect([endless.take(5).cycle, Dataset.fromGenerator(() => [1]).repeat().cycle]).toEqual([undefined, undefined])
  expect(ten.concatenate(endless).cycle).toBe(10)
})

test('toArray refuses an endless dataset', async () => {
  await expect(Dataset.range(2).repeat().toArray()).rejects.toThrow(/take\(n\)/)
})

test('map refuses what is no function when the dataset is built', () => {
  const notAFunction = 3 as unknown as () => number
  expect(() => Dataset.range(3).map(notAFunction)).toThrow('map: takes a function of elements, not number')
})
