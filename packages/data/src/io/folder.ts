import { isFolder } from './there.ts'

/**
 * Makes the folder of a file, and those above it. Node's own `recursive` never comes back where folders cannot be made
 * at all (`/proc` of Linux, in Node 20).
 *
 * @throws Error of the file system.
 */
export async function makeFolderOf(file: string): Promise<void> {
  const { dirname } = await import('node:path')
  await make(dirname(file))
}

async function make(folder: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises')
  const { dirname } = await import('node:path')
  if (await isFolder(folder)) return
  const above = dirname(folder)
  if (above !== folder) await make(above)
  await mkdir(folder).catch(async (error: unknown) => {
    // Another may have made it meanwhile.
    if (!(await isFolder(folder))) throw error
  })
}
