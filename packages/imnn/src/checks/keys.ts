import type { NDArray } from '@cotangent/autodiff'
import { shapesEqual } from '@cotangent/autodiff/array'
import type { Problem } from '../errors.ts'
import { show } from './checks.ts'

/** What is wrong with a key. */
export function checkKey(where: string, key: unknown): Problem[] {
  const { shape, dtype } = (key ?? {}) as Partial<NDArray>
  if (Array.isArray(shape) && shapesEqual(shape, [2]) && dtype === 'uint32') return []
  const message = `as a key must be uint32[2], as random.PRNGKey(0) and random.split give it, not ${show(key)}`
  return [{ where, message }]
}
