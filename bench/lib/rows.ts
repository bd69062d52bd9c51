import { fastest, median, minimum, type Timing } from './timing.ts'

/** One line of the result. */
export interface Row {
  readonly name: string
  readonly ours: number
  /** What it is measured against; `null` where there is nothing, or it could not run here. */
  readonly theirs: number | null
  /** ours / theirs: below 1 we are faster. */
  readonly ratio: number | null
  readonly unit: string
}

export function row(name: string, ours: number, theirs: number | null = null, unit = 'ms'): Row {
  return { name, ours, theirs, ratio: theirs === null ? null : ours / theirs, unit }
}

/** Medians of interleaved timings: ours against the fastest of theirs. */
export function compare(name: string, ours: Timing, ...theirs: readonly [Timing, ...Timing[]]): Row {
  return row(name, median(ours.times), median(fastest(theirs).times))
}

/** A line a timing: what the rows are made of. */
export function showTimings(timings: readonly Timing[]): string {
  const table = timings.map(({ name, times }) => [name, median(times).toFixed(2), minimum(times).toFixed(2)])
  return align([['ms a run', 'median', 'minimum'], ...table])
}

export function showRows(rows: readonly Row[]): string {
  const number = (x: number | null, digits: number): string => (x === null ? '-' : x.toFixed(digits))
  const table = rows.map((r) => [r.name, number(r.ours, 2), number(r.theirs, 2), number(r.ratio, 3), r.unit])
  return align([['', 'ours', 'theirs', 'ratio', 'unit'], ...table])
}

/** Columns of equal width: the first and the last to the left, numbers to the right. */
function align(table: readonly (readonly string[])[]): string {
  const [head = []] = table
  const widths = head.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))
  const cell = (text: string, column: number): string => {
    const width = widths[column] ?? 0
    return column === 0 || Number.isNaN(Number(table[1]?.[column])) ? text.padEnd(width) : text.padStart(width)
  }
  return table.map((cells) => `  ${cells.map(cell).join('  ')}`.trimEnd()).join('\n')
}
