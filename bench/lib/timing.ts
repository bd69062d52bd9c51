import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
/** Collects garbage: what one program left is not the next one's work. */
const collectGarbage = runInNewContext('gc') as () => void

/** Something to time. */
export interface Program {
  readonly name: string
  /** Runs it, some times in a row, and gives the milliseconds a run. */
  measure(): Promise<number>
}

/** Milliseconds a run, one number a repeat. */
export interface Timing {
  readonly name: string
  readonly times: readonly number[]
}

export interface InterleaveOptions {
  readonly repeats: number
  /** Measurements of each program that do not count. @defaultValue 2 */
  readonly warmup?: number
  /** Milliseconds that these take at least: V8 compiles what is called often while it runs. @defaultValue 0 */
  readonly warmupTime?: number
}

/** A program timed by the clock, `runs` runs a measurement. */
export function timed(name: string, run: () => Promise<unknown>, runs = 3): Program {
  const measure = async (): Promise<number> => {
    const start = performance.now()
    for (let i = 0; i < runs; i++) await run()
    return (performance.now() - start) / runs
  }
  return { name, measure }
}

/** A program timed by what the process works: what else the machine does counts less than by the clock. */
export function worked(name: string, run: () => unknown, runs = 1): Program {
  const measure = async (): Promise<number> => {
    const before = process.cpuUsage()
    for (let i = 0; i < runs; i++) await run()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / runs
  }
  return { name, measure }
}

/**
 * Times programs in turns, A B C B C A …, so that a busy minute of the machine falls on all of them and none always
 * follows the same other, or collects its garbage. Only ratios of what was timed in one call mean anything.
 */
export async function interleave(
  programs: readonly Program[],
  { repeats, warmup = 2, warmupTime = 0 }: InterleaveOptions,
): Promise<Timing[]> {
  const timings = programs.map(({ name }) => ({ name, times: new Array<number>() }))
  for (const program of programs) {
    const start = performance.now()
    for (let i = 0; i < warmup || performance.now() - start < warmupTime; i++) await program.measure()
  }
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let turn = 0; turn < programs.length; turn++) {
      const i = (repeat + turn) % programs.length
      collectGarbage()
      timings[i]?.times.push((await programs[i]?.measure()) ?? Number.NaN)
    }
  }
  return timings
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export const minimum = (values: readonly number[]): number => Math.min(...values)

/** The timing with the smallest median. */
export function fastest(timings: readonly Timing[]): Timing {
  const sorted = timings.toSorted((a, b) => median(a.times) - median(b.times))
  const [first] = sorted
  if (first === undefined) throw new RangeError('fastest: there are no timings')
  return first
}
