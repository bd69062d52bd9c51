import { handSteps } from '../hand-step/step.ts'
import { weightShapes } from '../hand-step/problem.ts'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, timed, type Timing } from '../lib/timing.ts'
import { checkSame, ourStep } from './ours.ts'

/** The step by `jit` against the fastest of the hand-written graphs. */
export async function inMemory(options: Options): Promise<Row[]> {
  const ours = ourStep(options)
  // Which way of waiting is better depends on what else the machine does: ours chooses, theirs has both.
  const byHand = [...(await handSteps(options)), ...(await handSteps({ ...options, spin: true }))]
  const result = await ours.result()
  for (const { name, run } of byHand) {
    const { training, validation, ...outputs } = await run()
    const moments = weightShapes.map((_, k) => outputs[`new_m${k}`] ?? [])
    checkSame(name, result, { training: training ?? [], validation: validation ?? [], moments })
  }
  // Some in a row, as in a fit: the first finds another program's numbers in the cache.
  const programs = [ours, ...byHand].map(({ name, run }) => timed(name, run, 10))
  const timings = await interleave(programs, { repeats: options.quick ? 5 : 40, warmupTime: 1000 })
  console.log(showTimings(timings))
  const [first, ...rest] = timings as [Timing, Timing, ...Timing[]]
  return [compare('fit step, in memory', first, ...rest)]
}
