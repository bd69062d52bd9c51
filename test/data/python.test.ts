import { python, pythonHas, pythonScript } from '../helpers/python.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, type DType } from '@cotangent/autodiff/array'
import { type Compression, loadNpy, loadNpz, saveNpy, saveNpz, TFRecordDataset, TFRecords } from '@cotangent/data'
import { expect, test } from 'vitest'

const run = (name: string, folder: string): Record<string, unknown>[] =>
  execFileSync(python, [pythonScript(name), folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const folder = () => mkdtempSync(join(tmpdir(), 'cotangent-python-'))

const numpy = pythonHas('numpy')
const tensorflow = pythonHas('tensorflow')

test.skipIf(!numpy)('NumPy reads our .npy files, and we read its', async () => {
  const directory = folder()
  const small = [0, 1, 127, 5, 6, 7]
  const special: Record<Exclude<DType, 'bfloat16' | 'complex64'>, number[]> = {
    int8: [0, -1, 127, -128, 5, 6],
    int16: [0, -1, 32767, -32768, 5, 6],
    int64: [0, -1, 2 ** 53, -(2 ** 63), 5, 6],
    uint8: small,
    uint16: small,
    uint64: [0, 1, 2 ** 53, 2 ** 63, 5, 6],
    float16: [0, -0, 1.5, Number.NaN, Infinity, 65504],
    float32: [0, -0, 1.5, Number.NaN, Infinity, 1.401298464324817e-45],
    float64: [0, -0, 0.1, Number.NaN, -Infinity, 5e-324],
    int32: [0, -1, 2147483647, -2147483648, 5, 6],
    uint32: [0, 1, 4294967295, 2147483648, 5, 6],
    bool: [0, 1, 1, 0, 0, 1],
  }
  const shapes = [[2, 3], [6], [1, 6, 1]]
  const written = Object.keys(special) as (keyof typeof special)[]
  for (const dtype of written) {
    for (const shape of shapes) {
      const x = array(Float64Array.from(special[dtype]), { shape, dtype })
      await saveNpy(join(directory, `ours_${dtype}_${shape.length}.npy`), x)
    }
    await saveNpy(join(directory, `ours_${dtype}_0.npy`), array(0, { dtype }))
    await saveNpy(join(directory, `ours_${dtype}_empty.npy`), array([], { shape: [0, 7], dtype }))
  }
  const named = { x: array([[1.5, 2]]), n: array([3, -4], { dtype: 'int16' }) }
  for (const compress of [false, true]) await saveNpz(join(directory, `ours_${compress}.npz`), named, { compress })
  const read = new Map(run('check_npy.py', directory).map((row) => [row.name, row]))
  expect(read.size).toBe(5 * written.length + 4)
  for (const compress of [false, true]) {
    expect(read.get(`ours_${compress}.npz/x`)).toMatchObject({
      dtype: 'float32',
      shape: [1, 2],
      values: ['1.5', '2.0'],
    })
    expect(read.get(`ours_${compress}.npz/n`)).toMatchObject({ dtype: 'int16', shape: [2], values: ['3.0', '-4.0'] })
  }
  for (const name of ['theirs', 'theirs_packed']) {
    const { x, y } = await loadNpz(join(directory, `${name}.npz`))
    expect([x!.dtype, x!.jsSync(), y!.dtype, y!.jsSync()]).toEqual(['float32', [...Array(24).keys()], 'float64', 2.5])
  }
  for (const dtype of written) {
    for (const shape of shapes) {
      const row = read.get(`ours_${dtype}_${shape.length}.npy`)
      expect([row?.dtype, row?.shape]).toEqual([dtype, shape])
      const text: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }
      expect((row!.values as string[]).map((v) => text[v] ?? Number(v))).toEqual(special[dtype])
    }
    expect(read.get(`ours_${dtype}_0.npy`)).toMatchObject({ dtype, shape: [] })
    expect(read.get(`ours_${dtype}_empty.npy`)).toMatchObject({ dtype, shape: [0, 7] })
  }
  const expected: Record<string, number[]> = {
    float32: Array.from({ length: 24 }, (_, i) => i / 8 - 1),
    int16: Array.from({ length: 24 }, (_, i) => i - 8),
  }
  for (const [name, dtype] of Object.entries({
    float32: 'float32',
    big: 'float64',
    fortran: 'float32',
    int16: 'int16',
    int64: 'int64',
  })) {
    const x = await loadNpy(join(directory, `theirs_${name}.npy`))
    expect([x.dtype, x.shape]).toEqual([dtype, [2, 3, 4]])
    expect(Array.from(x.dataSync(), Number)).toEqual(name.startsWith('int') ? expected.int16 : expected.float32)
  }
})

test.skipIf(!tensorflow)('TensorFlow reads our TFRecords, and we read its', async () => {
  const directory = folder()
  const tfr = new TFRecords({ recordSize: 0.004 })
  const simulation = (seed: number, derivative = 0, parameter = 0) => array([seed / 3, derivative, parameter])
  await tfr.writeRecord({ nSims: 150, start: 2, getSimulation: simulation, directory })
  await tfr.writeRecord({ nSims: 20, nParams: 2, fiducial: false, getSimulation: simulation, directory })
  const rows = run('check_tfrecords.py', directory)
  const numbers = (...args: [number, number?, number?]) => simulation(...args).jsSync()
  const ours = rows.filter(({ file }) => String(file).startsWith('fiducial'))
  expect(new Set(ours.map(({ file }) => file)).size).toBeGreaterThan(1)
  expect(ours.map(({ seed, data }) => [seed, data])).toEqual(
    Array.from({ length: 150 }, (_, i) => [i + 2, numbers(i + 2)]),
  )
  expect(
    rows
      .filter(({ file }) => String(file).startsWith('derivative'))
      .map(({ seed, derivative, parameter, data }) => [seed, derivative, parameter, data]),
  ).toEqual(
    Array.from({ length: 80 }, (_, i) => {
      const [seed, derivative, parameter] = [i >> 2, (i >> 1) & 1, i & 1]
      return [seed, derivative, parameter, numbers(seed, derivative, parameter)]
    }),
  )
  expect(rows.at(-1)?.parsed).toEqual(ours.map(({ data }) => data))
  const compressions: Record<string, Compression> = { theirs: 'none', theirs_gzip: 'gzip', theirs_zlib: 'zlib' }
  for (const [name, compression] of Object.entries(compressions)) {
    const read = await TFRecordDataset(join(directory, `${name}.tfrecord`), { compression })
      .map(tfr.parser([3]))
      .toArray()
    expect(read.map((x) => x.jsSync())).toEqual(Array.from({ length: 100 }, (_, i) => [i / 8, 1 + i / 8, 2 + i / 8]))
  }
})
