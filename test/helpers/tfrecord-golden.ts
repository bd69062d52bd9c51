import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { array, type NDArray } from '@cotangent/autodiff/array'

export interface GoldenFeature {
  readonly kind: 'float_list' | 'int64_list' | 'bytes_list' | null
  readonly values?: readonly string[]
  readonly base64?: readonly string[]
}
export interface GoldenCase {
  readonly name: string
  readonly writer: string
  readonly constructor: { readonly record_size: number; readonly padding: number }
  readonly write_record: {
    readonly n_sims: number
    readonly fiducial: boolean
    readonly n_params: number | null
    readonly filename: string | null
    readonly validation: boolean
    readonly start: number
  }
  readonly caseSeed: number
  readonly sourceShape: readonly number[]
  readonly compression?: string | null
  readonly files: readonly { readonly file: string; readonly records: number }[]
  readonly records: readonly { readonly seed: number; readonly float32: readonly number[] }[]
  readonly examples?: readonly Record<string, GoldenFeature>[] | null
  readonly payloadsBase64?: readonly string[] | null
  readonly goodPayloadsBase64?: readonly string[]
}
const folder = fileURLToPath(new URL('../fixtures/data/tfrecords/', import.meta.url))
export const golden = JSON.parse(readFileSync(join(folder, 'tfrecords.json'), 'utf8')) as {
  meta: { crc32cVectors: { base64: string; crc32c: number; masked: number }[] }
  cases: GoldenCase[]
}
export const at = (file: string) => join(folder, file)
export const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
export const temporary = () => mkdtempSync(join(tmpdir(), 'cotangent-tfrecord-'))

/** The simulations that the golden files hold. */
export const simulation = (caseSeed: number, i: number, shape: readonly number[]): NDArray => {
  const size = shape.reduce((a, b) => a * b, 1)
  const numbers = Array.from(
    { length: size },
    (_, j) => (((caseSeed * 7919 + i * 104729 + j * 1299709) % 20011) - 10005) / 1024,
  )
  return array(numbers, { shape, dtype: 'float64' })
}
