declare const performance: { now(): number }

/** Milliseconds from some moment on. */
export const now = (): number => performance.now()
