import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, begin, goesOn, type StoppingRule } from '../../packages/imnn/src/training/stopping.ts'
import { draws } from '../helpers/draws.ts'

/** The original's loop, word for word. */
function original(detFs: readonly number[], maxDetF: number, rule: StoppingRule) {
  const improvements: number[] = []
  let counter = 0
  let patienceCounter = 0
  while (patienceCounter < rule.patience && counter < rule.maxIterations) {
    const detF = detFs[counter]!
    if (detF > maxDetF) {
      maxDetF = detF
      improvements.push(counter)
      patienceCounter = 0
    } else if (counter > rule.minIterations) patienceCounter++
    counter++
  }
  return { counter, patienceCounter, maxDetF, improvements }
}

test('the rule is the original’s', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant(Number.NaN)), {
        minLength: 40,
        maxLength: 40,
      }),
      fc.record({
        patience: fc.integer({ min: 1, max: 8 }),
        minIterations: fc.nat(20),
        maxIterations: fc.integer({ min: 1, max: 40 }),
      }),
      fc.double({ min: 0, max: 5, noNaN: true }),
      (detFs, rule, start) => {
        const improvements: number[] = []
        let progress = begin(start)
        while (goesOn(progress, rule)) {
          const [next, improved] = advance(progress, detFs[progress.iterations]!, rule)
          if (improved) improvements.push(progress.iterations)
          progress = next
        }
        const wanted = original(detFs, start, rule)
        expect({ ...progress, improvements }).toEqual({
          iterations: wanted.counter,
          patience: wanted.patienceCounter,
          maxDetF: wanted.maxDetF,
          improvements: wanted.improvements,
        })
      },
    ),
    draws(),
  )
})

test('without progress it stops after minIterations + patience + 1 iterations', () => {
  const rule = { patience: 10, minIterations: 100, maxIterations: 1000 }
  let progress = begin(1)
  while (goesOn(progress, rule)) progress = advance(progress, 0.5, rule)[0]
  expect(progress.iterations).toBe(111)
})
