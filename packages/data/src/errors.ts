import { CotangentError } from '@cotangent/autodiff/array'

/**
 * Something went wrong while a dataset was read: an element that does not fit, a file that cannot be used. Wrong
 * arguments are ShapeError, DTypeError, ValueError and TreeError, thrown when the dataset is built.
 */
export class DatasetError extends CotangentError {
  override readonly name: string = 'DatasetError'
}

/** A `.npy` file that is malformed, or holds what no dtype here can carry. */
export class NpyError extends DatasetError {
  override readonly name: string = 'NpyError'
}

/** The error of a file that the system does not let us read. */
export const unreadable = (where: string, file: string, error: unknown): DatasetError =>
  new DatasetError(`${where}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })

/** The error of a file that cannot be written: a folder that is a file, a full disk. */
export const unwritable = (file: string, error: unknown): DatasetError =>
  new DatasetError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })

/** Where in a TFRecord file something is wrong. */
export interface RecordPlace {
  /** The file, as it was named by the caller. */
  readonly file: string
  /** Index of the record in the file, from 0. */
  readonly record: number
  /** Offset of the record's first byte in the (uncompressed) file. */
  readonly offset: number
}

/** A TFRecord file that is corrupted or truncated, or a record that does not hold what is asked of it. */
export class RecordError extends DatasetError {
  override readonly name: string = 'RecordError'
  readonly place: RecordPlace | undefined

  constructor(message: string, place?: RecordPlace) {
    super(place ? `${message} (record ${place.record} of ${place.file}, at byte ${place.offset})` : message)
    this.place = place
  }
}
