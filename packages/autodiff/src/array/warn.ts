import { ValueError } from './errors.ts'

/** Takes a warning, as text. */
export type WarningHandler = (message: string) => void

interface NodeProcess {
  emitWarning?(message: string, options: { type: string }): void
}

declare const process: NodeProcess | undefined
declare const console: { warn(message: string): void }

/** A warning of the process in Node, where `--no-warnings` and `process.on('warning', …)` know it; else on the console. */
function toProcess(message: string): void {
  if (typeof process !== 'undefined' && typeof process.emitWarning === 'function')
    process.emitWarning(message, { type: 'CotangentWarning' })
  else console.warn(message)
}

let handler: WarningHandler = toProcess

/** @internal Tells the user of something that works, but not as they will want it. */
export const warn = (message: string): void => handler(message)

/**
 * Where warnings go, as that of a function that is compiled over and over: to `handler`, or without one where they go by
 * default (`process.emitWarning` in Node, else `console.warn`). Gives the handler that was there.
 *
 * @throws ValueError for what is no function.
 * @example
 * const messages = []
 * const before = setWarningHandler((message) => messages.push(message))
 * setWarningHandler(before)
 */
export function setWarningHandler(next: WarningHandler = toProcess): WarningHandler {
  if (typeof next !== 'function')
    throw new ValueError(
      `setWarningHandler: takes a function of the message, not ${next === null ? 'null' : typeof next}`,
    )
  const before = handler
  handler = next
  return before
}
