import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Messages in messages; more of them are no model anyone wrote. */
const DEEPEST = 100

/** A field of a message: its number, what it is where the file has none, and how one more of it is read. */
export interface Field<T> {
  readonly number: number
  initial(): T
  /** The value after the field was read, which may be there several times. */
  read(reader: BinaryReader, wire: WireType, before: T, depth: number): T
}

type Fields<M> = { readonly [K in keyof M]: Field<M[K]> }

/** Reads a message from all of the reader's bytes, after what was read of it before. */
export type Message<M> = (reader: BinaryReader, depth: number, before?: M) => M

/** A message by its fields. Others are skipped. */
export function message<M extends object>(fields: () => Fields<M>): Message<M> {
  let byNumber: Map<number, readonly [name: keyof M, field: Field<M[keyof M]>]> | undefined
  return (reader, depth, before) => {
    if (depth > DEEPEST) throw new Error(`messages lie within messages ${depth} deep`)
    byNumber ??= new Map(
      (Object.entries(fields()) as unknown as [keyof M, Field<M[keyof M]>][]).map((entry) => [entry[1].number, entry]),
    )
    const found = (before ??
      Object.fromEntries(Array.from(byNumber.values(), ([name, field]) => [name, field.initial()]))) as M
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag()
      const known = byNumber.get(number)
      if (known === undefined) {
        reader.skip(wire, number)
        continue
      }
      const [name, field] = known
      found[name] = field.read(reader, wire, found[name], depth)
    }
    return found
  }
}

function expectWire(field: number, wire: WireType, wanted: WireType): void {
  if (wire !== wanted)
    throw new Error(`field ${field} is of the wire type ${WireType[wire] ?? wire}, not ${WireType[wanted]}`)
}

/** A kind of value: how it lies in the bytes. */
interface Kind<T> {
  readonly wire: WireType
  readonly none: T
  read(reader: BinaryReader): T
}

const kinds = {
  text: { wire: WireType.LengthDelimited, none: '', read: (r) => r.string() } as Kind<string>,
  bytes: { wire: WireType.LengthDelimited, none: new Uint8Array(), read: (r) => r.bytes() } as Kind<Uint8Array>,
  int32: { wire: WireType.Varint, none: 0, read: (r) => r.int32() } as Kind<number>,
  int64: { wire: WireType.Varint, none: 0n, read: (r) => BigInt(r.int64()) } as Kind<bigint>,
  uint64: { wire: WireType.Varint, none: 0n, read: (r) => BigInt(r.uint64()) } as Kind<bigint>,
  float: { wire: WireType.Bit32, none: 0, read: (r) => r.float() } as Kind<number>,
  double: { wire: WireType.Bit64, none: 0, read: (r) => r.double() } as Kind<number>,
}

const one =
  <T>(kind: Kind<T>) =>
  (number: number): Field<T> => ({
    number,
    initial: () => kind.none,
    read(reader, wire) {
      expectWire(number, wire, kind.wire)
      return kind.read(reader)
    },
  })

/** Numbers may be packed: one after the other behind one tag. */
const several =
  <T>(kind: Kind<T>) =>
  (number: number): Field<T[]> => ({
    number,
    initial: () => [],
    read(reader, wire, before) {
      if (wire !== WireType.LengthDelimited || kind.wire === WireType.LengthDelimited) {
        expectWire(number, wire, kind.wire)
        before.push(kind.read(reader))
        return before
      }
      const packed = new BinaryReader(reader.bytes())
      while (packed.pos < packed.len) before.push(kind.read(packed))
      return before
    },
  })

export const text: (number: number) => Field<string> = one(kinds.text)
export const texts: (number: number) => Field<string[]> = several(kinds.text)
export const bytes: (number: number) => Field<Uint8Array> = one(kinds.bytes)
export const listOfBytes: (number: number) => Field<Uint8Array[]> = several(kinds.bytes)
export const int32: (number: number) => Field<number> = one(kinds.int32)
export const int32s: (number: number) => Field<number[]> = several(kinds.int32)
export const int64: (number: number) => Field<bigint> = one(kinds.int64)
export const int64s: (number: number) => Field<bigint[]> = several(kinds.int64)
export const uint64s: (number: number) => Field<bigint[]> = several(kinds.uint64)
export const float: (number: number) => Field<number> = one(kinds.float)
export const floats: (number: number) => Field<number[]> = several(kinds.float)
export const doubles: (number: number) => Field<number[]> = several(kinds.double)

/** A field that may be left out, which is told from one that is empty. */
export const optional = <T>({ number, initial, read }: Field<T>): Field<T | undefined> => ({
  number,
  initial: () => undefined,
  read: (reader, wire, before, depth) => read(reader, wire, before ?? initial(), depth),
})

/** A message in a message, if it is there. */
export const inner = <M>(number: number, of: Message<M>): Field<M | undefined> => ({
  number,
  initial: () => undefined,
  read(reader, wire, before, depth) {
    expectWire(number, wire, WireType.LengthDelimited)
    return of(new BinaryReader(reader.bytes()), depth + 1, before)
  },
})

/** Messages in a message. */
export const inners = <M>(number: number, of: Message<M>): Field<M[]> => ({
  number,
  initial: () => [],
  read(reader, wire, before, depth) {
    expectWire(number, wire, WireType.LengthDelimited)
    before.push(of(new BinaryReader(reader.bytes()), depth + 1))
    return before
  },
})
