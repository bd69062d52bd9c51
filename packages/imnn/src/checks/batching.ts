import type { BatchingOptions } from '../options.ts'
import { type Checked, show, unless } from './checks.ts'
import { checkCount } from './sizes.ts'
import type { Problem } from '../errors.ts'

/** `prefetch` and `cache`. */
export function checkBatching({ prefetch, cache }: BatchingOptions): Checked<BatchingOptions> {
  const problems: Problem[] = prefetch === undefined || prefetch === null ? [] : checkCount('prefetch', prefetch)
  if (cache !== undefined && cache !== null && typeof cache !== 'boolean')
    problems.push({ where: 'cache', message: `must be true or false, not ${show(cache)}` })
  return unless(problems, () => ({ ...(prefetch && { prefetch }), ...(cache && { cache }) }))
}
