import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ShapeError, TreeError } from '@cotangent/autodiff/array'
import { DatasetError, hdf5Dataset } from '@cotangent/data'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { draws } from '../helpers/draws.ts'

const url = new URL('../fixtures/data/simulations.h5', import.meta.url)
const file = fileURLToPath(url)

test('arrays in a file are read batch by batch, with their dtypes', async () => {
  const dataset = await hdf5Dataset(url, ['d', { dd: 'derivatives/dd', packed: 'packed' }])
  expect(dataset.elementSpec).toEqual([
    { shape: [10], dtype: 'float32' },
    { dd: { shape: [10, 2], dtype: 'float64' }, packed: { shape: [10], dtype: 'float32' } },
  ])
  expect(dataset.cardinality).toBe(6)
  const batches = await dataset.batch(4).toArray()
  expect(batches.map(([d, { dd }]) => [d.shape, dd.shape])).toEqual([
    [
      [4, 10],
      [4, 10, 2],
    ],
    [
      [2, 10],
      [2, 10, 2],
    ],
  ])
  expect(batches.flatMap(([d]) => [...d.dataSync()])).toEqual([...Array(60).keys()])
  expect(batches.flatMap(([, { packed }]) => [...packed.dataSync()])).toEqual([...Array(60).keys()])
  expect(batches.flatMap(([, { dd }]) => [...dd.dataSync()])).toEqual(Array.from({ length: 120 }, (_, i) => i / 3))
  const kinds = await (await hdf5Dataset(file, { seed: 'seed', big: 'big', flag: 'flag', byte: 'byte' }))
    .take(2)
    .toArray()
  expect(kinds.map(({ seed, big, flag, byte }) => [seed, big, flag, byte].map((x) => [x.dtype, x.jsSync()]))).toEqual([
    [
      ['int64', 2n ** 60n],
      ['int32', -3],
      ['bool', true],
      ['uint8', 0],
    ],
    [
      ['int64', 2n ** 60n + 1n],
      ['int32', -2],
      ['bool', false],
      ['uint8', 1],
    ],
  ])
})

test('two passes at once, shards and early ends', async () => {
  const dataset = await hdf5Dataset(file, 'seed')
  const halves = await Promise.all([dataset.shard(2, 0).toArray(), dataset.shard(2, 1).toArray()])
  expect(halves.map((half) => half.map((x) => Number(x.item()) - 2 ** 60))).toEqual([
    [0, 2, 4].map((i) => Number(2n ** 60n + BigInt(i)) - 2 ** 60),
    [1, 3, 5].map((i) => Number(2n ** 60n + BigInt(i)) - 2 ** 60),
  ])
  for await (const _ of dataset) break
})

test('what cannot be read says what, where and what to do', async () => {
  await expect(hdf5Dataset(file, 'none')).rejects.toThrow(/simulations\.h5 has no array none; it has .*derivatives\/dd/)
  await expect(hdf5Dataset(file, 'derivatives')).rejects.toThrow(
    /has no array derivatives; it has (?!.*derivatives[,$]).*derivatives\/dd/,
  )
  await expect(hdf5Dataset(file, 'half')).rejects.toThrow(
    /half in .* is no array of integers, of floats of 32 or 64 bits/,
  )
  await expect(hdf5Dataset(file, 'text')).rejects.toThrow(DatasetError)
  const packedByAnother = await hdf5Dataset(file, 'lzf')
  await expect(packedByAnother.toArray()).rejects.toThrow(
    /lzf in .*simulations\.h5 cannot be read: required filter 'lzf' is not registered$/,
  )
  await expect(hdf5Dataset(file, 'scalar')).rejects.toThrow(ShapeError)
  await expect(hdf5Dataset(file, ['d', 'short'])).rejects.toThrow(/must be equally long: d \[6, 10\], short \[3\]/)
  await expect(hdf5Dataset(file, [])).rejects.toThrow(TreeError)
  await expect(hdf5Dataset('absent.h5', 'd')).rejects.toThrow(/cannot read absent\.h5/)
  await expect(hdf5Dataset(fileURLToPath(import.meta.url), 'd')).rejects.toThrow(/is not an HDF5 file/)
})

test('damaged files give a DatasetError, or numbers', async () => {
  const good = readFileSync(file)
  const damaged = join(mkdtempSync(join(tmpdir(), 'cotangent-hdf5-')), 'damaged.h5')
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 6 }),
      async (length, changes) => {
        const bytes = Buffer.from(good.subarray(0, length))
        for (const [at, byte] of changes) if (at >= 8 && at < length) bytes[at] = byte
        writeFileSync(damaged, bytes)
        try {
          for (const name of ['d', 'packed']) await (await hdf5Dataset(damaged, name)).batch(6).take(1).toArray()
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          expect((error as Error).name).toMatch(/DatasetError|ShapeError/)
        }
      },
    ),
    draws(100),
  )
})

test('without h5wasm it says what to install', async () => {
  vi.resetModules()
  vi.doMock('h5wasm/node', () => {
    throw new Error('Cannot find package')
  })
  const { hdf5Dataset: without } = await import('@cotangent/data')
  await expect(without(file, 'd')).rejects.toThrow(/npm install h5wasm/)
  vi.doUnmock('h5wasm/node')
})
