import { ValueError } from '@cotangent/autodiff/array'
import { typeName } from '../given.ts'
import { callSpread, ended, left, perElement, type Spread, verdict } from './each.ts'
import type { Stage } from './stage.ts'

export function checkFunction(f: unknown, where: string): void {
  if (typeof f !== 'function') throw new ValueError(`${where}: takes a function of elements, not ${typeName(f)}`)
}

/** The elements of which `predicate` is true. */
export const filter = (source: Stage, predicate: Spread): Stage => judged(source, predicate, 'filter', left)

/** The elements before the first of which `predicate` is false. */
export const takeWhile = (source: Stage, predicate: Spread): Stage => judged(source, predicate, 'takeWhile', ended)

function judged(source: Stage, predicate: Spread, where: string, otherwise: symbol): Stage {
  checkFunction(predicate, where)
  const step = (element: unknown): unknown => {
    const good = verdict(callSpread(predicate, element), where)
    return typeof good === 'boolean'
      ? good
        ? element
        : otherwise
      : good.then((value) => (value ? element : otherwise))
  }
  return {
    spec: () => source.spec(),
    cardinality: 'unknown',
    cycle: undefined,
    open: () => perElement(source.open(), step),
  }
}
