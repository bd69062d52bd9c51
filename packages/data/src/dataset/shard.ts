import { ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import { everyNth } from './chunk.ts'
import { gcd, openAt, type Pull, type Stage, through } from './stage.ts'

/** So many elements are asked for at most, beside the ones on the way to the first that is wanted. */
const MOST = 4096

/** Every `count`-th element, beginning with element `index`. */
export function shard(source: Stage, count: number, index: number): Stage {
  if (!Number.isInteger(count) || count < 1) {
    throw new ValueError(`shard: the number of shards is ${shown(count)}; it must be a positive integer`)
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new ValueError(`shard: index ${shown(index)} is outside 0 … ${count - 1}, the indices of ${count} shards`)
  }
  const from = (pull: Pull, start: number) => {
    let position = start
    return through(pull, async (limit) => {
      for (;;) {
        const first = (((index - position) % count) + count) % count
        const chunk = await pull.next(first + 1 + Math.min((limit - 1) * count, MOST))
        if (chunk === undefined) return undefined
        position += chunk.count
        const mine = everyNth(chunk, count, first)
        if (mine !== undefined) return mine
      }
    })
  }
  const { cardinality, cycle } = source
  return {
    spec: () => source.spec(),
    cardinality: typeof cardinality === 'number' ? Math.max(0, Math.ceil((cardinality - index) / count)) : cardinality,
    cycle: cycle === undefined ? undefined : cycle / gcd(cycle, count),
    open: () => from(source.open(), 0),
    ...(source.openAt && { openAt: (n: number) => from(openAt(source, n * count), n * count) }),
  }
}
