import { fromHost, type NDArray, type Shape, sizeOf } from '@cotangent/autodiff/array'
import { Bytes, type ByteStore } from '../dataset/bytes.ts'
import type { Rows } from '../dataset/chunk.ts'
import { vectorized } from '../dataset/map.ts'
import { type AnySpec, isLeafSpec } from '../dataset/spec.ts'
import { RecordError } from '../errors.ts'
import { decodeExample, type Feature } from './example.ts'
import { checkInputShape, type Parser } from './parser.ts'

const WHERE = 'numericalDerivativeParser'

/**
 * A parser of the 2·P records of each seed, batched: float32 of [2, P, ...shape]. Every simulation is put where its own
 * features say. A record that holds all of a seed's simulations is parsed alone.
 */
export function numericalParser(shape: Shape, nParams: number): Parser {
  checkInputShape(shape, WHERE)
  const each = 2 * nParams
  checkInputShape([each, ...shape], WHERE)
  const size = sizeOf(shape)
  const place = (feature: Feature | undefined, name: string, below: number): number => {
    const value = feature?.kind === 'int64' ? Number(feature.values[0]) : Number.NaN
    if (Number.isInteger(value) && value >= 0 && value < below) return value
    throw new RecordError(
      `${WHERE}: the record has no feature '${name}' from 0 to ${below - 1}, as writeRecord with fiducial: false writes it`,
    )
  }
  const dataOf = (features: Map<string, Feature>, numbers: number): Uint8Array => {
    const data = features.get('data')
    const value = data?.kind === 'bytes' ? data.values[0] : undefined
    if (value === undefined)
      throw new RecordError(`${WHERE}: the record has no bytes feature 'data', as writeRecord writes it`)
    if (value.length === numbers * 4) return value
    throw new RecordError(
      `${WHERE}: the record holds ${value.length} bytes, ${value.length / 4} float32 numbers; ${numbers} are expected`,
    )
  }
  /** `count` groups of the store's strings, from `offset` on. */
  const parse = (store: ByteStore, offset: number, count: number): Float32Array => {
    const out = new Uint8Array(count * each * size * 4)
    const record = (i: number) =>
      decodeExample(
        (store.buffers[offset + i] as Uint8Array).subarray(store.starts[offset + i], store.ends[offset + i]),
      )
    for (let group = 0; group < count; group++) {
      let seed: bigint | undefined
      const seen = new Set<number>()
      for (let k = 0; k < each; k++) {
        const features = record(group * each + k)
        const at =
          place(features.get('derivative'), 'derivative', 2) * nParams +
          place(features.get('parameter'), 'parameter', nParams)
        const own = features.get('seed')
        const its = own?.kind === 'int64' ? own.values[0] : undefined
        if (k > 0 && its !== seed)
          throw new RecordError(
            `${WHERE}: a batch holds records of seeds ${seed} and ${its}; batch the ${each} records of each seed in the order they were written: .batch(${each})`,
          )
        seed = its
        if (seen.has(at))
          throw new RecordError(`${WHERE}: a batch holds the same derivative and parameter of seed ${seed} twice`)
        seen.add(at)
        out.set(dataOf(features, size), (group * each + at) * size * 4)
      }
    }
    return new Float32Array(out.buffer)
  }
  const alone = (store: ByteStore, offset: number, count: number): Float32Array => {
    const out = new Uint8Array(count * each * size * 4)
    for (let i = 0; i < count; i++) {
      const bytes = (store.buffers[offset + i] as Uint8Array).subarray(store.starts[offset + i], store.ends[offset + i])
      const features = decodeExample(bytes)
      if (features.has('parameter'))
        throw new RecordError(
          `${WHERE}: the record holds one of a seed's ${each} simulations; batch them: .batch(${each}).map(parser)`,
        )
      out.set(dataOf(features, each * size), i * each * size * 4)
    }
    return new Float32Array(out.buffer)
  }
  const outerOf = (outer: Shape): Shape => (outer.length === 0 ? [] : outer.slice(0, -1))
  const parsed = (store: ByteStore, offset: number, outer: Shape, rows: number): Float32Array => {
    const last = outer.at(-1)
    if (last === undefined) return alone(store, offset, rows)
    if (last === each) return parse(store, offset, rows * sizeOf(outerOf(outer)))
    throw new RecordError(
      `${WHERE}: a batch holds ${last} records; each seed has 2 · nParams = ${each}: .batch(${each}, { dropRemainder: true })`,
    )
  }
  const one = (records: Bytes): NDArray<'float32'> => {
    if (!(records instanceof Bytes))
      throw new RecordError(`${WHERE}: the element is no serialized record: use it in map on a TFRecordDataset`)
    const numbers = parsed(records.store, records.offset, records.shape, 1)
    return fromHost(numbers, [...outerOf(records.shape), 2, nParams, ...shape], 'float32')
  }
  const rows = (source: Rows): Rows | undefined => {
    const column = source.columns[0]
    if (source.structure.kind !== 'leaf' || column?.dtype !== 'bytes') return undefined
    const store = parsed(column.store, column.offset, column.shape, source.count)
    const rowShape = [...outerOf(column.shape), 2, nParams, ...shape]
    return { ...source, columns: [{ dtype: 'float32', shape: rowShape, offset: 0, store }] }
  }
  const spec = (source: AnySpec | undefined): AnySpec => {
    const outer = isLeafSpec(source) ? source.shape : null
    return { shape: outer === null ? null : [...outer.slice(0, -1), 2, nParams, ...shape], dtype: 'float32' }
  }
  return Object.assign(one, { [vectorized]: { rows, spec } })
}
