import type { Cancellation, FitOptions } from './fit-options.ts'

interface SignalSource {
  on(name: 'SIGINT', listener: () => void): unknown
  off(name: 'SIGINT', listener: () => void): unknown
  readonly stderr?: { write(text: string): unknown }
}

/** The fits under way that Ctrl-C ends. */
const running = new Set<() => void>()

/** Node's process; undefined in a browser. */
function signals(): SignalSource | undefined {
  const { process } = globalThis as { process?: SignalSource & { versions?: { node?: string } } }
  return process?.versions?.node !== undefined && typeof process.on === 'function' ? process : undefined
}

function interrupt(): void {
  const source = signals()
  // The next one is the system's again: it ends the process, unless others listen.
  source?.off('SIGINT', interrupt)
  source?.stderr?.write('\nfit: ends after this iteration; Ctrl-C again ends the process\n')
  const ends = [...running]
  running.clear()
  for (const end of ends) end()
}

/**
 * Listens for Ctrl-C while a fit runs, unless it is not to be interruptible.
 *
 * @returns what is aborted when it comes, or when `signal` is; and what ends the listening
 */
export function listenForInterrupt({
  signal,
  interruptible,
}: Pick<FitOptions, 'signal' | 'interruptible'>): readonly [Cancellation | undefined, () => void] {
  if (interruptible === false) return [signal, () => undefined]
  let interrupted = false
  const end = (): void => void (interrupted = true)
  if (running.size === 0) signals()?.on('SIGINT', interrupt)
  running.add(end)
  const stop = (): void => {
    if (running.delete(end) && running.size === 0) signals()?.off('SIGINT', interrupt)
  }
  const both = {
    get aborted(): boolean {
      return interrupted || signal?.aborted === true
    },
  }
  return [both, stop]
}
