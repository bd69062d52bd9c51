import { devices, np, type NDArray, type Tree } from '@cotangent/autodiff'
import { importOnnx } from '@cotangent/autodiff/onnx'
import { DatasetGradientIMNN } from '@cotangent/imnn'
import type { Layer } from '@cotangent/nn'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { d, settings, small, smallOptions } from './small-problem.ts'

const bytes = readFileSync(new URL('../fixtures/autodiff/onnx/summaries-dynamo.onnx', import.meta.url))

type Weights = readonly [readonly [NDArray, NDArray], readonly [], readonly [NDArray, NDArray]]

test('an IMNN trains a network that comes from PyTorch as it trains the same one of layers', async () => {
  const network = importOnnx(bytes)
  const [cpu] = devices('cpu')
  const fit = <P extends Tree>(model: Layer<P>) =>
    DatasetGradientIMNN({ ...smallOptions(), model, host: cpu, devices: [cpu] }).fit({ ...settings, maxIterations: 5 })
  const imported = await fit(network.layer)

  const of = (name: string): NDArray => network.params[name] as NDArray
  const weights: Weights = [[of('0.weight').T, of('0.bias')], [], [of('2.weight').T, of('2.bias')]]
  const built: Layer<Weights> = [() => [[2], weights], small[1] as unknown as Layer<Weights>[1]]
  const ours = await fit(built)

  expect(imported.history.detF).toHaveLength(5)
  expect(np.array(imported.history.detF)).toBeAllclose(np.array(ours.history.detF), { rtol: 1e-4 })
  expect(imported.finalW['0.weight']!.T).toBeAllclose(ours.finalW[0][0], { rtol: 1e-4, atol: 1e-6 })
  expect(imported.finalW['2.bias']!.sub(of('2.bias')).abs().max().item()).toBeGreaterThan(1e-3)

  const exported = importOnnx(imported.exportOnnx())
  const [summaries] = exported.call(exported.params, d.slice([0, 3]))
  expect(summaries).toBeAllclose(network.apply(imported.w, d.slice([0, 3])), { rtol: 1e-5, atol: 1e-6 })
})
