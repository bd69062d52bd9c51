import { checkOptions, type Operand, ValueError } from '@cotangent/autodiff/array'
import { checkFlags, checkText, checkWhole, shown } from '../given.ts'

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

/** More parameters than any simulator has. */
const MOST_PARAMETERS = 1e6

export function checkParams(nParams: number, where: string): void {
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

/** The seeds from `start` up to (not including) `end`, and how many parameters each is varied in. */
export interface Seeds {
  readonly start: number
  readonly end: number
  readonly nParams: number | undefined
}

/** The seeds to write, once the options have been checked. */
export function seedsOf(options: FiducialOptions | DerivativeOptions): Seeds {
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
