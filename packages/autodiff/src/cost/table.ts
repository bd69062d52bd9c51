/** Rows under a head, numbers to the right; columns whose head is a name of something, by `left`, to the left. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: ReadonlySet<number> = new Set([0]),
): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const pad = (text: string, i: number): string => (left.has(i) ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))
  const line = (row: readonly string[]): string => row.map(pad).join('  ').trimEnd()
  return [line(head), widths.map((n) => '─'.repeat(n)).join('  '), ...rows.map(line)].join('\n')
}
