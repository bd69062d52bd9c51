import type { NDArray } from '@cotangent/autodiff'
import type { DatasetGradientIMNN } from '@cotangent/imnn'

export const say = (line: string): void => console.log(line)

/** How long something takes: called, it gives that as text. */
export interface Stopwatch {
  (): string
  seconds(): number
}

export function stopwatch(): Stopwatch {
  const start = performance.now()
  const seconds = (): number => (performance.now() - start) / 1000
  return Object.assign(() => duration(seconds()), { seconds })
}

export interface Outcome {
  readonly fitted: DatasetGradientIMNN
  readonly expectedDetF: number
  /** Seconds from the beginning of the fit to the end of each iteration. */
  readonly times: readonly number[]
  /** The parameters of some data, and what they were estimated to be. */
  readonly theta: NDArray
  readonly estimates: NDArray
  readonly out: string
}

/** The last words: what was reached, how long it took, and where the files are. */
export async function report({ fitted, expectedDetF, times, theta, estimates, out }: Outcome): Promise<void> {
  const { detF, valDetF } = fitted.history
  const information = (value: number): string =>
    `${value.toFixed(2).padStart(7)}   ${((100 * value) / expectedDetF).toFixed(0)} % of ${expectedDetF}`
  const show = (values: readonly number[]): string => values.map((value) => value.toFixed(2).padStart(6)).join(' ')
  const { compiling, each } = split(times)
  say(`
|F| training       ${information(detF.at(-1)!)}
|F| validation     ${information(valDetF.at(-1)!)}
|F| best           ${information(fitted.maxDetF)}
iterations         ${String(times.length).padStart(4)}
compiling          ${duration(compiling)}
each iteration     ${duration(each)}

estimates of five simulations at θ = (${((await theta.js()) as number[]).join(', ')}):
  mean     ${show(((await estimates.js()) as number[][]).map(([mean]) => mean!))}
  variance ${show(((await estimates.js()) as number[][]).map(([, variance]) => variance!))}

in ${out}: history.svg, history.png, history.json, compressor.onnx`)
}

/** The first iteration waits for the compiler; what it takes beyond the median of the others is that. */
function split([first = 0, ...later]: readonly number[]): { compiling: number; each: number } {
  const steps = later.map((time, i) => time - (later[i - 1] ?? first)).sort((a, b) => a - b)
  const each = steps[Math.floor(steps.length / 2)] ?? first
  return { compiling: Math.max(0, first - each), each }
}

const duration = (seconds: number): string =>
  seconds < 0.1 ? `${(1000 * seconds).toFixed(1)} ms` : `${seconds.toFixed(2)} s`
