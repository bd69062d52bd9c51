import { breath } from '../training/breath.ts'
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
 * @param ahead how many groups are cut before they are asked for, while the device computes with those before
 */
export function sliced(
  { count, between }: Rows,
  lanes: number,
  grouping: Grouping,
  rows: number,
  ahead = 0,
): GroupStream[] {
  if (count === 0) return []
  const share = count / lanes
  return Array.from({ length: lanes }, (_, k): GroupStream => {
    let [group, row] = [0, k * share]
    const ready: Leaves[] = []
    const cut = (): Leaves => {
      const to = row + (grouping[group] as number) * rows
      const leaves = between(row, to)
      row = to
      group++
      return leaves
    }
    const cutAhead = (): void => {
      while (ready.length < ahead && group < grouping.length) ready.push(cut())
    }
    const next = async (): Promise<Leaves> => {
      const first = ready.shift() ?? cut()
      // Whoever asked has started to compute with it by then.
      if (ahead > 0)
        breath()
          .then(cutAhead)
          // What cannot be cut is told when it is asked for.
          .catch(() => undefined)
      return first
    }
    return { length: grouping.length, next }
  })
}
