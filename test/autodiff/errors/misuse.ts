import type { CotangentError } from '@cotangent/autodiff'
import { expect, test } from 'vitest'

type ErrorClass = abstract new (...args: never[]) => CotangentError

/** What is done wrong, the doing, the class of the error, and what its message says: operation, values, remedy. */
export type Misuse = readonly [what: string, call: () => unknown, error: ErrorClass, ...says: (string | RegExp)[]]

/** One test a misuse. */
export function testMisuses(misuses: readonly Misuse[]): void {
  test.each(misuses.map((misuse) => [misuse[0], misuse] as const))('%s', (_, [, call, error, ...says]) => {
    let thrown: unknown
    try {
      call()
    } catch (e) {
      thrown = e
    }
    expect(thrown).toBeInstanceOf(error)
    const { message, name } = thrown as Error
    expect(name).toBe(error.name)
    for (const part of says) {
      if (typeof part === 'string') expect(message).toContain(part)
      else expect(message).toMatch(part)
    }
  })
}

/** What the types forbid, and JavaScript allows. */
// oxlint-disable-next-line typescript/no-explicit-any
export const untyped = (value: unknown): any => value
