import { DTypeError, NDArray } from '@cotangent/autodiff/array'
import { type Chunk, elements, itemsOf } from './chunk.ts'
import { Failure } from './failure.ts'
import type { Pull } from './stage.ts'

/** What a step says instead of giving an element: leave this one out, or end here. */
export const left: unique symbol = Symbol('left out')
export const ended: unique symbol = Symbol('ended')

/**
 * What `step` makes of each element: another element, `left` or `ended`, now or later. Steps run one after another; an
 * error comes after what was made before it.
 */
export function perElement(source: Pull, step: (element: unknown) => unknown): Pull {
  let items: readonly unknown[] = []
  let at = 0
  /** What the last step promised, while it is not needed yet. */
  let promised: PromiseLike<unknown> | undefined
  const failure = new Failure()
  let done = false
  const next = async (limit: number): Promise<Chunk | undefined> => {
    const made: unknown[] = []
    while (made.length < limit && !done) {
      if (failure.isHeld && made.length > 0) break
      failure.release()
      if (promised === undefined && at === items.length) {
        if (made.length > 0) break
        const chunk = await source.next(limit)
        if (chunk === undefined) return undefined
        items = itemsOf(chunk)
        at = 0
      }
      try {
        let result = promised ?? step(items[at++])
        // An await costs a turn of the microtask queue: synchronous steps go without.
        if (isThenable(result)) {
          promised = result
          if (made.length > 0) break
          result = await result
          promised = undefined
        }
        if (result === ended) done = true
        else if (result !== left) made.push(result)
      } catch (error) {
        promised = undefined
        failure.hold(error)
      }
    }
    promised?.then(undefined, () => undefined)
    return made.length === 0 ? undefined : elements(made)
  }
  const close = async (): Promise<void> => {
    await Promise.allSettled([promised])
    await source.close()
  }
  return { next, close }
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'

/** A function of elements as users write it: a tuple is spread over its arguments. */
export type Spread = (...args: readonly unknown[]) => unknown

export const callSpread = (f: Spread, element: unknown): unknown =>
  Array.isArray(element) ? f(...element) : f(element)

/** What a predicate said, which may be a boolean or a scalar array of dtype bool. */
export function verdict(value: unknown, where: string): boolean | Promise<boolean> {
  if (typeof value === 'boolean') return value
  if (isThenable(value)) return Promise.resolve(value).then((later) => verdict(later, where))
  if (value instanceof NDArray && value.dtype === 'bool' && value.size === 1) {
    const truth = () => value.dataSync()[0] === 1
    return value.storage.host === undefined ? value.ready().then(truth) : truth()
  }
  const what =
    value instanceof NDArray ? `an array of dtype ${value.dtype} and shape [${value.shape.join(', ')}]` : typeof value
  throw new DTypeError(`${where}: the predicate gave ${what}; it must give a boolean, or a scalar array of dtype bool`)
}
