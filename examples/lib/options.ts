import { parseArgs } from 'node:util'
import type { DeviceKind } from '@cotangent/autodiff'

/** Where the simulations come from: arrays in memory, or files written first. */
export type DataSource = 'memory' | 'npy' | 'tfrecord'

/** What the tutorial can be run with. */
export interface Options {
  readonly data: DataSource
  /** One lane each: `['cpu', 'cpu']` trains on two lanes of one processor. */
  readonly device: readonly DeviceKind[]
  readonly seed: number
  /** Layout of the random numbers: JAX's earlier one, which the published run used, or its present one. */
  readonly prng: 'legacy' | 'partitionable'
  readonly nS: number
  readonly nD: number
  readonly nPerDevice: number
  /** Whether the fitted estimator has the weights of the largest |F|, rather than the last ones. */
  readonly best: boolean
  readonly maxIterations: number
  readonly printRate: number | undefined
  /** The folder for everything that is written. */
  readonly out: string
}

export const defaults: Options = {
  data: 'memory',
  device: ['cpu'],
  seed: 10,
  prng: 'legacy',
  nS: 1000,
  nD: 1000,
  nPerDevice: 100,
  best: true,
  maxIterations: 1000,
  printRate: 1,
  out: 'out/tutorial',
}

export const help = `
Fits an information maximising neural network to the mean and variance of ten numbers.

  npm run tutorial -- [options]

  --data memory|npy|tfrecord        where the simulations are read from; the last two
                                    write the files first (default memory)
  --device cpu|cuda|webgpu|wasm[,…] one lane each; cpu,cpu is two lanes (default cpu)
  --seed N                          (default 10)
  --prng legacy|partitionable       the layout of the random numbers: legacy is that of the
                                    published run, partitionable JAX's present one (default legacy)
  --n-s N                           simulations, and as many for validation (default 1000)
  --n-d N                           how many of them have derivatives (default: all)
  --n-per-device N                  simulations in a batch (default 100)
  --best, --no-best                 keep the weights of the largest |F|, or the last (default best)
  --max-iterations N                (default 1000)
  --out DIR                         for history.svg, .png, .json and compressor.onnx
                                    (default out/tutorial)
  --help
`.trimStart()

/** A command line that cannot be understood; the message says what can. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/**
 * Reads the command line; `undefined` when it asks for help.
 * @throws UsageError naming the option that is wrong
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = rawOptions(args)
  if (values.help === true) return undefined
  const nS = whole('n-s', values['n-s'], defaults.nS, 1)
  const nD = whole('n-d', values['n-d'], nS, 1)
  if (nD > nS) throw new UsageError(`--n-d ${nD} is more than the ${nS} simulations there are: choose at most ${nS}`)
  if (values.out === '') throw new UsageError('--out names no folder')
  return {
    data: oneOf('data', values.data ?? defaults.data, ['memory', 'npy', 'tfrecord']),
    device: (values.device ?? 'cpu')
      .split(',')
      .map((kind) => oneOf('device', kind.trim(), ['cpu', 'cuda', 'webgpu', 'wasm'])),
    seed: whole('seed', values.seed, defaults.seed, 0),
    prng: oneOf('prng', values.prng ?? defaults.prng, ['legacy', 'partitionable']),
    nS,
    nD,
    nPerDevice: whole('n-per-device', values['n-per-device'], defaults.nPerDevice, 1),
    best: values.best ?? defaults.best,
    maxIterations: whole('max-iterations', values['max-iterations'], defaults.maxIterations, 1),
    printRate: defaults.printRate,
    out: values.out ?? defaults.out,
  }
}

function rawOptions(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        data: text,
        device: text,
        seed: text,
        prng: text,
        'n-s': text,
        'n-d': text,
        'n-per-device': text,
        best: flag,
        'max-iterations': text,
        out: text,
        help: { ...flag, short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function oneOf<const T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (found === undefined)
    throw new UsageError(`--${name} is ${JSON.stringify(value)}; it can be ${choices.join(', ')}`)
  return found
}

function whole(name: string, value: string | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${name} is ${JSON.stringify(value)}; it must be a whole number from ${least} on`)
  return number
}
