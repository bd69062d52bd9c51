import { startPython } from '../lib/python.ts'

/** Milliseconds a run, by the clock and by what the process works. */
export type Measured = readonly [clock: number, work: number]

export interface TensorFlow {
  readonly version: string
  /** What each pipeline reads. */
  readonly sums: Readonly<Record<string, number>>
  measure(pipeline: string, runs: number): Promise<Measured>
  end(): void
}

/** tf.data in a process of its own, which is asked in turns. */
export async function startTensorFlow(python: string, folder: string): Promise<TensorFlow> {
  // TensorFlow says much on the way.
  const { next, ask, end } = startPython(python, 'tf_data.py', [folder], 'ignore')
  const about = JSON.parse(await next()) as Pick<TensorFlow, 'version' | 'sums'>
  return {
    ...about,
    measure: async (pipeline, runs) => JSON.parse(await ask(JSON.stringify([pipeline, runs]))) as Measured,
    end,
  }
}
