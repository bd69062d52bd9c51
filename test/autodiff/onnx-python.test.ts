import { python, pythonHas, pythonScript } from '../helpers/python.ts'
import { grad, lax, linalg, NDArray, np, random, vmap } from '@cotangent/autodiff'
import { exportOnnx, type ExportOptions } from '@cotangent/autodiff/onnx'
import fc from 'fast-check'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plain, primitiveCases } from '../helpers/primitive-cases.ts'
import { programs } from '@cotangent/autodiff/testing/arbitraries'

const script = pythonScript('check_model.py')
/** How many random programs to export. */
const programCount = Number(process.env['COTANGENT_PROGRAMS'] ?? 20)

const withPython = test.skipIf(!pythonHas('numpy', 'onnx', 'onnxruntime'))

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotangent-models-'))
})
afterEach(() => rm(folder, { recursive: true }))

const encode = (x: NDArray): object => ({
  dtype: x.dtype,
  shape: x.shape,
  data: Array.from<number | bigint, number | string>(x.dataSync(), (v) => {
    if (typeof v === 'bigint') return String(v)
    if (Object.is(v, -0)) return '-0'
    return Number.isFinite(v) ? v : String(v).replace('Infinity', 'inf').replace('NaN', 'nan')
  }),
})

/** A model has two arrays for a complex one; NumPy has no bfloat16. */
const inNumPy = ({ dtype }: NDArray): boolean => dtype !== 'complex64' && dtype !== 'bfloat16'

type Call = (...operands: NDArray[]) => NDArray | NDArray[]

/** Writes `f` as a model, and beside it what it gives for these operands. */
async function write(
  directory: string,
  name: string,
  f: Call,
  operands: readonly NDArray[],
  options: ExportOptions = {},
): Promise<void> {
  const result = f(...operands)
  const outputs = Array.isArray(result) ? result : [result]
  const inputNames = operands.map((_, i) => `x${i}`)
  const outputNames = outputs.map((_, i) => `y${i}`)
  const model = exportOnnx(f, [...operands], { inputNames, outputNames, ...options })
  const named = (names: readonly string[], arrays: readonly NDArray[]): object =>
    Object.fromEntries(names.map((n, i) => [n, encode(arrays[i] as NDArray)]))
  const expected = {
    inputs: named(inputNames, operands),
    outputs: named(outputNames, outputs),
    metadata: options.metadata ?? {},
  }
  await writeFile(join(directory, `${name}.onnx`), model)
  await writeFile(join(directory, `${name}.json`), JSON.stringify(expected))
}

async function check(count: number): Promise<void> {
  const { stdout } = await promisify(execFile)(python, [script, folder]).catch((e: Error & { stdout?: string }) => ({
    stdout: e.stdout || e.message,
  }))
  expect(stdout.trim()).toBe(`${count} models, 0 problems`)
}

/** Twice, until it is large. */
const doubled = (x: NDArray): NDArray =>
  lax.whileLoop(
    (y) => y.lt(10),
    (y) =>
      lax.cond(
        y.gt(3),
        (z) => z.mul(3),
        (z) => z.mul(2),
        y,
      ),
    x,
  )
const square4 = plain([4, 4], 'float32', 4)

withPython('Python’s checker and runtime take exported models and give the same', async () => {
  const both = { argnums: [0, 1] } as const
  for (const [i, { f, args }] of fc.sample(programs(), { numRuns: programCount, seed: 7 }).entries()) {
    await write(folder, `program${i}`, f as Call, args)
    const single = args.map((x) => x.astype('float32'))
    await write(folder, `gradient${i}`, grad(f, both) as unknown as Call, single)
  }
  const seen = new Set<string>()
  for (const { primitive, dtype, f, operands } of primitiveCases) {
    const key = `${primitive}-${dtype}`
    if (seen.has(key) || operands.length === 0 || ![...operands, f(...operands)].flat().every(inNumPy)) continue
    seen.add(key)
    await write(folder, `primitive-${key}`, f, operands)
  }
  const w = plain([10, 4], 'float32')
  const mlp: Call = (x) => np.tanh(x!.matmul(w).add(1))
  await write(folder, 'mlp', mlp, [plain([3, 10], 'float32', 2)], { dynamicBatch: true, metadata: { by: 'test' } })
  const square = plain([5, 5], 'float64').add(np.eye(5).mul(4))
  await write(folder, 'linalg', (x) => [linalg.inv(x!), linalg.det(x!), ...linalg.slogdet(x!)], [square])
  const keys = random.split(random.PRNGKey(3), 4)
  await write(folder, 'random', vmap((k: NDArray<'uint32'>) => random.normal(k, [3])) as unknown as Call, [keys])
  const weights = plain([3, 3], 'float32', 1)
  const recurrent: Call = (h, xs) => {
    const [last, ys] = lax.scan((c, x) => [np.tanh(weights.matmul(c).add(x)), c.sum()], h!, xs!, { reverse: true })
    return last.sum().add(ys.sum())
  }
  const states = [plain([3], 'float32', 2), plain([4, 3], 'float32', 3)]
  await write(
    folder,
    'scan-gradient',
    grad(recurrent as (...xs: NDArray[]) => NDArray, both) as unknown as Call,
    states,
  )
  await write(folder, 'while-batched', vmap(doubled) as Call, [plain([5], 'float32').abs().add(0.5)])
  const rows: Call = (x) => lax.foriLoop(0, 3, (i, c) => np.tanh(c.matmul(square4).add(i)), x!)
  await write(folder, 'loop-any-batch', rows, [plain([3, 4], 'float32')], { dynamicBatch: true })
  await check(2 * programCount + seen.size + 6)
})

/** Functions of a batch, which may be of any size. */
const ofBatches: Readonly<Record<string, Call>> = {
  network: (x) => np.where(x!.gt(0), x!, x!.mul(0.1)).matmul(plain([6, 2], 'float32')),
  convolution: (x) => {
    const y = lax.conv(x!.reshape([-1, 2, 3]), plain([3, 2, 2], 'float32'), [1], 'SAME')
    return lax.reduceWindow(np.tanh(y), -Infinity, 'max', [1, 1, 2], [1, 1, 1], 'SAME').reshape([-1, 9])
  },
  order: (x) => np.sort(x!).add(np.sort(x!, { axis: 0 })),
  scan: (x) => lax.scan((c, row) => [np.tanh(c.add(row)), c.mul(row)], np.zeros([6]), x!)[1],
  inverse: (x) =>
    linalg.inv(
      x!
        .reshape([-1, 2, 3])
        .matmul(x!.reshape([-1, 3, 2]))
        .add(np.eye(2)),
    ),
  gradient: grad((x: NDArray) =>
    np
      .sin(x)
      .mul(x.sum(1).reshape([-1, 1]))
      .sum(),
  ) as unknown as Call,
  'any of all': (x) => np.where(x!.gt(1).any(), x!, x!.neg()),
}

withPython('models with open axes give JAX’s values in Python for every size, also for none', async () => {
  const sizes = [0, 1, 2, 7]
  for (const size of sizes) {
    for (const [name, f] of Object.entries(ofBatches))
      await write(folder, `batch${size}-${name}`, f, [plain([size, 6], 'float32', size)], { dynamicBatch: true })
    const pairs: Call = (x, y) => np.einsum('bqd,bkd->bqk', x!, y!).reshape([-1, y!.shape[1]!])
    const operands = [plain([size, 2, 3], 'float32', 1), plain([size, size + 1, 3], 'float32', 2)]
    const dynamicAxes = { x0: { 0: 'batch', 1: 'time' }, x1: { 0: 'batch', 1: 'memory' } }
    await write(folder, `batch${size}-pairs`, pairs, operands, { dynamicAxes })
  }
  await check(sizes.length * (Object.keys(ofBatches).length + 1))
})
