import { Bytes, decodeExample, encodeExample, type Feature, RecordError, TFRecords } from '@cotangent/data'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BytesLocator } from '../../packages/data/src/tfrecord/locate.ts'
import { draws } from '../helpers/draws.ts'

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
    draws(),
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
    draws(1000),
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
    draws(500),
  )
})
