import type { CotangentError } from '@cotangent/autodiff'
import { expect, test } from 'vitest'

type ErrorClass = abstract new (...args: never[]) => CotangentError

/** What is done wrong, the doing, the class of the error, and what its message says: operation, values, remedy. */
export type Misuse = readonly [what: string, call: () => unknown, error: ErrorClass, ...says: (string | RegExp)[]]

/** One test a misuse. Every message has its three parts, and every stack starts at the line that is at fault. */
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
    expectThreeParts(message, call)
    expectOwnStack(thrown as Error)
  })
}

/** `sum: …`, `vmap of loss: …`, `lax.cond: …` */
const OPERATION = /^[A-Za-z][\w.]*( of [\w.]+)?( \([^)]*\))?:/
/** A traced value or a rule is at fault: the message says of what. */
const TRANSFORMATION =
  /\b(grad|valueAndGrad|vmap|jit|jvp|vjp|linearize|checkpoint|customJvp|customVjp|makeJaxpr|evalShape|shapeDtypeStruct)\b/
/** A number, a shape, a name in quotes or of an option, a structure, a dtype, or the kind of the value. */
const VALUE =
  /\d|"|'|\[|\*|\{ \w+|\b(bool|undefined|null|NaN|Infinity|nothing|shape parameters|forward mode)\b|\b(is an?|not) \w+/
/** What is needed instead. */
const REMEDY = /; |\. |\b(use|write|give|takes?|must|needs?|only|not|at least|at most|cannot|no|has|have|differ)\b/

/** Names of what a function calls. */
const calledIn = (call: () => unknown): string[] =>
  Array.from(String(call).matchAll(/(?:\.|\b)(\w{3,})(?=\)?\()/g), (match) => match[1] as string)

/** Asserts that a message names the operation and the values, and says more than these. */
function expectThreeParts(message: string, call: () => unknown): void {
  const named =
    OPERATION.test(message) ||
    TRANSFORMATION.test(message) ||
    calledIn(call).some((name) => message.includes(name)) ||
    // JavaScript's operators have no names.
    message.includes('x + y') ||
    message.includes('`')
  expect(named, `the operation in: ${message}`).toBe(true)
  expect(message, 'a value').toMatch(VALUE)
  expect(message.replace(OPERATION, ''), 'a remedy').toMatch(REMEDY)
  expect(message.replace(OPERATION, '').length).toBeGreaterThan(20)
}

/** Asserts that the first line of an error's stack is one of a test file, and not of the engine. */
function expectOwnStack({ stack = '', message }: Error): void {
  const [first] = stack.slice(stack.indexOf(message) + message.length + 1).split('\n')
  expect(first).toMatch(/\.test\.ts:\d+/)
}

/** What the types forbid, and JavaScript allows. */
// oxlint-disable-next-line typescript/no-explicit-any
export const untyped = (value: unknown): any => value
