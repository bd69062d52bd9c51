import { np } from '@cotangent/autodiff'
import * as onnx from '@cotangent/autodiff/onnx'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Call, type Calls, options } from '../../../helpers/wrong-kinds.ts'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-kinds-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const x = np.array([0.5, 0.25, 0.75])
type A = typeof x
const weights = np.array([1, 2, 3])
const affine = (a: A, b: A): A => np.add(np.multiply(a, weights), b)
const bytes = onnx.exportOnnx(affine, [x, x])
const one = onnx.importOnnx(onnx.exportOnnx((a: A) => np.multiply(a, weights), [x]))
const model = onnx.importOnnx(bytes)
const specs = [{ shape: [3], dtype: 'float32' }, x]
const names = { 'arguments[0]': 'data', output: 'result' }

async function closed(device: Awaited<ReturnType<typeof onnx.createDevice>>): Promise<void> {
  await device.close()
}

/** Models as files, and devices of one's own. */
export const onnxCalls: Calls = {
  exportOnnx: [onnx.exportOnnx as Call, affine, specs, options({ names, metadata: { author: 'A. Turing' } })],
  'exportOnnx, by lists': [
    onnx.exportOnnx as Call,
    affine,
    [x, x],
    options({ inputNames: ['a', 'b'], outputNames: ['c'], dynamicAxes: {} }),
  ],
  'exportOnnx, open sizes': [
    onnx.exportOnnx as Call,
    (a: A) => np.tanh(a),
    [x],
    options({ names: { 'arguments[0]': 'a' }, dynamicAxes: { a: { 0: 'n' } }, dynamicBatch: false }),
  ],
  importOnnx: [onnx.importOnnx as Call, bytes, options({ externalData: () => bytes, parameters: () => true })],
  'importOnnx, called': [model.call as Call, model.params, x, x],
  'importOnnx, applied': [one.apply as Call, one.params, x],
  'importOnnx, a layer’s beginning': [one.layer[0] as Call, null, [3]],
  'importOnnx, a layer': [one.layer[1] as Call, one.params, x],
  createDevice: [
    async (kind: never, given: never) => closed(onnx.createDevice(kind, given)),
    'cpu',
    options({ threads: 1, worker: false, spinning: false }),
  ],
  'createDevice, a lane': [
    async (k: never) => {
      await using device = onnx.createDevice('cpu', { threads: 1 })
      device.lane!(k)
    },
    1,
  ],
  configureCache: [
    (given: { directory?: unknown }) => {
      // A folder of its own in place of a name in the current one.
      const named = given?.directory === 'x' ? { directory: folder } : given
      onnx.configureCache(named as never)
      onnx.configureCache({ directory: null })
    },
    options({ directory: null }),
  ],
}
