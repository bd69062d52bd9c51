import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NDArray, np } from '@cotangent/autodiff'
import { Dataset, npyDataset, saveNpy, TFRecordDataset, TFRecords } from '@cotangent/data'
import type { Options } from '../lib/options.ts'
import { normals } from '../lib/random.ts'
import { type Row, row } from '../lib/rows.ts'
import { median } from '../lib/timing.ts'
import { findPython } from '../lib/python.ts'
import { type Measured, startTensorFlow } from './tensorflow.ts'

const RECORDS = 20_000
const IMAGES = 2000
const FILES = 2000

/** The files that all pipelines read: records of 10 numbers, of 64 × 64 numbers, and one .npy file a simulation. */
async function writeFiles(folder: string): Promise<void> {
  const small = normals(RECORDS * 10, 1)
  const image = normals(IMAGES * 4096, 2)
  const part = (from: Float32Array, i: number, size: number) => np.array(from.subarray(i * size, (i + 1) * size))
  await new TFRecords({ recordSize: 0.5 }).writeRecord({
    nSims: RECORDS,
    getSimulation: (i) => part(small, i, 10),
    directory: folder,
    filename: 'small',
  })
  await new TFRecords({ recordSize: 10 }).writeRecord({
    nSims: IMAGES,
    getSimulation: (i) => part(image, i, 4096).reshape([64, 64]),
    directory: folder,
    filename: 'image',
  })
  for (let i = 0; i < FILES; i++) await saveNpy(join(folder, 'npy', `${i}.npy`), part(small, i, 10))
}

/** Reads all batches; gives the sum of their first numbers. */
async function sumOf(dataset: Dataset<NDArray>): Promise<number> {
  let sum = 0
  for await (const batch of dataset) sum += batch.dataSync()[0] as number
  return sum
}

/** Reading simulations from files and from memory, beside the same pipelines in tf.data. */
export async function pipelines({ quick, python }: Options): Promise<Row[]> {
  const found = findPython(python, 'tensorflow')
  if (found === undefined) console.log('  beside tf.data: skipped, no Python with TensorFlow (set COTANGENT_PYTHON)')
  const folder = await mkdtemp(join(tmpdir(), 'cotangent-bench-'))
  try {
    await writeFiles(folder)
    const tfr = new TFRecords()
    const records = (name: string) => TFRecordDataset(join(folder, `${name}_*.tfrecords`))
    const matrix = np.arange(200_000 * 10, { dtype: 'float32' }).reshape([200_000, 10])
    const ours: Record<string, Dataset<NDArray>> = {
      records: records('small')
        .map(tfr.parser([10]))
        .batch(100),
      images: records('image')
        .map(tfr.parser([64, 64]))
        .batch(100),
      npy: npyDataset(join(folder, 'npy', '*.npy')).batch(100),
      slices: Dataset.fromTensorSlices(matrix).batch(100),
    }
    const theirs = found === undefined ? undefined : await startTensorFlow(found, folder)
    const rows: Row[] = []
    for (const [name, dataset] of Object.entries(ours)) {
      const sum = await sumOf(dataset)
      const names = Object.keys(theirs?.sums ?? {}).filter((other) => other.split(',')[0] === name)
      for (const other of names) {
        const theirSum = theirs?.sums[other] ?? Number.NaN
        if (!(Math.abs(theirSum - sum) <= 1e-4 * Math.abs(sum) + 1e-3))
          throw new Error(`${name}: the sums differ, ${sum} and ${theirSum}`)
      }
      const times: Measured[] = []
      const theirTimes: Measured[][] = names.map(() => [])
      for (let repeat = 0; repeat < (quick ? 3 : 12); repeat++) {
        times.push(await measure(() => sumOf(dataset), 3))
        for (const [i, other] of names.entries())
          theirTimes[i]?.push(await (theirs as NonNullable<typeof theirs>).measure(other, name === 'npy' ? 1 : 3))
      }
      for (const [k, how] of ['clock', 'work'].entries()) {
        const mine = median(times.map((t) => t[k] as number))
        if (names.length === 0) rows.push(row(`${name}, ${how}`, mine))
        for (const [i, other] of names.entries())
          rows.push(
            row(`${other}, ${how}, beside tf.data`, mine, median((theirTimes[i] ?? []).map((t) => t[k] as number))),
          )
      }
      if (name === 'images') {
        const bytes = await sizeOfFiles(folder, 'image')
        rows.push(
          row(
            'images, checked: more is better',
            bytes / 1e3 / median(times.map(([, work]) => work)),
            400,
            'MB a second of work, beside 400',
          ),
        )
      }
    }
    theirs?.end()
    return rows
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(run: () => Promise<unknown>, runs: number): Promise<Measured> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  for (let i = 0; i < runs; i++) await run()
  const { user, system } = process.cpuUsage(before)
  return [(performance.now() - start) / runs, (user + system) / 1000 / runs]
}

async function sizeOfFiles(folder: string, name: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(name) && file.endsWith('.tfrecords'))
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
  return sizes.reduce((a, b) => a + b, 0)
}
