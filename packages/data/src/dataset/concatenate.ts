import { TreeError } from '@cotangent/autodiff/array'
import { type AnySpec, commonSpec, showSpec } from './spec.ts'
import { type Cardinality, openAt, type Pull, type Stage } from './stage.ts'

/** The elements of one dataset, then those of the other. */
export function concatenate(first: Stage, second: Stage): Stage {
  const stages = [first, second]
  const spec = commonElements(stages, 'concatenate')
  const from = (start: number, opened?: Pull): Pull => {
    let index = start
    let pull = opened
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
  const { cardinality } = first
  return {
    spec: () => spec,
    cardinality: sum(cardinality, second.cardinality),
    cycle,
    open: () => from(0),
    ...(typeof cardinality === 'number' && {
      openAt: (n: number) => (n < cardinality ? from(0, openAt(first, n)) : from(1, openAt(second, n - cardinality))),
    }),
  }
}

/** The spec of elements that come from any of the stages; undefined where that of one is not known. */
export function commonElements(stages: readonly Stage[], where: string): AnySpec | undefined {
  const specs = stages.map((stage) => stage.spec()).filter((spec) => spec !== undefined)
  const common = specs.reduce((a: AnySpec, b: AnySpec) => {
    const both = commonSpec(a, b)
    if (both !== undefined) return both
    throw new TreeError(
      `${where}: the elements are ${showSpec(a)} and ${showSpec(b)}; the datasets must have the same structure and dtypes`,
    )
  }, specs[0])
  return specs.length === stages.length ? common : undefined
}

function sum(a: Cardinality, b: Cardinality): Cardinality {
  if (a === 'infinite' || b === 'infinite') return 'infinite'
  return a === 'unknown' || b === 'unknown' ? 'unknown' : a + b
}
