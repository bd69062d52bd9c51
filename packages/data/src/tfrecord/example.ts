import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { ValueError } from '@cotangent/autodiff/array'
import { RecordError } from '../errors.ts'
import { shown } from '../given.ts'

/** The values of one feature of a `tf.train.Example`; a feature may also have none set. */
export type Feature =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'float'; readonly values: Float32Array }
  | { readonly kind: 'int64'; readonly values: BigInt64Array }
  | { readonly kind: 'none' }

// Example { Features features = 1 }, Features { map<string, Feature> feature = 1 }, an entry { key = 1, value = 2 },
// Feature { oneof { BytesList = 1, FloatList = 2, Int64List = 3 } }, each list { repeated value = 1 }.
const BYTES_LIST = 1
const FLOAT_LIST = 2
const INT64_LIST = 3

/**
 * The features of a serialized `tf.train.Example` by name. Unknown fields are skipped; the last of two features of one
 * name counts.
 *
 * @throws RecordError when the bytes are not an Example.
 * @example
 * const bytes = encodeExample([['x', { kind: 'float', values: Float32Array.of(1, 2) }]])
 * Array.from(decodeExample(bytes).get('x').values) // [1, 2]
 */
export function decodeExample(bytes: Uint8Array): Map<string, Feature> {
  return reading(() => {
    const reader = new BinaryReader(bytes)
    const features = new Map<string, Feature>()
    eachEntry(reader, bytes.length, (end) => {
      let key = ''
      let value: Feature = { kind: 'none' }
      eachField(reader, end, (field, wireType) => {
        if (field === 1 && wireType === WireType.LengthDelimited) key = reader.string()
        else if (field === 2 && wireType === WireType.LengthDelimited) value = readFeature(reader, endOf(reader))
        else reader.skip(wireType, field)
      })
      features.set(key, value)
    })
    return features
  })
}

/**
 * A serialized `tf.train.Example` with these features, in the order given.
 *
 * @example encodeExample([['seed', { kind: 'int64', values: BigInt64Array.of(7n) }]]).length // 17
 */
export function encodeExample(features: Iterable<readonly [name: string, feature: Feature]>): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).fork()
  for (const [name, feature] of checkFeatures(features)) {
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(name)
    writer.tag(2, WireType.LengthDelimited).fork()
    writeFeature(writer, feature)
    writer.join().join()
  }
  return writer.join().finish()
}

/** That there are pairs of a name and a feature. */
function checkFeatures(features: Iterable<readonly [name: string, feature: Feature]>): (readonly [string, Feature])[] {
  const list =
    typeof features === 'object' && features !== null && Symbol.iterator in features ? [...features] : undefined
  const pair = (one: unknown) => Array.isArray(one) && typeof one[0] === 'string' && isFeature(one[1])
  if (list?.every(pair) === true) return list
  for (const one of list ?? []) {
    if (!Array.isArray(one) || typeof one[0] !== 'string' || isFeature(one[1])) continue
    const { kind, values } = (one[1] ?? {}) as { kind?: unknown; values?: unknown }
    throw new ValueError(
      `encodeExample: the feature ${shown(one[0])} is ${shown(one[1])} of kind ${shown(kind)} with the values ${shown(values)}; it must be { kind: 'bytes', values: [Uint8Array, …] }, { kind: 'float', values: Float32Array }, { kind: 'int64', values: BigInt64Array } or { kind: 'none' }`,
    )
  }
  throw new ValueError(
    "encodeExample: takes pairs of a name and a feature, as [['x', { kind: 'float', values: Float32Array.of(1) }]]",
  )
}

/** What a feature of each kind holds. */
const holds: ReadonlyMap<unknown, (values: unknown) => boolean> = new Map<unknown, (values: unknown) => boolean>([
  ['bytes', (values) => Array.isArray(values) && values.every((value) => value instanceof Uint8Array)],
  ['float', (values) => values instanceof Float32Array],
  ['int64', (values) => values instanceof BigInt64Array],
  ['none', () => true],
])

const isFeature = (value: unknown): value is Feature => {
  const { kind, values } = (value ?? {}) as { kind?: unknown; values?: unknown }
  return holds.get(kind)?.(values) ?? false
}

/** Runs `read`, telling of bytes that are not an Example by a RecordError. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RecordError) throw error
    throw new RecordError(
      `the record is not a tf.train.Example: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function eachField(reader: BinaryReader, end: number, visit: (field: number, wireType: WireType) => void): void {
  while (reader.pos < end) {
    const tag = reader.uint32()
    const field = tag >>> 3
    if (field === 0) throw new RecordError('the record is not a tf.train.Example: it has a field of number 0')
    visit(field, tag & 7)
  }
  if (reader.pos > end) throw new RecordError('the record is not a tf.train.Example: a field ends outside its message')
}

/** Visits the entries of the map of features with the position where each ends. */
function eachEntry(reader: BinaryReader, end: number, visit: (end: number) => void): void {
  eachField(reader, end, (field, wireType) => {
    if (field !== 1 || wireType !== WireType.LengthDelimited) reader.skip(wireType, field)
    else {
      eachField(reader, endOf(reader), (inner, innerType) => {
        if (inner !== 1 || innerType !== WireType.LengthDelimited) reader.skip(innerType, inner)
        else visit(endOf(reader))
      })
    }
  })
}

/** Reads the length of what follows: the position where it ends. */
function endOf(reader: BinaryReader): number {
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > reader.len)
    throw new RecordError('the record is not a tf.train.Example: a field claims more bytes than there are')
  return end
}

function readFeature(reader: BinaryReader, end: number): Feature {
  let feature: Feature = { kind: 'none' }
  eachField(reader, end, (list, wireType) => {
    if (wireType !== WireType.LengthDelimited || list > INT64_LIST) reader.skip(wireType, list)
    else {
      // A list that comes twice is one list (protobuf merges messages); a list of another kind replaces it.
      const listEnd = endOf(reader)
      if (list === BYTES_LIST) feature = readBytes(reader, listEnd, feature.kind === 'bytes' ? feature.values : [])
      else if (list === FLOAT_LIST)
        feature = readFloats(reader, listEnd, feature.kind === 'float' ? feature.values : [])
      else feature = readIntegers(reader, listEnd, feature.kind === 'int64' ? feature.values : [])
    }
  })
  return feature
}

function readBytes(reader: BinaryReader, end: number, before: readonly Uint8Array[]): Feature {
  const values = [...before]
  eachField(reader, end, (field, wireType) => {
    if (field === 1 && wireType === WireType.LengthDelimited) values.push(reader.bytes())
    else reader.skip(wireType, field)
  })
  return { kind: 'bytes', values }
}

function readFloats(reader: BinaryReader, end: number, before: Iterable<number>): Feature {
  const values = [...before]
  eachField(reader, end, (field, wireType) => {
    if (field === 1 && wireType === WireType.Bit32) values.push(reader.float())
    else if (field === 1 && wireType === WireType.LengthDelimited) {
      for (const packedEnd = endOf(reader); reader.pos < packedEnd; ) values.push(reader.float())
    } else reader.skip(wireType, field)
  })
  return { kind: 'float', values: Float32Array.from(values) }
}

function readIntegers(reader: BinaryReader, end: number, before: Iterable<bigint>): Feature {
  const values = [...before]
  eachField(reader, end, (field, wireType) => {
    if (field === 1 && wireType === WireType.Varint) values.push(BigInt(reader.int64()))
    else if (field === 1 && wireType === WireType.LengthDelimited) {
      for (const packedEnd = endOf(reader); reader.pos < packedEnd; ) values.push(BigInt(reader.int64()))
    } else reader.skip(wireType, field)
  })
  return { kind: 'int64', values: BigInt64Array.from(values) }
}

function writeFeature(writer: BinaryWriter, feature: Feature): void {
  if (feature.kind === 'none') return
  const list = { bytes: BYTES_LIST, float: FLOAT_LIST, int64: INT64_LIST }[feature.kind]
  writer.tag(list, WireType.LengthDelimited).fork()
  if (feature.kind === 'bytes') {
    for (const value of feature.values) writer.tag(1, WireType.LengthDelimited).bytes(value)
  } else if (feature.values.length > 0) {
    writer.tag(1, WireType.LengthDelimited).fork()
    if (feature.kind === 'float') for (const value of feature.values) writer.float(value)
    else for (const value of feature.values) writer.int64(value)
    writer.join()
  }
  writer.join()
}
