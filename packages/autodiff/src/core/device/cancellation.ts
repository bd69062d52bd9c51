import { AbortError, ValueError } from '../../array/errors.ts'

/** What is used of an `AbortSignal`. */
export interface CancelSignal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

let current: readonly CancelSignal[] = []

/** The signals that calls made now hear. */
export const currentSignals = (): readonly CancelSignal[] => current

export const abortError = (signal: CancelSignal): AbortError =>
  new AbortError('the call was cancelled by its signal before it began', { cause: signal.reason })

/** Throws an AbortError when one of the signals has been given. */
export function throwIfAborted(signals: readonly CancelSignal[]): void {
  for (const signal of signals) if (signal.aborted) throw abortError(signal)
}

/**
 * Calls `f` so that the compiled calls made in it are cancelled when `signal` aborts: those that have not begun on their
 * device do not begin, and their arrays, with all computed from them, reject with an AbortError. A call that runs goes on
 * to its end, and the device stays as it was. Signals of enclosing `withSignal`s hold too.
 *
 * @throws AbortError at once when the signal has aborted; ValueError for an async function, whose later calls would not
 * hear the signal: give it one call at a time.
 * @example
 * const { signal } = new AbortController()
 * const double = jit((x) => x.mul(2))
 * await withSignal(signal, () => double(np.array([1, 2]))).js() // [2, 4]
 */
export function withSignal<T>(signal: CancelSignal, f: () => T): T {
  if (typeof signal?.addEventListener !== 'function' || typeof signal.aborted !== 'boolean') {
    throw new ValueError('withSignal: signal is no AbortSignal; use that of an AbortController, or AbortSignal.timeout')
  }
  if (typeof f !== 'function')
    throw new ValueError('withSignal: f is no function; write withSignal(signal, () => g(x))')
  if (f.constructor.name === 'AsyncFunction') {
    throw new ValueError(
      'withSignal: f is async, and calls after its first await would not hear the signal; write `await withSignal(signal, () => g(x)).data()` around each call',
    )
  }
  throwIfAborted([signal])
  const outer = current
  current = [...outer, signal]
  try {
    return f()
  } finally {
    current = outer
  }
}
