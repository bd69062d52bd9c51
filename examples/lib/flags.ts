import { parseArgs } from 'node:util'
import { UsageError } from './options.ts'

/** An option of an example's command line: its default, what it is for, and how its text is read. */
export interface Flag<T> {
  readonly value: T
  readonly about: string
  /** @throws UsageError naming the option and what it can be */
  readonly read: (name: string, text: string) => T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
/** What the flags give. */
export type Values<F extends Flags> = { readonly [K in keyof F]: F[K]['value'] }

const refuse = (name: string, text: string, wanted: string): never => {
  throw new UsageError(`--${name} is ${JSON.stringify(text)}; ${wanted}`)
}

/** A whole number that is at least `least`. */
export const whole = (value: number, about: string, least = 1): Flag<number> => ({
  value,
  about,
  read: (name, text) =>
    /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= least
      ? Number(text)
      : refuse(name, text, `it must be a whole number from ${least} on`),
})

/** One of some words. */
export const choice = <const T extends string>(value: T, choices: readonly T[], about: string): Flag<T> => ({
  value,
  about: `${choices.join(', ')}: ${about}`,
  read: (name, text) => choices.find((word) => word === text) ?? refuse(name, text, `it can be ${choices.join(', ')}`),
})

/** A folder's name. */
export const folder = (value: string, about: string): Flag<string> => ({
  value,
  about,
  read: (name, text) => (text === '' ? refuse(name, text, 'it names no folder') : text),
})

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What all flags are when nothing is said. */
export const defaultsOf = <F extends Flags>(flags: F): Values<F> =>
  Object.fromEntries(Object.entries(flags).map(([key, { value }]) => [key, value])) as Values<F>

/** Reads a command line; `undefined` when it asks for help. */
export function readFlags<F extends Flags>(flags: F, args: readonly string[]): Values<F> | undefined {
  const options = Object.fromEntries(Object.keys(flags).map((key) => [kebab(key), { type: 'string' } as const]))
  const given = (() => {
    try {
      return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } }).values
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error))
    }
  })() as Readonly<Record<string, string | boolean | undefined>>
  if (given['help'] === true) return undefined
  const read = ([key, flag]: [string, Flag<unknown>]): [string, unknown] => {
    const text = given[kebab(key)]
    return [key, typeof text === 'string' ? flag.read(kebab(key), text) : flag.value]
  }
  return Object.fromEntries(Object.entries(flags).map(read)) as Values<F>
}

/** The flags, one a line. */
export function helpOf(flags: Flags): string {
  const names = Object.keys(flags).map((key) => `--${kebab(key)}`)
  const width = Math.max(...names.map((name) => name.length)) + 2
  return Object.values(flags)
    .map(({ about, value }, i) => `  ${names[i]!.padEnd(width)}${about} (default ${String(value)})`)
    .join('\n')
}
