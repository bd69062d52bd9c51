import { python, pythonHas, pythonScript } from '../helpers/python.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devices, legacyRandom, np, type NDArray } from '@cotangent/autodiff'
import type { IMNN } from '@cotangent/imnn'
import { afterAll, describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { smallOf } from './all-classes.ts'

const script = pythonScript('check_imnn.py')
const folder = mkdtempSync(join(tmpdir(), 'cotangent-imnn-python-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ask = <T>(...args: string[]): T =>
  JSON.parse(execFileSync(python, [script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 })) as T

interface Checkpoint {
  readonly tensors: Readonly<
    Record<string, { readonly dtype: string; readonly shape: number[]; readonly values: number[] }>
  >
  readonly words: Readonly<Record<string, unknown>>
}

interface Model {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly summaries: number[][]
  readonly estimates: number[][]
  readonly again: number[][]
}

const [cpu] = devices('cpu')
const rule = { lambda: 10, epsilon: 0.1, maxIterations: 4 }

describe.skipIf(!pythonHas('numpy', 'safetensors'))(
  'a checkpoint that fit wrote, read by safetensors of Python',
  () => {
    test.each(['GradientIMNN', 'SimulatorIMNN', 'DatasetNumericalGradientIMNN'] as const)('of %s', async (kind) => {
      const path = join(folder, `${kind}.safetensors`)
      const rng = legacyRandom.PRNGKey(5)
      const fitted = await smallOf(kind, cpu).fit({ ...rule, rng, checkpoint: path })
      const { tensors, words } = ask<Checkpoint>('checkpoint', path)
      expect(words).toMatchObject({
        kind,
        steps: 4,
        maxDetF: fitted.maxDetF,
        unfinished: null,
        sizes: { nS: 40, nD: 24 },
      })

      const weights = { initialW: fitted.initialW, finalW: fitted.finalW, bestW: fitted.bestW }
      for (const [name, w] of Object.entries(weights))
        for (const layer of [0, 2])
          for (const [i, x] of (w as unknown as NDArray[][])[layer]!.entries())
            expect(tensors[`${name}.${layer}.${i}`], `${name}.${layer}.${i}`).toEqual({
              dtype: 'float32',
              shape: x.shape,
              values: Array.from(await x.data()),
            })

      const { history } = fitted
      expect(history.detF).toHaveLength(4)
      for (const [name, values] of Object.entries(history))
        expect(tensors[`history.${name}`]).toEqual({ dtype: 'float64', shape: [values.length], values })
      for (const name of ['F', 'invF', 'C', 'invC', 'mu', 'dmu'] as const)
        expect(tensors[`statistics.${name}`]!.values).toEqual(Array.from(await fitted[name].data()))
      expect(tensors['thetaFid']!.values).toEqual([0, 1])
    })
  },
)

describe.skipIf(!pythonHas('numpy', 'onnx', 'onnxruntime'))(
  'an exported estimator, read by onnx and onnxruntime of Python',
  () => {
    const data = np.stack(
    Array.from({ length: 6 }, (_, i) => legacyRandom.normal(legacyRandom.PRNGKey(i), [10]).mul(1 + i / 4).add(i / 3)),
  ) // biome-ignore format: data
    const near = (found: unknown, wanted: NDArray) =>
      expect(np.array(found as number[])).toBeAllclose(wanted, { rtol: 1e-4, atol: 1e-5 })

    test.each(['GradientIMNN', 'AggregatedSimulatorIMNN'] as const)('of %s', async (kind) => {
      const imnn: IMNN = smallOf(kind, cpu)
      const fitted = await imnn.fit({ ...rule, rng: legacyRandom.PRNGKey(5) })
      const [model, numbers] = [join(folder, `${kind}.onnx`), join(folder, `${kind}.json`)]
      writeFileSync(model, fitted.exportOnnx())
      writeFileSync(numbers, JSON.stringify(await data.js()))
      const found = ask<Model>('model', model, numbers)
      // To the last bit: JSON has the shortest text of each number.
      for (const [name, x] of Object.entries({ theta_fid: fitted.thetaFid, F: fitted.F, C: fitted.C, mu: fitted.mu }))
        expect(found.metadata[name]).toEqual(await x.js())
      expect(found.metadata['dmu']).toEqual(await fitted.dmu.js())
      near(found.summaries, await fitted.getSummaries(data).ready())
      near(found.estimates, await fitted.getEstimate(data).ready())
      // A reader who has only the summaries and the metadata comes to the same estimates.
      expect(np.array(found.again)).toBeAllclose(await fitted.getEstimate(data).ready(), { rtol: 2e-3, atol: 2e-3 })
    })
  },
)
