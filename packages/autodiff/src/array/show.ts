import { isPlainObject } from './objects.ts'

/** @internal What was given in place of something, for messages: as JSON, where that has a word for it. */
export function showGiven(given: unknown, depth = 0): string {
  if (typeof given === 'string') return JSON.stringify(given)
  if (typeof given === 'bigint') return `${given}n`
  if (typeof given === 'function') return 'a function'
  if (typeof given !== 'object' || given === null) return String(given)
  // It may hold itself.
  if (depth > 4) return '…'
  if (Array.isArray(given)) return `[${given.map((x) => showGiven(x, depth + 1)).join(',')}]`
  if (!isPlainObject(given)) return showClass(given)
  const entries = Object.entries(given).map(([key, x]) => `${JSON.stringify(key)}:${showGiven(x, depth + 1)}`)
  return `{${entries.join(',')}}`
}

/** An object in a message, by its class. */
export const showClass = (given: object): string => `a ${given.constructor?.name ?? 'thing'}`
