import type { Leaves } from '../information/summaries.ts'
import type { GroupStream } from './form.ts'
import type { Grouping } from './plan.ts'

/** A part of a set that lies in memory: how many simulations, and a group of those from `from` to before `to`. */
export interface Rows {
  readonly count: number
  readonly between: (from: number, to: number) => Leaves
}

/**
 * The groups of one epoch of a part, a stream a lane: each lane has its own block of the simulations.
 *
 * @param rows simulations in a batch, of which the grouping counts
 */
export function sliced({ count, between }: Rows, lanes: number, grouping: Grouping, rows: number): GroupStream[] {
  if (count === 0) return []
  const share = count / lanes
  return Array.from({ length: lanes }, (_, k): GroupStream => {
    let [group, row] = [0, k * share]
    const next = async (): Promise<Leaves> => {
      const from = row
      row += (grouping[group++] as number) * rows
      return between(from, row)
    }
    return { length: grouping.length, next }
  })
}
