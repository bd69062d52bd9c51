import { checkEndless, checkSpec, type Dataset, problemsOf } from '@cotangent/data'
import { type BatchForm, expectedSpec, fromData, withRows } from '../feed/batch.ts'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Batches, checkBatches, type Layout } from './devices.ts'
import type { Sizes } from './sizes.ts'
import { type Checked, show, together, unless } from './checks.ts'
import type { Problem } from '../errors.ts'
import { formsOf, type Sources } from '../feed/feed.ts'
import type { DatasetOptions } from '../options.ts'
import type { BatchSource } from '../feed/source.ts'
import type { SetName } from '../training/trainer.ts'

/** The datasets of both sets. */
export interface CheckedSources {
  readonly training: Sources
  readonly validation: Sources | undefined
}

/** How the datasets of each set are called in messages: as the options are. */
export const datasetNames: Readonly<Record<SetName, { readonly main: string; readonly remaining: string }>> = {
  training: { main: 'main', remaining: 'remaining' },
  validation: { main: 'validationMain', remaining: 'validationRemaining' },
}

type Lists = { readonly [K in keyof DatasetOptions]?: readonly BatchSource[] | undefined }

/** The datasets, and how many batches of each there are in an epoch. */
export interface CheckedDatasets {
  readonly sources: CheckedSources
  readonly batches: Batches
}

/** All that can be known about the datasets without reading them. */
export const checkDatasets = (options: Lists, sizes: Sizes, layout: Layout): Checked<CheckedDatasets> =>
  pipe(
    sequenceS(together)({
      sources: checkLists(options, sizes, layout.devices.length),
      batches: checkBatches(sizes, layout),
    }),
    E.chain(({ sources, batches }) =>
      unless(checkDescriptions(sources, sizes, layout.nPerDevice, batches), () => ({ sources, batches })),
    ),
  )

/** That the lists are complete: one dataset a device, no part without its counterpart. */
function checkLists(options: Lists, { nS, nD }: Sizes, lanes: number): Checked<CheckedSources> {
  const { main, remaining, validationMain, validationRemaining } = options
  const problems: Problem[] = []
  const list = (where: string, sources: unknown, why: string | undefined): readonly BatchSource[] => {
    if (isNone(sources)) {
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
  const some = nS > nD ? `nS − nD = ${nS - nD} simulations come without derivatives` : undefined
  const validates = !isNone(validationMain) || !isNone(validationRemaining)
  const missingPart =
    some ?? (!isNone(remaining) ? 'it goes with validationMain as remaining goes with main' : undefined)
  const found = {
    main: list('main', main, 'the simulations with derivatives, one dataset a device'),
    remaining: list('remaining', remaining, some),
    validationMain: list(
      'validationMain',
      validationMain,
      validates ? 'validationRemaining is given; validation needs both, or neither' : undefined,
    ),
    validationRemaining: list(
      'validationRemaining',
      validationRemaining,
      validates && missingPart !== undefined
        ? `validationMain is given; validation needs both, or neither (${missingPart})`
        : undefined,
    ),
  }
  return unless(problems, () => ({
    training: { main: found.main, remaining: nS > nD ? found.remaining : [] },
    validation: validates
      ? { main: found.validationMain, remaining: nS > nD ? found.validationRemaining : [] }
      : undefined,
  }))
}

const isNone = (sources: unknown): boolean =>
  sources === undefined || sources === null || (Array.isArray(sources) && sources.length === 0)

const isSource = (value: unknown): value is BatchSource =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<BatchSource>)[Symbol.asyncIterator] === 'function'

/** What the datasets say of themselves without being read: their specs, whether they end, and their cycles. */
function checkDescriptions(
  sources: CheckedSources,
  { inputShape, nParams }: Sizes,
  rows: number,
  batches: Batches,
): Problem[] {
  const problems: Problem[] = []
  for (const set of ['training', 'validation'] as const) {
    for (const part of ['main', 'remaining'] as const) {
      const list = sources[set]?.[part] ?? []
      const forms = formsOf({ names: datasetNames[set], rows, inputShape, nParams }, part, list.length)
      list.forEach((source, k) => {
        problems.push(...checkDescription(source, forms[k] as BatchForm, batches[part]))
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
