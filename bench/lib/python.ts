import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

// This file runs from bench/dist/lib.
const bench = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

// Looking for a module takes less than loading it.
const find = 'from importlib.util import find_spec'

/** The first Python that has a module. */
export function findPython(wanted: string | undefined, module: string): string | undefined {
  const candidates = wanted === undefined ? [bench('.venv/bin/python'), 'python3'] : [wanted]
  return candidates
    .filter((path) => !path.includes('/') || existsSync(path))
    .find((path) => spawnSync(path, ['-c', `${find}; raise SystemExit(find_spec('${module}') is None)`]).status === 0)
}

/** A Python program that answers each line with a line. */
export interface Answering {
  /** The next line it writes. */
  next(): Promise<string>
  ask(line: string): Promise<string>
  end(): void
}

/** Starts a program of bench/; what it writes to stderr is shown, or ignored. */
export function startPython(
  python: string,
  script: string,
  args: readonly string[],
  stderr: 'inherit' | 'ignore' = 'inherit',
): Answering {
  const child = spawn(python, [bench(script), ...args], { stdio: ['pipe', 'pipe', stderr] })
  const { stdin, stdout } = child as ChildProcessByStdio<Writable, Readable, null>
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const answer = await lines.next()
    if (answer.done === true) throw new Error(`${script} ended early`)
    return answer.value
  }
  const ask = (line: string): Promise<string> => {
    stdin.write(`${line}\n`)
    return next()
  }
  return { next, ask, end: () => void child.kill() }
}
