import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, ShapeError } from '@cotangent/autodiff/array'
import {
  AUTOTUNE,
  Dataset,
  DatasetError,
  encodeExample,
  RecordError,
  readRecordInfo,
  saveTFRecord,
  TFRecordDataset,
  TFRecords,
} from '@cotangent/data'
import { describe, expect, test } from 'vitest'
import { at, temporary } from '../helpers/tfrecord-golden.ts'

describe('TFRecords', () => {
  const tfr = new TFRecords()
  const x = (seed: number) => array([seed, seed + 0.5, seed + 0.25])

  test('what was written is read in another process, which knows the shape from the sidecar', async () => {
    const directory = temporary()
    await tfr.writeRecord({ nSims: 7, start: 3, getSimulation: x, directory })
    const { inputShape, seeds, records } = await readRecordInfo(join(directory, 'fiducial'))
    expect([inputShape, seeds, records]).toEqual([[3], [3, 10], 7])
    const dataset = TFRecordDataset(join(directory, '*.tfrecords')).map(tfr.parser(inputShape)).batch(4)
    expect(dataset.elementSpec).toEqual({ shape: [null, 3], dtype: 'float32' })
    expect((await dataset.toArray()).map((b) => b.shape)).toEqual([
      [4, 3],
      [3, 3],
    ])
    expect((await dataset.toArray())[1]!.jsSync()).toEqual([7, 8, 9].map((s) => [s, s + 0.5, s + 0.25]))
  })

  test('records one by one, in batches and in parallel are the same', async () => {
    const directory = temporary()
    await tfr.writeRecord({ nSims: 10, getSimulation: x, directory })
    const records = TFRecordDataset(join(directory, '*.tfrecords'))
    const parse = tfr.parser([3])
    const expected = (
      await records
        .map((record) => parse(record))
        .batch(4)
        .toArray()
    ).map((b) => b.jsSync())
    for (const dataset of [
      records.map(parse).batch(4),
      records.batch(4).map(parse),
      records.map(parse, { numParallelCalls: AUTOTUNE }).prefetch(2).batch(4),
    ]) {
      expect((await dataset.toArray()).map((b) => b.jsSync())).toEqual(expected)
      expect(dataset.elementSpec).toEqual({ shape: [null, 3], dtype: 'float32' })
    }
  })

  test('exact derivatives', async () => {
    const directory = temporary()
    const getSimulation = (seed: number) => [
      [seed, 1],
      [2, 3],
      [4, 5],
    ]
    await tfr.writeRecord({ nSims: 2, getSimulation, directory, filename: 'derivative' })
    const dataset = TFRecordDataset(join(directory, 'derivative_*.tfrecords')).map(tfr.derivativeParser([3], 2))
    expect((await dataset.toArray()).map((d) => d.jsSync())).toEqual([0, 1].map(getSimulation))
    await expect(
      TFRecordDataset(join(directory, 'derivative_*.tfrecords'))
        .map(tfr.parser([3]))
        .toArray(),
    ).rejects.toThrow(/holds 24 bytes, 6 float32 numbers; shape \[3\] takes 3.*derivativeParser/)
  })

  test('simulations on both sides of the parameters find their places, or are refused', async () => {
    const directory = temporary()
    const getSimulation = (seed: number, derivative = 0, parameter = 0) => [100 * seed + 10 * derivative + parameter]
    await tfr.writeRecord({ nSims: 3, nParams: 2, fiducial: false, getSimulation, directory })
    const records = TFRecordDataset(join(directory, '*.tfrecords'))
    const parser = tfr.numericalDerivativeParser([1], 2)
    const expected = [0, 1, 2].map((s) => [0, 1].map((d) => [0, 1].map((p) => getSimulation(s, d, p))))
    const read = async (dataset: typeof records) => (await dataset.map(parser).toArray()).map((x) => x.jsSync())
    expect(await read(records.batch(4))).toEqual(expected)
    // Within a seed the order may be any.
    const turned = Dataset.chooseFromDatasets(
      [records.shard(2, 1), records.shard(2, 0)],
      Dataset.range(12).map((i) => array(i.item() % 2, { dtype: 'int32' })),
    )
    expect(await read(turned.batch(4))).toEqual(expected)
    await expect(read(records.skip(1).batch(4))).rejects.toThrow(/holds records of seeds 0 and 1; .*\.batch\(4\)/)
    await expect(read(records.take(1).repeat(4).batch(4))).rejects.toThrow(
      /the same derivative and parameter of seed 0 twice/,
    )
    await expect(read(records.batch(3))).rejects.toThrow(/a batch holds 3 records; each seed has 2 · nParams = 4/)
    await expect(read(records)).rejects.toThrow(/one of a seed's 4 simulations; batch them/)
    expect(() => tfr.numericalDerivativeParser([1], 0)).toThrow(/nParams is 0/)
    const whole = Float32Array.from({ length: 4 }, (_, i) => i)
    await saveTFRecord(join(directory, 'whole.tfrecord'), [
      encodeExample([['data', { kind: 'bytes', values: [new Uint8Array(whole.buffer)] }]]),
    ])
    expect(await read(TFRecordDataset(join(directory, 'whole.tfrecord')))).toEqual([
      [
        [[0], [1]],
        [[2], [3]],
      ],
    ])
  })

  test('ignoreErrors goes on with the next file behind a damaged record', async () => {
    const dataset = TFRecordDataset([
      at('corrupt_data_crc.tfrecord'),
      at('truncated_data.tfrecord'),
      at('mixed.tfrecord'),
    ])
    const told: unknown[] = []
    const read = await dataset.ignoreErrors({ onError: (error) => told.push(error) }).toArray()
    expect(told.map((error) => (error as RecordError).place?.record)).toEqual([1, 2])
    const mixed = await TFRecordDataset(at('mixed.tfrecord')).toArray()
    expect(read.slice(-mixed.length).map((r) => [...r.item()])).toEqual(mixed.map((r) => [...r.item()]))
    expect(read.length).toBe(1 + 2 + mixed.length)
  })

  test('a set is replaced as a whole, or not at all', async () => {
    const directory = temporary()
    const small = new TFRecords({ recordSize: 0.001 })
    const first = await small.writeRecord({ nSims: 200, getSimulation: x, directory })
    expect(first.files.length).toBeGreaterThan(2)
    const before = first.paths.map((path) => readFileSync(path))
    const failing = (seed: number) => {
      if (seed === 150) throw new Error('out of memory')
      return array([1, 2, 3])
    }
    await expect(small.writeRecord({ nSims: 200, getSimulation: failing, directory })).rejects.toThrow('out of memory')
    expect(readdirSync(directory).sort()).toEqual(['fiducial.json', ...first.files].sort())
    expect(first.paths.map((path) => readFileSync(path))).toEqual(before)
    await expect(small.writeRecord({ nSims: 1, getSimulation: x, directory, overwrite: false })).rejects.toThrow(
      /fiducial_00000\.tfrecords is there already/,
    )

    writeFileSync(join(directory, 'fiducial_notes.tfrecords'), 'a file of the user')
    const second = await small.writeRecord({ nSims: 5, getSimulation: x, directory })
    expect(second.files).toEqual(['fiducial_00000.tfrecords'])
    expect(readdirSync(directory).sort()).toEqual([
      'fiducial.json',
      'fiducial_00000.tfrecords',
      'fiducial_notes.tfrecords',
    ])
  })

  test('wrong arguments', async () => {
    const directory = temporary()
    const write = (options: object) => tfr.writeRecord({ getSimulation: x, directory, ...options } as never)
    await expect(write({})).rejects.toThrow(/give either nSims/)
    await expect(write({ nSims: 2, end: 3 })).rejects.toThrow(/give either nSims/)
    await expect(write({ nSims: 1.5 })).rejects.toThrow(/nSims is 1.5/)
    await expect(write({ end: 2, start: 3 })).rejects.toThrow(/end is 2, before start, which is 3/)
    await expect(write({ nSims: 2, fiducial: false })).rejects.toThrow(/nParams is undefined/)
    await expect(write({ nSims: 2, getSimulation: 3 })).rejects.toThrow(/must be a function/)
    await expect(write({ nSims: 2, getSimulation: (seed: number) => array([1, 2, 3].slice(seed)) })).rejects.toThrow(
      ShapeError,
    )
    await expect(write({ nSims: 2, getSimulation: () => 'no' })).rejects.toThrow(/seed 0 is not an array of numbers/)
    expect(() => new TFRecords({ recordSize: 0 })).toThrow(/recordSize is 0/)
    expect(() => new TFRecords({ padding: 1.5 })).toThrow(/padding is 1.5/)
    expect(() => tfr.parser(undefined as never)).toThrow(/readRecordInfo/)
    expect(() => tfr.derivativeParser([3], 0)).toThrow(/nParams is 0/)
    expect(readdirSync(directory)).toEqual([])
    await expect(readRecordInfo(join(directory, 'fiducial'))).rejects.toThrow(DatasetError)
  })
})
