import { runInNewContext } from 'node:vm'
import { devices } from '@cotangent/autodiff'
import { type IMNN, TrainingError } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import { smallOf } from './all-classes.ts'

const rule = { lambda: 10, epsilon: 0.1, maxIterations: 6 }
const [js] = devices('js')
const caught = (fit: Promise<IMNN>): Promise<TrainingError<IMNN>> =>
  fit.then(
    () => {
      throw new Error('nothing was thrown')
    },
    (reason: unknown) => reason as TrainingError<IMNN>,
  )

describe.each(['GradientIMNN', 'AggregatedGradientIMNN'] as const)('an asynchronous onIteration of %s', (kind) => {
  test('that is rejected ends the fit, and loses nothing', async () => {
    const seen: number[] = []
    const error = await caught(
      smallOf(kind, js).fit({
        ...rule,
        // Else the clock says how many iterations are made until it is heard.
        iterationsPerCall: 1,
        onIteration: async ({ iteration }) => {
          seen.push(iteration)
          if (iteration === 2) throw new Error('the disk is full')
          await Promise.resolve()
        },
      }),
    )
    expect(error).toBeInstanceOf(TrainingError)
    expect(error.message).toBe('the fit broke off after 3 iterations: the disk is full')
    expect(error.reached?.iterations).toBe(3)
    expect(seen).toEqual([1, 2])
  })

  test('is waited for, and told of if it fails when all iterations are made', async () => {
    let done = 0
    const slowly = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      done++
    }
    const fitted = await smallOf(kind, js).fit({ ...rule, onIteration: slowly })
    expect(done).toBe(fitted.iterations)
    const late = async ({ iteration }: { iteration: number }): Promise<void> => {
      await slowly()
      if (iteration === 6) throw new Error('too late')
    }
    const error = await caught(smallOf(kind, js).fit({ ...rule, onIteration: late }))
    expect(error.message).toBe('the fit broke off after 6 iterations: too late')
    expect(error.reached?.iterations).toBe(6)
  })
})

describe.each(['GradientIMNN', 'AggregatedGradientIMNN'] as const)('what is odd about an onIteration of %s', (kind) => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['no more paper', 'no more paper'],
    [Object.create(null), 'an object'],
    [Symbol('paper'), 'Symbol(paper)'],
  ])('%o that is thrown ends the fit as an error does', async (thrown, told) => {
    const onIteration = (): void => {
      throw thrown
    }
    const error = await caught(smallOf(kind, js).fit({ ...rule, iterationsPerCall: 1, onIteration }))
    expect(error).toBeInstanceOf(TrainingError)
    expect(error.message).toBe(`the fit broke off after 1 iterations: ${told}`)
    expect(error.reached?.iterations).toBe(1)
  })

  test('a promise of another kind is waited for, too', async () => {
    const promiseElsewhere = runInNewContext('(executor) => new Promise(executor)') as (
      executor: (resolve: () => void, reject: (reason: Error) => void) => void,
    ) => unknown
    const onIteration = () => promiseElsewhere((_, reject) => void setTimeout(reject, 5, new Error('too late')))
    const error = await caught(smallOf(kind, js).fit({ ...rule, onIteration }))
    expect(error.message).toMatch(/: too late$/)
  })

  test('what it does to the numbers it is told changes no history', async () => {
    const onIteration = (statistics: { training: { detF: number } }): void => {
      try {
        statistics.training.detF = 99
      } catch {
        // They cannot be changed.
      }
    }
    const [changed, plain] = [await smallOf(kind, js).fit({ ...rule, onIteration }), await smallOf(kind, js).fit(rule)]
    expect(changed.history).toEqual(plain.history)
    expect(Object.isFrozen(plain.history.detF)).toBe(true)
  })

  test('another fit of the same IMNN meanwhile disturbs none', async () => {
    const imnn = smallOf(kind, js)
    const alone = await imnn.fit(rule)
    const inside: IMNN[] = []
    const onIteration = async (): Promise<void> => void inside.push(await imnn.fit(rule))
    const both = await Promise.all([imnn.fit({ ...rule, onIteration }), imnn.fit(rule)])
    expect(inside).toHaveLength(6)
    for (const fitted of [...both, ...inside]) expect(fitted.history).toEqual(alone.history)
  })
})
