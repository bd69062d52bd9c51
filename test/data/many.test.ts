import type { NDArray } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import { describe, expect, test } from 'vitest'

/** More than a call has room for as arguments, and than is moved about again for each. */
const MANY = 150_000

const many = () => Dataset.range(MANY).map((n) => n)
const spec = { shape: [], dtype: 'int32' } as const

const sizes = async (dataset: Dataset<unknown>): Promise<number[]> => {
  const list: number[] = []
  for await (const x of dataset) list.push(Array.isArray(x) ? x.length : (x as NDArray).size)
  return list
}

describe('many elements, whoever asks for how many of them at once', () => {
  test('in one batch', async () => {
    expect(await sizes(many().batch(MANY))).toEqual([MANY])
    expect(
      await sizes(
        Dataset.range(MANY)
          .map((n) => n, { elementSpec: spec })
          .paddedBatch(MANY),
      ),
    ).toEqual([MANY])
  })

  test('in one window', async () => {
    const [window] = await many().window(MANY).toArray()
    expect(window?.cardinality).toBe(MANY)
    expect((await window?.toArray())?.at(-1)?.item()).toBe(MANY - 1)
  })

  test('behind a shuffle that wants all of them', async () => {
    expect(await sizes(many().batch(2).shuffle(MANY))).toHaveLength(MANY / 2)
    expect(await sizes(many().shard(100, 7).shuffle(MANY))).toHaveLength(MANY / 100)
    const rows = Dataset.range(MANY).map((n) => Int32Array.of(n.item()))
    expect(await sizes(rows.unbatch().shuffle(MANY))).toHaveLength(MANY)
  })

  test('in other pieces than the dataset beside gives them in', async () => {
    async function* slowly() {
      for (let i = 0; i < 5000; i++) yield i
    }
    const pairs = Dataset.zip([many(), Dataset.fromGenerator(slowly)]).shuffle(MANY)
    const apart = (await pairs.toArray()).filter(([a, b]) => a.item() !== b.item())
    expect(apart).toEqual([])
    expect(await sizes(pairs)).toHaveLength(5000)
  })

  test('in other pieces than those that filled the cache', async () => {
    const cached = Dataset.range(5000)
      .map((n) => n)
      .cache()
    await cached.shuffle(MANY).toArray()
    expect((await cached.toArray()).map((n) => n.item())).toEqual([...new Array(5000).keys()])
  })
})

test('reduce of batches does not gather elements beyond the first batch', async () => {
  let made = 0
  const seen: number[] = []
  const batches = Dataset.range(10_000)
    .map((n) => (made++, n))
    .batch(10)
  await batches.reduce(0, (state) => (seen.push(made), state))
  expect(seen[0]).toBe(10)
})
