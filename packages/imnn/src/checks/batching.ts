import type { BatchingOptions } from '../options.ts'
import { type Checked, checkFlag, isNone, unless } from './checks.ts'
import { checkCount } from './sizes.ts'

/** `prefetch` and `cache`. */
export function checkBatching({ prefetch, cache }: BatchingOptions): Checked<BatchingOptions> {
  const problems = [
    ...(isNone(prefetch) ? [] : checkCount('prefetch', prefetch)),
    ...checkFlag('cache', cache ?? undefined),
  ]
  return unless(problems, () => ({ ...(prefetch && { prefetch }), ...(cache && { cache }) }))
}
