import {
  array,
  checkOptions,
  DTypeError,
  NDArray,
  type Operand,
  type Shape,
  ShapeError,
  shapesEqual,
  showShape,
  ValueError,
} from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { writeAtomically } from '../io/atomic.ts'
import { checkFlags, checkText, checkWhole, shown } from '../given.ts'
import { encodeExample, type Feature } from './example.ts'
import { RecordFile } from './file.ts'
import { type RecordInfo, showInfo } from './info.ts'
import { numericalParser } from './numerical.ts'
import { floatParser, type Parser } from './parser.ts'

export interface TFRecordsOptions {
  /** Size in MB (10⁶ bytes) beyond which a file is closed and the next begun. @defaultValue 150 */
  readonly recordSize?: number
  /** Digits of the file's number in its name. @defaultValue 5 */
  readonly padding?: number
}

interface WriteOptions {
  /** How many seeds: `start`, `start + 1`, … Give either this or `end`. @defaultValue none */
  readonly nSims?: number
  /** The seed after the last one, which the original package calls `n_sims`. @defaultValue none */
  readonly end?: number
  /** The first seed. @defaultValue 0 */
  readonly start?: number
  /** Puts `validation_` before the default name. @defaultValue false */
  readonly validation?: boolean
  /** The folder, made if it is not there. @defaultValue the current one */
  readonly directory?: string
  /** The beginning of the files' names. @defaultValue 'fiducial' or 'derivative' */
  readonly filename?: string
  /** Whether files of this name may be replaced. @defaultValue true */
  readonly overwrite?: boolean
}

/** One simulation for each seed: fiducial ones, or exact derivatives. */
export interface FiducialOptions extends WriteOptions {
  /** @defaultValue true */
  readonly fiducial?: true
  /** The simulation of a seed: numbers, or an array or lists of them, all of one shape. */
  readonly getSimulation: (seed: number) => Operand | Promise<Operand>
}

/** 2 · nParams simulations for each seed: below (derivative 0) and above (1) the fiducial value of each parameter. */
export interface DerivativeOptions extends WriteOptions {
  /** Says that these are simulations on both sides of the fiducial parameters. */
  readonly fiducial: false
  /** The number of parameters. */
  readonly nParams: number
  /** The simulation of a seed with a parameter lowered (derivative 0) or raised (1). */
  readonly getSimulation: (seed: number, derivative: number, parameter: number) => Operand | Promise<Operand>
}

/** What was written. */
export interface WrittenRecords extends RecordInfo {
  /** The files with their directory, in order. */
  readonly paths: readonly string[]
}

/** Names of files are short. */
const LONGEST_NUMBER = 100
/** More parameters than any simulator has. */
const MOST_PARAMETERS = 1e6

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
    const { start, end, nParams } = seedsOf(options)
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
      for await (const { what, features, value } of simulate(options, start, end, nParams)) {
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

function checkParams(nParams: number, where: string): void {
  if (!Number.isInteger(nParams) || nParams < 1 || nParams > MOST_PARAMETERS) {
    throw new ValueError(
      `${where}: nParams is ${shown(nParams)}; it must be a positive integer up to ${MOST_PARAMETERS}, the number of parameters`,
    )
  }
}

const writeOptions = [
  'nSims',
  'end',
  'start',
  'getSimulation',
  'fiducial',
  'nParams',
  'validation',
  'directory',
  'filename',
  'overwrite',
] as const

/** The seeds to write, once the options have been checked. */
function seedsOf(options: FiducialOptions | DerivativeOptions): {
  start: number
  end: number
  nParams: number | undefined
} {
  checkOptions<Partial<DerivativeOptions>>('writeRecord', options as Partial<DerivativeOptions>, writeOptions)
  const { nSims, start = 0, getSimulation } = options
  if (typeof getSimulation !== 'function')
    throw new ValueError('writeRecord: getSimulation must be a function of the seed')
  if ((nSims === undefined) === (options.end === undefined)) {
    throw new ValueError('writeRecord: give either nSims, the number of seeds, or end, the seed after the last one')
  }
  checkWhole('writeRecord', 'start', start, 0)
  checkWhole('writeRecord', nSims === undefined ? 'end' : 'nSims', options.end ?? nSims, 0)
  const { fiducial, validation, overwrite, directory, filename } = options
  checkFlags('writeRecord', { fiducial, validation, overwrite })
  if (directory !== undefined) checkText('writeRecord', 'directory', directory, "'data'")
  if (filename !== undefined) checkText('writeRecord', 'filename', filename, "'fiducial'")
  const end = options.end ?? start + (nSims as number)
  if (end < start) throw new ValueError(`writeRecord: end is ${end}, before start, which is ${start}`)
  if (options.fiducial !== false) return { start, end, nParams: undefined }
  const { nParams } = options
  checkParams(nParams, 'writeRecord: with fiducial: false')
  return { start, end, nParams }
}

interface Simulated {
  readonly what: string
  readonly features: readonly (readonly [string, Feature])[]
  readonly value: Operand
}

/** The simulations in the order of their records, with the features that tell them apart, in the original's order. */
async function* simulate(
  options: FiducialOptions | DerivativeOptions,
  start: number,
  end: number,
  nParams = 0,
): AsyncGenerator<Simulated> {
  const integer = (value: number): Feature => ({ kind: 'int64', values: BigInt64Array.of(BigInt(value)) })
  for (let seed = start; seed < end; seed++) {
    if (options.fiducial !== false) {
      const value = await options.getSimulation(seed)
      yield { what: `the simulation of seed ${seed}`, features: [['seed', integer(seed)]], value }
      continue
    }
    for (let derivative = 0; derivative < 2; derivative++) {
      for (let parameter = 0; parameter < nParams; parameter++) {
        const value = await options.getSimulation(seed, derivative, parameter)
        const what = `the simulation of seed ${seed}, derivative ${derivative}, parameter ${parameter}`
        const features = Object.entries({ seed, parameter, derivative }).map(([key, n]) => [key, integer(n)] as const)
        yield { what, features, value }
      }
    }
  }
}

async function float32(value: Operand, what: string): Promise<NDArray<'float32'>> {
  if (value instanceof NDArray) await value.ready()
  try {
    return array(value, { dtype: 'float32' })
  } catch (error) {
    throw new DTypeError(`writeRecord: ${what} is not an array of numbers: ${(error as Error).message}`)
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
