import fc from 'fast-check'
import { vi } from 'vitest'
import { seed, wanted } from './wanted.ts'

// A long run may take its time.
if (wanted > 100) vi.setConfig({ testTimeout: 5000 * wanted })

/** Draws for `fc.assert`: `usual` of them where 100 are wanted, in proportion otherwise. */
export const draws = (usual = 100): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: Math.max(1, Math.ceil((usual * wanted) / 100)),
  seed,
})

/** Checks a law for every draw. */
export const forAll = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void | Promise<void>, by = 1): Promise<void> =>
  Promise.resolve(
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => law(value)),
      draws(100 * by),
    ),
  )
