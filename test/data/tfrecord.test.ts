import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, deflateSync } from 'node:zlib'
import { array, type NDArray, ShapeError, ValueError } from '@cotangent/autodiff/array'
import {
  AUTOTUNE,
  Bytes,
  Dataset,
  DatasetError,
  decodeExample,
  encodeExample,
  type Feature,
  RecordError,
  readRecordInfo,
  saveTFRecord,
  TFRecordDataset,
  TFRecords,
} from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c, maskedCrc32c } from '../../packages/data/src/tfrecord/crc32c.ts'
import { frame } from '../../packages/data/src/tfrecord/framing.ts'
import { BytesLocator } from '../../packages/data/src/tfrecord/locate.ts'

interface GoldenFeature {
  readonly kind: 'float_list' | 'int64_list' | 'bytes_list' | null
  readonly values?: readonly string[]
  readonly base64?: readonly string[]
}
interface Case {
  readonly name: string
  readonly writer: string
  readonly constructor: { readonly record_size: number; readonly padding: number }
  readonly write_record: {
    readonly n_sims: number
    readonly fiducial: boolean
    readonly n_params: number | null
    readonly filename: string | null
    readonly validation: boolean
    readonly start: number
  }
  readonly caseSeed: number
  readonly sourceShape: readonly number[]
  readonly compression?: string | null
  readonly files: readonly { readonly file: string; readonly records: number }[]
  readonly records: readonly { readonly seed: number; readonly float32: readonly number[] }[]
  readonly examples?: readonly Record<string, GoldenFeature>[] | null
  readonly payloadsBase64?: readonly string[] | null
  readonly goodPayloadsBase64?: readonly string[]
}
const folder = fileURLToPath(new URL('../fixtures/data/tfrecords/', import.meta.url))
const golden = JSON.parse(readFileSync(join(folder, 'tfrecords.json'), 'utf8')) as {
  meta: { crc32cVectors: { base64: string; crc32c: number; masked: number }[] }
  cases: Case[]
}
const at = (file: string) => join(folder, file)
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const temporary = () => mkdtempSync(join(tmpdir(), 'cotangent-tfrecord-'))

/** The simulations that the golden files hold. */
const simulation = (caseSeed: number, i: number, shape: readonly number[]): NDArray => {
  const size = shape.reduce((a, b) => a * b, 1)
  const numbers = Array.from(
    { length: size },
    (_, j) => (((caseSeed * 7919 + i * 104729 + j * 1299709) % 20011) - 10005) / 1024,
  )
  return array(numbers, { shape, dtype: 'float64' })
}

test('checksums', () => {
  for (const { base64, crc32c: plain, masked } of golden.meta.crc32cVectors) {
    expect([crc32c(bytes(base64)), maskedCrc32c(bytes(base64))]).toEqual([plain, masked])
  }
})

test('the checksum of any range, long or short and wherever it begins, is that bit by bit', () => {
  const slow = (data: Uint8Array) => {
    let crc = -1
    for (const byte of data) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    }
    return ~crc >>> 0
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(9), fc.nat(20), (data, shift, start) => {
      const moved = new Uint8Array(data.length + shift).subarray(shift)
      moved.set(data)
      const end = Math.max(start, data.length - (shift % 4))
      if (end <= data.length) expect(crc32c(moved, start, end)).toBe(slow(data.subarray(start, end)))
    }),
    { numRuns: 300 },
  )
})

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

const framed = (records: readonly Uint8Array[]) => Buffer.concat(records.map(frame))
const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 })
const readAll = async (file: string, options = {}) =>
  (await TFRecordDataset(file, options).toArray()).map((record) => [...record.item()])

describe('files', () => {
  const directory = temporary()

  test('reading undoes writing, whatever the buffer and the compression', async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom('none', 'gzip', 'zlib'),
        async (records, bufferSize, compression) => {
          const file = join(directory, 'round.tfrecord')
          await saveTFRecord(file, records)
          if (compression !== 'none') {
            writeFileSync(file, (compression === 'gzip' ? gzipSync : deflateSync)(readFileSync(file)))
          }
          const expected = records.map((record) => [...record])
          // zlib wants 64 bytes at least.
          expect(
            await readAll(file, { compression, bufferSize: compression === 'none' ? bufferSize : bufferSize + 64 }),
          ).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a damaged file gives good records, then a RecordError', async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (records, where, flip, cut) => {
          const whole = framed(records)
          const place = whole.length === 0 ? 0 : where % whole.length
          const damaged = cut ? whole.subarray(0, place) : Buffer.from(whole)
          if (!cut && damaged.length > 0) damaged[place]! ^= flip
          const file = join(directory, 'damaged.tfrecord')
          writeFileSync(file, damaged)
          const read: number[][] = []
          try {
            for await (const record of TFRecordDataset(file, { bufferSize: 32 })) read.push([...record.item()])
            expect(framed(read.map((r) => Uint8Array.from(r)))).toEqual(damaged)
          } catch (error) {
            expect(error).toBeInstanceOf(RecordError)
          }
          expect(read).toEqual(records.slice(0, read.length).map((record) => [...record]))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('damaged compressed files give good records, then an error of their own', async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        fc.constantFrom('gzip', 'zlib'),
        async (records, where, flip, cut, compression) => {
          const whole = (compression === 'gzip' ? gzipSync : deflateSync)(framed(records))
          const place = where % whole.length
          const damaged = cut ? whole.subarray(0, place) : Buffer.from(whole)
          if (!cut) damaged[place]! ^= flip
          const file = join(directory, 'damaged.gz')
          writeFileSync(file, damaged)
          const read: number[][] = []
          try {
            for await (const record of TFRecordDataset(file, { compression })) read.push([...record.item()])
          } catch (error) {
            expect(error).toBeInstanceOf(DatasetError)
          }
          expect(read).toEqual(records.slice(0, read.length).map((record) => [...record]))
        },
      ),
      { numRuns: 100 },
    )
  })

  test.each([
    ['1 TB', 2 ** 40],
    ['just too much', 200],
    ['2 GB', 2 ** 31 - 40],
  ])('a length of %s with a good checksum is not believed', async (_, length) => {
    const header = Buffer.alloc(12)
    header.writeBigUInt64LE(BigInt(length))
    header.writeUInt32LE(maskedCrc32c(header, 0, 8), 8)
    const data = Buffer.concat([frame(Uint8Array.of(1, 2)), header, Buffer.alloc(100)])
    const file = join(directory, 'huge.tfrecord')
    for (const compression of ['none', 'gzip'] as const) {
      writeFileSync(file, compression === 'gzip' ? gzipSync(data) : data)
      const error = await TFRecordDataset(file, { compression })
        .toArray()
        .catch((e: unknown) => e)
      expect(error).toBeInstanceOf(RecordError)
      expect((error as RecordError).place).toEqual({ file, record: 1, offset: 18 })
    }
  })

  test('files in turn, as TensorFlow reads them', async () => {
    // The orders are TensorFlow 2.21's for num_parallel_reads = k.
    const cases: [sizes: number[], k: number, order: string][] = [
      [[1, 3, 2, 4], 2, '00 10 11 20 12 21 30 31 32 33'],
      [[2, 1, 4, 1, 3], 3, '00 10 20 01 21 30 22 40 23 41 42'],
      [[3, 0, 2], 2, '00 01 20 02 21'],
      [[0, 0, 3, 2], 2, '20 30 21 31 22'],
      [[2, 2, 2], 5, '00 10 20 01 11 21'],
      [[1, 1, 1, 1, 5], 2, '00 10 20 30 40 41 42 43 44'],
      [[3, 2, 2, 1, 1, 4], 3, '00 10 20 01 11 21 02 30 40 50 51 52 53'],
    ]
    for (const [sizes, numParallelReads, order] of cases) {
      const files = sizes.map((_, i) => join(directory, `turn_${i}.tfrecord`))
      for (const [i, n] of sizes.entries()) {
        await saveTFRecord(
          files[i]!,
          Array.from({ length: n }, (_, j) => new TextEncoder().encode(`${i}${j}`)),
        )
      }
      const dataset = TFRecordDataset(files, { numParallelReads })
      const text = (record: Uint8Array) => new TextDecoder().decode(record)
      expect((await dataset.toArray()).map((record) => text(record.item())).join(' ')).toBe(order)
      const batches = await dataset.batch(4).toArray()
      expect(batches.flatMap((b) => Array.from({ length: b.size }, (_, i) => text(b.item(i)))).join(' ')).toBe(order)
    }
  })

  test('globs in natural order; nothing found and nothing there are errors', async () => {
    for (const i of [0, 1, 2, 10]) await saveTFRecord(join(directory, `part-${i}.tfr`), [Uint8Array.of(i)])
    expect(await readAll(join(directory, 'part-*.tfr'))).toEqual([[0], [1], [2], [10]])
    expect(await readAll(join(directory, 'part-{10,1}.tfr'))).toEqual([[1], [10]])
    expect(await readAll(join(directory, '**/part-[0-1].tfr'))).toEqual([[0], [1]])
    await expect(readAll(join(directory, 'none-*.tfr'))).rejects.toThrow(/no file matches .*none-/)
    await expect(readAll(join(directory, 'absent.tfr'))).rejects.toThrow(DatasetError)
    await expect(readAll(join(directory, 'part-0.tfr'), { compression: 'gzip' })).rejects.toThrow(
      /part-0\.tfr is not gzip data/,
    )
    const packed = join(directory, 'packed.tfr')
    for (const [compression, pack] of [
      ['gzip', gzipSync],
      ['zlib', deflateSync],
    ] as const) {
      writeFileSync(packed, pack(readFileSync(join(directory, 'part-0.tfr'))))
      await expect(readAll(packed)).rejects.toThrow(
        `the checksum of its length does not match; if the file is compressed, give { compression: '${compression}' }`,
      )
      expect(await readAll(packed, { compression })).toEqual([[0]])
    }
    expect(() => TFRecordDataset('x', { numParallelReads: 0 })).toThrow(ValueError)
    expect(() => TFRecordDataset('x', { compression: 'bz2' as never })).toThrow(/'bz2'/)
  })
})

const anyFeature: fc.Arbitrary<Feature> = fc.oneof(
  fc.array(fc.uint8Array()).map((values) => ({ kind: 'bytes' as const, values })),
  fc.float32Array({ minLength: 1 }).map((values) => ({ kind: 'float' as const, values })),
  fc.bigInt64Array({ minLength: 1 }).map((values) => ({ kind: 'int64' as const, values })),
  fc.constant({ kind: 'none' as const }),
)

test('decoding an Example undoes encoding it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), anyFeature), { selector: ([name]) => name }),
      (features) => {
        const decoded = decodeExample(encodeExample(features))
        expect([...decoded]).toEqual(features)
      },
    ),
  )
})

test('the quick way to one feature agrees with decoding', () => {
  const named = fc.tuple(fc.constantFrom('data', 'dat', 'seed', ''), anyFeature)
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 })
  fc.assert(
    fc.property(fc.array(fc.array(named, { maxLength: 4 }), { maxLength: 3 }), damage, (examples, changes) => {
      // Serialized messages one after another are one message.
      const bytes = new Uint8Array(Buffer.concat(examples.map(encodeExample)))
      for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte
      const locator = new BytesLocator('data')
      let decoded: Map<string, Feature> | undefined
      try {
        decoded = decodeExample(bytes)
      } catch {
        // What cannot be decoded may still have the feature, and is tested for errors below.
        return
      }
      const feature = decoded.get('data')
      const value = feature?.kind === 'bytes' ? feature.values[0] : undefined
      expect(locator.find(bytes, 0, bytes.length)).toBe(value !== undefined)
      if (value !== undefined) expect(bytes.slice(locator.start, locator.end)).toEqual(value)
    }),
    { numRuns: 1000 },
  )
})

test('bytes that are not an Example give a RecordError or some features', () => {
  const good = encodeExample([
    ['data', { kind: 'bytes', values: [new Uint8Array(40)] }],
    ['seed', { kind: 'int64', values: BigInt64Array.of(3n) }],
  ])
  const parse = new TFRecords().parser([10])
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (place, byte, length) => {
      const damaged = good.slice()
      damaged[place] = byte
      const data = damaged.subarray(0, length)
      for (const read of [() => decodeExample(data), () => parse(Bytes.of(data))]) {
        try {
          read()
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError)
        }
      }
    }),
    { numRuns: 500 },
  )
})

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
