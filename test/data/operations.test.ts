import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  array,
  type DType,
  DTypeError,
  fromPending,
  NDArray,
  scalar,
  ShapeError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff/array'
import { random } from '@cotangent/autodiff'
import { AUTOTUNE, Bytes, Dataset, type DatasetSpec, npyDataset, TFRecordDataset } from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { foldIn as wordsFoldIn } from '../../packages/data/src/dataset/threefry.ts'
import { draws } from '../helpers/draws.ts'

const numbers = async (dataset: Dataset<NDArray>): Promise<unknown[]> =>
  (await dataset.toArray()).map((x) => x.jsSync())
const pairs = () => Dataset.zip({ x: Dataset.range(6), y: [Dataset.range(10, 16)] })

test('elements keep their static type', () => {
  const rows = Dataset.fromTensorSlices([array([[1, 2]], { dtype: 'float32' }), array([1], { dtype: 'int32' })])
  type Pair = [NDArray<'float32'>, NDArray<'int32'>]
  expectTypeOf(
    rows
      .shuffle(3)
      .batch(1)
      .unbatch()
      .filter((a, b) => a.size > b.size),
  ).toEqualTypeOf<Dataset<Pair>>()
  expectTypeOf(rows.enumerate()).toEqualTypeOf<Dataset<[NDArray<'int32'>, Pair]>>()
  expectTypeOf(rows.window(2)).toEqualTypeOf<Dataset<[Dataset<NDArray<'float32'>>, Dataset<NDArray<'int32'>>]>>()
  expectTypeOf(rows.window(2).elementSpec).toEqualTypeOf<readonly [DatasetSpec, DatasetSpec] | undefined>()
  expectTypeOf(rows.flatMap((a) => Dataset.fromTensors(a))).toEqualTypeOf<Dataset<NDArray<'float32'>>>()
  expectTypeOf(rows.scan({ n: 0 }, (state, [a]) => [state, a])).toEqualTypeOf<Dataset<NDArray<'float32'>>>()
  expectTypeOf(rows.reduce({ n: 0 }, (state) => state)).toEqualTypeOf<Promise<{ n: NDArray }>>()
})

describe('shuffle', () => {
  test('a key means what it means in random: passes fold their number in', () => {
    for (const [seed, n] of [
      [0, 0],
      [7, 3],
      [12345, 2 ** 31 + 5],
    ] as const) {
      const key = random.PRNGKey(seed)
      expect([...random.foldIn(key, n).dataSync()]).toEqual([
        ...wordsFoldIn([...key.dataSync()] as [number, number], n),
      ])
    }
  })

  test('the order is that of the key and the pass, however it is read', async () => {
    const key = random.PRNGKey(3)
    const orders = async (size: number) => {
      const dataset = Dataset.range(50).shuffle(8, { key })
      const read = async () => (await numbers(dataset.batch(size))).flat()
      return [await read(), await read()]
    }
    const [first, second] = await orders(1)
    expect(first).not.toEqual(second)
    expect(await orders(7)).toEqual([first, second])
    expect(await numbers(Dataset.range(50).shuffle(8, { seed: 3 }))).toEqual(first)
    expect(await numbers(Dataset.range(50).shuffle(8, { seed: 4 }))).not.toEqual(first)
    const repeated = await numbers(Dataset.range(50).shuffle(8, { key }).repeat(2))
    expect(repeated).toEqual([...first!, ...second!])
  })

  test('every order is equally likely', async () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 2400; seed++) {
      const order = (await numbers(Dataset.range(3).shuffle(Number.POSITIVE_INFINITY, { seed }))).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // χ² of 5 degrees of freedom is below 20.5 in 999 of 1000 cases; the seeds are always the same.
    const chi2 = [...counts.values()].reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0)
    expect(chi2).toBeLessThan(20.5)
  })

  test('wrong arguments', () => {
    const dataset = Dataset.range(3)
    expect(() => dataset.shuffle(0)).toThrow(/buffer size is 0/)
    expect(() => dataset.shuffle(2.5)).toThrow(ValueError)
    expect(() => dataset.repeat().shuffle(Number.POSITIVE_INFINITY)).toThrow(/shuffle before repeat/)
    expect(() => dataset.shuffle(2, { key: array([1, 2]) })).toThrow(/key is float32\[2\]; it must be one key/)
    expect(() => dataset.shuffle(2, { key: random.PRNGKey(1), seed: 1 })).toThrow(/a key or a seed, not both/)
    expect(() => dataset.shuffle(2, { seed: 0.5 })).toThrow(/seed is 0.5/)
    expect(() => dataset.shuffle(2, { sed: 1 } as never)).toThrow(/shuffle has no option sed/)
  })
})

describe('windows', () => {
  test('of trees are trees of datasets, which are datasets like any other', async () => {
    const windows = pairs().window(4, { shift: 2 })
    expect(windows.elementSpec).toEqual({
      x: { shape: [], dtype: 'dataset', elements: { shape: [], dtype: 'int32' } },
      y: [{ shape: [], dtype: 'dataset', elements: { shape: [], dtype: 'int32' } }],
    })
    const zipped = windows.flatMap(({ x, y: [y] }) => Dataset.zip([x.batch(2), y.batch(2)]))
    expect((await zipped.toArray()).map((pair) => pair.map((a) => a.jsSync()))).toEqual(
      [0, 2, 2, 4, 4].map((i) => [
        [i, i + 1],
        [i + 10, i + 11],
      ]),
    )
    const [first] = await windows.toArray()
    expect([first!.x.cardinality, await numbers(first!.x), await numbers(first!.x)]).toEqual([
      4,
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
  })

  test('cannot be stacked', () => {
    expect(() => Dataset.range(3).window(2).batch(2)).toThrow(/the elements hold datasets.*flatMap/)
    expect(() => Dataset.range(3).window(2).unbatch()).toThrow(TreeError)
    expect(() => Dataset.range(3).window(2).paddedBatch(2)).toThrow(TreeError)
  })
})

describe('paddedBatch', () => {
  const ragged = () => Dataset.range(1, 4).map((n) => ({ a: array(new Float32Array(n.item()).fill(1)), b: n }))

  test('trees, matrices, strings and every dtype', async () => {
    const [batch] = await ragged()
      .paddedBatch(3, { paddingValues: { a: -1, b: 0 }, paddedShapes: { a: [4], b: [] } })
      .toArray()
    expect([batch!.a.jsSync(), batch!.b.jsSync()]).toEqual([
      [
        [1, -1, -1, -1],
        [1, 1, -1, -1],
        [1, 1, 1, -1],
      ],
      [1, 2, 3],
    ])
    const matrices = Dataset.fromGenerator(() => [
      array([[1, 2]], { dtype: 'float16' }),
      array([[3], [4]], { dtype: 'float16' }),
    ])
    const [padded] = await matrices.paddedBatch(2, { paddingValues: 9 }).toArray()
    expect([padded!.dtype, padded!.jsSync()]).toEqual([
      'float16',
      [
        [
          [1, 2],
          [9, 9],
        ],
        [
          [3, 9],
          [4, 9],
        ],
      ],
    ])
    const big = Dataset.fromGenerator(() => [array([1n]), array([2n, 3n])])
    expect((await big.paddedBatch(2, { paddingValues: 7n }).toArray())[0]!.jsSync()).toEqual([
      [1n, 7n],
      [2n, 3n],
    ])
    const strings = Dataset.fromGenerator(() => [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)].map(Bytes.of))
    const [joined] = await strings.batch(2).paddedBatch(2).toArray()
    expect([joined!.shape, [0, 1, 2, 3].map((i) => [...joined!.item(i)])]).toEqual([
      [2, 2],
      [[1], [2], [3], []],
    ])
  })

  test('errors', async () => {
    await expect(
      ragged()
        .paddedBatch(3, { paddedShapes: { a: [2], b: [] } })
        .toArray(),
    ).rejects.toThrow(/paddedBatch: the element\.a: element 2, float32\[3\] is larger than the padded shape \[2\]/)
    await expect(
      ragged()
        .paddedBatch(3, { paddingValues: [1] as never })
        .toArray(),
    ).rejects.toThrow(/does not fit the elements/)
    const rows = Dataset.fromTensorSlices(array([[1, 2]]))
    expect(() => rows.paddedBatch(1, { paddedShapes: [1] })).toThrow(ShapeError)
    expect(() => rows.paddedBatch(1, { paddingValues: scalar(1, 'int32') })).toThrow(
      /must be a scalar of that dtype, not int32/,
    )
    expect(() =>
      Dataset.fromGenerator(() => [[1]], { elementSpec: { shape: null, dtype: 'float32' } }).paddedBatch(1),
    ).toThrow(/unknown number of axes; say with paddedShapes/)
    const mixed = Dataset.fromGenerator(() => [array([1]), array([[1]])])
    await expect(mixed.paddedBatch(2).toArray()).rejects.toThrow(/the first has 1 axes/)
  })
})

describe('functions of elements', () => {
  test('predicates may be asynchronous and give arrays', async () => {
    const later = (value: boolean) =>
      fromPending(
        pause(1).then(() => Uint8Array.of(value ? 1 : 0)),
        [],
        'bool',
      )
    expect(await numbers(Dataset.range(5).filter(async (n) => n.item() > 2))).toEqual([3, 4])
    expect(await numbers(Dataset.range(5).filter((n) => later(n.item() > 2)))).toEqual([3, 4])
    expect(await numbers(Dataset.range(5).takeWhile(async (n) => scalar(n.item() < 2 ? 1 : 0, 'bool')))).toEqual([0, 1])
    await expect(
      Dataset.range(5)
        .filter((n) => n)
        .toArray(),
    ).rejects.toThrow(DTypeError)
    await expect(
      Dataset.range(5)
        .filter((n) => n)
        .toArray(),
    ).rejects.toThrow(/gave an array of dtype int32 and shape \[\]/)
    expect(() => Dataset.range(5).filter(3 as never)).toThrow('filter: takes a function of elements, not number')
  })

  test('a state keeps its structure and dtypes', async () => {
    const running = Dataset.range(1, 5).scan({ sum: scalar(0, 'int32'), n: 0 }, ({ sum, n }, x) => [
      { sum: sum.item() + x.item(), n: n.item() + 1 },
      (sum.item() + x.item()) / (n.item() + 1),
    ])
    expect(await numbers(running)).toEqual([1, 1.5, 2, 2.5])
    const sum = await Dataset.range(5).reduce(scalar(0, 'int32'), async (state, x) => state.item() + x.item())
    expect([sum.dtype, sum.item()]).toEqual(['int32', 10])
    const { a } = await Dataset.range(3).reduce({ a: 0 }, (state, x) => ({
      a: scalar(state.a.item() + x.item(), 'int32'),
    }))
    expect([a.dtype, a.item()]).toEqual(['int32', 3])
    await expect(Dataset.range(3).reduce(0, () => [1, 2])).rejects.toThrow(/another structure than the state before/)
    await expect(Dataset.range(3).reduce(scalar(0, 'int32'), () => scalar(1.5, 'float32'))).rejects.toThrow(
      /is float32, the state before int32/,
    )
    await expect(
      Dataset.range(3)
        .scan(0, (() => 3) as never)
        .toArray(),
    ).rejects.toThrow(/must return a pair/)
    await expect(
      Dataset.range(3)
        .repeat()
        .reduce(0, (x) => x),
    ).rejects.toThrow(/take\(n\)\.reduce/)
  })

  test('flatMap and interleave read datasets, ahead if asked, and close what they opened', async () => {
    let open = 0
    const source = (n: number) =>
      Dataset.fromGenerator(async function* () {
        open++
        try {
          for (let i = 0; i < n; i++) {
            await pause(0)
            yield 10 * n + i
          }
        } finally {
          open--
        }
      })
    const read = (numParallelCalls: number) =>
      numbers(
        Dataset.range(1, 8).interleave(async (n) => source(n.item()), {
          cycleLength: 3,
          blockLength: 2,
          numParallelCalls,
        }),
      )
    const inTurn = await read(1)
    expect(await read(3)).toEqual(inTurn)
    expect(await read(AUTOTUNE)).toEqual(inTurn)
    expect(open).toBe(0)
    for await (const _ of Dataset.range(1, 8).interleave((n) => source(n.item()), { numParallelCalls: 4 })) break
    expect(open).toBe(0)
    const failing = (numParallelCalls: number) =>
      Dataset.range(1, 8).interleave(
        (n) => {
          if (n.item() === 5) throw new RangeError('no fifth')
          return source(n.item())
        },
        { cycleLength: 3, numParallelCalls },
      )
    for (const numParallelCalls of [1, 2, 3]) {
      const read: number[] = []
      const reading = async () => {
        for await (const n of failing(numParallelCalls)) read.push(n.item())
      }
      await expect(reading()).rejects.toThrow('no fifth')
      expect(read).toEqual([10, 20, 30, 21, 31, 40, 32, 41])
      expect(await numbers(failing(numParallelCalls).ignoreErrors())).toHaveLength(1 + 2 + 3 + 4 + 6 + 7)
    }
    expect(open).toBe(0)
    await expect(
      Dataset.range(2)
        .flatMap((() => 3) as never)
        .toArray(),
    ).rejects.toThrow(/flatMap: the function must return a dataset/)
    expect(
      Dataset.range(2)
        .flatMap((n) => Dataset.range(n.item()), { elementSpec: { shape: [], dtype: 'int32' } })
        .batch(2).elementSpec,
    ).toEqual({ shape: [null], dtype: 'int32' })
  })
})

describe('several datasets as one', () => {
  test('sampled by weights, chosen by number', async () => {
    const three = [0, 100, 200].map((from) => Dataset.range(from, from + 100))
    const mixed = await numbers(Dataset.sampleFromDatasets(three, { weights: [1, 0, 3], seed: 5 }))
    expect(mixed.toSorted((a, b) => Number(a) - Number(b))).toEqual([
      ...Array(100).keys(),
      ...Array.from({ length: 100 }, (_, i) => 200 + i),
    ])
    const early = mixed.slice(0, 80).filter((x) => Number(x) >= 200).length
    expect(early).toBeGreaterThan(45)
    expect(early).toBeLessThan(75)
    expect(await numbers(Dataset.sampleFromDatasets(three, { weights: [1, 0, 3], seed: 5 }))).toEqual(mixed)
    const endless = three.map((d) => d.repeat())
    expect(Dataset.sampleFromDatasets(endless).cardinality).toBe('infinite')
    const choices = Dataset.fromTensorSlices(array([0, 2, 2, 1], { dtype: 'int32' })).repeat(2)
    expect(await numbers(Dataset.chooseFromDatasets(three, choices))).toEqual([0, 200, 201, 100, 1, 202, 203, 101])
    const short = [Dataset.range(1), Dataset.range(5, 9)]
    const picks = Dataset.fromTensorSlices(array([0, 1, 0, 1], { dtype: 'int32' }))
    expect(await numbers(Dataset.chooseFromDatasets(short, picks))).toEqual([0, 5])
    expect(await numbers(Dataset.chooseFromDatasets(short, picks, { stopOnEmptyDataset: false }))).toEqual([0, 5, 6])
  })

  test('wrong arguments', async () => {
    const two = [Dataset.range(2), Dataset.range(2)]
    expect(() => Dataset.sampleFromDatasets(two, { weights: [1] })).toThrow(/weights are \[1\] for 2 datasets/)
    expect(() => Dataset.sampleFromDatasets([])).toThrow(/no dataset/)
    expect(() => Dataset.sampleFromDatasets([Dataset.range(2), 3 as never])).toThrow(/takes a list of datasets/)
    expect(() => Dataset.sampleFromDatasets<NDArray>([two[0]!, Dataset.fromTensorSlices(array([1.5]))])).toThrow(
      TreeError,
    )
    await expect(Dataset.chooseFromDatasets(two, Dataset.range(2, 3)).toArray()).rejects.toThrow(
      /choice 2 is outside 0 … 1/,
    )
  })
})

test('unique and counter', async () => {
  const rows = Dataset.fromTensorSlices({
    x: array([
      [1, 2],
      [1, 3],
      [1, 2],
      [1, 2],
    ]),
    y: array([1, 1, 1, 2]),
  })
  expect((await rows.unique().toArray()).map(({ x, y }) => [x.jsSync(), y.jsSync()])).toEqual([
    [[1, 2], 1],
    [[1, 3], 1],
    [[1, 2], 2],
  ])
  expect(Dataset.counter().cardinality).toBe('infinite')
  expect(await numbers(Dataset.counter(3, -2).take(3))).toEqual([3, 1, -1])
  for (const [from, step] of [
    [2 ** 31 - 2, 1],
    [1 - 2 ** 31, -1],
    [2 ** 31 - 7, 5],
  ] as const) {
    const told: string[] = []
    const counted = Dataset.counter(from, step).ignoreErrors({ onError: (error) => told.push(String(error)) })
    expect(await numbers(counted.batch(8))).toEqual([[from, from + step]])
    expect(told).toEqual([expect.stringMatching(/counter: .* beyond int32/)])
  }
  expect(() => Dataset.range(2 ** 31 + 1)).toThrow(/not in int32/)
  const numbered = Dataset.range(4).enumerate(2 ** 31 - 2)
  await expect(numbered.toArray()).rejects.toThrow(/number 2147483648 is beyond int32/)
  expect(await numbered.ignoreErrors().toArray()).toHaveLength(2)
  expect(() => Dataset.range(2).enumerate(2 ** 31)).toThrow(/it must be an integer of int32/)
  expect(() => Dataset.range(2).apply((() => 3) as never)).toThrow(TreeError)
})

test('ignoreErrors tells of each error once, whatever stands between', async () => {
  const failing = (n: number) => {
    if (n % 3 === 1) throw new RangeError(String(n))
    return n
  }
  const operations: ((d: Dataset<NDArray>) => Dataset<NDArray>)[] = [
    (d) => d.map((x) => failing(x.item())),
    (d) => d.map(async (x) => failing(x.item()), { numParallelCalls: 3 }),
    (d) => d.map((x) => failing(x.item())).prefetch(4),
    (d) => d.filter((x) => failing(x.item()) >= 0),
    (d) => Dataset.zip([d.map((x) => failing(x.item())), d]).map((x, y) => x.item() + y.item() - x.item()),
    (d) => Dataset.zip([d, d.map((x) => failing(x.item()))]).map((x) => x),
  ]
  for (const operation of operations) {
    const told: string[] = []
    const dataset = operation(Dataset.range(8)).ignoreErrors({
      onError: (error) => told.push((error as Error).message),
    })
    expect((await numbers(dataset.batch(5))).flat()).toEqual([0, 2, 3, 5, 6])
    expect(told).toEqual(['1', '4', '7'])
  }
})

test('ignoreErrors ends with what can never give anything', async () => {
  const failed = (dtype: DType, shape: number[]) => fromPending(Promise.reject(new Error('lost')), shape, dtype)
  const file = fileURLToPath(import.meta.url)
  const key = failed('uint32', [2]) as NDArray<'uint32'>
  const hopeless: Record<string, Dataset<unknown>> = {
    slices: Dataset.fromTensorSlices(failed('float32', [3])),
    shuffle: Dataset.range(3).shuffle(3, { key }),
    sample: Dataset.sampleFromDatasets([Dataset.range(3), Dataset.range(3)], { key }),
    'a cache that is none': Dataset.range(3).cache(file),
    'a cache where no file can be': Dataset.range(3).cache(`${file}/cache`),
    'no such file': npyDataset('absent.npy'),
    'no such files': npyDataset('absent-*.npy'),
    'no such records': TFRecordDataset(['absent.tfrecord'], { numParallelReads: 2 }),
    'no records': TFRecordDataset([file, file]).take(1),
    'no generator': Dataset.fromGenerator((() => 3) as never),
  }
  for (const [name, dataset] of Object.entries(hopeless)) {
    const told: unknown[] = []
    const read = await dataset.ignoreErrors({ onError: (error) => told.push(error) }).toArray()
    expect([name, read, told.length]).toEqual([name, [], name === 'no records' ? 2 : 1])
  }
})

test('a cache in memory is not kept from a pass in which an element failed', async () => {
  let broken = true
  const dataset = Dataset.range(4)
    .map((x) => {
      if (broken && x.item() === 2) throw new Error('no')
      return x
    })
    .cache()
  expect(await numbers(dataset.ignoreErrors())).toEqual([0, 1, 3])
  broken = false
  expect(await numbers(dataset)).toEqual([0, 1, 2, 3])
})

test('a dataset opened in its midst goes on as one that was read to there', async () => {
  const { stageOf, openAt } = await import('../../packages/data/src/dataset/stage.ts')
  const { itemsOf } = await import('../../packages/data/src/dataset/chunk.ts')
  const operation = fc.constantFrom<[string, (d: Dataset<NDArray>) => Dataset<NDArray>]>(
    ['map', (d) => d.map((x) => scalar(x.item() + 1, 'int32'))],
    ['take', (d) => d.take(9)],
    ['skip', (d) => d.skip(2)],
    ['shard', (d) => d.shard(2, 1)],
    ['prefetch', (d) => d.prefetch(2)],
    ['repeat', (d) => d.repeat(2)],
    ['concatenate', (d) => d.concatenate(Dataset.range(3))],
    ['batch', (d) => d.batch(2, { dropRemainder: true }).unbatch()],
    ['enumerate', (d) => d.enumerate(4).map((i, x) => scalar(i.item() + x.item(), 'int32'))],
    ['zip', (d) => Dataset.zip([d, Dataset.range(20)]).map((x, i) => scalar(x.item() + i.item(), 'int32'))],
  )
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 4 }), fc.nat(12), fc.nat(25), async (operations, n, at) => {
      const dataset = operations.reduce((d, [, apply]) => apply(d), Dataset.range(n) as Dataset<NDArray>)
      const pull = openAt(stageOf(dataset), at)
      const rest: number[] = []
      for (let chunk = await pull.next(2); chunk !== undefined; chunk = await pull.next(2))
        rest.push(...(itemsOf(chunk) as NDArray[]).map((x) => Number(x.item())))
      await pull.close()
      expect(rest).toEqual((await numbers(dataset)).slice(at))
    }),
    draws(200),
  )
})
