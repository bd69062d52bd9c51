import type { Leaves } from '../information/summaries.ts'
import type { OpenFeed, Part } from './form.ts'
import type { Plan } from './plan.ts'
import { type Rows, sliced } from './slices.ts'

/** A set in memory, cut into groups. */
export interface ArrayFeedForm {
  readonly parts: Readonly<Record<Part, Rows>>
  readonly lanes: number
  /** The number of simulations in a batch. */
  readonly rows: number
  /** How many groups are cut before they are asked for. */
  readonly ahead: number
}

/** Groups that are cut from arrays, for every epoch anew. */
export function openArrayFeed({ parts, lanes, rows, ahead }: ArrayFeedForm, plan: Plan): OpenFeed {
  const streams = (part: Part) => sliced(parts[part], lanes, plan[part], rows, ahead)
  return {
    peeks: [],
    epoch: () => ({ main: streams('main'), remaining: streams('remaining') }),
    close: async () => undefined,
  }
}

/** The same groups, kept once they have been cut. */
export function kept({ count, between }: Rows): Rows {
  const groups = new Map<string, Leaves>()
  return {
    count,
    between: (from, to) => {
      const key = `${from} ${to}`
      let group = groups.get(key)
      if (group === undefined) groups.set(key, (group = between(from, to)))
      return group
    },
  }
}
