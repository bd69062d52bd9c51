import { checkOptions, shapesEqual, showShape } from '@cotangent/autodiff/array'
import { ValidationError } from '../errors.ts'
import type { Leaves } from '../information/summaries.ts'
import { leavesLike, type Structure } from '../tree.ts'
import { attempt, checkFlag, orThrow } from './checks.ts'
import { checkKey } from './keys.ts'

/** The options that say which set, weights and key are meant; throws for names that are none, and for what is no boolean or no key. */
export function checkSetOptions(name: string, options: object): void {
  const { validate, rng } = checkOptions<{ w?: unknown; validate?: unknown; rng?: unknown }>(name, options, [
    'w',
    'validate',
    'rng',
  ])
  const problems = [...(rng === undefined ? [] : checkKey('rng', rng)), ...checkFlag('validate', validate)]
  if (problems.length > 0) throw new ValidationError(name, problems)
}

/** The leaves of weights that a user gives, which must be like those that there are. */
export function checkWeights(structure: Structure<unknown>, present: Leaves, w: unknown): Leaves {
  const leaves = orThrow(
    'IMNN',
    attempt('w', 'is not like the weights', () => leavesLike(structure, w, 'w')),
  )
  const odd = leaves.findIndex((x, i) => !shapesEqual(x.shape, present[i]!.shape))
  if (odd < 0) return leaves
  const [is, must] = [leaves[odd]!, present[odd]!].map(({ shape }) => showShape(shape))
  throw new ValidationError('IMNN', [
    {
      where: 'w',
      message: `has an array of shape ${is} where the weights have ${must}; give those of an IMNN like this`,
    },
  ])
}
