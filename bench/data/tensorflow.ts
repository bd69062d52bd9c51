import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

// This file runs from bench/dist/data.
const bench = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Milliseconds a run, by the clock and by what the process works. */
export type Measured = readonly [clock: number, work: number]

/** The first Python that has TensorFlow. */
export function findTensorFlow(wanted: string | undefined): string | undefined {
  const candidates = wanted === undefined ? [bench('.venv/bin/python'), 'python3'] : [wanted]
  return candidates
    .filter((path) => !path.includes('/') || existsSync(path))
    .find(
      (path) =>
        spawnSync(path, ['-c', 'import importlib.util as u; raise SystemExit(u.find_spec("tensorflow") is None)'])
          .status === 0,
    )
}

export interface TensorFlow {
  readonly version: string
  /** What each pipeline reads. */
  readonly sums: Readonly<Record<string, number>>
  measure(pipeline: string, runs: number): Promise<Measured>
  end(): void
}

/** tf.data in a process of its own, which is asked in turns. */
export async function startTensorFlow(python: string, folder: string): Promise<TensorFlow> {
  const child: ChildProcess = spawn(python, [bench('tf_data.py'), folder], { stdio: ['pipe', 'pipe', 'ignore'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('no pipes to Python')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('tf_data.py ended early')
    return JSON.parse(line.value)
  }
  const about = (await answer()) as Pick<TensorFlow, 'version' | 'sums'>
  return {
    ...about,
    measure: async (pipeline, runs) => {
      stdin.write(`${JSON.stringify([pipeline, runs])}\n`)
      return (await answer()) as Measured
    },
    end: () => void child.kill(),
  }
}
