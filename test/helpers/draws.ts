import fc from 'fast-check'
import { vi } from 'vitest'

/** How many cases a law is drawn for in this run: COTANGENT_RUNS, 100 if nothing is said. */
export const wanted = Number(process.env['COTANGENT_RUNS'] ?? 100)

/** Which ones: the same in every run, and so in CI, unless COTANGENT_SEED says others. */
export const seed = Number(process.env['COTANGENT_SEED'] ?? 1)

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
