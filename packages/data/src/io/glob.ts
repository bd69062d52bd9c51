import { ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { shown } from '../given.ts'
import { isFolder, isThere } from './there.ts'

/** A file: its path, or its URL. */
export type Path = string | { readonly href: string }

/** One path or glob, or a list of them. Globs know `*`, `?`, `[a-z]`, `{a,b}` and `**`; a URL is a file. */
export type Files = Path | readonly Path[]

export const isGlob = (file: Path): boolean => typeof file === 'string' && /[*?[{]/.test(file)

/** That a file is named, where it is needed later only. */
export function checkPath(where: string, file: Path): void {
  if (typeof file === 'string' || typeof file?.href === 'string') return
  throw new ValueError(`${where}: a file is named by its path or a file: URL, not by ${shown(file)}`)
}

export async function pathOf(file: Path): Promise<string> {
  if (typeof file === 'string') return file
  const { fileURLToPath } = await import('node:url')
  if (typeof file?.href === 'string' && file.href.startsWith('file:')) return fileURLToPath(file.href)
  const found = typeof file?.href === 'string' ? file.href : shown(file)
  throw new ValueError(`a file is named by its path or a file: URL, not by ${found}`)
}

/**
 * The files that paths and globs name: those of a glob in natural order (`2` before `10`), the others as given.
 *
 * @throws DatasetError when a glob matches nothing.
 * @example await listFiles('simulations/fiducial_*.npy') // ['simulations/fiducial_0.npy', 'simulations/fiducial_1.npy']
 */
export async function listFiles(files: Files): Promise<string[]> {
  const list = Array.isArray(files) ? (files as readonly Path[]) : [files as Path]
  const found = await Promise.all(list.map(expand))
  return found.flat()
}

async function expand(path: Path): Promise<string[]> {
  const file = await pathOf(path)
  if (!isGlob(path)) return [file]
  // A file may have brackets in its name.
  if (await isThere(file)) return [file]
  const matches = (await Promise.all(braces(file).map(walk))).flat()
  if (matches.length === 0) throw new DatasetError(`no file matches ${file}`)
  return [...new Set(matches)].sort(naturalOrder)
}

/** `a{b,c}` as `ab` and `ac`. */
function braces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern)
  if (match === null) return [pattern]
  const [, before, inner, after] = match as unknown as [string, string, string, string]
  return inner.split(',').flatMap((choice) => braces(before + choice + after))
}

async function walk(pattern: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  const list = (folder: string) => readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => [])
  const segments = pattern.replaceAll('\\', '/').split('/')
  // All that is below is all files in all folders below.
  if (segments.at(-1) === '**') segments.push('*')
  const search = async (folder: string, [segment, ...rest]: readonly string[]): Promise<string[]> => {
    if (segment === undefined) return []
    const join = (name: string) => (folder === '' ? name : folder.endsWith('/') ? folder + name : `${folder}/${name}`)
    if (!/[*?[]/.test(segment)) {
      const next = folder === '' && segment === '' ? '/' : join(segment)
      if (rest.length > 0) return search(next, rest)
      return (await list(folder)).some(({ name }) => name === segment) ? [next] : []
    }
    const entries = await list(folder)
    if (segment === '**') {
      const deeper = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      const below = await Promise.all(deeper.map((entry) => search(join(entry.name), ['**', ...rest])))
      return [...(await search(folder, rest)), ...below.flat()]
    }
    const matches = matcher(segment)
    const found = entries.filter(({ name }) => matches.test(name) && (!name.startsWith('.') || segment.startsWith('.')))
    if (rest.length > 0) return (await Promise.all(found.map(({ name }) => search(join(name), rest)))).flat()
    const files = found.map(async (entry) => {
      const path = join(entry.name)
      return entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path))) ? [] : [path]
    })
    return (await Promise.all(files)).flat()
  }
  return search('', segments)
}

function matcher(segment: string): RegExp {
  const source = segment.replaceAll(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (part.length > 1)
      return part.startsWith('[!') ? `[^${part.slice(2).replaceAll('\\', '\\\\')}` : part.replaceAll('\\', '\\\\')
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    throw new ValueError(`the glob has ${segment}, in which a range of characters is upside down; write it as [a-z]`)
  }
}

/** The order of text, in which numbers count as numbers: `a2` before `a10`. */
function naturalOrder(a: string, b: string): number {
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  while (start > 0 && /\d/.test(a[start - 1] as string)) start--
  const numberAt = (text: string) => BigInt(/^\d+/.exec(text.slice(start))?.[0] ?? -1)
  const [m, n] = [numberAt(a), numberAt(b)]
  if (m >= 0 && n >= 0 && m !== n) return m < n ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
