import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, type NDArray } from '@cotangent/autodiff/array'
import {
  Bytes,
  Dataset,
  DatasetError,
  encodeExample,
  RecordError,
  TFRecordDataset,
  saveTFRecord,
} from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../helpers/draws.ts'

const temporary = () => mkdtempSync(join(tmpdir(), 'cotangent-cache-'))

/** Simulations of 20 seeds, and which seeds were simulated. */
function simulated() {
  const seeds: number[] = []
  const dataset = Dataset.range(20).map((seed) => {
    seeds.push(seed.item())
    return { x: Float64Array.of(seed.item(), seed.item() / 3), label: [seed.item() % 2 === 0] }
  })
  return { seeds, dataset }
}
const read = async (dataset: Dataset<{ x: NDArray; label: NDArray[] }>) =>
  (await dataset.toArray()).map(({ x, label }) => [x.dtype, x.jsSync(), label[0]!.dtype, label[0]!.jsSync()])
const all = Array.from({ length: 20 }, (_, i) => ['float64', [i, i / 3], 'bool', i % 2 === 0])

describe('a cache in a file', () => {
  test('is filled by a whole pass, and read by later ones and other programs', async () => {
    const file = join(temporary(), 'new', 'cache')
    const { seeds, dataset } = simulated()
    expect(await read(dataset.cache(file))).toEqual(all)
    expect(readdirSync(join(file, '..'))).toEqual(['cache'])
    expect(await read(dataset.cache(file))).toEqual(all)
    const batches = await dataset.cache(file).batch(8).toArray()
    expect(batches.map(({ x }) => x.shape)).toEqual([
      [8, 2],
      [8, 2],
      [4, 2],
    ])
    expect(seeds).toHaveLength(20)
  })

  test('an interrupted pass is no cache, and is continued where it was interrupted', async () => {
    const file = join(temporary(), 'cache')
    const { seeds, dataset } = simulated()
    expect(await dataset.cache(file).take(7).toArray()).toHaveLength(7)
    expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, true])
    expect(await dataset.cache(file).take(3).toArray()).toHaveLength(3)
    expect(await read(dataset.cache(file))).toEqual(all)
    expect(seeds).toEqual([...Array(20).keys()])
  })

  test('a program that was killed loses at most what it was writing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.nat(60), async (made, lost) => {
        const file = join(temporary(), 'cache')
        const { seeds, dataset } = simulated()
        for await (const _ of dataset.cache(file).take(made));
        if (made > 0 && made < 20) {
          const { length } = readFileSync(`${file}.partial`)
          truncateSync(`${file}.partial`, Math.max(0, length - lost))
          // Process numbers end far below.
          writeFileSync(`${file}.lock`, JSON.stringify({ host: hostname(), process: 2 ** 30 }))
        }
        expect(await read(dataset.cache(file))).toEqual(all)
        expect(seeds.length).toBeLessThanOrEqual(20 + Math.ceil(lost / 30))
        expect(readdirSync(join(file, '..'))).toEqual(['cache'])
      }),
      draws(30),
    )
  })

  test('what cannot be opened in its midst begins anew', async () => {
    const file = join(temporary(), 'cache')
    let started = 0
    const dataset = Dataset.fromGenerator(function* () {
      started++
      for (let i = 0; i < 5; i++) yield started * 10 + i
    })
    await dataset.cache(file).take(3).toArray()
    const values = async () => (await dataset.cache(file).toArray()).map((x) => x.item())
    expect(await values()).toEqual([20, 21, 22, 23, 24])
    expect(await values()).toEqual([20, 21, 22, 23, 24])
    expect(started).toBe(2)
  })

  test('a pass that failed is no cache; passes at the same time do not disturb each other', async () => {
    const file = join(temporary(), 'cache')
    let broken = true
    const dataset = Dataset.range(6).map((i) => {
      if (broken && i.item() === 4) throw new Error('no')
      return i
    })
    await expect(dataset.cache(file).toArray()).rejects.toThrow('no')
    expect(await dataset.cache(file).ignoreErrors().toArray()).toHaveLength(5)
    expect(existsSync(file)).toBe(false)
    broken = false
    const both = await Promise.all([dataset.cache(file).toArray(), dataset.cache(file).toArray()])
    for (const values of both) expect(values.map((x) => x.item())).toEqual([0, 1, 2, 3, 4, 5])
    expect(existsSync(file)).toBe(true)
  })

  test('the cache of another dataset, a damaged one and other files are refused', async () => {
    const file = join(temporary(), 'cache')
    await Dataset.range(3).cache(file).toArray()
    await expect(
      Dataset.fromTensorSlices(array([1, 2]))
        .cache(file)
        .toArray(),
    ).rejects.toThrow(/holds int32\[\], the dataset gives float32\[\]: it is the cache of another dataset; remove it/)
    const good = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, cut) => {
          const bytes = Buffer.from(good)
          bytes[at]! ^= flip
          writeFileSync(file, cut ? bytes.subarray(0, at) : bytes)
          await expect(Dataset.range(3).cache(file).toArray()).rejects.toThrow(RecordError)
        },
      ),
      draws(),
    )
    await saveTFRecord(file, [encodeExample([])])
    await expect(Dataset.range(3).cache(file).toArray()).rejects.toThrow(/is no cache of a dataset/)
    await expect(Dataset.range(3).cache(join(file, 'inside')).toArray()).rejects.toThrow(DatasetError)
    await expect(Dataset.range(4).window(2).cache(join(temporary(), 'w')).toArray()).rejects.toThrow(/hold datasets/)
  })

  test('records and arrays of any shape come back as they were', async () => {
    const folder = temporary()
    const strings = [new Uint8Array(0), Uint8Array.of(1, 2, 3), Uint8Array.of(9)]
    await saveTFRecord(join(folder, 'x.tfrecord'), strings)
    const records = TFRecordDataset(join(folder, 'x.tfrecord')).batch(2).cache(join(folder, 'a'))
    for (const _ of [1, 2]) {
      const batches = await records.toArray()
      expect(batches.flatMap((b) => Array.from({ length: b.size }, (__, i) => [...b.item(i)]))).toEqual(
        strings.map((s) => [...s]),
      )
    }
    const mixed = Dataset.fromGenerator(() => [[array([1n, 2n]), null], [array(3), null], Bytes.of(strings[1]!)])
    for (const _ of [1, 2]) {
      const [a, b, c] = (await mixed.cache(join(folder, 'b')).toArray()) as [NDArray[], NDArray[], Bytes]
      expect([a[0]!.jsSync(), a[1], b[0]!.jsSync(), [...c.item()]]).toEqual([[1n, 2n], null, 3, [1, 2, 3]])
    }
  })
})
