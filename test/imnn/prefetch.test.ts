import { devices, np } from '@cotangent/autodiff'
import { AggregatedGradientIMNN, AggregatedNumericalGradientIMNN, IMNN } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import { sliced } from '../../packages/imnn/src/feed/slices.ts'
import { common, d, dd, settings } from './small-problem.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(() => setImmediate(resolve)))

describe('groups are cut ahead', () => {
  const cutOf = (ahead: number | undefined) => {
    const cuts: string[] = []
    const between = (from: number, to: number) => {
      cuts.push(`${from}–${to}`)
      return [np.array([from, to])]
    }
    return { cuts, streams: sliced({ count: 40, between }, 2, [2, 2, 1], 4, ahead) }
  }

  test('so many, while somebody computes with the one before, and none beyond the epoch', async () => {
    const { cuts, streams } = cutOf(2)
    const [first] = streams
    expect(cuts).toEqual([])
    await first!.next()
    expect(cuts).toEqual(['0–8'])
    await turn()
    expect(cuts).toEqual(['0–8', '8–16', '16–20'])
    for (const wanted of [
      [8, 16],
      [16, 20],
    ]) {
      const [group] = await first!.next()
      expect(await group!.js()).toEqual(wanted)
    }
    await turn()
    expect(cuts).toHaveLength(3)
  })

  test('none unless asked for', async () => {
    const { cuts, streams } = cutOf(undefined)
    await streams[1]!.next()
    await turn()
    expect(cuts).toEqual(['20–28'])
  })

  test('in the same order when they are asked for at once', async () => {
    const { streams } = cutOf(1)
    const groups = await Promise.all([1, 2, 3].map(() => streams[1]!.next()))
    expect(await Promise.all(groups.map(([x]) => x!.js()))).toEqual([
      [20, 28],
      [28, 36],
      [36, 40],
    ])
  })

  test('what cannot be cut is told when it is asked for', async () => {
    const between = (from: number) => {
      if (from > 0) throw new RangeError('gone')
      return [np.array(from)]
    }
    const [stream] = sliced({ count: 8, between }, 1, [1, 1], 4, 1)
    await stream!.next()
    await turn()
    await expect(stream!.next()).rejects.toThrow('gone')
  })
})

test.each(['js', 'cpu'] as const)('the numbers are those without, to the last bit, on %s', async (kind) => {
  const [device] = devices(kind)
  const parts = { host: device, devices: [device, device], nPerDevice: 4, memory: { groupRows: 4 } }
  const exact = { ...common(), ...parts, fiducial: d, derivative: dd.slice([0, 24]) }
  const beside = np
    .stack(
      [0, 1, 2, 3].map((i) => d.slice([0, 24]).add(i / 10)),
      { axis: 1 },
    )
    .reshape([24, 2, 2, 10])
  const numerical = { ...exact, derivative: beside, deltaTheta: [0.1, 0.2] }
  for (const make of [
    (options: object) => AggregatedGradientIMNN({ ...exact, ...options }),
    (options: object) => AggregatedNumericalGradientIMNN({ ...numerical, ...options }),
    (options: object) => IMNN({ ...exact, ...options }),
  ]) {
    const fit = async (options: object) => (await make(options).fit({ ...settings, maxIterations: 3 })).history
    const plain = await fit({})
    for (const options of [{ prefetch: 1 }, { prefetch: 50 }, { prefetch: 2, cache: true }])
      expect(await fit(options)).toEqual(plain)
  }
})
