import { checkOptions, ValueError } from '@cotangent/autodiff/array'
import { checkFlags } from '../given.ts'
import { type Path, pathOf } from '../io/glob.ts'
import type { SaveOptions } from '../npy/files.ts'
import { refuseExisting } from '../npy/files.ts'
import { checkBytes } from '../npy/npy.ts'
import { RecordFile } from './file.ts'

/**
 * Writes serialized records to one TFRecord file, put in its place once it is complete.
 *
 * @throws DatasetError when the file is there and `overwrite` is false.
 * @example await saveTFRecord('x.tfrecord', [encodeExample([['x', { kind: 'float', values: Float32Array.of(1, 2) }]])])
 */
export async function saveTFRecord(
  path: Path,
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: SaveOptions = {},
): Promise<void> {
  const { overwrite = true } = checkOptions('saveTFRecord', options, ['overwrite'])
  checkFlags('saveTFRecord', { overwrite })
  const sequence = typeof records === 'object' && records !== null
  if (!sequence || !(Symbol.iterator in records || Symbol.asyncIterator in records))
    throw new ValueError('saveTFRecord: records must be a list or an iterable of serialized records, Uint8Arrays')
  const target = await pathOf(path)
  if (!overwrite) await refuseExisting([target], 'saveTFRecord')
  const file = await RecordFile.create(target)
  try {
    for await (const record of records) {
      checkBytes('saveTFRecord', record)
      await file.write(record)
    }
    await file.finish()
    await file.publish()
  } catch (error) {
    await file.discard()
    throw error
  }
}
