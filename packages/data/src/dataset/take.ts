import { ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import { behind, type Cardinality, openAt, type Pull, type Stage, through } from './stage.ts'

export function checkCount(n: number, where: string): void {
  if (!Number.isInteger(n))
    throw new ValueError(`${where}: the number of elements is ${shown(n)}; it must be an integer`)
}

/** The first `n` elements; all when `n` is negative. */
export function take(source: Stage, n: number): Stage {
  checkCount(n, 'take')
  if (n < 0) return source
  const from = (pull: Pull, most: number) => {
    let left = most
    return through(pull, async (limit) => {
      if (left === 0) return undefined
      const chunk = await pull.next(Math.min(limit, left))
      left -= chunk?.count ?? left
      return chunk
    })
  }
  const { cardinality } = source
  const taken: Cardinality =
    cardinality === 'infinite' ? n : cardinality === 'unknown' ? cardinality : Math.min(n, cardinality)
  return {
    spec: () => source.spec(),
    cardinality: taken,
    cycle: undefined,
    open: () => from(source.open(), n),
    ...(source.openAt && { openAt: (k: number) => from(openAt(source, k), Math.max(0, n - k)) }),
  }
}

/** All but the first `n` elements; none when `n` is negative. */
export function skip(source: Stage, n: number): Stage {
  checkCount(n, 'skip')
  if (n < 0) return take(source, 0)
  const { cardinality, cycle } = source
  const rest = typeof cardinality === 'number' ? Math.max(0, cardinality - n) : cardinality
  return {
    spec: () => source.spec(),
    cardinality: rest,
    cycle,
    open: () => behind(source.open(), n),
    ...(source.openAt && { openAt: (k: number) => openAt(source, n + k) }),
  }
}
