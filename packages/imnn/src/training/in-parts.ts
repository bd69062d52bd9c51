import type { CheckedArrays, SimulationArrays } from '../checks/arrays.ts'
import type { Common } from '../checks/common.ts'
import type { Batches, Layout } from '../checks/devices.ts'
import type { Sizes } from '../checks/sizes.ts'
import { kept } from '../feed/arrays.ts'
import type { Part } from '../feed/form.ts'
import type { MemoryPolicy } from '../feed/plan.ts'
import type { Rows } from '../feed/slices.ts'
import type { Join } from '../information/join.ts'
import type { BatchingOptions } from '../options.ts'
import { rowsTrainer } from './make-trainer.ts'
import type { Trainer } from './trainer.ts'

/** What an IMNN in parts has been given, checked. */
export interface SlicedSetup {
  readonly common: Common<unknown>
  readonly layout: Layout
  readonly arrays: CheckedArrays
  readonly batches: Batches
  readonly batching: BatchingOptions
  readonly memory: MemoryPolicy | undefined
}

/** How a set is cut. */
export type Cut = (arrays: SimulationArrays, sizes: Sizes, ofMean: boolean) => Readonly<Record<Part, Rows>>

/** Simulations with derivatives, and those without. */
export const exactRows: Cut = ({ fiducial, derivative }, { nS, nD }, ofMean) => ({
  main: {
    count: nD,
    between: (from, to) => [fiducial.slice([from, to]), ofMean ? derivative : derivative.slice(null, [from, to])],
  },
  remaining: { count: nS - nD, between: (from, to) => [fiducial.slice([nD + from, nD + to])] },
})

/** Simulations at θ_fid, and those beside it. */
export const differenceRows: Cut = ({ fiducial, derivative }, { nS }) => ({
  main: { count: nS, between: (from, to) => [fiducial.slice([from, to])] },
  remaining: { count: derivative.shape[0] as number, between: (from, to) => [derivative.slice([from, to])] },
})

/** The trainer of arrays that are cut into groups. */
export function slicedTrainer(setup: SlicedSetup, cut: Cut, join: Join): Trainer {
  const { common, layout, arrays, batches, batching, memory } = setup
  const { sizes, network, random } = common
  const rows = (set: SimulationArrays): Readonly<Record<Part, Rows>> => {
    const parts = cut(set, sizes, arrays.ofMean)
    return batching.cache === true ? { main: kept(parts.main), remaining: kept(parts.remaining) } : parts
  }
  return rowsTrainer(
    { sizes, layout, network, random, memory },
    {
      training: rows(arrays.training),
      validation: arrays.validation && rows(arrays.validation),
      batches,
      join,
      ahead: batching.prefetch ?? 0,
    },
  )
}
