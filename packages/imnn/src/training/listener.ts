/** Who is told something, and may take its time for it. */
export interface Listener<T> {
  /** Throws what a call before was rejected with. */
  readonly tell: (what: T) => void
  /** Waits for all calls; throws what one of them was rejected with. */
  readonly settle: () => Promise<void>
}

/** A user's function, whose promises, if it gives any, are looked after: a rejection that nobody hears ends the process. */
export function listenerOf<T>(call: (what: T) => unknown): Listener<T> {
  const pending = new Set<Promise<void>>()
  let failure: { readonly reason: unknown } | undefined
  const check = (): void => {
    if (failure !== undefined) throw failure.reason
  }
  return {
    tell(what) {
      check()
      const told = call(what)
      if (!isThenable(told)) return
      const settled = Promise.resolve(told)
        .catch((reason: unknown) => void (failure ??= { reason }))
        .then(() => void pending.delete(settled))
      pending.add(settled)
    },
    async settle() {
      await Promise.all(pending)
      check()
    },
  }
}

/** Promises of another window, or of a library, too. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function'
