import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** Threads of each program. */
  readonly threads: number
  /** Where ours and the hand-written graphs run. */
  readonly device: 'cpu' | 'cuda' | 'webgpu'
  /** Few repeats: to see that everything runs. */
  readonly quick: boolean
  /** Which benchmarks run. */
  readonly only: RegExp
  /** Where the rows go, as JSON. */
  readonly json: string | undefined
  /** A Python that has JAX. */
  readonly python: string | undefined
}

export const usage = `npm run bench -- [options]
  --only PATTERN   benchmarks whose name matches
  --threads N      threads of each program (one a core)
  --device KIND    cpu, cuda or webgpu, for the fit step and the programs beside JAX (cpu)
  --quick          few repeats
  --json FILE      writes the rows { name, ours, theirs, ratio, unit }
A Python with JAX is COTANGENT_PYTHON, bench/.venv/bin/python or python3, whichever has it.`

export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      threads: { type: 'string', default: String(availableParallelism()) },
      device: { type: 'string', default: 'cpu' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const threads = Number(values.threads)
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError('--threads must be a whole number from 1')
  const device = ['cpu', 'cuda', 'webgpu'].find((kind) => kind === values.device) as Options['device'] | undefined
  if (device === undefined) throw new RangeError('--device must be cpu, cuda or webgpu')
  return {
    threads,
    device,
    quick: values.quick,
    only: new RegExp(values.only, 'i'),
    json: values.json,
    python: process.env['COTANGENT_PYTHON'],
  }
}
