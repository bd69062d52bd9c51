import { unwritable } from '../errors.ts'
import { makeFolderOf } from './folder.ts'

/** A name in the same folder that no glob for data files matches, and no other writer uses. */
export async function temporaryName(path: string): Promise<string> {
  const { basename, dirname, join } = await import('node:path')
  const { randomUUID } = await import('node:crypto')
  return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.partial`)
}

/** Writes a file beside its place and then puts it there: the old file stays whole until the new one is. */
export async function writeAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const { rename, rm, writeFile } = await import('node:fs/promises')
  const temporary = await temporaryName(path)
  try {
    await makeFolderOf(path)
    await writeFile(temporary, bytes)
    await rename(temporary, path)
  } catch (error) {
    // Where there is no folder there is nothing to remove.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw unwritable(path, error)
  }
}
