import { type DeviceKind, devices, legacyRandom } from '@cotangent/autodiff'
import { AggregatedSimulatorIMNN, DatasetGradientIMNN } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import { noWebGpu, webGpuTitle } from '../helpers/webgpu.ts'
import { common, settings, smallOptions } from './small-problem.ts'
import { gaussianSimulator } from './tutorial-data.ts'

const fit = async (host: DeviceKind, lane: DeviceKind): Promise<Readonly<Record<string, readonly number[]>>> => {
  const imnn = DatasetGradientIMNN({ ...smallOptions(), host, devices: [lane] })
  const fitted = await imnn.fit({ ...settings, maxIterations: 4 })
  return fitted.history as never
}

describe.each([
  { host: 'wasm', lane: 'wasm', skip: false },
  { host: 'cpu', lane: 'wasm', skip: false },
  { host: 'webgpu', lane: 'webgpu', skip: noWebGpu !== undefined },
] as const)('a fit with its host on $host and its lane on $lane', ({ host, lane, skip }) => {
  const name = 'goes as on the interpreter'
  test.skipIf(skip)(lane === 'webgpu' ? webGpuTitle(name) : name, async () => {
    const [got, expected] = [await fit(host, lane), await fit('js', 'js')]
    for (const quantity of ['detF', 'detC', 'lambda2', 'valDetF']) {
      const [a, b] = [got[quantity], expected[quantity]]
      expect(b).toHaveLength(4)
      b!.forEach((value, i) => expect(Math.abs(a![i]! / value - 1)).toBeLessThan(1e-3))
    }
  })
})

test('a kind stands for its first device, in a list too', async () => {
  const [js] = devices('js')
  const histories = []
  for (const device of ['js', js] as const) {
    const simulator = gaussianSimulator(legacyRandom)
    const places = { host: device, devices: [device, device], nPerDevice: 4 }
    const imnn = AggregatedSimulatorIMNN({ ...common(), ...places, simulator })
    histories.push((await imnn.fit({ ...settings, maxIterations: 2, rng: legacyRandom.PRNGKey(0) })).history)
  }
  expect(histories[0]).toEqual(histories[1])
})
