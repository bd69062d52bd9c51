import { array, NDArray } from '@cotangent/autodiff/array'
import { Dataset } from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../helpers/draws.ts'

const numbers = async (dataset: Dataset<NDArray>): Promise<unknown[]> =>
  (await dataset.toArray()).map((x) => x.jsSync())

describe('laws', () => {
  type Operation = readonly [
    name: string,
    apply: (d: Dataset<NDArray>) => Dataset<NDArray>,
    model: (list: number[]) => number[],
  ]
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc
      .integer({ min: -1, max: 12 })
      .map((n): Operation => [`take ${n}`, (d) => d.take(n), (l) => (n < 0 ? l : l.slice(0, n))]),
    fc
      .integer({ min: -1, max: 12 })
      .map((n): Operation => [`skip ${n}`, (d) => d.skip(n), (l) => (n < 0 ? [] : l.slice(n))]),
    fc
      .integer({ min: 0, max: 3 })
      .map((n): Operation => [`repeat ${n}`, (d) => d.repeat(n), (l) => Array(n).fill(l).flat() as number[]]),
    fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3))
      .map(
        ([n, i]): Operation => [
          `shard ${n} ${i % n}`,
          (d) => d.shard(n, i % n),
          (l) => l.filter((_, k) => k % n === i % n),
        ],
      ),
    fc.integer({ min: 1, max: 5 }).map((n): Operation => [`prefetch ${n}`, (d) => d.prefetch(n), (l) => l]),
    fc.constant<Operation>(['cache', (d) => d.cache(), (l) => l]),
    fc.constant<Operation>(['map', (d) => d.map((x) => x.item() + 1), (l) => l.map((x) => x + 1)]),
    fc
      .integer({ min: 1, max: 4 })
      .map(
        (n): Operation => [
          `async map ${n}`,
          (d) => d.map(async (x) => x.item() * 2, { numParallelCalls: n }),
          (l) => l.map((x) => x * 2),
        ],
      ),
    fc.constant<Operation>([
      'concatenate',
      (d) => d.concatenate(Dataset.fromTensorSlices(array([1, 2]))),
      (l) => [...l, 1, 2],
    ]),
    fc.constant<Operation>(['zip', (d) => Dataset.zip([d, Dataset.range(9)]).map((x) => x), (l) => l.slice(0, 9)]),
  )
  const sources: Record<string, (n: number) => Dataset<NDArray>> = {
    slices: (n) => Dataset.fromTensorSlices(array(Float32Array.from({ length: n }, (_, i) => i))),
    generator: (n) => Dataset.fromGenerator(() => Array.from({ length: n }, (_, i) => i)),
    asynchronous: (n) =>
      Dataset.fromGenerator(async function* () {
        for (let i = 0; i < n; i++) yield i
      }),
  }

  test('any chain of operations is that chain on lists', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(sources)),
        fc.nat(9),
        fc.array(operation, { maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        async (source, n, operations, size, dropRemainder) => {
          const list = operations.reduce((l, [, , model]) => model(l), [...Array(n).keys()])
          const dataset = operations.reduce((d, [, apply]) => apply(d), sources[source]!(n))
          if (typeof dataset.cardinality === 'number') expect(dataset.cardinality).toBe(list.length)
          expect(await numbers(dataset)).toEqual(list)
          const batches: number[][] = []
          for (let i = 0; i < list.length; i += size) batches.push(list.slice(i, i + size))
          if (dropRemainder && batches.at(-1)?.length !== size) batches.pop()
          const batched = dataset.batch(size, { dropRemainder })
          expect(await numbers(batched)).toEqual(batches)
          expect(await numbers(batched)).toEqual(batches)
          const ofBatches = batched.batch(2, { dropRemainder: true })
          if (dropRemainder)
            expect((await ofBatches.toArray()).map((x) => x.shape)).toEqual(Array(batches.length >> 1).fill([2, size]))
        },
      ),
      draws(300),
    )
  })
})
