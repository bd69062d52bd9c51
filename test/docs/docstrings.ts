import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Example } from './examples.ts'

/** The `@example` of a docstring, with the file it is in. */
export interface DocExample extends Example {
  readonly file: string
}

/** A property of an interface named `…Options`, with its docstring. */
export interface Option {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly optional: boolean
  readonly doc: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Every source file of the packages, as `packages/nn/src/index.ts`. */
const sources = (): string[] =>
  readdirSync(`${root}packages`).flatMap((name) =>
    readdirSync(`${root}packages/${name}/src`, { recursive: true, encoding: 'utf8' })
      .map((path) => `packages/${name}/src/${path.replaceAll('\\', '/')}`)
      .filter((file) => file.endsWith('.ts')),
  )

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** Every match of `pattern` in every source file, with its line. */
function* matches(pattern: RegExp): Generator<{ file: string; text: string; line: number; match: RegExpExecArray }> {
  for (const file of sources().sort()) {
    const text = readFileSync(root + file, 'utf8')
    for (const match of text.matchAll(pattern)) yield { file, text, line: lineAt(text, match.index), match }
  }
}

/** From `@example` to the next tag or the end of the docstring. */
const exampleTag = /@example\s([\s\S]*?)(?=\n\s*\*\s*@\w|\*\/)/g

/** All examples. A comment at the end of a line is what the line gives, as `// →` is in a page. */
export const docExamples = (): DocExample[] =>
  [...matches(exampleTag)].map(({ file, line, match }) => ({
    file,
    line,
    code: match[1]!
      .replaceAll(/^\s*\* ?/gm, '')
      .trim()
      .replaceAll(/ \/\/ (?!→)/g, ' // → '),
  }))

const optionsInterface = /^export interface (\w*Options)\b[^{]*\{\n([\s\S]*?)^\}/gm
const property = /^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2})?readonly (\w+)(\??):/gm

/** The properties of all options that an index exports. */
export function options(): Option[] {
  const indices = sources().filter((file) => file.endsWith('index.ts'))
  const exported = indices.map((file) => readFileSync(root + file, 'utf8')).join()
  return [...matches(optionsInterface)]
    .filter(({ match }) => exported.includes(match[1]!))
    .flatMap(({ file, text, match }) =>
      [...match[2]!.matchAll(property)].map(({ 0: whole, 1: doc = '', 2: name, 3: mark, index }) => ({
        file,
        line: lineAt(text, match.index + match[0].indexOf(match[2]!) + index + whole.lastIndexOf('\n') + 1),
        name: name!,
        optional: mark === '?',
        doc: doc.trim(),
      })),
    )
}

/** What a package's index gives to its users, where it is declared. */
export interface PublicName {
  readonly file: string
  readonly name: string
  /** Whether a docstring stands before its first declaration. */
  readonly documented: boolean
}

const exportList = /^export (?:\{([^}]*)\}|\*(?: as (\w+))?) from '(\.[^']*)'/gm
const declaration = (name: string): RegExp =>
  new RegExp(`(\\*/\\n)?^(?:export )?(?:declare )?(?:async )?(?:const|function\\*?|class) ${name}\\b`, 'm')

/** The values (no types) that a file exports, followed through lists and namespaces to their declarations. */
export function publicNames(file: string): PublicName[] {
  const text = readFileSync(root + file, 'utf8')
  const beside = (path: string): string => posix.join(file, '..', path)
  const own = [...text.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)].map(([, name]) => name!)
  const from = [...text.matchAll(exportList)].flatMap(([, list, , path]) => {
    const all = publicNames(beside(path!))
    if (list === undefined) return all
    const names = list.split(',').map((entry) => entry.trim())
    return names
      .filter((entry) => entry !== '' && !entry.startsWith('type '))
      .map((entry) => entry.split(' as ')[0]!)
      .flatMap((name) => all.filter((found) => found.name === name).slice(0, 1))
  })
  const local = [...text.matchAll(/^export \{([^}]*)\}$/gm)].flatMap(([, list]) =>
    list!.split(',').map((entry) => entry.trim().split(' as ')[0]!),
  )
  const declared = [...new Set([...own, ...local])].filter((name) => declaration(name).test(text))
  return [
    ...declared.map((name) => ({ file, name, documented: declaration(name).exec(text)![1] !== undefined })),
    ...from,
  ]
}
