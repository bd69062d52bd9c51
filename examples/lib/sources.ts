import { join } from 'node:path'
import type { NDArray } from '@cotangent/autodiff'
import { Dataset, npyDataset, saveNpy, TFRecordDataset, TFRecords } from '@cotangent/data'
import type { DataSource } from './options.ts'

/** Simulations [nS, …inputShape], and the derivatives [nD, …inputShape, nParams] of the first nD of them. */
export interface Simulations {
  readonly fiducial: NDArray
  readonly derivative: NDArray
}

/** The same simulations as datasets, one simulation an element. */
export interface Streams {
  /** The first nD simulations, each with its derivative. */
  readonly main: Dataset<[simulation: NDArray, derivative: NDArray]>
  /** The other nS − nD simulations. */
  readonly remaining: Dataset<NDArray>
}

/** Where the files of a set go. */
export interface Place {
  readonly folder: string
  /** Names the set: 'training' or 'validation'. */
  readonly name: string
}

/** Streams simulations from where they are wanted; files are written first. All three give the same numbers. */
export function stream(source: DataSource, simulations: Simulations, place: Place): Promise<Streams> | Streams {
  return { memory: fromMemory, npy: throughNpy, tfrecord: throughTFRecords }[source](simulations, place)
}

/** The arrays as they are: elements are views of them. */
function fromMemory({ fiducial, derivative }: Simulations): Streams {
  const nD = derivative.shape[0]!
  return {
    main: Dataset.fromTensorSlices([fiducial.slice([0, nD]), derivative]),
    remaining: Dataset.fromTensorSlices(fiducial.slice([nD, fiducial.shape[0]!])),
  }
}

/** A .npy file for every simulation and every derivative, as simulators often leave them. */
async function throughNpy(simulations: Simulations, { folder, name }: Place): Promise<Streams> {
  const write = async (kind: keyof Simulations): Promise<string[]> => {
    const files = simulations[kind].unstack().map((simulation, seed) => ({
      path: join(folder, `${name}_${kind}_${String(seed).padStart(4, '0')}.npy`),
      simulation,
    }))
    for (let i = 0; i < files.length; i += 50) {
      await Promise.all(files.slice(i, i + 50).map(({ path, simulation }) => saveNpy(path, simulation)))
    }
    return files.map(({ path }) => path)
  }
  const [fiducial, derivative] = [await write('fiducial'), await write('derivative')]
  const [spec, derivativeSpec] = [specOf(simulations.fiducial), specOf(simulations.derivative)]
  const nD = derivative.length
  return {
    main: Dataset.zip([
      npyDataset(fiducial.slice(0, nD), { elementSpec: spec }),
      npyDataset(derivative, { elementSpec: derivativeSpec }),
    ]),
    remaining: npyDataset(fiducial.slice(nD), { elementSpec: spec }),
  }
}

const specOf = ({ shape: [, ...shape] }: NDArray) => ({ shape, dtype: 'float32' }) as const

/** Few large files of records, which TensorFlow reads, too; `recordSize` is in MB, small enough here to see several. */
async function throughTFRecords({ fiducial, derivative }: Simulations, { folder, name }: Place): Promise<Streams> {
  const records = new TFRecords({ recordSize: 0.02 })
  const write = (kind: string, simulations: NDArray) =>
    records.writeRecord({
      nSims: simulations.shape[0]!,
      getSimulation: (seed) => simulations.at(seed),
      directory: folder,
      filename: `${name}_${kind}`,
    })
  const { paths } = await write('fiducial', fiducial)
  const { paths: derivativePaths } = await write('derivative', derivative)
  const [nD, ...shape] = derivative.shape
  const [inputShape, nParams] = [shape.slice(0, -1), shape.at(-1)!]
  const simulations = TFRecordDataset(paths).map(records.parser(inputShape))
  const derivatives = TFRecordDataset(derivativePaths).map(records.derivativeParser(inputShape, nParams))
  return { main: Dataset.zip([simulations.take(nD!), derivatives]), remaining: simulations.skip(nD!) }
}
