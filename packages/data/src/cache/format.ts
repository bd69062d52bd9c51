import { allocate, bytesPerElement, type DType, hostData, NDArray, sizeOf } from '@cotangent/autodiff/array'
import { allocateBytes, Bytes, type ByteStore } from '../dataset/bytes.ts'
import { datasetInside, type Rows } from '../dataset/chunk.ts'
import type { Column } from '../dataset/column.ts'
import { isNested } from '../dataset/nested.ts'
import { type AnySpec, flattenSpec, type LeafSpec, specOf } from '../dataset/spec.ts'
import { type ElementLeaf, flatten, isElementLeaf, type Structure } from '../dataset/structure.ts'
import { RecordError } from '../errors.ts'
import { joinBytes } from '../io/join.ts'

// A cache is a TFRecord file, so that every part of it has a checksum. A record's first byte says what it is: a layout
// (the spec of the elements that follow, as JSON), an element (the bytes of its arrays one after another), or the end.
const LAYOUT = 1
const ELEMENT = 2
const END = 3

/** What elements of one spec are made of. */
export interface Layout {
  readonly text: string
  readonly spec: AnySpec
  readonly structure: Structure
  readonly leaves: readonly LeafSpec[]
}

const layoutOf = (spec: AnySpec, text: string): Layout => {
  const { structure, leaves } = flattenSpec(spec, 'cache')
  return { text, spec, structure, leaves }
}

/** The record that ends a cache. */
export const endRecord = (): Uint8Array => Uint8Array.of(END)

/** Writes elements as records: a layout wherever it is another one. */
export class Encoder {
  #layout = ''

  /** The records of one element, whose arrays must be on the host. */
  encode(element: unknown): Uint8Array[] {
    const { leaves } = flatten<ElementLeaf>(element, isElementLeaf, 'cache: the element')
    if (leaves.some(isNested)) throw datasetInside('cache')
    const text = JSON.stringify({ format: 'cotangent-cache', version: 1, spec: specOf(element) })
    const parts: Uint8Array[] = [Uint8Array.of(ELEMENT)]
    for (const leaf of leaves as (NDArray | Bytes)[]) {
      if (leaf instanceof NDArray) {
        const data = hostData(leaf)
        parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
        continue
      }
      for (let i = 0; i < leaf.size; i++) {
        const string = leaf.item(i)
        parts.push(new Uint8Array(Uint32Array.of(string.length).buffer), string)
      }
    }
    const record = joinBytes(parts)
    if (text === this.#layout) return [record]
    this.#layout = text
    return [joinBytes([Uint8Array.of(LAYOUT), new TextEncoder().encode(text)]), record]
  }
}

/** What records say, one after another. */
export class Decoder {
  layout: Layout | undefined
  ended = false
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Takes a record that is no element; true for an element, which is left to `rows`. */
  isElement(record: Uint8Array): boolean {
    const kind = record[0]
    if (kind === ELEMENT && this.layout !== undefined && !this.ended) return true
    if (kind === LAYOUT && !this.ended) this.layout = this.#parse(new TextDecoder().decode(record.subarray(1)))
    else if (kind === END) this.ended = true
    else throw new RecordError(`cache: ${this.#file} is no cache of a dataset, or a newer version of one; remove it`)
    return false
  }

  #parse(text: string): Layout {
    try {
      const { format, version, spec } = JSON.parse(text) as { format?: unknown; version?: unknown; spec: AnySpec }
      if (format === 'cotangent-cache' && version === 1) return layoutOf(spec, text)
    } catch {
      // Told below.
    }
    throw new RecordError(`cache: ${this.#file} is no cache of a dataset, or a newer version of one; remove it`)
  }

  /** Elements of the present layout, in new stores. */
  rows(records: readonly Uint8Array[]): Rows {
    const { leaves, structure } = this.layout as Layout
    const at = records.map(() => 1)
    const columns = leaves.map((leaf): Column => {
      const shape = leaf.shape as readonly number[]
      const size = sizeOf(shape)
      if (leaf.dtype === 'bytes') {
        const store = allocateBytes(records.length * size)
        records.forEach((record, row) => {
          at[row] = this.#strings(store, row * size, size, record, at[row] as number)
        })
        return { dtype: 'bytes', shape, offset: 0, store }
      }
      const dtype = leaf.dtype as DType
      const store = allocate(dtype, records.length * size)
      const bytes = new Uint8Array(store.buffer)
      const each = size * bytesPerElement(dtype)
      records.forEach((record, row) => {
        const start = at[row] as number
        at[row] = this.#within(record, start + each)
        bytes.set(record.subarray(start, start + each), row * each)
      })
      return { dtype, shape, offset: 0, store }
    })
    return { kind: 'rows', count: records.length, structure, columns }
  }

  #strings(store: ByteStore, first: number, count: number, record: Uint8Array, start: number): number {
    let at = start
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
    for (let i = 0; i < count; i++) {
      const from = this.#within(record, at + 4)
      at = this.#within(record, from + view.getUint32(at, true))
      store.buffers[first + i] = record
      store.starts[first + i] = from
      store.ends[first + i] = at
    }
    return at
  }

  #within(record: Uint8Array, end: number): number {
    if (end <= record.length) return end
    throw new RecordError(`cache: an element in ${this.#file} is shorter than its layout; remove the file`)
  }
}
