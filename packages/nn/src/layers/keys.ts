import type { Key, Random } from '@cotangent/autodiff'
import type { CheckedApplyOptions } from './checks.ts'
import { within } from './describe.ts'

/** Two keys of one; an error says the name of the layer that was to have it. */
export const twoKeys = (name: string, random: Random, key: Key): [Key, Key] =>
  within(name, () => random.split(key).unstack(2))

/** A key for each of `n` layers, if there is one for all. */
export const keysFor = (name: string, n: number, { rng, random }: CheckedApplyOptions): readonly Key[] =>
  rng === undefined || n === 0 ? [] : within(name, () => random.split(rng, n).unstack(n))
