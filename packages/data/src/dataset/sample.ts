import { hostData, isInteger, NDArray, ValueError } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { checkFlags, shown } from '../given.ts'
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

/** Which dataset gives the next element, of those that are still open; undefined ends. */
type Choice = (open: (index: number) => boolean) => Promise<number | undefined>

/** Elements of several datasets, each time of one drawn at random. */
export function sample(
  stages: readonly Stage[],
  { weights = stages.map(() => 1), stopOnEmptyDataset = false, ...random }: SampleOptions,
): Stage {
  const where = 'sampleFromDatasets'
  if (stages.length === 0) throw none(where)
  if (
    !Array.isArray(weights) ||
    weights.length !== stages.length ||
    !weights.every((w) => Number.isFinite(w) && w >= 0) ||
    !weights.some((w) => w > 0)
  ) {
    throw new ValueError(
      `${where}: weights are ${shown(weights)} for ${stages.length} datasets; give each a number from 0, not all of them 0`,
    )
  }
  checkFlags(where, { stopOnEmptyDataset })
  const words = wordsOf(random, where)
  // Their sum must be a number, however large they are.
  const largest = Math.max(...weights)
  const relative = weights.map((w) => w / largest)
  const likely = [...stages.keys()].filter((i) => (relative[i] as number) > 0)
  const open = (): [choice: Choice, close: () => Promise<void>] => {
    let started = false
    let randoms: Randoms | undefined
    const choose = async (open: (index: number) => boolean) => {
      if (randoms === undefined) {
        // Without its key it gives nothing.
        if (started) return undefined
        started = true
        randoms = new Randoms(await words())
      }
      const left = likely.filter(open)
      let at = randoms.uniform() * left.reduce((sum, i) => sum + (relative[i] as number), 0)
      return left.find((i) => (at -= relative[i] as number) < 0) ?? left.at(-1)
    }
    return [choose, async () => undefined]
  }
  return directed(stages, likely, where, stopOnEmptyDataset, open)
}

/** Elements of several datasets, each time of the one whose number `choices` gives. */
export function choose(stages: readonly Stage[], choices: Stage, { stopOnEmptyDataset = true }: ChooseOptions): Stage {
  const where = 'chooseFromDatasets'
  checkFlags(where, { stopOnEmptyDataset })
  const open = (): [choice: Choice, close: () => Promise<void>] => {
    const pull = choices.open()
    const choice = async () => {
      const chunk = await pull.next(1)
      return chunk === undefined ? undefined : chosen(itemsOf(chunk)[0], stages.length)
    }
    return [choice, () => pull.close()]
  }
  return directed(stages, [...stages.keys()], where, stopOnEmptyDataset, open)
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
  used: readonly number[],
  where: string,
  stop: boolean,
  start: () => [choice: Choice, close: () => Promise<void>],
): Stage {
  if (stages.length === 0) throw none(where)
  const spec = commonElements(stages, where)
  const endless = used.every((i) => stages[i]?.cardinality === 'infinite')
  const cardinality: Cardinality = endless && where === 'sampleFromDatasets' ? 'infinite' : 'unknown'
  const open = (): Pull => {
    const pulls: (Pull | undefined)[] = stages.map((stage) => stage.open())
    let left = used.length
    const [choose, close] = start()
    const next = async (): Promise<Chunk | undefined> => {
      while (left > 0) {
        const index = await choose((i) => pulls[i] !== undefined)
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
