import fc from 'fast-check'
import { vi } from 'vitest'

const wanted = Number(process.env['COTANGENT_RUNS'] ?? 100)

// A long run may take its time.
if (wanted > 100) vi.setConfig({ testTimeout: 5000 * wanted })

/** Draws a law: COTANGENT_RUNS says how many, COTANGENT_SEED which ones. */
const runs = (by = 1): fc.Parameters<unknown> => ({
  numRuns: Math.max(1, Math.ceil(wanted * by)),
  seed: Number(process.env['COTANGENT_SEED'] ?? 1),
})

/** Checks a law for every draw. */
export const forAll = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void | Promise<void>, by = 1): Promise<void> =>
  Promise.resolve(
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => law(value)),
      runs(by) as fc.Parameters<[T]>,
    ),
  )
