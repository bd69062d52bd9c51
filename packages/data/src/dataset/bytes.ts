import { type Shape, sizeOf, ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'

/** Byte strings one after another, each a range of some buffer: nothing is copied to make one. */
export interface ByteStore {
  readonly buffers: Uint8Array[]
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/**
 * An immutable array of byte strings, as `tf.string` tensors are: serialized records before they are parsed. One record
 * has shape `[]`, a batch of n has shape `[n]`.
 *
 * @example
 * for await (const record of TFRecordDataset('data/fiducial_*.tfrecords')) decodeExample(record.item())
 */
export class Bytes {
  readonly shape: Shape
  readonly dtype = 'bytes' as const
  /** @internal */
  readonly store: ByteStore
  /** @internal Index of the first string in `store`. */
  readonly offset: number

  /** @internal Use `Bytes.of`. */
  constructor(store: ByteStore, offset: number, shape: Shape) {
    this.store = store
    this.offset = offset
    this.shape = shape
  }

  /** One byte string (shape `[]`). */
  static of(bytes: Uint8Array): Bytes {
    if (!(bytes instanceof Uint8Array)) throw new ValueError(`Bytes.of: takes bytes, a Uint8Array, not ${shown(bytes)}`)
    return new Bytes({ buffers: [bytes], starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) }, 0, [])
  }

  /** The number of strings. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The bytes of one string, by default the first; a view, not to be changed. */
  item(index = 0): Uint8Array {
    const i = this.offset + (typeof index === 'number' ? index : Number.NaN)
    const buffer = this.store.buffers[i]
    if (buffer === undefined || index < 0 || index >= this.size) {
      throw new ValueError(`Bytes.item: index ${shown(index)} is outside 0 … ${this.size - 1}`)
    }
    return buffer.subarray(this.store.starts[i], this.store.ends[i])
  }

  toString(): string {
    return `Bytes([${this.shape.join(', ')}], ${this.size === 1 ? `${this.item().length} bytes` : `${this.size} strings`})`
  }
}

export function allocateBytes(length: number): ByteStore {
  return { buffers: new Array<Uint8Array>(length), starts: new Int32Array(length), ends: new Int32Array(length) }
}

export function copyBytes(to: ByteStore, at: number, from: ByteStore, start: number, count: number): void {
  for (let i = 0; i < count; i++) to.buffers[at + i] = from.buffers[start + i] as Uint8Array
  to.starts.set(from.starts.subarray(start, start + count), at)
  to.ends.set(from.ends.subarray(start, start + count), at)
}
