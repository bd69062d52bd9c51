import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeExample, type Feature, RecordError, TFRecordDataset, TFRecords } from '@cotangent/data'
import { describe, expect, test } from 'vitest'
import { at, golden, type GoldenFeature, simulation, temporary } from '../helpers/tfrecord-golden.ts'

const ours = golden.cases.filter(({ writer }) => writer === 'imnn.TFRecords')
const plain = golden.cases.filter(({ writer }) => writer === 'tf.io.TFRecordWriter')

describe('reads what the original wrote', () => {
  test.each(ours.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    const dataset = TFRecordDataset(c.files.map(({ file }) => at(file))).map(new TFRecords().parser(c.sourceShape))
    expect(dataset.elementSpec).toEqual({ shape: c.sourceShape, dtype: 'float32' })
    const records = await dataset.toArray()
    expect(records.map((x) => [...x.dataSync()])).toEqual(c.records.map(({ float32 }) => float32))
  })
})

describe('simulations on both sides of the fiducial parameters, as the original wrote them', () => {
  const varied = ours.filter((c) => !c.write_record.fiducial)
  test.each(varied.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    const nParams = c.write_record.n_params!
    const parser = new TFRecords().numericalDerivativeParser(c.sourceShape, nParams)
    const seeds = TFRecordDataset(c.files.map(({ file }) => at(file))).batch(2 * nParams, { dropRemainder: true })
    const dataset = seeds.map(parser)
    expect(dataset.elementSpec).toEqual({ shape: [2, nParams, ...c.sourceShape], dtype: 'float32' })
    const expected = c.records.map(({ float32 }) => float32)
    expect((await dataset.toArray()).flatMap((x) => [...x.dataSync()])).toEqual(expected.flat())
    // Batches of seeds, and one by one.
    const batches = await seeds.batch(3).map(parser).toArray()
    expect(batches[0]!.shape.slice(1)).toEqual([2, nParams, ...c.sourceShape])
    expect(batches.flatMap((x) => [...x.dataSync()])).toEqual(expected.flat())
    expect((await seeds.map((records) => parser(records)).toArray()).flatMap((x) => [...x.dataSync()])).toEqual(
      expected.flat(),
    )
  })
})

describe('writes the bytes that the original wrote', () => {
  test.each(ours.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    const directory = temporary()
    const { n_sims: end, fiducial, n_params: nParams, filename, validation, start } = c.write_record
    const tfr = new TFRecords({ recordSize: c.constructor.record_size, padding: c.constructor.padding })
    const common = { end, start, validation, directory, ...(filename === null ? {} : { filename }) }
    const written = fiducial
      ? await tfr.writeRecord({ ...common, getSimulation: (seed) => simulation(c.caseSeed, seed, c.sourceShape) })
      : await tfr.writeRecord({
          ...common,
          fiducial,
          nParams: nParams!,
          getSimulation: async (seed, derivative, parameter) =>
            simulation(c.caseSeed, seed * 1000 + derivative * 100 + parameter, c.sourceShape),
        })
    expect(written.files).toEqual(c.files.map(({ file }) => file))
    for (const { file } of c.files) expect(readFileSync(join(directory, file))).toEqual(readFileSync(at(file)))
    expect(written.records).toBe(c.records.length)
    expect(readdirSync(directory).length).toBe(c.files.length + 1)
  })
})

const showFeature = (feature: Feature): GoldenFeature => {
  switch (feature.kind) {
    case 'none':
      return { kind: null }
    case 'bytes':
      return { kind: 'bytes_list', base64: feature.values.map((v) => Buffer.from(v).toString('base64')) }
    case 'float':
      return { kind: 'float_list', values: [...feature.values].map((v) => (Object.is(v, -0) ? '-0' : String(v))) }
    case 'int64':
      return { kind: 'int64_list', values: [...feature.values].map(String) }
  }
}
const numbers = ({ kind, values, base64 }: GoldenFeature) =>
  kind === 'float_list'
    ? values!.map((v) => Number(v.replace('inf', 'Infinity').replace('nan', 'NaN')))
    : (values ?? base64 ?? kind)

describe('reads what TensorFlow wrote', () => {
  test.each(plain.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    const records = await TFRecordDataset(at(c.files[0]!.file), {
      compression: c.compression ? 'gzip' : 'none',
    }).toArray()
    if (c.examples) {
      const examples = records.map((record) => decodeExample(record.item()))
      expect(examples.map((example) => [...example.keys()].sort())).toEqual(
        c.examples.map((e) => Object.keys(e).sort()),
      )
      c.examples.forEach((expected, i) => {
        for (const [key, feature] of Object.entries(expected)) {
          expect(numbers(showFeature(examples[i]!.get(key)!))).toEqual(numbers(feature))
        }
      })
    } else {
      expect(records.map((record) => Buffer.from(record.item()).toString('base64'))).toEqual(c.payloadsBase64)
      for (const record of records.slice(1)) expect(() => decodeExample(record.item())).toThrow(RecordError)
    }
  })

  test('an empty file', async () => {
    expect(await TFRecordDataset(at('empty_file.tfrecord')).toArray()).toEqual([])
  })

  test.each([
    ['truncated_data', /truncated.*record 2 of .*truncated_data\.tfrecord, at byte 60/, { record: 2, offset: 60 }],
    ['corrupt_data_crc', /corrupted: the checksum of its data.*record 1 of .*, at byte 30/, { record: 1, offset: 30 }],
  ])('%s', async (name, message, place) => {
    const c = golden.cases.find((other) => other.name === name)!
    const good: string[] = []
    const read = async () => {
      for await (const record of TFRecordDataset(at(c.files[0]!.file)))
        good.push(Buffer.from(record.item()).toString('base64'))
    }
    const error = await read().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RecordError)
    expect((error as Error).message).toMatch(message)
    expect((error as RecordError).place).toMatchObject(place)
    expect(good).toEqual(c.goodPayloadsBase64)
  })
})
