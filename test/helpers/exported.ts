import { NDArray, np } from '@cotangent/autodiff'
import ort from 'onnxruntime-node'
import { plain } from './primitive-cases.ts'

const weights = [plain([10, 16], 'float32'), plain([16], 'float32', 1), plain([16, 2], 'float32', 2)] as const

/** A small network. */
export const mlp = (x: NDArray): NDArray => {
  const [w, b, v] = weights
  const h = x.matmul(w).mul(0.3).add(b)
  return np.where(h.gt(0), h, h.mul(0.01)).matmul(v)
}

export type Outputs = Readonly<Record<string, NDArray>>

/** Runs a model as a stranger would. */
export async function runModel(model: Uint8Array, feeds: Readonly<Record<string, NDArray>>): Promise<Outputs> {
  const session = await ort.InferenceSession.create(model)
  const tensors = Object.entries(feeds).map(
    ([name, x]) => [name, new ort.Tensor(x.dtype as 'float32', x.dataSync() as Float32Array, x.shape)] as const,
  )
  const out = await session.run(Object.fromEntries(tensors))
  await session.release()
  return Object.fromEntries(
    Object.entries(out).map(([name, t]) => [
      name,
      np.array(Float64Array.from(t.data as Float32Array), {
        shape: [...t.dims],
        dtype: t.type as 'float32',
      }) as NDArray,
    ]),
  )
}
