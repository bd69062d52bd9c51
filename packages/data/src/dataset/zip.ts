import { ValueError } from '@cotangent/autodiff/array'
import { type Chunk, dropFirst, elements, itemsOf, type Rows, takeFirst } from './chunk.ts'
import type { AnySpec } from './spec.ts'
import { type Cardinality, closeAll, gcd, openAt, type Pull, type Stage } from './stage.ts'
import { build, graft, type Structure } from './structure.ts'

/** Elements of several datasets side by side, as the tree `structure`; ends with the shortest. */
export function zip(structure: Structure, stages: readonly Stage[]): Stage {
  if (stages.length === 0) throw new ValueError('zip: there is no dataset to zip')
  const cardinality = shortest(stages.map((stage) => stage.cardinality))
  const endless = stages.filter((stage) => stage.cardinality === 'infinite')
  const cycles = endless.map((stage) => stage.cycle)
  return {
    spec: () => {
      const specs = stages.map((stage) => stage.spec())
      return specs.includes(undefined) ? undefined : (assemble(structure, specs) as AnySpec)
    },
    cardinality,
    ...(stages.every(({ openAt: at }) => at !== undefined) && {
      openAt: (n: number) =>
        new ZipPull(
          structure,
          stages.map((stage) => openAt(stage, n)),
        ),
    }),
    cycle: cardinality === 'infinite' && cycles.every((cycle) => cycle !== undefined) ? cycles.reduce(lcm) : undefined,
    open: () =>
      new ZipPull(
        structure,
        stages.map((stage) => stage.open()),
      ),
  }
}

const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b

function assemble(structure: Structure, parts: readonly unknown[]): unknown {
  let next = 0
  return build(structure, () => parts[next++])
}

function shortest(cardinalities: readonly Cardinality[]): Cardinality {
  if (cardinalities.includes('unknown')) return 'unknown'
  const least = Math.min(...cardinalities.map((c) => (typeof c === 'number' ? c : Number.POSITIVE_INFINITY)))
  return least === Number.POSITIVE_INFINITY ? 'infinite' : least
}

class ZipPull implements Pull {
  readonly #structure: Structure
  readonly #pulls: readonly Pull[]
  readonly #held: (Chunk | undefined)[]

  constructor(structure: Structure, pulls: readonly Pull[]) {
    this.#structure = structure
    this.#pulls = pulls
    this.#held = pulls.map(() => undefined)
  }

  async next(limit: number): Promise<Chunk | undefined> {
    let count = limit
    for (const [i, pull] of this.#pulls.entries()) {
      this.#held[i] ??= await pull.next(count).catch((error: unknown) => this.#failAt(i, error))
      if (this.#held[i] === undefined) return undefined
      count = Math.min(count, this.#held[i].count)
    }
    const parts = this.#held.map((chunk) => takeFirst(chunk as Chunk, count))
    this.#held.forEach((chunk, i) => {
      this.#held[i] = (chunk as Chunk).count > count ? dropFirst(chunk as Chunk, count) : undefined
    })
    if (parts.every((part): part is Rows => part.kind === 'rows')) {
      let next = 0
      const structure = graft(this.#structure, () => (parts[next++] as Rows).structure)
      return { kind: 'rows', count, structure, columns: parts.flatMap((part) => part.columns) }
    }
    const items = parts.map(itemsOf)
    return elements(
      Array.from({ length: count }, (_, row) =>
        assemble(
          this.#structure,
          items.map((item) => item[row]),
        ),
      ),
    )
  }

  /** The element that dataset `i` failed to give is left out of the others too, so that they stay side by side. */
  async #failAt(i: number, error: unknown): Promise<never> {
    for (const [k, pull] of this.#pulls.entries()) {
      if (k === i) continue
      const chunk = this.#held[k] ?? (k < i ? undefined : await pull.next(1).catch(() => undefined))
      this.#held[k] = chunk !== undefined && chunk.count > 1 ? dropFirst(chunk, 1) : undefined
    }
    throw error
  }

  async close(): Promise<void> {
    await closeAll(this.#pulls)
  }
}
