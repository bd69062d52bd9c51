import { devices } from '@cotangent/autodiff'
import { importOnnx } from '@cotangent/autodiff/onnx'
import { DatasetGradientIMNN } from '@cotangent/imnn'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { d, settings, smallOptions } from './small-problem.ts'

const bytes = readFileSync(new URL('../fixtures/autodiff/onnx/summaries-dynamo.onnx', import.meta.url))

test('an IMNN trains a network that comes from PyTorch, and is exported with it', async () => {
  const network = importOnnx(bytes)
  const [cpu] = devices('cpu')
  const start = DatasetGradientIMNN({ ...smallOptions(), model: network.layer, host: cpu, devices: [cpu] })
  const fitted = await start.fit({ ...settings, maxIterations: 100 })
  const { detF } = fitted.history
  expect(detF).toHaveLength(100)
  expect(detF[99]!).toBeGreaterThan(detF[0]!)
  const trained = fitted.finalW
  expect(Object.keys(trained).sort()).toEqual(Object.keys(network.params).sort())
  const [before, after] = [network.params, trained].map((p) => network.apply(p, d.slice([0, 3])))
  expect(after!.sub(before!).abs().max().item()).toBeGreaterThan(1e-4)
  const again = importOnnx(fitted.exportOnnx())
  const [summaries] = again.call(again.params, d.slice([0, 3]))
  expect(summaries!.shape).toEqual([3, 2])
})
