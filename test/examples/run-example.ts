import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'

/** A folder for what an example writes, which goes when the tests end. */
export function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `cotangent-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs something, and gives what it printed beside its result. */
export async function listening<T>(run: () => Promise<T>): Promise<{ result: T; said: string }> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  try {
    return { result: await run(), said: lines.join('\n') }
  } finally {
    log.mockRestore()
  }
}
