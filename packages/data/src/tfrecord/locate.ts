import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { RecordError } from '../errors.ts'

// Tags of length-delimited fields of one byte: Example.features, Features.feature, an entry's key and its value,
// Feature.bytes_list, BytesList.value.
const FIELD_1 = (1 << 3) | WireType.LengthDelimited
const FIELD_2 = (2 << 3) | WireType.LengthDelimited
const FIELD_3 = (3 << 3) | WireType.LengthDelimited

/**
 * Finds the first value of one bytes feature in serialized Examples, and makes no object of anything else: the quick way
 * through many records. Agrees with `decodeExample`: unknown fields are skipped, the last feature of the name counts.
 */
export class BytesLocator {
  readonly #name: Uint8Array
  #reader = new BinaryReader(new Uint8Array(0))
  #bytes: Uint8Array = new Uint8Array(0)
  /** Where the value is, after `find`. */
  start = 0
  end = 0
  #found = false

  constructor(name: string) {
    this.#name = new TextEncoder().encode(name)
  }

  /** Whether the Example in `bytes[start … end)` has the feature; its place is then in `start` and `end`. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#reader = new BinaryReader(bytes)
    }
    const reader = this.#reader
    reader.pos = start
    this.#found = false
    while (reader.pos < end) {
      if (!this.#enter(FIELD_1, end)) continue
      const featuresEnd = this.#limit
      while (reader.pos < featuresEnd) if (this.#enter(FIELD_1, featuresEnd)) this.#entry(this.#limit)
    }
    return this.#found
  }

  /** Where the message that was entered last ends. */
  #limit = 0

  /** Reads a tag: enters the field when it is the wanted one, else skips it. */
  #enter(wanted: number, end: number): boolean {
    const reader = this.#reader
    const tag = reader.uint32()
    if (tag === wanted) {
      this.#limit = this.#lengthEnd(end)
      return true
    }
    this.#skip(tag, end)
    return false
  }

  #lengthEnd(end: number): number {
    const length = this.#reader.uint32()
    const limit = this.#reader.pos + length
    if (limit > end) throw outside()
    return limit
  }

  #skip(tag: number, end: number): void {
    if (tag >>> 3 === 0) throw new RecordError('the record is not a tf.train.Example: it has a field of number 0')
    this.#reader.skip(tag & 7, tag >>> 3)
    if (this.#reader.pos > end) throw outside()
  }

  /** An entry of the map of features. */
  #entry(end: number): void {
    const reader = this.#reader
    let isNamed = this.#name.length === 0
    let from = -1
    let to = -1
    while (reader.pos < end) {
      const tag = reader.uint32()
      if (tag !== FIELD_1 && tag !== FIELD_2) {
        this.#skip(tag, end)
        continue
      }
      const limit = this.#lengthEnd(end)
      if (tag === FIELD_1) isNamed = this.#isName(reader.pos, limit)
      else {
        from = reader.pos
        to = limit
      }
      reader.pos = limit
    }
    if (!isNamed) return
    this.#found = false
    if (from < 0) return
    reader.pos = from
    this.#feature(to)
    reader.pos = end
  }

  #isName(start: number, end: number): boolean {
    const name = this.#name
    if (end - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name[i]) return false
    return true
  }

  /** The list of a feature: the last kind that is set counts, lists of bytes are one list. */
  #feature(end: number): void {
    const reader = this.#reader
    while (reader.pos < end) {
      const tag = reader.uint32()
      if (tag !== FIELD_1) {
        if (tag === FIELD_2 || tag === FIELD_3) this.#found = false
        this.#skip(tag, end)
        continue
      }
      const listEnd = this.#lengthEnd(end)
      while (reader.pos < listEnd) {
        if (!this.#enter(FIELD_1, listEnd)) continue
        if (!this.#found) {
          this.#found = true
          this.start = reader.pos
          this.end = this.#limit
        }
        reader.pos = this.#limit
      }
    }
  }
}

const outside = (): RecordError =>
  new RecordError('the record is not a tf.train.Example: a field ends outside its message')
