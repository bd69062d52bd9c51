import { NDArray, ValueError } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import type { Dataset } from '../dataset/dataset.ts'
import { type AnySpec, checkSpec as checkGivenSpec, specOf } from '../dataset/spec.ts'
import { flatten, isElementLeaf } from '../dataset/structure.ts'
import { checkWhole, shown } from '../given.ts'
import { checkFinite } from './finite.ts'
import { type Checked, checkAll, checkWhere, fine, problem } from './problem.ts'
import { checkSpec } from './spec.ts'

/**
 * Whether an element has the structure, dtypes and shapes that are expected, and only finite numbers. Waits for arrays
 * that are on their way.
 *
 * @example problemsOf(await checkElement(np.zeros([3]), { shape: [2], dtype: 'float32' }, 'main[0]'))[0].kind // shape
 */
export async function checkElement(element: unknown, expected: AnySpec, where: string): Promise<Checked> {
  checkWhere('checkElement', where)
  checkGivenSpec('checkElement', expected, 'the expected spec')
  const { leaves } = flatten(element, isElementLeaf, where)
  for (const leaf of leaves) if (leaf instanceof NDArray) await leaf.ready()
  return checkAll([checkSpec(specOf(element), expected, where), checkFinite(element, where)])
}

/**
 * Checks a dataset before anything is computed from it: its spec where that is known without reading, else (and if it
 * is right) its first element.
 *
 * @param expected the spec of a batch, as `[{ shape: [100, 10], dtype: 'float32' }, …]`
 * @param where what messages call the dataset, as `main[0]`
 * @throws what reading the first element throws (a corrupted file, an error in a generator)
 * @example
 * const batches = Dataset.fromTensorSlices(simulations).batch(20)
 * problemsOf(await checkFirstBatch(batches, { shape: [20, 10], dtype: 'float32' }, 'main[0]')) // []
 */
export async function checkFirstBatch(dataset: Dataset<unknown>, expected: AnySpec, where: string): Promise<Checked> {
  checkWhere('checkFirstBatch', where)
  checkGivenSpec('checkFirstBatch', expected, 'the expected spec')
  if (!isSequence(dataset)) throw new ValueError(`checkFirstBatch: takes a dataset, not ${shown(dataset)}`)
  const known = dataset.elementSpec as AnySpec
  const early = known === undefined ? fine : checkSpec(known, expected, where)
  if (E.isLeft(early)) return early
  for await (const element of dataset) return checkElement(element, expected, where)
  return problem('empty', where, 'is empty: it gives no element at all')
}

/**
 * What can be said without reading about a dataset that is to give the same `batches` batches again and again: that it
 * never ends, and after how many batches it starts over.
 *
 * @example problemsOf(checkEndless(Dataset.range(6).repeat(), 5, 'main[0]'))[0].kind // cycle
 */
export function checkEndless(dataset: Dataset<unknown>, batches: number, where: string): Checked {
  checkWhere('checkEndless', where)
  checkWhole('checkEndless', 'batches', batches, 1)
  const { cardinality, cycle } = (dataset ?? {}) as Partial<Dataset<unknown>>
  if (typeof cardinality !== 'number' && cardinality !== 'infinite' && cardinality !== 'unknown')
    throw new ValueError(`checkEndless: takes a dataset, not ${shown(dataset)}`)
  if (typeof cardinality === 'number') {
    return checkAll([
      problem('ends', where, `ends after ${cardinality} batches; it must be endless: add .repeat()`),
      cardinality === batches ? fine : wrongCycle(cardinality, batches, where),
    ])
  }
  return cycle === undefined || cycle === batches ? fine : wrongCycle(cycle, batches, where)
}

const isSequence = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

const wrongCycle = (cycle: number, batches: number, where: string): Checked =>
  problem(
    'cycle',
    where,
    `has ${cycle} batches before it starts over; an epoch has ${batches}: take, shard and batch so that there are ${batches}, then repeat`,
  )
