import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

// This file runs from bench/dist/lib.
const bench = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The first Python that has a module. */
export function findPython(wanted: string | undefined, module: string): string | undefined {
  const candidates = wanted === undefined ? [bench('.venv/bin/python'), 'python3'] : [wanted]
  return candidates
    .filter((path) => !path.includes('/') || existsSync(path))
    .find((path) => spawnSync(path, ['-c', `import ${module}`]).status === 0)
}

/** A Python program that answers each line with a line. */
export interface Answering {
  /** The next line it writes. */
  next(): Promise<string>
  ask(line: string): Promise<string>
  end(): void
}

/** Starts a program of this folder. */
export function startPython(python: string, script: string, args: readonly string[]): Answering {
  const child = spawn(python, [bench(script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child
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
