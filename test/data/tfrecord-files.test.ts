import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { ValueError } from '@cotangent/autodiff/array'
import { DatasetError, RecordError, saveTFRecord, TFRecordDataset } from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c, maskedCrc32c } from '../../packages/data/src/tfrecord/crc32c.ts'
import { frame } from '../../packages/data/src/tfrecord/framing.ts'
import { bytes, golden, temporary } from '../helpers/tfrecord-golden.ts'
import { draws } from '../helpers/draws.ts'

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
    draws(300),
  )
})

const framed = (records: readonly Uint8Array[]) => Buffer.concat(records.map(frame))
const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 })
/** A place in a file, and what happens there: a byte is changed, or the file is cut off. */
const damages = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean())
function damagedAt(whole: Buffer, [where, flip, cut]: readonly [where: number, flip: number, cut: boolean]): Buffer {
  const place = whole.length === 0 ? 0 : where % whole.length
  const damaged = cut ? whole.subarray(0, place) : Buffer.from(whole)
  if (!cut && damaged.length > 0) damaged[place]! ^= flip
  return damaged
}
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
          expect(await readAll(file, { compression, bufferSize })).toEqual(expected)
        },
      ),
      draws(60),
    )
  })

  test('a damaged file gives good records, then a RecordError', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, damages, async (records, damage) => {
        const damaged = damagedAt(framed(records), damage)
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
      }),
      draws(100),
    )
  })

  test('damaged compressed files give all records before the damage, then an error of their own', async () => {
    const unpackedBefore = (packed: Buffer, compression: 'gzip' | 'zlib'): number => {
      const options = { finishFlush: constants.Z_SYNC_FLUSH }
      return packed.length === 0 ? 0 : (compression === 'gzip' ? gunzipSync : inflateSync)(packed, options).length
    }
    await fc.assert(
      fc.asyncProperty(payloads, damages, fc.constantFrom('gzip', 'zlib'), async (records, damage, compression) => {
        const file = join(directory, 'damaged.gz')
        const whole = (compression === 'gzip' ? gzipSync : deflateSync)(framed(records))
        writeFileSync(file, damagedAt(whole, damage))
        const read: number[][] = []
        let failure: unknown
        try {
          for await (const record of TFRecordDataset(file, { compression })) read.push([...record.item()])
        } catch (error) {
          failure = error
          expect(error).toBeInstanceOf(RecordError)
        }
        const expected = records.map((record) => [...record])
        if (failure === undefined) expect(read).toEqual(expected)
        const place = damage[0] % whole.length
        let [good, end] = [0, 0]
        // Of a header that is damaged zlib says nothing.
        for (
          const bytes = place < 10 ? 0 : unpackedBefore(whole.subarray(0, place), compression);
          good < records.length;
          good++
        ) {
          end += 16 + records[good]!.length
          if (end > bytes) break
        }
        expect(read.length).toBeGreaterThanOrEqual(good)
        expect(read.slice(0, good)).toEqual(expected.slice(0, good))
        // Behind the damage, up to the checksum of the whole at the end, what is unpacked may repeat records, whole.
        for (const record of read.slice(good)) expect(expected).toContainEqual(record)
      }),
      draws(200),
    )
  })

  test('a large compressed file that is damaged in its midst, or in its last bytes, gives all before', async () => {
    const record = (i: number) => Uint8Array.from({ length: 1000 }, (_, k) => ((i + 7) * (k + 3) * 2654435761) >>> 13)
    const records = Array.from({ length: 1000 }, (_, i) => record(i))
    for (const [compression, pack] of [
      ['gzip', gzipSync],
      ['zlib', deflateSync],
    ] as const) {
      const whole = pack(framed(records))
      const file = join(directory, 'large.gz')
      const count = async (bytes: Uint8Array) => {
        writeFileSync(file, bytes)
        let n = 0
        let failure: unknown
        try {
          for await (const each of TFRecordDataset(file, { compression })) n += each.size
        } catch (error) {
          failure = error
        }
        return [n, failure]
      }
      const changed = Buffer.from(whole)
      changed.fill(0xff, whole.length / 2, whole.length / 2 + 8)
      const [n, failure] = await count(changed)
      expect(n).toBeGreaterThanOrEqual(490)
      expect(n).toBeLessThan(510)
      expect(failure).toMatchObject({ place: { file, record: n, offset: (n as number) * 1016 } })
      const [cut, early] = await count(whole.subarray(0, whole.length / 2))
      expect(cut).toBeGreaterThanOrEqual(490)
      expect(String(early)).toMatch(/unexpected end of file/)
      const checksum = Buffer.from(whole)
      checksum[whole.length - (compression === 'gzip' ? 6 : 2)]! ^= 1
      expect(await count(checksum)).toEqual([
        1000,
        expect.objectContaining({
          message: expect.stringMatching(/damaged here: incorrect data check \(record 1000 of/),
        }),
      ])
      expect(await count(whole)).toEqual([1000, undefined])
    }
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
