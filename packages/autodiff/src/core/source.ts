import { captureFrames, isEngineFrame, usersFrames } from '../array/stack.ts'
import { context } from './context.ts'

/** A line of the user's code. */
export interface SourceLocation {
  /** The function it is in; '' outside any. */
  readonly function: string
  /** A path, or a URL in a browser. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * Runs `f` with every equation that is traced knowing the user's line. Taking and reading a stack takes about as long as
 * tracing ten equations, so it is only done where lines are asked for.
 */
export function locating<T>(f: () => T): T {
  const { locating: before, source } = context
  context.locating = true
  context.source = undefined
  try {
    return f()
  } finally {
    context.locating = before
    context.source = source
  }
}

/** The line of the equation that is being made, if it is to know it. */
export function currentSource(): SourceLocation | undefined {
  if (context.source !== undefined || !context.locating) return context.source
  const frames = captureFrames(currentSource)?.() ?? []
  const frame = usersFrames(frames).find((line) => !isEngineFrame(line))
  return frame === undefined ? undefined : parseFrame(frame)
}

/** `at f (file:///a.ts:3:7)`, `at file:///a.ts:3:7`, `f@http://host/a.js:3:7`. */
export function parseFrame(frame: string): SourceLocation | undefined {
  const found = /^\s*(?:at (?:async )?(?:(.*?) \()?|(.*?)@)(.+?):(\d+):(\d+)\)?\s*$/.exec(frame)
  if (found === null) return undefined
  const [, named, before, file, line, column] = found
  return {
    function: (named ?? before ?? '').replace(/^Object\./, ''),
    file: (file as string).replace(/^file:\/\//, ''),
    line: Number(line),
    column: Number(column),
  }
}

/** As `model.ts:12`. */
export const showSource = ({ file, line }: SourceLocation): string => `${file.split(/[\\/]/).at(-1)}:${line}`
