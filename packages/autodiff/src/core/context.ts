import type { Trace } from './trace.ts'

/** The innermost function being traced. */
export const context: { current: Trace | undefined } = { current: undefined }

/** Runs `f` with `trace` as the innermost one, or outside any. */
export function within<T>(trace: Trace | undefined, f: () => T): T {
  const outer = context.current
  context.current = trace
  try {
    return f()
  } finally {
    context.current = outer
  }
}
