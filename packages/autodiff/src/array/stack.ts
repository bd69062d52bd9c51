/** What V8 offers beside the standard; other engines may lack it. */
interface StackCapture {
  captureStackTrace?: (target: object, above?: (...args: never[]) => unknown) => void
  stackTraceLimit?: number
}

const capture = Error as unknown as StackCapture

/** Frames asked for: an error deep in the engine must still reach the user's lines. */
const DEPTH = 200

/** The frames of this moment, above the function `above`; `undefined` where the engine cannot give them. */
export function captureFrames(above: unknown): (() => string[]) | undefined {
  if (capture.captureStackTrace === undefined) return undefined
  const limit = capture.stackTraceLimit
  const holder: { stack?: unknown } = {}
  try {
    capture.stackTraceLimit = DEPTH
    capture.captureStackTrace(holder, above as () => void)
  } catch {
    return undefined
  } finally {
    if (limit !== undefined) capture.stackTraceLimit = limit
  }
  // Formatting is the expensive part: it waits until somebody reads the stack.
  return () => (typeof holder.stack === 'string' ? holder.stack.split('\n').filter(isFrame) : [])
}

/** How many frames the user wants to see. */
export const wantedFrames = (): number => capture.stackTraceLimit ?? 10

const isFrame = (line: string): boolean => /^\s*at |@.*:\d+:\d+$/.test(line)

/**
 * Whether a frame is in a file of these packages. Only where each module is still a file of its own: in a bundle the
 * user's code cannot be told from the engine's, and nothing is left out.
 */
export const isEngineFrame: (frame: string) => boolean = engineFrames(
  (import.meta as { readonly url?: string }).url ?? '',
)

export function engineFrames(moduleUrl: string): (frame: string) => boolean {
  const found = /^(?:file:\/\/)?(.*\/)autodiff\/(?:src|dist)\/array\/stack\.[jt]s/.exec(moduleUrl)
  if (found === null) return () => false
  const parent = decode(found[1] as string).replace(/^\/(?=[A-Za-z]:\/)/, '')
  // Beside this package lie the others, where it is installed and in its repository.
  const names = /\/(?:@cotangent|packages)\/$/.test(parent) ? ['autodiff', 'nn', 'data', 'imnn'] : ['autodiff']
  const folders = names.flatMap((name) => [`${parent}${name}/src/`, `${parent}${name}/dist/`])
  return (frame) => {
    const path = decode(frame.replaceAll('\\', '/'))
    return folders.some((folder) => path.includes(folder))
  }
}

const isBuiltIn = (frame: string): boolean => /\(<anonymous>\)$|\(native/.test(frame)

/** The frames of the user's own code, and of built-in functions that it called. */
export function usersFrames(frames: readonly string[]): string[] {
  let engine = false
  const own: string[] = []
  // From the outermost in: a built-in function belongs to whoever called it.
  for (const frame of frames.toReversed()) {
    if (!isBuiltIn(frame)) engine = isEngineFrame(frame)
    if (!engine) own.push(frame)
  }
  // The engine may be what a built-in function calls, as an iterator: the stack starts where the user wrote it.
  const first = own.reverse().findIndex((frame) => !isBuiltIn(frame))
  return first < 0 ? own : own.slice(first)
}

function decode(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}
