import { ValueError } from '../../array/errors.ts'
import { builtin } from './machine.ts'

interface FileSystem {
  mkdirSync(path: string): void
  statSync(path: string): { isDirectory(): boolean }
  writeFileSync(path: string, data: string): void
  rmSync(path: string, options: object): void
}

/**
 * Makes a folder, and those that it is in; throws Node's error where that cannot be. One after the other, for Node's own
 * recursion does not end where a folder that is there takes none, as in /proc.
 */
export function makeFolder(folder: string): void {
  const fs = builtin<FileSystem>('node:fs')!
  const make = (): void => {
    try {
      fs.mkdirSync(folder)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || !fs.statSync(folder).isDirectory()) throw error
    }
  }
  try {
    make()
  } catch (error) {
    const parent = builtin<{ dirname(path: string): string }>('node:path')!.dirname(folder)
    if (codeOf(error) !== 'ENOENT' || parent === folder) throw error
    makeFolder(parent)
    make()
  }
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code

/** The folder made and written to; nothing where there are no files, as in a browser. */
export function checkFolder(folder: string): void {
  const fs = builtin<FileSystem>('node:fs')
  if (fs === undefined) return
  const refuse = (what: string, cause: unknown): never => {
    throw new ValueError(
      `configureCache: the directory ${JSON.stringify(folder)} ${what} (${(cause as Error).message}); name one that can be written to, or null for none`,
      { cause },
    )
  }
  try {
    makeFolder(folder)
  } catch (error) {
    refuse(codeOf(error) === 'EEXIST' ? 'is a file' : 'cannot be made', error)
  }
  // Permissions do not tell: to the superuser all is allowed, and a file system may be read-only.
  const probe = `${folder}/.probe-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  try {
    fs.writeFileSync(probe, '')
  } catch (error) {
    refuse('cannot be written to', error)
  }
  fs.rmSync(probe, { force: true })
}
