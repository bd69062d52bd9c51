import { fromBinary } from '@bufbuild/protobuf'
import { fft, lax, type NDArray, np } from '@cotangent/autodiff'
import { exportOnnx } from '@cotangent/autodiff/onnx'
import { ModelProtoSchema } from 'onnx-buf'
import ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { plain } from '../helpers/primitive-cases.ts'
import '../helpers/matchers.ts'

const logSpectrum = (x: NDArray): NDArray => np.log(np.abs(fft.rfft(x)).square().add(1))

async function run(model: Uint8Array, x: NDArray): Promise<NDArray> {
  const session = await ort.InferenceSession.create(model)
  const shape = x.dtype === 'complex64' ? [...x.shape, 2] : x.shape
  const out = await session.run({ x: new ort.Tensor('float32', x.dataSync() as Float32Array, shape) })
  await session.release()
  return np.array(out.y!.data as Float32Array, { shape: [...out.y!.dims] })
}

describe('a model with a Fourier transform', () => {
  // One matrix, two factors, a convolution.
  test.each([20, 100, 139])('of length %i takes batches of any size', async (n) => {
    const options = { inputNames: ['x'], outputNames: ['y'], dynamicBatch: true } as const
    const model = exportOnnx(logSpectrum, [np.zeros([1, n])], options)
    for (const batch of [1, 5]) {
      const x = plain([batch, n], 'float32', batch)
      expect(await run(model, x)).toBeAllclose(logSpectrum(x), { rtol: 1e-4, atol: 1e-4 })
    }
  })

  test('has a last axis of real and imaginary part for complex numbers', async () => {
    const z = lax.complex(plain([3, 8], 'float32'), plain([3, 8], 'float32', 1))
    const model = exportOnnx((x: NDArray) => fft.ifft2(x), [z], { inputNames: ['x'], outputNames: ['y'] })
    const y = await run(model, z)
    expect(y.shape).toEqual([3, 8, 2])
    expect(y.ravel()).toBeAllclose([...fft.ifft2(z).dataSync()], { atol: 1e-6 })
  })

  test('has products for nodes, and no DFT', () => {
    const { graph } = fromBinary(ModelProtoSchema, exportOnnx(logSpectrum, [np.zeros([100])]))
    const ops = new Set(graph!.node.map((node) => node.opType))
    expect(ops.has('Gemm') || ops.has('MatMul')).toBe(true)
    expect(ops.has('DFT')).toBe(false)
  })
})
