import { ValueError } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import * as NEA from 'fp-ts/lib/NonEmptyArray.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import { checkText, shown } from '../given.ts'

/** What can be wrong with a dataset for training. */
export type ProblemKind =
  | 'structure' // another tree of arrays
  | 'shape'
  | 'axes' // the right sizes in another order
  | 'dtype'
  | 'notFinite'
  | 'empty'
  | 'ends' // finite where it must be endless
  | 'cycle' // starts over after another number of simulations than an epoch has
  | 'order' // the same simulations in another order, or others, in the next pass
  | 'duplicate' // a simulation twice in one pass, or in two datasets

/** One thing that is wrong, in words for the user. */
export interface Problem {
  readonly kind: ProblemKind
  /** Which dataset, or part of its elements: `main[0]`, `main[0][1]`. */
  readonly where: string
  /** The whole sentence, `where` included, with what to do. */
  readonly message: string
}

/** Every problem at once, or nothing. */
export type Checked = E.Either<NEA.NonEmptyArray<Problem>, void>

export const fine: Checked = E.right(undefined)

export const problem = (kind: ProblemKind, where: string, message: string): Checked =>
  E.left([{ kind, where, message: `${where} ${message}` }])

const accumulating = E.getApplicativeValidation(NEA.getSemigroup<Problem>())

/**
 * The problems of all checks.
 *
 * @example problemsOf(checkAll([checkFinite(np.array([1]), 'a'), checkFinite(np.array([NaN]), 'b')])).length // 1
 */
export function checkAll(checks: readonly Checked[]): Checked {
  if (!Array.isArray(checks) || !checks.every(isChecked))
    throw new ValueError(`checkAll: takes a list of what checks gave, not ${shown(checks)}`)
  return E.map((): void => undefined)(RA.sequence(accumulating)(checks))
}

/** The problems in a list, for throwing and showing. */
export function problemsOf(checked: Checked): readonly Problem[] {
  if (!isChecked(checked)) throw new ValueError(`problemsOf: takes what a check gave, not ${shown(checked)}`)
  return E.isLeft(checked) ? checked.left : []
}

const isChecked = (value: unknown): value is Checked =>
  typeof value === 'object' &&
  value !== null &&
  (E.isRight(value as Checked) || (E.isLeft(value as Checked) && Array.isArray((value as E.Left<unknown>).left)))

/** That messages can name the dataset. */
export const checkWhere = (name: string, where: string): void => checkText(name, 'where', where, "'main[0]'")
