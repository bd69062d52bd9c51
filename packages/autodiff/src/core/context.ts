import type { SourceLocation } from './source.ts'
import type { Trace } from './trace.ts'

/** The innermost function being traced, and where its equations come from. */
export const context: {
  current: Trace | undefined
  /** Whether equations are to know the user's line (see `locating`). */
  locating: boolean
  /** The line of the equation that a transformation is at. */
  source: SourceLocation | undefined
} = { current: undefined, locating: false, source: undefined }

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

/** Runs `f` with what it stages coming from `source`, where that is known. */
export function from<T>(source: SourceLocation | undefined, f: () => T): T {
  if (source === undefined) return f()
  const outer = context.source
  context.source = source
  try {
    return f()
  } finally {
    context.source = outer
  }
}
