import type { FloatDType, Shape } from '@cotangent/autodiff/array'
import type { BatchForm } from './batch.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { GroupReader } from './group-reader.ts'
import type { Plan } from './plan.ts'
import { BatchReader, type BatchSource, Company, isOneShot } from './source.ts'

/** The datasets of a set of simulations, one of each kind a lane. `remaining` is empty when n_s = n_d. */
export interface Sources {
  readonly main: readonly BatchSource[]
  readonly remaining: readonly BatchSource[]
}

/** The same while they are read. */
export interface Feed {
  readonly main: readonly GroupReader[]
  readonly remaining: readonly GroupReader[]
  close(): Promise<void>
}

/** How the datasets of a set are called, and what their batches are. */
export interface FeedForm {
  readonly names: { readonly main: string; readonly remaining: string }
  readonly rows: number
  readonly inputShape: Shape
  readonly nParams: number
  readonly dtype: FloatDType
}

/** The form of each dataset's batches. */
export const formsOf = (
  { names, rows, inputShape, nParams }: Omit<FeedForm, 'dtype'>,
  part: 'main' | 'remaining',
  count: number,
): BatchForm[] =>
  Array.from({ length: count }, (_, k) => ({
    where: `${names[part]}[${k}]`,
    rows,
    inputShape,
    nParams: part === 'main' ? nParams : 0,
  }))

const total = (grouping: readonly number[]): number => grouping.reduce((sum, n) => sum + n, 0)

/** The readers of generators and other iterators that can be read only once: later fits go on where the last stopped. */
export type OneShotReaders = WeakMap<BatchSource, GroupReader>

/** Begins to read the datasets. */
export function openFeed(sources: Sources, form: FeedForm, plan: Plan, oneShotReaders: OneShotReaders): Feed {
  const company = new Company()
  const closing: GroupReader[] = []
  const open = (part: 'main' | 'remaining'): GroupReader[] => {
    const forms = formsOf(form, part, sources[part].length)
    return sources[part].map((source, k) => {
      const known = oneShotReaders.get(source)
      if (known !== undefined) return known
      const batches = total(plan[part])
      const batchReader = new BatchReader(source, forms[k] as BatchForm, batches, company)
      const reader = new GroupReader(batchReader, plan[part], form.dtype)
      if (isOneShot(source)) oneShotReaders.set(source, reader)
      else closing.push(reader)
      return reader
    })
  }
  const feed = { main: open('main'), remaining: open('remaining') }
  return {
    ...feed,
    close: async () => void (await Promise.allSettled(closing.map((reader) => reader.close()))),
  }
}

/** Reads the first batches of all datasets, and throws what is wrong with any of them in one error. */
export async function checkFirstBatches(feeds: readonly Feed[]): Promise<void> {
  const readers = feeds.flatMap(({ main, remaining }) => [...main, ...remaining])
  const results = await Promise.allSettled(readers.map((reader) => reader.peek()))
  const reasons: unknown[] = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []))
  const other = reasons.find((reason) => !(reason instanceof ValidationError))
  if (other !== undefined) throw other
  const problems = reasons.flatMap((reason): readonly Problem[] => (reason as ValidationError).problems)
  if (problems.length > 0) throw new ValidationError('the datasets', problems)
}
