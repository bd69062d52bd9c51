/**
 * Lets whatever waits for its turn have it: signals, timers, a page's events. A runtime that computes on the calling
 * thread would keep them all waiting until the fit has ended.
 */
export const breath = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
