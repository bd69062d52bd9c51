/** Files that this process writes now. */
const mine = new Set<string>()

/**
 * The right to write `path`, as a file beside it that names the process; undefined when another one, or another pass of
 * this one, has it. What a process that is gone left behind is taken over.
 */
export async function lock(path: string): Promise<(() => Promise<void>) | undefined> {
  const { open, readFile, rm } = await import('node:fs/promises')
  const { hostname } = await import('node:os')
  const file = `${path}.lock`
  if (mine.has(file)) return undefined
  mine.add(file)
  const owner = JSON.stringify({ host: hostname(), process: process.pid })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(owner)
      await handle.close()
      return async () => {
        mine.delete(file)
        await rm(file, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        mine.delete(file)
        throw error
      }
      if (attempt === 0 && isGone(await readFile(file, 'utf8').catch(() => ''), hostname()))
        await rm(file, { force: true })
      else break
    }
  }
  mine.delete(file)
  return undefined
}

function isGone(owner: string, host: string): boolean {
  try {
    const other = JSON.parse(owner) as { host?: unknown; process?: unknown }
    if (other.host !== host || typeof other.process !== 'number') return false
    if (other.process === process.pid) return true
    process.kill(other.process, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
