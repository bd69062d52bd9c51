import { builtin } from './machine.ts'

interface Crypto {
  createHash(algorithm: 'sha256'): Hash
}
interface Hash {
  update(data: Uint8Array | string): Hash
  digest(encoding: 'hex'): string
}

/** A name for some bytes and what belongs to them: SHA-256 in Node, elsewhere a checksum of 106 bits. */
export function digestOf(bytes: Uint8Array, beside: string): string {
  const crypto = builtin<Crypto>('node:crypto')
  if (crypto !== undefined) return crypto.createHash('sha256').update(beside).update(bytes).digest('hex')
  return `${checksum(bytes, beside, 0x9e3779b9)}${checksum(bytes, beside, 0x85ebca6b)}`
}

/** 53 bits, of which each depends on all that was read (two multiplicative hashes that are mixed at the end). */
export function checksum(bytes: Uint8Array, beside: string, seed: number): string {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ seed
  const add = (value: number): void => {
    a = Math.imul(a ^ value, 2654435761)
    b = Math.imul(b ^ value, 1597334677)
  }
  for (let i = 0; i < beside.length; i++) add(beside.charCodeAt(i))
  for (let i = 0; i < bytes.length; i++) add(bytes[i] as number)
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return ((b >>> 0) * 2 ** 21 + ((a >>> 0) >>> 11)).toString(16).padStart(14, '0')
}
