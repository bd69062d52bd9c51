import { hostData, isInteger, NDArray, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { type Chunk, itemsOf } from './chunk.ts'
import { commonElements } from './concatenate.ts'
import { type Cardinality, closeAll, type Pull, type Stage } from './stage.ts'
import { type RandomOptions, Randoms, wordsOf } from './threefry.ts'

export interface SampleOptions extends RandomOptions {
  /** How likely each dataset is, relative to the others. @defaultValue all alike */
  readonly weights?: readonly number[]
  /** End when the first dataset ends, instead of going on with the others. @defaultValue false */
  readonly stopOnEmptyDataset?: boolean
}

export interface ChooseOptions {
  /** End when a dataset that is chosen has ended, instead of leaving the choice out. @defaultValue true */
  readonly stopOnEmptyDataset?: boolean
}

/** Which dataset gives the next element; undefined ends. */
type Choice = () => Promise<number | undefined>

/** Elements of several datasets, each time of one drawn at random. */
export function sample(
  stages: readonly Stage[],
  { weights = stages.map(() => 1), stopOnEmptyDataset = false, ...random }: SampleOptions,
): Stage {
  const where = 'sampleFromDatasets'
  if (stages.length === 0) throw none(where)
  if (
    weights.length !== stages.length ||
    !weights.every((w) => Number.isFinite(w) && w >= 0) ||
    !weights.some((w) => w > 0)
  ) {
    throw new ValueError(
      `${where}: weights are [${weights.join(', ')}] for ${stages.length} datasets; give each a number from 0, not all of them 0`,
    )
  }
  const words = wordsOf(random, where)
  const likely = stages.filter((_, i) => (weights[i] as number) > 0)
  const open = (): [choice: Choice, close: () => Promise<void>] => {
    let randoms: Randoms | undefined
    const total = weights.reduce((sum, w) => sum + w, 0)
    const choose = async () => {
      randoms ??= new Randoms(await words())
      let at = randoms.uniform() * total
      return Math.max(
        0,
        weights.findIndex((w) => (at -= w) < 0),
      )
    }
    return [choose, async () => undefined]
  }
  return directed(stages, likely, where, stopOnEmptyDataset, open)
}

/** Elements of several datasets, each time of the one whose number `choices` gives. */
export function choose(stages: readonly Stage[], choices: Stage, { stopOnEmptyDataset = true }: ChooseOptions): Stage {
  const where = 'chooseFromDatasets'
  const open = (): [choice: Choice, close: () => Promise<void>] => {
    const pull = choices.open()
    const choice = async () => {
      const chunk = await pull.next(1)
      return chunk === undefined ? undefined : chosen(itemsOf(chunk)[0], stages.length)
    }
    return [choice, () => pull.close()]
  }
  return directed(stages, stages, where, stopOnEmptyDataset, open)
}

function chosen(element: unknown, count: number): number {
  if (!(element instanceof NDArray) || element.size !== 1 || !isInteger(element.dtype)) {
    throw new DatasetError('chooseFromDatasets: a choice is no scalar integer: it must be the number of a dataset')
  }
  const index = Number(hostData(element)[0])
  if (index < 0 || index >= count)
    throw new DatasetError(
      `chooseFromDatasets: choice ${index} is outside 0 … ${count - 1}, the numbers of the datasets`,
    )
  return index
}

const none = (where: string): ValueError => new ValueError(`${where}: there is no dataset to take elements from`)

function directed(
  stages: readonly Stage[],
  used: readonly Stage[],
  where: string,
  stop: boolean,
  start: () => [choice: Choice, close: () => Promise<void>],
): Stage {
  if (stages.length === 0) throw none(where)
  const spec = commonElements(stages, where)
  const endless = used.every(({ cardinality }) => cardinality === 'infinite')
  const cardinality: Cardinality = endless && where === 'sampleFromDatasets' ? 'infinite' : 'unknown'
  const open = (): Pull => {
    const pulls: (Pull | undefined)[] = stages.map((stage) => stage.open())
    let left = new Set(used.map((stage) => stages.indexOf(stage))).size
    const [choose, close] = start()
    const next = async (): Promise<Chunk | undefined> => {
      while (left > 0) {
        const index = await choose()
        if (index === undefined) return undefined
        const pull = pulls[index]
        if (pull === undefined) continue
        const chunk = await pull.next(1)
        if (chunk !== undefined) return chunk
        pulls[index] = undefined
        await pull.close()
        if (stop) return undefined
        left--
      }
      return undefined
    }
    return { next, close: () => closeAll([...pulls, { next, close }]) }
  }
  return { spec: () => spec, cardinality, cycle: undefined, open }
}
