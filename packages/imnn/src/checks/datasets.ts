import { checkEndless, checkSpec, type Dataset, problemsOf } from '@cotangent/data'
import { type BatchForm, expectedSpec, fromData, withRows } from '../feed/batch.ts'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Batches } from './devices.ts'
import { all, type Checked, isNone, show, unless } from './checks.ts'
import type { Problem } from '../errors.ts'
import { formsOf } from '../feed/feed.ts'
import type { FeedForm, Part, Sources } from '../feed/form.ts'
import type { BatchSource } from '../feed/source.ts'
import type { SetName } from '../training/trainer.ts'

/** The datasets of both sets. */
export interface CheckedSources {
  readonly training: Sources
  readonly validation: Sources | undefined
}

/** What was given, by set and part. */
export type Lists = Readonly<Record<SetName, Readonly<Record<Part, readonly BatchSource[] | undefined>>>>

/** What the datasets must be. */
export interface DatasetsForm {
  /** How many devices there are. */
  readonly lanes: number
  /** Why each part must be there, if it must; what need not be is not read. */
  readonly needs: Readonly<Record<Part, string | undefined>>
  readonly forms: Readonly<Record<SetName, Omit<FeedForm, 'dtype'>>>
  readonly batches: Checked<Batches>
}

/** The datasets with their forms, and how many batches of each there are in an epoch. */
export interface CheckedDatasets extends Pick<DatasetsForm, 'forms'> {
  readonly sources: CheckedSources
  readonly batches: Batches
}

/** All that can be known about the datasets without reading them. */
export const checkDatasets = (lists: Lists, form: DatasetsForm): Checked<CheckedDatasets> =>
  pipe(
    all({ sources: checkLists(lists, form), batches: form.batches }),
    E.chain(({ sources, batches }) =>
      unless(checkDescriptions(sources, form, batches), () => ({ sources, batches, forms: form.forms })),
    ),
  )

/** That the lists are complete: one dataset a device, no part without its counterpart. */
function checkLists({ training, validation }: Lists, { lanes, needs, forms }: DatasetsForm): Checked<CheckedSources> {
  const problems: Problem[] = []
  const list = (where: string, sources: unknown, why: string | undefined): readonly BatchSource[] => {
    if (isEmpty(sources)) {
      if (why !== undefined) problems.push({ where, message: `is missing: ${why}` })
      return []
    }
    if (!Array.isArray(sources)) {
      problems.push({
        where,
        message: `must be a list with one dataset a device, not ${show(sources)}: write [dataset]`,
      })
      return []
    }
    if (sources.length !== lanes)
      problems.push({
        where,
        message: `has ${sources.length} datasets for ${lanes} devices; there must be one a device`,
      })
    sources.forEach((source: unknown, k) => {
      if (!isSource(source))
        problems.push({
          where: `${where}[${k}]`,
          message: `is ${show(source)}, not a Dataset or another async iterable`,
        })
    })
    return sources as readonly BatchSource[]
  }
  const nameOf = (set: SetName, part: Part): string => forms[set].parts[part].name
  const validates = !isEmpty(validation.main) || !isEmpty(validation.remaining)
  const [main, remaining] = [nameOf('validation', 'main'), nameOf('validation', 'remaining')]
  const goesAlong = `it goes with ${main} as ${nameOf('training', 'remaining')} goes with ${nameOf('training', 'main')}`
  const missingPart = needs.remaining ?? (isEmpty(training.remaining) ? undefined : goesAlong)
  const found = {
    training: {
      main: list(nameOf('training', 'main'), training.main, needs.main),
      remaining: list(nameOf('training', 'remaining'), training.remaining, needs.remaining),
    },
    validation: {
      main: list(
        main,
        validation.main,
        validates ? `${remaining} is given; validation needs both, or neither` : undefined,
      ),
      remaining: list(
        remaining,
        validation.remaining,
        validates && missingPart !== undefined
          ? `${main} is given; validation needs both, or neither (${missingPart})`
          : undefined,
      ),
    },
  }
  const read = (set: Sources): Sources => (needs.remaining === undefined ? { ...set, remaining: [] } : set)
  return unless(problems, () => ({
    training: read(found.training),
    validation: validates ? read(found.validation) : undefined,
  }))
}

const isEmpty = (sources: unknown): boolean => isNone(sources) || (Array.isArray(sources) && sources.length === 0)

const isSource = (value: unknown): value is BatchSource =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<BatchSource>)[Symbol.asyncIterator] === 'function'

/** What the datasets say of themselves without being read: their specs, whether they end, and their cycles. */
function checkDescriptions(sources: CheckedSources, { forms }: DatasetsForm, batches: Batches): Problem[] {
  const problems: Problem[] = []
  for (const set of ['training', 'validation'] as const) {
    for (const part of ['main', 'remaining'] as const) {
      const list = sources[set]?.[part] ?? []
      const ofEach = formsOf(forms[set], part, list.length)
      list.forEach((source, k) => {
        problems.push(...checkDescription(source, ofEach[k] as BatchForm, batches[part]))
      })
    }
  }
  return problems
}

function checkDescription(source: BatchSource, form: BatchForm, batches: number): Problem[] {
  const { elementSpec, cardinality } = source as Partial<Dataset<unknown>>
  const { where } = form
  // Other iterables than datasets say nothing of themselves.
  const spec = withRows(elementSpec, form.rows)
  const ofSpec = elementSpec === undefined ? [] : problemsOf(checkSpec(spec, expectedSpec(form, spec), where))
  const ofLength = cardinality === undefined ? [] : problemsOf(checkEndless(source as Dataset<unknown>, batches, where))
  return [...ofSpec, ...ofLength].map(fromData)
}
