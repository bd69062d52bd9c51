import type { Shape } from '@cotangent/autodiff/array'
import { RecordError, unreadable } from '../errors.ts'
import { type Path, pathOf } from '../io/glob.ts'

/** What is in a set of record files; kept beside them as `<name>.json`. */
export interface RecordInfo {
  /** Shape of the array in every record; undefined when there is no record. */
  readonly inputShape: Shape | undefined
  /** How many records there are in all files. */
  readonly records: number
  /** First seed, and the one after the last. */
  readonly seeds: readonly [start: number, end: number]
  /** How many parameters each seed is varied in, for numerical derivatives. */
  readonly nParams: number | undefined
  /** Names of the files, without the directory. */
  readonly files: readonly string[]
}

export const showInfo = (info: RecordInfo): string =>
  `${JSON.stringify({ format: 'cotangent-tfrecords', version: 1, ...info }, null, 2)}\n`

/**
 * What `writeRecord` told about a set of files, for a process that only reads them.
 *
 * @param path directory and name, as `data/fiducial`
 * @throws DatasetError when the file cannot be read, RecordError when `writeRecord` did not write it.
 * @example
 * const { inputShape, records } = await readRecordInfo('data/fiducial')
 * inputShape // [10]
 */
export async function readRecordInfo(path: Path): Promise<RecordInfo & { readonly inputShape: Shape }> {
  const { readFile } = await import('node:fs/promises')
  const file = `${(await pathOf(path)).replace(/\.json$/, '')}.json`
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable('readRecordInfo', file, error)
  })
  const { format, version, ...info } = parseInfo(text, file)
  if (format !== 'cotangent-tfrecords' || version !== 1) {
    throw new RecordError(`readRecordInfo: ${file} was not written by writeRecord, or by a newer version of it`)
  }
  if (!isShape(info.inputShape)) {
    throw new RecordError(
      `readRecordInfo: ${file} tells no inputShape: there are no records; pass the shape to the parser`,
    )
  }
  return { ...info, inputShape: info.inputShape }
}

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0)

function parseInfo(text: string, file: string): RecordInfo & { format?: unknown; version?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as RecordInfo
  } catch {
    // Told below, as anything else that is not an object.
  }
  throw new RecordError(`readRecordInfo: ${file} is not JSON that writeRecord wrote`)
}
