import { SingleBar } from 'cli-progress'

/** What a fit knows after an iteration. */
export interface Progress {
  /** How many iterations are done. */
  readonly iteration: number
  /** For how many of them nothing got better. */
  readonly patience: number
  readonly detF: number
  readonly detC: number
  readonly detInvC: number
  readonly lambda2: number
  readonly r: number
}

/** What a bar needs of a stream of Node's. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** The terminal's width. */
  readonly columns?: number | undefined
}

export interface ProgressBarOptions {
  /** The most iterations there can be. Shown below 10000: a fit that may run on stops by itself long before. */
  readonly total: number
  /** How often the numbers change, in iterations. */
  readonly printRate: number
  /** @defaultValue process.stderr */
  readonly stream?: TextStream | undefined
}

/** Shows how a fit goes on. Whoever starts one must stop it, come what may: it holds a timer. */
export interface ProgressBar {
  update(progress: Progress): void
  /** Shows the last state, and the best |F| where there is one. Stopping again does nothing. */
  stop(result?: { readonly maxDetF: number }): void
}

/** What the bar shows; `perSecond` counts from the first iteration's end, for that one waits for the compiler. */
interface State {
  readonly progress?: Progress
  readonly perSecond?: number
  readonly maxDetF?: number
}

const showsTotalBelow = 10_000
const barWidth = 20

/**
 * A progress bar in a terminal; anywhere else (a file, the log of a job) a line every two seconds.
 */
export function progressBar({ total, printRate, stream = process.stderr }: ProgressBarOptions): ProgressBar {
  let [shown, latest]: [State, State] = [{}, {}]
  let first: { readonly iteration: number; readonly time: number } | undefined
  let isStopped = false
  const bar = new SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: () => describe(total, shown),
    noTTYOutput: true,
    // The line is cut to the terminal's width, and no setting of the terminal is left changed if the process dies.
    linewrap: true,
    // Outside a terminal there is nothing to clear: this spares the empty line at the end.
    clearOnComplete: stream.isTTY !== true,
  })
  bar.start(total, 0)
  return {
    update(progress) {
      first ??= { iteration: progress.iteration, time: performance.now() }
      const perSecond = (1000 * (progress.iteration - first.iteration)) / (performance.now() - first.time)
      latest = { progress, ...(Number.isFinite(perSecond) && { perSecond }) }
      if (progress.iteration % printRate === 0) shown = latest
      bar.update(progress.iteration)
    },
    stop(result) {
      if (isStopped) return
      isStopped = true
      // Before the first iteration there is no best one.
      shown = latest.progress === undefined ? {} : { ...latest, ...result }
      bar.stop()
    },
  }
}

function describe(total: number, { progress, perSecond, maxDetF }: State): string {
  const done = progress?.iteration ?? 0
  const full = Math.min(barWidth, Math.floor((barWidth * done) / total))
  const parts = [
    total < showsTotalBelow ? `[${'='.repeat(full)}${' '.repeat(barWidth - full)}] ${done}/${total}` : `${done}`,
    perSecond !== undefined && `${short(perSecond)} it/s`,
    progress && `|F| ${short(progress.detF)}`,
    maxDetF !== undefined && `best |F| ${short(maxDetF)}`,
    progress && `patience ${progress.patience}`,
    progress && `|C| ${short(progress.detC)}`,
    progress && `|C⁻¹| ${short(progress.detInvC)}`,
    progress && `Λ₂ ${short(progress.lambda2)}`,
    progress && `r ${short(progress.r)}`,
  ]
  return parts.filter((part) => typeof part === 'string').join(' · ')
}

const short = (value: number): string =>
  value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5) ? value.toPrecision(4) : value.toExponential(2)
