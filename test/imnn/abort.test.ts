import { devices, legacyRandom, type NDArray, treeLeaves } from '@cotangent/autodiff'
import type { FitOptions } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import { kinds, smallOf } from './all-classes.ts'

const rule: FitOptions = { lambda: 10, epsilon: 0.1, maxIterations: 9, rng: legacyRandom.PRNGKey(7) }
const numbers = async (tree: unknown): Promise<number[][]> =>
  Promise.all((treeLeaves(tree) as NDArray[]).map(async (x) => Array.from(await x.data(), Number)))

describe.each(['js', 'cpu'] as const)('on %s', (device) => {
  const [where] = devices(device)

  test.each(kinds)(
    'an AbortController ends a fit of %s from its onIteration, and what was reached is kept',
    async (kind) => {
      const controller = new AbortController()
      const seen: number[] = []
      const stopped = await smallOf(kind, where).fit({
        ...rule,
        signal: controller.signal,
        onIteration: ({ iteration }) => {
          seen.push(iteration)
          if (iteration === 3) controller.abort()
        },
      })
      const whole = await smallOf(kind, where).fit({ ...rule, maxIterations: 3 })
      expect(seen).toEqual([1, 2, 3])
      expect(stopped.history).toEqual(whole.history)
      expect(stopped.maxDetF).toBe(whole.maxDetF)
      for (const part of ['finalW', 'bestW', 'w', 'state', 'F', 'C', 'mu'] as const)
        expect(await numbers(stopped[part]), part).toEqual(await numbers(whole[part]))
      expect(stopped.unfinished).toEqual({ iterations: 3, patience: 0 })
      expect(whole.unfinished).toBeUndefined()
      // The same fit again goes on to its end, as if nothing had been.
      const { rng: _, ...again } = rule
      const ended = await stopped.fit(again)
      expect(ended.history).toEqual((await smallOf(kind, where).fit(rule)).history)
      expect(ended.unfinished).toBeUndefined()
    },
  )

  test('a signal that is aborted before the fit lets it make no iteration', async () => {
    const imnn = await smallOf('GradientIMNN', where).fit({ ...rule, signal: AbortSignal.abort() })
    expect(imnn.iterations).toBe(0)
    expect(await numbers(imnn.w)).toEqual(await numbers(imnn.initialW))
  })
})
