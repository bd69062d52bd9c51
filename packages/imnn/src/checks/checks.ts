import { NDArray, showShape } from '@cotangent/autodiff/array'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import { getSemigroup } from 'fp-ts/lib/ReadonlyArray.js'
import * as E from 'fp-ts/lib/Either.js'
import { IMNNError, type Problem, ValidationError } from '../errors.ts'

/** A value, or everything that is wrong. */
export type Checked<A> = E.Either<readonly Problem[], A>

/** Puts checked values together; the problems of all are collected. */
export const together: ReturnType<typeof E.getApplicativeValidation<readonly Problem[]>> = E.getApplicativeValidation(
  getSemigroup<Problem>(),
)

/** What checked values by name come to. */
type Values<R> = { readonly [K in keyof R]: R[K] extends E.Either<unknown, infer A> ? A : never }

/** The same by name. */
export const all: <R extends Readonly<Record<string, Checked<unknown>>>>(checked: R) => Checked<Values<R>> = sequenceS(
  together,
) as never

export const wrong = (where: string, message: string): E.Either<readonly Problem[], never> =>
  E.left([{ where, message }])

/** `value`, unless there are problems. */
export const unless = <A>(problems: readonly Problem[], value: () => A): Checked<A> =>
  problems.length > 0 ? E.left(problems) : E.right(value())

/** The value of `f`, or what it throws as a problem. */
export const attempt = <A>(where: string, message: string, f: () => A): Checked<A> =>
  E.tryCatch(f, (reason): readonly Problem[] => {
    if (reason instanceof IMNNError && reason.problems.length > 0) return reason.problems
    return [{ where, message: `${message}: ${reasonOf(reason)}` }]
  })

/** What was thrown, in words: not always an error. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === 'string' ? thrown : show(thrown)
}

/** Whether something is not given: `null` is as good as nothing. */
export const isNone = (value: unknown): value is undefined | null => value === undefined || value === null

/** That something, if it is given, is true or false. */
export const checkFlag = (where: string, value: unknown): Problem[] =>
  value === undefined || typeof value === 'boolean'
    ? []
    : [{ where, message: `must be true or false, not ${show(value)}` }]

/** A number in so many digits at most. */
export const short = (x: number, digits: number): string => String(Number(x.toPrecision(digits)))

/** The value, or an error that lists every problem once. */
export const orThrow = <A>(name: string, checked: Checked<A>): A =>
  E.getOrElseW((problems: readonly Problem[]): never => {
    throw new ValidationError(name, problems)
  })(checked)

/** Each problem once: values that several checks need are reported by each. */
export function distinct(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ where, message }) => {
    const text = `${where}: ${message}`
    return seen.has(text) ? false : seen.add(text)
  })
}

const named = (kind: string): string => (kind === 'Object' ? 'an object' : `a ${kind}`)

/** How a value is shown in messages. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `a function`
  if (Array.isArray(value)) return value.length > 6 ? `a list of ${value.length}` : `[${value.map(show).join(', ')}]`
  if (value instanceof NDArray) return `${value.dtype}${showShape(value.shape)}`
  if (typeof value === 'object' && value !== null) return named(value.constructor?.name ?? 'Object')
  return String(value)
}
