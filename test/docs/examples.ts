import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'
import { NDArray } from '@cotangent/autodiff'
import { transformWithOxc } from 'vite'

/** A block of code in a page, with where it stands. */
export interface Example {
  readonly line: number
  readonly code: string
}

/** The blocks of TypeScript in a page of the repository. */
export function examplesIn(page: string): Example[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    code: match[1]!,
  }))
}

/** What an expression gave, and what the page says it gives. */
export interface Claim {
  readonly expression: string
  readonly found: string
  readonly claimed: string
}

const claims = /^(?!\s*(?:const|let|import|\/\/))(?<expression>.+?) \/\/ → (?<claimed>.*)$/gm

/**
 * Runs a block. Its imports come from `modules`, the names it does not import from `globals`; a line
 * `expression // → value` is a claim.
 */
export async function runExample(
  { code }: Example,
  modules: Readonly<Record<string, object>>,
  globals: Readonly<Record<string, unknown>> = {},
): Promise<Claim[]> {
  const found: Claim[] = []
  const claim = async (expression: string, claimed: string, give: () => unknown) => {
    found.push({ expression, claimed, found: await outcome(give, claimed) })
  }
  const use = (name: string): object => {
    const module = modules[name]
    if (module === undefined) throw new Error(`no module ${name} in this test`)
    return module
  }
  const claiming = code.replaceAll(
    claims,
    (_, expression: string, claimed: string) =>
      `await claim(${JSON.stringify(expression)}, ${JSON.stringify(claimed)}, async () => (${expression}))`,
  )
  const importing = claiming.replaceAll(
    /^import (\{[^}]*\}|\w+) from '([^']*)'$/gm,
    (_, names: string, module: string) =>
      `const ${names.startsWith('{') ? values(names) : `{ default: ${names} }`} = use('${module}')`,
  )
  const { code: script } = await transformWithOxc(`async () => {\n${importing}\n}`, 'example.ts')
  const names = Object.keys(globals)
  const run = runInThisContext(`(claim, use, ${names.join(', ')}) => (${script.trim().replace(/;$/, '')})()`) as (
    ...args: unknown[]
  ) => Promise<void>
  await run(claim, use, ...Object.values(globals))
  return found
}

/** `{ a, type B, c as d }` as a pattern of what there is at run time: `{ a, c: d }`. */
const values = (names: string): string =>
  names.replaceAll(/\btype \w+,?\s*/g, '').replaceAll(/(\w+) as (\w+)/g, '$1: $2')

/** Arrays are printed in columns; a page shows them without. */
const withoutColumns = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('[ ', '[')

/** A value as it is written in JavaScript; of an array its numbers. */
function written(value: unknown): string {
  if (value instanceof NDArray) return withoutColumns(value.toString()).replace(/^NDArray\((.*), \w+\[[^[]*$/, '$1')
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (value === null || typeof value !== 'object' || value.toString !== Object.prototype.toString) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${written(inner)}`)
    .join(', ')} }`
}

/** What an expression gives, printed or written as the page claims it, or the error it throws. */
async function outcome(give: () => unknown, claimed: string): Promise<string> {
  try {
    const value = await give()
    const printed = value instanceof NDArray ? value.toString() : Array.isArray(value) ? '' : String(value)
    return withoutColumns(printed) === claimed ? claimed : written(value)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // A page may quote a part of the message.
    const [name, ...rest] = claimed.split(': ')
    return name === error.name && error.message.includes(rest.join(': ')) ? claimed : `${error.name}: ${error.message}`
  }
}
