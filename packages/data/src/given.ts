import { ValueError } from '@cotangent/autodiff/array'

/** A value as messages show it, whatever it is: also what cannot become text, and what would be pages of it. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
    case 'bigint':
      return `${value}n`
    case 'function':
      return 'a function'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value))
        return value.length > 10 ? `a list of ${value.length}` : `[${value.map(part).join(', ')}]`
      return kindOf(value)
    default:
      return String(value)
  }
}

const part = (value: unknown): string => (Array.isArray(value) ? '[…]' : shown(value))

function kindOf(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  const name = typeof constructor === 'function' ? constructor.name : ''
  if (name === '' || name === 'Object') return 'an object'
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/** The type of what was given in place of a function or bytes. */
export const typeName = (value: unknown): string => (value === null ? 'null' : typeof value)

/** That a number is a whole one from `least` on. */
export function checkWhole(where: string, name: string, value: unknown, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return
  throw new ValueError(
    `${where}: ${name} is ${shown(value)}; it must be a ${least === 0 ? 'non-negative' : 'positive'} integer`,
  )
}

/** That options which say yes or no are booleans, where they are given. */
export function checkFlags(where: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined && typeof value !== 'boolean')
      throw new ValueError(`${where}: ${name} is ${shown(value)}; it must be true or false`)
  }
}

/** That a value is text, such as `as` says. */
export function checkText(where: string, name: string, value: unknown, as: string): void {
  if (typeof value !== 'string') throw new ValueError(`${where}: ${name} is ${shown(value)}; it must be text, as ${as}`)
}
