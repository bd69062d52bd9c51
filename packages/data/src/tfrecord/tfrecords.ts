import { checkOptions, type Shape, ShapeError, shapesEqual, showShape, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { shown } from '../given.ts'
import { writeAtomically } from '../io/atomic.ts'
import { encodeExample, type Feature } from './example.ts'
import { RecordFile } from './file.ts'
import { type RecordInfo, showInfo } from './info.ts'
import { numericalParser } from './numerical.ts'
import { floatParser, type Parser } from './parser.ts'
import { float32, simulate } from './simulate.ts'
import { checkParams, type DerivativeOptions, type FiducialOptions, seedsOf } from './write-options.ts'

export interface TFRecordsOptions {
  /** Size in MB (10⁶ bytes) beyond which a file is closed and the next begun. @defaultValue 150 */
  readonly recordSize?: number
  /** Digits of the file's number in its name. @defaultValue 5 */
  readonly padding?: number
}

/** What was written. */
export interface WrittenRecords extends RecordInfo {
  /** The files with their directory, in order. */
  readonly paths: readonly string[]
}

/** Names of files are short. */
const LONGEST_NUMBER = 100
/** TensorFlow's writer reaches the disk in blocks of this many bytes; files are split where it would split them. */
const BLOCK = 4096

/**
 * Writes simulations to TFRecord files and makes parsers for them: the files TensorFlow reads and the original package
 * writes, split at the same records.
 *
 * @example
 * const tfr = new TFRecords({ recordSize: 150 })
 * const getSimulation = (seed) => simulations.at(seed)
 * const { inputShape } = await tfr.writeRecord({ nSims: 100, getSimulation, directory: 'records' })
 * const fiducial = TFRecordDataset('records/fiducial_*.tfrecords').map(tfr.parser(inputShape))
 * fiducial.elementSpec // { shape: [10], dtype: 'float32' }
 */
export class TFRecords {
  readonly recordSize: number
  readonly padding: number

  constructor(options: TFRecordsOptions = {}) {
    const { recordSize = 150, padding = 5 } = checkOptions('TFRecords', options, ['recordSize', 'padding'])
    if (!(typeof recordSize === 'number' && recordSize > 0))
      throw new ValueError(`TFRecords: recordSize is ${shown(recordSize)}; it must be a positive number of MB`)
    if (!Number.isInteger(padding) || padding < 0 || padding > LONGEST_NUMBER) {
      throw new ValueError(
        `TFRecords: padding is ${shown(padding)}; it must be a number of digits, from 0 to ${LONGEST_NUMBER}`,
      )
    }
    this.recordSize = recordSize
    this.padding = padding
  }

  /**
   * Writes one record for each simulation, as float32, to `<directory>/<filename>_00000.tfrecords`, `…_00001.tfrecords`
   * and so on, and their shape to `<directory>/<filename>.json`.
   *
   * The set is replaced as a whole: it is written under temporary names, put in place once complete, and files of the
   * same name that an earlier, larger set left behind are removed. When a simulation fails nothing is changed.
   *
   * @throws ShapeError when simulations differ in shape; DatasetError when files are there and `overwrite` is false.
   */
  async writeRecord(options: FiducialOptions | DerivativeOptions): Promise<WrittenRecords> {
    const seeds = seedsOf(options)
    const { join } = await import('node:path')
    const kind = options.fiducial === false ? 'derivative' : 'fiducial'
    const name = options.filename ?? `${options.validation ? 'validation_' : ''}${kind}`
    const directory = options.directory ?? '.'
    if (options.overwrite === false) {
      const [existing] = await recordFiles(directory, name)
      if (existing !== undefined)
        throw new DatasetError(`writeRecord: ${join(directory, existing)} is there already, and overwrite is false`)
    }
    const files: RecordFile[] = []
    const nextFile = async (): Promise<RecordFile> => {
      const file = await RecordFile.create(
        join(directory, `${name}_${String(files.length).padStart(this.padding, '0')}.tfrecords`),
      )
      files.push(file)
      return file
    }
    let inputShape: Shape | undefined
    let records = 0
    try {
      let file = await nextFile()
      for await (const { what, features, value } of simulate(options, seeds)) {
        const simulation = await float32(value, what)
        inputShape ??= simulation.shape
        if (!shapesEqual(simulation.shape, inputShape)) {
          throw new ShapeError(
            `writeRecord: ${what} has shape ${showShape(simulation.shape)}, the first has ${showShape(inputShape)}`,
          )
        }
        // The file before is full, and there is more to write.
        if (Math.floor((file.size - 1) / BLOCK) * BLOCK > this.recordSize * 1e6) {
          await file.finish()
          file = await nextFile()
        }
        const data: Feature = { kind: 'bytes', values: [new Uint8Array(simulation.dataSync().buffer)] }
        await file.write(encodeExample([['data', data], ...features]))
        records++
      }
      await file.finish()
    } catch (error) {
      await Promise.all(files.map((file) => file.discard()))
      throw error
    }
    const { start, end, nParams } = seeds
    return this.#publish(files, directory, name, { inputShape, records, seeds: [start, end], nParams })
  }

  async #publish(
    files: readonly RecordFile[],
    directory: string,
    name: string,
    about: Omit<RecordInfo, 'files'>,
  ): Promise<WrittenRecords> {
    const { rm } = await import('node:fs/promises')
    const { basename, join } = await import('node:path')
    for (const file of files) await file.publish()
    const info: RecordInfo = { ...about, files: files.map((file) => basename(file.path)) }
    const stale = (await recordFiles(directory, name)).filter((file) => !info.files.includes(file))
    await Promise.all(stale.map((file) => rm(join(directory, file))))
    await writeAtomically(join(directory, `${name}.json`), showInfo(info))
    return { ...info, paths: files.map((file) => file.path) }
  }

  /** Parses records of simulations, for `dataset.map`: float32 of `inputShape`. Throws a RecordError for other sizes. */
  parser(inputShape: Shape): Parser {
    return floatParser(
      inputShape,
      'parser',
      'Is it a record of derivatives (derivativeParser), or another set of files?',
    )
  }

  /**
   * Parses records of exact derivatives, for `dataset.map`: float32 of shape [...inputShape, nParams].
   *
   * @example new TFRecords().derivativeParser([10], 2)
   */
  derivativeParser(inputShape: Shape, nParams: number): Parser {
    checkParams(nParams, 'derivativeParser')
    return floatParser(
      Array.isArray(inputShape) ? [...inputShape, nParams] : inputShape,
      'derivativeParser',
      'inputShape is the shape of a simulation, without the axis of parameters.',
    )
  }

  /**
   * Parses what `fiducial: false` wrote, one simulation a record: of the 2 · nParams records of each seed, batched, it
   * makes float32 of shape [2, nParams, ...inputShape], below and above the fiducial value of each parameter. Every
   * simulation is put where its own features say. Records that hold all of them at once are parsed one by one.
   *
   * @throws RecordError while iterating when the records of a batch are not those of one seed.
   * @example
   * const getSimulation = (seed, derivative, parameter) => simulations.at(4 * seed + 2 * derivative + parameter)
   * const tfr = new TFRecords()
   * await tfr.writeRecord({ nSims: 3, nParams: 2, fiducial: false, getSimulation, directory: 'varied' })
   * const records = TFRecordDataset('varied/*.tfrecords').batch(4, { dropRemainder: true })
   * records.map(tfr.numericalDerivativeParser([10], 2)).elementSpec // { shape: [2, 2, 10], dtype: 'float32' }
   */
  numericalDerivativeParser(inputShape: Shape, nParams: number): Parser {
    checkParams(nParams, 'numericalDerivativeParser')
    return numericalParser(inputShape, nParams)
  }
}

/** Names of the files of a set that are in a folder now. */
async function recordFiles(directory: string, name: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  const entries: string[] = await readdir(directory).catch(() => [])
  return entries
    .filter((entry) => entry.startsWith(`${name}_`) && /^\d+\.tfrecords$/.test(entry.slice(name.length + 1)))
    .sort()
}
