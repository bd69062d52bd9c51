import { TreeError } from '@cotangent/autodiff/array'
import { type AnySpec, commonSpec, showSpec } from './spec.ts'
import type { Cardinality, Pull, Stage } from './stage.ts'

/** The elements of one dataset, then those of the other. */
export function concatenate(first: Stage, second: Stage): Stage {
  const one = first.spec()
  const two = second.spec()
  let spec: AnySpec | undefined
  if (one !== undefined && two !== undefined) {
    spec = commonSpec(one, two)
    if (spec === undefined) {
      throw new TreeError(
        `concatenate: the elements are ${showSpec(one)} and ${showSpec(two)}; both datasets must have the same structure and dtypes`,
      )
    }
  }
  const stages = [first, second]
  const open = (): Pull => {
    let index = 0
    let pull: Pull | undefined
    const close = async () => {
      const current = pull
      pull = undefined
      await current?.close()
    }
    const next = async (limit: number) => {
      for (let stage = stages[index]; stage !== undefined; stage = stages[++index]) {
        pull ??= stage.open()
        const chunk = await pull.next(limit)
        if (chunk !== undefined) return chunk
        await close()
      }
      return undefined
    }
    return { next, close }
  }
  const cycle = first.cardinality === 'infinite' ? first.cycle : second.cycle
  return { spec: () => spec, cardinality: sum(first.cardinality, second.cardinality), cycle, open }
}

function sum(a: Cardinality, b: Cardinality): Cardinality {
  if (a === 'infinite' || b === 'infinite') return 'infinite'
  return a === 'unknown' || b === 'unknown' ? 'unknown' : a + b
}
