import type { Device, Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { all, type Checked, distinct, show, unless } from './checks/checks.ts'
import { checkCommon, type Common, precisionOf } from './checks/common.ts'
import type { Kind } from './checks/kind.ts'
import { strangeNames } from './checks/names.ts'
import { checkSizes, type Sizes } from './checks/sizes.ts'
import type { Problem } from './errors.ts'
import { type IMNNValue, newIMNN } from './imnn.ts'
import { compileCompressor } from './information/compressor.ts'
import type { CommonOptions } from './options.ts'
import type { Trainer } from './training/trainer.ts'
import type { Precision } from './tree.ts'

/** What the options of one kind come to, beside those that all kinds take. */
export interface Own {
  /** Where data are compressed. */
  readonly device: Device
  readonly trainer: (common: Common<unknown>) => Trainer
}

/** What the checks of one kind know of the others: sizes, and the dtype to compute in. */
export interface Known {
  readonly sizes: Checked<Sizes>
  readonly dtype: Precision
}

/**
 * An IMNN of one kind at its first weights, or every problem with its options: those that all kinds have, those that
 * `check` finds, and names that are none.
 */
export function construct<P extends Tree>(
  kind: Kind,
  options: CommonOptions<P>,
  check: (known: Known) => Checked<Own>,
): Checked<IMNNValue<P>> {
  const refused = noOptions(options)
  if (refused !== undefined) return refused
  const common = checkCommon(options)
  const own = check({ sizes: checkSizes(options), dtype: precisionOf(common) })
  const names = unless(strangeNames(kind, options), () => undefined)
  return pipe(
    all({ common, own, names }),
    E.bimap(distinct, ({ common: shared, own: { device, trainer } }) =>
      newIMNN({
        kind,
        ...shared,
        trainer: trainer(shared),
        compressor: compileCompressor(device, shared.network.apply),
      }),
    ),
  )
}

/** Why something is no set of options; undefined when it is one. */
export function noOptions(options: unknown): E.Left<readonly Problem[]> | undefined {
  if (
    typeof options === 'object' &&
    options !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(options))
  )
    return undefined
  return {
    _tag: 'Left',
    left: [{ where: 'options', message: `are given by name, as { nS: 1000, … }, not ${show(options)}` }],
  }
}
