import { grad, jit, type NDArray, np } from '@cotangent/autodiff'
import { importOnnx } from '@cotangent/autodiff/onnx'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../fixtures/autodiff/onnx/', import.meta.url))

interface Encoded {
  readonly dtype: 'float32' | 'int64'
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Facts {
  readonly inputs: Readonly<Record<string, Encoded>>
  readonly outputs: readonly Encoded[]
  readonly cotangents: readonly Encoded[]
  readonly inputGradients: Readonly<Record<string, Encoded>>
  readonly parameterGradients: Readonly<Record<string, Encoded>>
}

const decode = ({ dtype, shape, data }: Encoded): NDArray =>
  np.array([...data], { dtype, shape: [...shape] }) as NDArray
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -5))
const read = (name: string): { bytes: Uint8Array; facts: Facts } => ({
  bytes: readFileSync(`${folder}${name}.onnx`),
  facts: JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Facts,
})

async function expectNear(got: NDArray, expected: Encoded, what: string): Promise<void> {
  expect(got.shape, what).toEqual(expected.shape)
  const data = await got.data()
  const scale = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-2)
  expected.data.forEach((v, i) => {
    if (!(Math.abs(Number(data[i]) - v) <= 3e-5 * scale)) expect.fail(`${what}[${i}] is ${data[i]}, expected ${v}`)
  })
}

describe('networks of PyTorch and Keras give the same here', () => {
  test.each(names)('%s', async (name) => {
    const { bytes, facts } = read(name)
    const model = importOnnx(bytes)
    const inputs = Object.values(facts.inputs).map(decode)
    const outputs = model.call(model.params, ...inputs)
    expect(outputs).toHaveLength(facts.outputs.length)
    for (const [i, y] of outputs.entries()) await expectNear(y, facts.outputs[i]!, `output ${i}`)
    const loss = (params: Readonly<Record<string, NDArray>>, ...xs: NDArray[]): NDArray =>
      model
        .call(params, ...xs)
        .map((y, i) => y.mul(decode(facts.cotangents[i]!)).sum())
        .reduce((a, b) => a.add(b))
    const float = inputs.every((x) => x.dtype === 'float32')
    const argnums = float ? [0, ...inputs.map((_, i) => i + 1)] : [0]
    for (const device of ['cpu', 'js'] as const) {
      const run = jit((p: Readonly<Record<string, NDArray>>, ...xs: NDArray[]) => model.call(p, ...xs), { device })
      for (const [i, y] of run(model.params, ...inputs).entries())
        await expectNear(y, facts.outputs[i]!, `${device}: output ${i}`)
      const gradient = jit(grad(loss as never, { argnums } as never) as never, { device }) as unknown as (
        ...args: unknown[]
      ) => [Record<string, NDArray>, ...NDArray[]]
      const [ofParams, ...ofInputs] = gradient(model.params, ...inputs)
      const wanted = Object.entries(facts.parameterGradients).filter(([key]) => ofParams[key] !== undefined)
      for (const [key, value] of wanted) await expectNear(ofParams[key]!, value, `${device}: gradient of ${key}`)
      for (const [i, value] of Object.values(facts.inputGradients).entries())
        await expectNear(ofInputs[i]!, value, `${device}: gradient of input ${i}`)
      if (name.endsWith('-script')) expect(wanted.length).toBe(Object.keys(facts.parameterGradients).length)
    }
  })
})
