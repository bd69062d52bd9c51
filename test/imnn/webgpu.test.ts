import { devices, legacyRandom } from '@cotangent/autodiff'
import { GradientIMNN, SimulatorIMNN } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import { noWebGpu, webGpuTitle } from '../helpers/webgpu.ts'
import { common, settings, simulations } from './small-problem.ts'
import { gaussianSimulator } from './tutorial-data.ts'

const { training, validation } = simulations
const arrays = {
  fiducial: training.d,
  derivative: training.dd.slice([0, 24]),
  validationFiducial: validation.d,
  validationDerivative: validation.dd.slice([0, 24]),
}

describe.skipIf(noWebGpu !== undefined)(webGpuTitle('on WebGPU, one iteration a call'), () => {
  test('IMNNs in memory train as on the interpreter', async () => {
    const rule = { ...settings, maxIterations: 4, rng: legacyRandom.PRNGKey(1) }
    for (const make of [
      (device: 'js' | 'webgpu') => GradientIMNN({ ...common(), ...arrays, device: devices(device)[0] }),
      (device: 'js' | 'webgpu') =>
        SimulatorIMNN({ ...common(), simulator: gaussianSimulator(legacyRandom), device: devices(device)[0] }),
    ]) {
      const [found, wanted] = [await make('webgpu').fit(rule), await make('js').fit(rule)]
      for (const name of ['detF', 'detC', 'lambda2'] as const)
        found.history[name].forEach((x, i) => expect(x / wanted.history[name][i]!, `${name}[${i}]`).toBeCloseTo(1, 2))
      expect((await found.F.js()) as number[][]).toHaveLength(2)
    }
  })
})
