import { python, pythonHas, pythonScript } from '../helpers/python.ts'
import { CotangentError, type DType, type NDArray, np } from '@cotangent/autodiff'
import { importOnnx, UnsupportedOperatorError } from '@cotangent/autodiff/onnx'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Encoded {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | string | boolean)[]
}
interface NodeCase {
  readonly name: string
  readonly operators: readonly string[]
  readonly model: string
  readonly inputs: readonly Encoded[]
  readonly outputs: readonly Encoded[]
  readonly rtol: number
  readonly atol: number
}

const numberOf = (v: number | string | boolean): number =>
  typeof v === 'string' ? Number(v.replace(/inf/, 'Infinity').replace('nan', 'NaN')) : Number(v)
const decode = ({ dtype, shape, data }: Encoded): NDArray =>
  dtype === 'int64' || dtype === 'uint64'
    ? (np.array(
        dtype === 'int64' ? BigInt64Array.from(data, (v) => BigInt(v)) : BigUint64Array.from(data, (v) => BigInt(v)),
        { shape: [...shape] },
      ) as NDArray)
    : (np.array(Float64Array.from(data, numberOf), { dtype, shape: [...shape] }) as NDArray)

const folder = mkdtempSync(join(tmpdir(), 'cotangent-nodes-'))
const file = join(folder, 'cases.json')
const there = pythonHas('numpy', 'onnx')
if (there) execFileSync(python, [pythonScript('onnx_node_cases.py'), file], { stdio: 'ignore' })
const cases = there ? (JSON.parse(readFileSync(file, 'utf8')) as NodeCase[]) : []
rmSync(folder, { recursive: true })

const differ = (got: NDArray, expected: NDArray, { rtol, atol }: NodeCase): string | undefined => {
  if (got.dtype !== expected.dtype || got.shape.join() !== expected.shape.join())
    return `${got.dtype}[${got.shape.join()}] instead of ${expected.dtype}[${expected.shape.join()}]`
  const [a, b] = [got.dataSync(), expected.dataSync()]
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])]
    if (Object.is(x, y) || x === y) continue
    if (!(Math.abs(x - y) <= Math.max(atol, 1e-6) + rtol * Math.abs(y))) return `[${i}] is ${x}, expected ${y}`
  }
  return undefined
}

test.skipIf(cases.length === 0)('operators give what ONNX says', () => {
  const counts = { same: 0, unsupported: 0 }
  const wrong: string[] = []
  const refused: string[] = []
  for (const c of cases) {
    const bytes = Buffer.from(c.model, 'base64')
    try {
      const model = importOnnx(bytes)
      const outputs = model.call(model.params, ...c.inputs.map(decode))
      const found = outputs.map((y, i) => differ(y, decode(c.outputs[i]!), c)).find((d) => d !== undefined)
      if (found === undefined) counts.same++
      else wrong.push(`${c.name}: ${found}`)
    } catch (error) {
      if (error instanceof UnsupportedOperatorError) counts.unsupported++
      else if (error instanceof CotangentError) refused.push(`${c.name}: ${error.message}`)
      else wrong.push(`${c.name}: ${String(error)}`)
    }
  }
  // ONNX Runtime too divides by the whole number of entries, ONNX by their number before it is rounded.
  expect(wrong.filter((w) => !/^test_resize_downsample_scales_(linear|cubic)_align_corners:/.test(w))).toEqual([])
  const expected = /not supported|only .* (is|are) supported|are supported$|in training mode|before (it|the model) runs/
  expect(refused.filter((r) => !expected.test(r))).toEqual([])
  expect(counts.same).toBeGreaterThan(1000)
})
