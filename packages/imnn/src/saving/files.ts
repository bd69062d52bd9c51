import { CheckpointError } from '../errors.ts'

const nodeOnly = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load()
  } catch (cause) {
    throw new CheckpointError('checkpoints are files, and there are none here: they need Node', [], cause)
  }
}

/** How many files this process has begun to write: several may be on their way to one name. */
let begun = 0

/** The bytes of a file; undefined when there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  const { readFile } = await nodeOnly(() => import('node:fs/promises'))
  try {
    return await readFile(path)
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return undefined
    throw new CheckpointError(`${path} cannot be read: ${(cause as Error).message}`, [], cause)
  }
}

/** Makes the folder of a file, and those above it: one by one, for Node 20's own way does not end where there can be none. */
export async function makeFolderOf(path: string): Promise<void> {
  const [{ mkdir, stat }, { dirname }] = await Promise.all([import('node:fs/promises'), import('node:path')])
  const make = async (folder: string): Promise<void> => {
    const isThere = (): Promise<boolean> =>
      stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      )
    if (await isThere()) return
    if (dirname(folder) !== folder) await make(dirname(folder))
    await mkdir(folder).catch(async (error: unknown) => {
      // Another may have made it meanwhile.
      if (!(await isThere())) throw error
    })
  }
  await make(dirname(path))
}

/**
 * Replaces a file as a whole: whatever happens meanwhile, there is the old one or the new one under its name. The bytes
 * are on the disk when it comes back.
 *
 * @throws CheckpointError when it cannot; the old file is still there.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const [{ open, realpath, rename, rm }, { dirname }] = await nodeOnly(() =>
    Promise.all([import('node:fs/promises'), import('node:path')]),
  )
  // A link stays one; what it leads to is replaced.
  const target = await realpath(path).catch(() => path)
  const partial = `${target}.${process.pid}-${++begun}.partial`
  const write = async (name: string, flags: string, content?: Uint8Array): Promise<void> => {
    const file = await open(name, flags)
    try {
      if (content !== undefined) await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  try {
    await makeFolderOf(target)
    await write(partial, 'w', bytes)
    await rename(partial, target)
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw new CheckpointError(`the checkpoint ${path} cannot be written: ${(cause as Error).message}`, [], cause)
  }
  // The new name is on the disk once its folder is. Systems that cannot (Windows) do it by themselves.
  await write(dirname(target), 'r').catch(() => undefined)
}
