import { array, fromPending, type NDArray } from '@cotangent/autodiff/array'
import {
  type AnySpec,
  type Checked,
  checkAll,
  checkDistinct,
  checkElement,
  checkEndless,
  checkFirstBatch,
  Dataset,
  EpochMonitor,
  type Problem,
  problemsOf,
} from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../helpers/draws.ts'

/** n simulations of 3 numbers, all different. */
const simulations = (n: number, from = 0): NDArray =>
  array(
    Float32Array.from({ length: n * 3 }, (_, i) => Math.sin(from * 3 + i)),
    { shape: [n, 3] },
  )

const batchSpec: AnySpec = { shape: [4, 3], dtype: 'float32' }
const told = (checked: Checked): string[] => problemsOf(checked).map(({ kind, message }) => `${kind}: ${message}`)

describe('the first batch', () => {
  const main: AnySpec = [
    { shape: [4, 3], dtype: 'float32' },
    { shape: [4, 3, 2], dtype: 'float32' },
  ]
  const d = simulations(8)
  const dd = array(new Float32Array(48), { shape: [8, 3, 2] })
  const check = (dataset: Dataset<unknown>, expected: AnySpec = main) =>
    checkFirstBatch(dataset, expected, 'main[0]').then(told)

  test('what is right', async () => {
    const dataset = Dataset.fromTensorSlices([d, dd]).batch(4)
    expect(await check(dataset)).toEqual([])
    expect(await check(dataset.map((x, y) => [x, y]))).toEqual([])
  })

  test('a missing derivative', async () => {
    expect(await check(Dataset.fromTensorSlices(d).batch(4))).toEqual([
      'structure: main[0] gives float32[null, 3]; [float32[4, 3], float32[4, 3, 2]] is expected: float32[4, 3, 2] is missing; put the parts together with Dataset.zip([…])',
    ])
  })

  test('axes of parameters and data swapped', async () => {
    const swapped = array(new Float32Array(48), { shape: [8, 2, 3] })
    const message =
      /^axes: main\[0\]\[1\] has shape \[\w+, 2, 3\]; \[4, 3, 2\] is expected:.*x\.transpose\(\[0, 2, 1\]\)/
    // Known without reading (the batch size apart), and known from the first batch.
    for (const dataset of [
      Dataset.fromTensorSlices([d, swapped]).batch(4, { dropRemainder: true }),
      Dataset.fromTensorSlices([d, swapped])
        .batch(4)
        .map((x, y) => [x, y]),
    ]) {
      const problems = await check(dataset)
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(message)
    }
  })

  test('all problems are told at once', async () => {
    const integers = array(new Int32Array(40), { shape: [10, 4] })
    const five = Dataset.fromTensorSlices([integers, array(new Float32Array(60), { shape: [10, 3, 2] })]).batch(5, {
      dropRemainder: true,
    })
    expect(await check(five)).toEqual([
      "dtype: main[0][0] holds integers of dtype int32; float32 is expected: .map((x) => x.astype('float32'))",
      'shape: main[0][0] has shape [5, 4]; [4, 3] is expected',
      'shape: main[0][1] has shape [5, 3, 2]; [4, 3, 2] is expected: batches hold 5 simulations; .batch(4) of a multiple of 4 makes them whole',
    ])
  })

  test('not batched, empty, not parsed, not finite', async () => {
    expect(await check(Dataset.fromTensorSlices(d), batchSpec)).toEqual([
      'shape: main[0] has shape [3]; [4, 3] is expected: the elements are not batched; add .batch(4)',
    ])
    expect(await check(Dataset.fromTensorSlices(d).take(0).batch(4), batchSpec)).toEqual([
      'empty: main[0] is empty: it gives no element at all',
    ])
    const bad = array([
      [1, 2, 3],
      [4, Number.NaN, 6],
      [7, 8, Infinity],
      [1, 2, 3],
    ])
    expect(await check(Dataset.fromTensorSlices(bad).batch(4), batchSpec)).toEqual([
      'notFinite: main[0] holds NaN: 2 of 12 numbers are not finite, the first at [1, 1]; leave such simulations out, or mend the simulator',
    ])
    const late = fromPending(Promise.resolve(new Float32Array(12).fill(Infinity)), [4, 3], 'float32')
    expect(told(await checkElement(late, batchSpec, 'x'))[0]).toMatch(/^notFinite: x holds infinite numbers: 12 of 12/)
  })

  test('an endless dataset of the right length', () => {
    const ten = Dataset.fromTensorSlices(simulations(40)).batch(4)
    const check = (dataset: Dataset<unknown>) => told(checkEndless(dataset, 10, 'main[0]'))
    expect(check(ten.repeat())).toEqual([])
    expect(check(Dataset.fromGenerator(() => [1]).repeat())).toEqual([])
    expect(check(ten)).toEqual(['ends: main[0] ends after 10 batches; it must be endless: add .repeat()'])
    expect(check(ten.take(8).repeat())).toEqual([
      'cycle: main[0] has 8 batches before it starts over; an epoch has 10: take, shard and batch so that there are 10, then repeat',
    ])
    expect(check(ten.take(8))).toHaveLength(2)
  })
})

/** Two passes of `batches` batches from one iterator, as training reads them. */
async function watch(
  dataset: Dataset<unknown>,
  batches: number,
  expected?: AnySpec,
): Promise<{ problems: readonly Problem[]; monitor: EpochMonitor }> {
  const monitor = new EpochMonitor({ where: 'main[0]', batches, ...(expected && { expected }) })
  const found: Checked[] = []
  const iterator = dataset[Symbol.asyncIterator]()
  for (let pass = 0; pass < 3; pass++) {
    for (let batch = 0; batch < batches; batch++) {
      const { done, value } = await iterator.next()
      if (done === true) return { problems: problemsOf(checkAll([...found, monitor.ended(pass, batch)])), monitor }
      found.push(monitor.observe(pass, batch, value))
    }
  }
  await iterator.return(undefined)
  expect(monitor.done).toBe(true)
  return { problems: problemsOf(checkAll(found)), monitor }
}
const messages = async (dataset: Dataset<unknown>, batches: number, expected?: AnySpec) =>
  (await watch(dataset, batches, expected)).problems.map(({ kind, message }) => `${kind}: ${message}`)

describe('EpochMonitor', () => {
  // Generators, so that nothing is known without reading.
  const rows = (n: number, from = 0) =>
    Dataset.fromGenerator(() =>
      Array.from({ length: n }, (_, i) => Float32Array.of(...[0, 1, 2].map((k) => Math.sin((from + i) * 3 + k)))),
    )

  test('what is right', async () => {
    expect(await messages(rows(40).batch(4).repeat(), 10, batchSpec)).toEqual([])
    expect(await messages(rows(40).repeat().batch(4), 10, batchSpec)).toEqual([])
    expect(await messages(rows(4).batch(4).repeat(), 1, batchSpec)).toEqual([])
  })

  test('a dataset that ends', async () => {
    const message = (n: number) =>
      `ends: main[0] ended after ${n} batches; it must be endless, 10 batches an epoch: add .repeat() after .batch(…)`
    expect(await messages(rows(32).batch(4), 10)).toEqual([message(8)])
    expect(await messages(rows(40).batch(4), 10)).toEqual([message(10)])
  })

  test('a cycle that is shorter or longer than an epoch', async () => {
    const message = (n: number, batches = '') =>
      `cycle: main[0] starts over after ${n} simulations${batches}; an epoch has 40, 10 batches: give it exactly one epoch (take, shard), then .batch(…).repeat()`
    expect(await messages(rows(32).batch(4).repeat(), 10)).toEqual([message(32, ', 8 batches')])
    expect(await messages(rows(20).batch(4).repeat(), 10)).toEqual([message(20, ', 5 batches')])
    expect(await messages(rows(48).batch(4).repeat(), 10)).toEqual([message(48, ', 12 batches')])
    // Not a whole number of batches: one simulation too few, one too many.
    expect(await messages(rows(39).repeat().batch(4), 10)).toEqual([message(39)])
    expect(await messages(rows(41).repeat().batch(4), 10)).toEqual([message(41)])
    expect(await messages(rows(79).repeat().batch(4), 10)).toEqual([message(79)])
    const [long] = await messages(rows(400).batch(4).repeat(), 10)
    expect(long).toMatch(
      /^order: main\[0\] gives other simulations in the second pass \(0 of 40 .* starts over after more than two epochs/,
    )
  })

  test('a short batch, NaN in a later batch', async () => {
    const [short] = await messages(rows(38).batch(4).repeat(), 10, batchSpec)
    expect(short).toMatch(
      /^shape: main\[0\], batch 9: has shape \[2, 3\]; \[4, 3\] is expected: batches hold 2 simulations/,
    )
    const poisoned = rows(40).map((x) =>
      x.dataSync()[0] === Math.fround(Math.sin(90)) ? array([1, Number.NaN, 3]) : x,
    )
    expect(await messages(poisoned.batch(4).repeat(), 10, batchSpec)).toEqual([
      'notFinite: main[0], batch 7: holds NaN: 1 of 12 numbers are not finite, the first at [2, 1]; leave such simulations out, or mend the simulator',
    ])
  })

  test('an order that changes, simulations made anew', async () => {
    let epoch = 0
    const shuffled = Dataset.fromGenerator(() => {
      const order = [...Array(40).keys()]
      return epoch++ % 2 === 0 ? order : order.reverse()
    }).map((i) => Float32Array.of(Math.sin(i.item()), Math.cos(i.item())))
    expect(await messages(shuffled.batch(4).repeat(), 10)).toEqual([
      expect.stringMatching(/^order: main\[0\] gives its simulations in another order/),
    ])
    let seed = 0
    const fresh = Dataset.fromGenerator(() => Array.from({ length: 40 }, () => Math.sin(seed++)))
    expect(await messages(fresh.batch(4).repeat(), 10)).toEqual([
      expect.stringMatching(/^order: main\[0\] gives other simulations.*made anew/),
    ])
    expect(await messages(fresh.cache().batch(4).repeat(), 10)).toEqual([])
  })

  test('a simulation twice in a pass; counts may agree by chance', async () => {
    const twice = rows(39).concatenate(rows(1, 17)).batch(4).repeat()
    expect(await messages(twice, 10)).toEqual([
      'duplicate: main[0] gives the same simulation twice in one pass, as number 17 and 39; each must be read once an epoch',
    ])
    const counts = Dataset.fromGenerator(() =>
      Array.from({ length: 40 }, (_, i) => [i % 7 === 0 ? 0 : i, 5, (i * i) % 3]),
    ).map((a, b, c) => [a, b, c])
    const stacked = counts.map((a, b, c) => array([a!.item(), b!.item(), c!.item()]))
    expect(await messages(stacked.batch(4).repeat(), 10)).toEqual([])
  })

  test('the same files for every device', async () => {
    const monitors = async (...datasets: Dataset<unknown>[]) =>
      Promise.all(
        datasets.map(async (dataset, i) => {
          const monitor = new EpochMonitor({ where: `main[${i}]`, batches: 5 })
          let batch = 0
          for await (const element of dataset) monitor.observe(0, batch++, element)
          return monitor
        }),
      )
    const all = rows(40)
    const same = checkDistinct(await monitors(all.take(20).batch(4), all.take(20).batch(4)))
    expect(told(same)).toEqual([
      'duplicate: main[0] and main[1] both read 20 of the same simulations; give each device its own part: dataset.shard(devices, index)',
    ])
    expect(told(checkDistinct(await monitors(all.shard(2, 0).batch(4), all.shard(2, 1).batch(4))))).toEqual([])
  })

  test('any cycle but the right one is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (cycle, batches, size) => {
          const epoch = batches * size
          const { problems } = await watch(rows(cycle).repeat().batch(size), batches)
          if (cycle === epoch) expect(problems).toEqual([])
          else if (cycle < 2 * epoch) expect(problems[0]?.message).toContain(`starts over after ${cycle} simulations`)
          else expect(problems.map(({ kind }) => kind)).toEqual(['order'])
        },
      ),
      draws(),
    )
  })
})
