import type { BatchForm } from './batch.ts'
import { type Problem, ValidationError } from '../errors.ts'
import type { Cancellation } from '../training/fit-options.ts'
import type { FeedForm, OpenFeed, Part, Sources } from './form.ts'
import { GroupReader } from './group-reader.ts'
import type { Plan } from './plan.ts'
import { BatchReader, type BatchSource, Company, isOneShot } from './source.ts'

/** The form of each dataset's batches. */
export const formsOf = ({ parts, rows, inputShape }: Omit<FeedForm, 'dtype'>, part: Part, count: number): BatchForm[] =>
  Array.from({ length: count }, (_, k) => {
    const { name, nParams, mayRepeat } = parts[part]
    return { where: `${name}[${k}]`, rows, inputShape, nParams, mayRepeat }
  })

const total = (grouping: readonly number[]): number => grouping.reduce((sum, n) => sum + n, 0)

/** The readers of generators and other iterators that can be read only once: later fits go on where the last stopped. */
export type OneShotReaders = WeakMap<BatchSource, GroupReader>

/** Begins to read the datasets; a source that does not deliver is waited for no longer when `signal` is up. */
export function openFeed(
  sources: Sources,
  form: FeedForm,
  plan: Plan,
  oneShotReaders: OneShotReaders,
  signal: Cancellation | undefined,
): OpenFeed {
  const company = new Company()
  const closing: GroupReader[] = []
  const open = (part: Part): GroupReader[] => {
    const forms = formsOf(form, part, sources[part].length)
    return sources[part].map((source, k) => {
      const known = oneShotReaders.get(source)
      if (known !== undefined) return known
      const batches = total(plan[part])
      const batchReader = new BatchReader(source, forms[k] as BatchForm, batches, company)
      const reader = new GroupReader(batchReader, plan[part], form.dtype, form.parts[part].constants ?? [])
      if (isOneShot(source)) oneShotReaders.set(source, reader)
      else closing.push(reader)
      return reader
    })
  }
  const feed = { main: open('main'), remaining: open('remaining') }
  const readers = [...feed.main, ...feed.remaining]
  for (const reader of readers) reader.heed(signal)
  return {
    peeks: readers.map((reader) => () => reader.peek()),
    epoch: () => feed,
    close: async () => void (await Promise.allSettled(closing.map((reader) => reader.close()))),
  }
}

/** Reads the first batches of all datasets, and throws what is wrong with any of them in one error. */
export async function checkFirstBatches(feeds: readonly OpenFeed[]): Promise<void> {
  const results = await Promise.allSettled(feeds.flatMap(({ peeks }) => peeks.map((peek) => peek())))
  const reasons: unknown[] = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []))
  const other = reasons.find((reason) => !(reason instanceof ValidationError))
  if (other !== undefined) throw other
  const problems = reasons.flatMap((reason): readonly Problem[] => (reason as ValidationError).problems)
  if (problems.length > 0) throw new ValidationError('the datasets', problems)
}
