/** How much memory a fit may use; the defaults suit a machine with a few gigabytes. */
export interface MemoryPolicy {
  /** Simulations that are computed together, at most (never fewer than `nPerDevice`). @defaultValue 8192 */
  readonly groupRows?: number
  /** Bytes of intermediate results of one group, at most. @defaultValue 512 MiB */
  readonly groupBytes?: number
  /**
   * Bytes of intermediate results that a device may keep from the first pass of an iteration for the second. What does
   * not fit is computed again, and the data are read twice an iteration. Nothing is kept by default: on a cpu
   * computing again was measured to be faster. @defaultValue 0
   */
  readonly residualBytes?: number
}

/** How many batches of `nPerDevice` there are in each group, for the batches of one lane in one epoch. */
export type Grouping = readonly number[]

/** What one lane computes in an iteration, and how. */
export interface Plan {
  readonly main: Grouping
  readonly remaining: Grouping
  /** One group is all there is: an iteration is one program. */
  readonly whole: boolean
  /** Intermediate results of the first pass stay on the device for the second. */
  readonly keepsResiduals: boolean
}

/** An epoch of one lane, in batches, and what each simulation needs. */
export interface Epoch {
  readonly batches: number
  /** Bytes that the first pass leaves for the second, for one simulation. */
  readonly rowBytes: number
}

const MiB = 2 ** 20

/**
 * Groups as large as memory allows: small products waste a processor, so how many simulations are computed together
 * does not follow from how many a dataset happens to deliver at a time.
 */
export function makePlan(
  lanes: number,
  rowsPerBatch: number,
  main: Epoch,
  remaining: Epoch,
  { groupRows = 8192, groupBytes = 512 * MiB, residualBytes = 0 }: MemoryPolicy = {},
): Plan {
  const group = ({ batches, rowBytes }: Epoch): Grouping => {
    const rows = Math.min(groupRows, groupBytes / Math.max(1, rowBytes))
    return evenly(batches, Math.max(1, Math.floor(rows / rowsPerBatch)))
  }
  const plan = { main: group(main), remaining: group(remaining) }
  const kept = rowsPerBatch * (main.batches * main.rowBytes + remaining.batches * remaining.rowBytes)
  return {
    ...plan,
    whole: lanes === 1 && plan.main.length === 1 && plan.remaining.length <= 1,
    keepsResiduals: kept <= residualBytes,
  }
}

/** `total` in as few parts of at most `most` as can be, of at most two sizes: each size is a program to compile. */
function evenly(total: number, most: number): Grouping {
  const parts = Math.ceil(total / most)
  const size = Math.floor(total / Math.max(1, parts))
  return Array.from({ length: parts }, (_, i) => size + (i < total % parts ? 1 : 0))
}
