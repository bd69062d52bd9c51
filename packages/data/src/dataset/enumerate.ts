import { allocate, scalar, ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import { type Chunk, elements, itemsOf } from './chunk.ts'
import { openAt, type Pull, type Stage, through } from './stage.ts'

/** Every element with its number: the tuple [number, element]. */
export function enumerate(source: Stage, start: number): Stage {
  if (!Number.isInteger(start) || start < -(2 ** 31) || start >= 2 ** 31)
    throw new ValueError(`enumerate: start is ${shown(start)}; it must be an integer of int32`)
  const from = (pull: Pull, first: number): Pull => {
    let next = first
    return through(pull, async (limit) => {
      const chunk = await pull.next(Math.max(1, Math.min(limit, 2 ** 31 - next)))
      if (chunk === undefined) return undefined
      const numbered = number(chunk, next)
      next += chunk.count
      return numbered
    })
  }
  return {
    spec: () => {
      const spec = source.spec()
      return spec === undefined ? undefined : [{ shape: [], dtype: 'int32' }, spec]
    },
    cardinality: source.cardinality,
    // The numbers go on where the elements start over.
    cycle: undefined,
    open: () => from(source.open(), start),
    ...(source.openAt && { openAt: (n) => from(openAt(source, n), start + n) }),
  }
}

function number(chunk: Chunk, first: number): Chunk {
  const { count } = chunk
  if (first >= 2 ** 31) throw new ValueError(`enumerate: number ${first} is beyond int32; start lower`)
  if (chunk.kind === 'elements') return elements(itemsOf(chunk).map((item, i) => [scalar(first + i, 'int32'), item]))
  const store = allocate('int32', count)
  for (let i = 0; i < count; i++) store[i] = first + i
  return {
    ...chunk,
    structure: { kind: 'tuple', children: [{ kind: 'leaf' }, chunk.structure] },
    columns: [{ dtype: 'int32', shape: [], offset: 0, store }, ...chunk.columns],
  }
}
