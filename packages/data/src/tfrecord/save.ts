import type { SaveOptions } from '../npy/files.ts'
import { refuseExisting } from '../npy/files.ts'
import { RecordFile } from './file.ts'

/**
 * Writes serialized records to one TFRecord file, put in its place once it is complete.
 *
 * @throws DatasetError when the file is there and `overwrite` is false.
 * @example await saveTFRecord('x.tfrecord', [encodeExample([['x', { kind: 'float', values: Float32Array.of(1, 2) }]])])
 */
export async function saveTFRecord(
  path: string,
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { overwrite = true }: SaveOptions = {},
): Promise<void> {
  if (!overwrite) await refuseExisting([path], 'saveTFRecord')
  const file = await RecordFile.create(path)
  try {
    for await (const record of records) await file.write(record)
    await file.finish()
    await file.publish()
  } catch (error) {
    await file.discard()
    throw error
  }
}
