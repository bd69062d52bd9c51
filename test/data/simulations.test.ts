import { setTimeout as pause } from 'node:timers/promises'
import { Dataset, DatasetError } from '@cotangent/data'
import { describe, expect, test } from 'vitest'

describe('simulations that are read while they are made', () => {
  test('no more are made than are read and kept ahead; a break stops the simulator', async () => {
    let made = 0
    let stopped = false
    async function* simulate() {
      try {
        for (;;) {
          await pause(0)
          yield Float32Array.of(made++, 1)
        }
      } finally {
        stopped = true
      }
    }
    const batches = Dataset.fromGenerator(simulate, { elementSpec: { shape: [2], dtype: 'float32' } })
      .batch(4)
      .prefetch(2)
    let read = 0
    for await (const batch of batches) {
      expect(batch.shape).toEqual([4, 2])
      await pause(3)
      read++
      // The batch that is used, two ahead, and one simulation of a third that is on its way at most.
      expect(made).toBeLessThanOrEqual(4 * (read + 3))
      if (read === 5) break
    }
    expect(stopped).toBe(true)
    const now = made
    await pause(5)
    expect(made).toBe(now)
  })

  test('an error of the simulator comes once, after what it made', async () => {
    async function* simulate() {
      yield 1
      yield 2
      throw new DatasetError('out of memory')
    }
    const told: unknown[] = []
    const dataset = Dataset.fromGenerator(simulate)
      .prefetch(8)
      .ignoreErrors({ onError: (error) => told.push(error) })
    expect((await dataset.toArray()).map((x) => x.jsSync())).toEqual([1, 2])
    expect(told).toHaveLength(1)
  })
})
