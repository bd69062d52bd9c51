import { type NDArray, np } from '@cotangent/autodiff'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const folder = fileURLToPath(new URL('../fixtures/autodiff/onnx/', import.meta.url))

export interface Encoded {
  readonly dtype: 'float32' | 'int64'
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
export interface Facts {
  readonly inputs: Readonly<Record<string, Encoded>>
  readonly outputs: readonly Encoded[]
  readonly cotangents: readonly Encoded[]
  readonly inputGradients: Readonly<Record<string, Encoded>>
  readonly parameterGradients: Readonly<Record<string, Encoded>>
}

export const decode = ({ dtype, shape, data }: Encoded): NDArray =>
  np.array([...data], { dtype, shape: [...shape] }) as NDArray
/** The models that other frameworks wrote. */
export const modelNames = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -5))
/** A model, and what its framework computes with it. */
export const readModel = (name: string): { bytes: Uint8Array; facts: Facts } => ({
  bytes: readFileSync(`${folder}${name}.onnx`),
  facts: JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Facts,
})

export async function expectNear(got: NDArray, expected: Encoded, what: string): Promise<void> {
  expect(got.shape, what).toEqual(expected.shape)
  const data = await got.data()
  const scale = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-2)
  expected.data.forEach((v, i) => {
    if (!(Math.abs(Number(data[i]) - v) <= 3e-5 * scale)) expect.fail(`${what}[${i}] is ${data[i]}, expected ${v}`)
  })
}
