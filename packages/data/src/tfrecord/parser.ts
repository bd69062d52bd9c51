import { fromHost, type NDArray, type Shape, ShapeError, showShape, sizeOf } from '@cotangent/autodiff/array'
import { Bytes, type ByteStore } from '../dataset/bytes.ts'
import type { Rows } from '../dataset/chunk.ts'
import { type Vectorized, vectorized } from '../dataset/map.ts'
import { type AnySpec, isLeafSpec } from '../dataset/spec.ts'
import { RecordError } from '../errors.ts'
import { shown } from '../given.ts'
import { reading } from './example.ts'
import { BytesLocator } from './locate.ts'

/** Parses one serialized record, or a batch of them at once. */
export type Parser = ((record: Bytes) => NDArray<'float32'>) & Vectorized

/** Fewer bytes are copied one by one sooner than by a subarray. */
const FEW = 96

export function checkInputShape(shape: Shape, where: string): void {
  if (!Array.isArray(shape) || !shape.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      `${where}: the input shape is ${shown(shape)}; it must be a list of sizes, as writeRecord returns and readRecordInfo reads`,
    )
  }
  if (!(sizeOf(shape) * 4 < 2 ** 31))
    throw new ShapeError(`${where}: the input shape ${showShape(shape)} is larger than any record, which ends at 2 GiB`)
}

/** A parser of records whose feature `data` holds float32 numbers, little endian, in C order. */
export function floatParser(shape: Shape, where: string, hint: string): Parser {
  checkInputShape(shape, where)
  const bytesEach = sizeOf(shape) * 4
  const wrong = (length: number) =>
    new RecordError(
      `${where}: the record holds ${length} bytes, ${length / 4} float32 numbers; shape ${showShape(shape)} takes ${bytesEach / 4}. ${hint}`,
    )
  const parse = (store: ByteStore, offset: number, count: number): Float32Array => {
    const out = new Uint8Array(count * bytesEach)
    const locator = new BytesLocator('data')
    for (let i = 0; i < count; i++) {
      const bytes = store.buffers[offset + i] as Uint8Array
      if (!locator.find(bytes, store.starts[offset + i] as number, store.ends[offset + i] as number)) {
        throw new RecordError(`${where}: the record has no bytes feature 'data', as TFRecords.writeRecord writes it`)
      }
      const { start, end } = locator
      if (end - start !== bytesEach) throw wrong(end - start)
      const at = i * bytesEach
      if (bytesEach > FEW) out.set(bytes.subarray(start, end), at)
      else for (let k = 0; k < bytesEach; k++) out[at + k] = bytes[start + k] as number
    }
    return new Float32Array(out.buffer)
  }
  const one = (record: Bytes): NDArray<'float32'> => {
    if (!(record instanceof Bytes))
      throw new RecordError(`${where}: the element is not a serialized record: use it in map on a TFRecordDataset`)
    return fromHost(
      reading(() => parse(record.store, record.offset, record.size)),
      [...record.shape, ...shape],
      'float32',
    )
  }
  const rows = (source: Rows): Rows | undefined => {
    const column = source.columns[0]
    if (source.structure.kind !== 'leaf' || column?.dtype !== 'bytes') return undefined
    const count = source.count * sizeOf(column.shape)
    const store = reading(() => parse(column.store, column.offset, count))
    return { ...source, columns: [{ dtype: 'float32', shape: [...column.shape, ...shape], offset: 0, store }] }
  }
  const spec = (source: AnySpec | undefined): AnySpec => {
    const outer = isLeafSpec(source) ? source.shape : []
    return { shape: outer === null ? null : [...outer, ...shape], dtype: 'float32' }
  }
  return Object.assign(one, { [vectorized]: { rows, spec } })
}
