import { checkOptions, ValueError } from '@cotangent/autodiff/array'
import { type AnySpec, checkSpec as checkGivenSpec, specOf } from '../dataset/spec.ts'
import { checkWhole, shown } from '../given.ts'
import { checksums } from './checksum.ts'
import { differenceOf, firstRepeated, periodOf } from './cycle.ts'
import { checkFinite } from './finite.ts'
import { type Checked, checkAll, checkWhere, fine, problem } from './problem.ts'
import { checkSpec } from './spec.ts'

export interface EpochMonitorOptions {
  /** What messages call the dataset, as `main[0]`. */
  readonly where: string
  /** How many batches each pass takes from the dataset. */
  readonly batches: number
  /**
   * What every batch must be; every batch of the first pass is checked against it, and for NaN.
   * @defaultValue anything
   */
  readonly expected?: AnySpec
}

/** What one pass read. */
interface Pass {
  readonly rows: number[]
  readonly simulations: number[]
  discrete: boolean
}

/**
 * Watches the first two passes over an endless dataset that must give the same batches in the same order every time,
 * and tells what is wrong: a batch of another shape, NaN, a cycle that is shorter or longer than an epoch, an order that
 * changes, simulations read twice. Later passes cost nothing.
 *
 * @example
 * const monitor = new EpochMonitor({ where: 'main[0]', batches: 5 })
 * const batches = await Dataset.fromTensorSlices(simulations).batch(20).repeat().take(10).toArray()
 * batches.flatMap((d, i) => problemsOf(monitor.observe(Math.floor(i / 5), i % 5, d))) // []
 */
export class EpochMonitor {
  readonly #options: EpochMonitorOptions
  readonly #passes: readonly [Pass, Pass] = [
    { rows: [], simulations: [], discrete: true },
    { rows: [], simulations: [], discrete: true },
  ]
  /** The second pass says no more about a dataset that the first one found fault with. */
  #faulty = false
  #observed = 0

  constructor(options: EpochMonitorOptions) {
    const { where, batches, expected } = checkOptions('EpochMonitor', options, ['where', 'batches', 'expected'])
    checkWhere('EpochMonitor', where)
    checkWhole('EpochMonitor', 'batches', batches, 1)
    checkGivenSpec('EpochMonitor', expected, 'expected')
    this.#options = options
  }

  get where(): string {
    return this.#options.where
  }

  /** Whether both passes have been seen, so that there is nothing more to observe. */
  get done(): boolean {
    return this.#observed >= 2 * this.#options.batches
  }

  /** Whether the simulations hold whole numbers only, so that two may agree by chance. */
  get discrete(): boolean {
    return this.#passes[0].discrete
  }

  /** Checksums of the simulations of the first pass, in order. */
  get simulations(): readonly number[] {
    return this.#passes[0].simulations
  }

  /**
   * Takes note of a batch, whose arrays must be on the host. Problems of a batch are told at once, those of a pass by
   * its last batch.
   */
  observe(pass: number, batch: number, element: unknown): Checked {
    checkWhole('observe', 'the pass', pass, 0)
    checkWhole('observe', 'the batch', batch, 0)
    const seen = this.#passes[pass]
    if (seen === undefined) return fine
    this.#observed++
    const { rows, simulations, discrete } = checksums(element)
    for (const sum of rows) seen.rows.push(sum)
    for (const sum of simulations) seen.simulations.push(sum)
    seen.discrete &&= discrete
    const { where, batches, expected } = this.#options
    const here = `${where}, batch ${batch}:`
    const checks: Checked[] = []
    if (pass === 0) {
      if (expected !== undefined) checks.push(checkSpec(specOf(element), expected, here))
      checks.push(checkFinite(element, here))
    }
    if (batch === batches - 1) checks.push(pass === 0 ? this.#firstVerdict() : this.#secondVerdict())
    return checkAll(checks)
  }

  /** The problem of a dataset that gave no batch `batch` in pass `pass`. */
  ended(pass: number, batch: number): Checked {
    checkWhole('ended', 'the pass', pass, 0)
    checkWhole('ended', 'the batch', batch, 0)
    const { where, batches } = this.#options
    return problem(
      'ends',
      where,
      `ended after ${pass * batches + batch} batches; it must be endless, ${batches} batches an epoch: add .repeat() after .batch(…)`,
    )
  }

  #firstVerdict(): Checked {
    const { rows, simulations, discrete } = this.#passes[0]
    const period = periodOf(Float64Array.from(rows))
    // Whole numbers may agree by chance once.
    if (period !== undefined && (!discrete || rows.length - period > 1)) return this.#wrongCycle(period)
    const twice = discrete ? undefined : firstRepeated(Float64Array.from(simulations))
    if (twice === undefined) return fine
    this.#faulty = true
    return problem(
      'duplicate',
      this.where,
      `gives the same simulation twice in one pass, as number ${twice[0]} and ${twice[1]}; each must be read once an epoch`,
    )
  }

  #secondVerdict(): Checked {
    if (this.#faulty) return fine
    const [first, second] = this.#passes.map(({ rows }) => Float64Array.from(rows)) as [Float64Array, Float64Array]
    const difference = differenceOf(first, second)
    switch (difference.kind) {
      case 'same':
        return fine
      case 'cycle':
        return this.#wrongCycle(difference.length)
      case 'order':
        return problem(
          'order',
          this.where,
          'gives its simulations in another order in the second pass; every pass must have the same order: do not shuffle, or shuffle once and .cache() before .repeat()',
        )
      case 'other':
        return problem(
          'order',
          this.where,
          `gives other simulations in the second pass (${difference.common} of ${first.length} were in the first): it starts over after more than two epochs, its order changes, or its simulations are made anew each time; every pass must read the same ones: take one epoch, .cache() if they are made on the fly, then .repeat()`,
        )
    }
  }

  #wrongCycle(simulations: number): Checked {
    this.#faulty = true
    const { where, batches } = this.#options
    const epoch = this.#passes[0].rows.length
    const perBatch = epoch / batches
    const inBatches = simulations % perBatch === 0 ? `, ${simulations / perBatch} batches` : ''
    return problem(
      'cycle',
      where,
      `starts over after ${simulations} simulations${inBatches}; an epoch has ${epoch}, ${batches} batches: give it exactly one epoch (take, shard), then .batch(…).repeat()`,
    )
  }
}

/**
 * Tells of simulations that several datasets read, as when every device is given the same files.
 *
 * @example
 * const monitors = [0, 1].map((i) => new EpochMonitor({ where: `main[${i}]`, batches: 1 }))
 * for (const monitor of monitors) monitor.observe(0, 0, simulations)
 * problemsOf(checkDistinct(monitors))[0].kind // duplicate
 */
export function checkDistinct(monitors: readonly EpochMonitor[]): Checked {
  if (!Array.isArray(monitors) || !monitors.every((monitor) => monitor instanceof EpochMonitor))
    throw new ValueError(`checkDistinct: takes a list of EpochMonitors, not ${shown(monitors)}`)
  const owner = new Map<number, number>()
  const shared = new Map<string, number>()
  monitors.forEach(({ simulations }, i) => {
    for (const sum of simulations) {
      const before = owner.get(sum)
      if (before === undefined) owner.set(sum, i)
      else if (before !== i) shared.set(`${before} ${i}`, (shared.get(`${before} ${i}`) ?? 0) + 1)
    }
  })
  return checkAll(
    [...shared].map(([pair, count]) => {
      const [a, b] = pair.split(' ').map((i) => monitors[Number(i)]) as [EpochMonitor, EpochMonitor]
      if (a.discrete && count * 2 < Math.min(a.simulations.length, b.simulations.length)) return fine
      return problem(
        'duplicate',
        `${a.where} and ${b.where}`,
        `both read ${count} of the same simulations; give each device its own part: dataset.shard(devices, index)`,
      )
    }),
  )
}
