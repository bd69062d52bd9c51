import { devices, type NDArray } from '@cotangent/autodiff'
import { DatasetGradientIMNN, type IMNN } from '@cotangent/imnn'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { d, settings, smallOptions } from './small-problem.ts'

let fitted: IMNN
beforeAll(async () => {
  const [cpu] = devices('cpu')
  fitted = await DatasetGradientIMNN({ ...smallOptions(), host: cpu, devices: [cpu] }).fit({
    ...settings,
    maxIterations: 3,
  })
})

test('the exported estimator takes batches of any size and gives the same numbers', async () => {
  const session = await InferenceSession.create(fitted.exportOnnx())
  expect(session.inputNames).toEqual(['data'])
  expect(session.outputNames).toEqual(['summaries', 'estimates'])
  for (const n of [1, 7, 40]) {
    const x = d.slice([0, n])
    const { summaries, estimates } = await session.run({
      data: new Tensor('float32', x.dataSync() as Float32Array, x.shape),
    })
    expect(summaries?.dims).toEqual([n, 2])
    expect(estimates?.dims).toEqual([n, 2])
    const wanted: NDArray[] = [await fitted.getSummaries(x).ready(), await fitted.getEstimate(x).ready()]
    expect(summaries?.data).toBeAllclose(wanted[0]!.ravel(), { rtol: 1e-5, atol: 1e-6 })
    expect(estimates?.data).toBeAllclose(wanted[1]!.ravel(), { rtol: 1e-5, atol: 1e-6 })
  }
})

test('there is nothing to export before the first fit', () => {
  expect(() => DatasetGradientIMNN(smallOptions()).exportOnnx()).toThrow(/no Fisher statistics/)
})
