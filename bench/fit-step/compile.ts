import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Options } from '../lib/options.ts'
import { type Row, row } from '../lib/rows.ts'
import { median } from '../lib/timing.ts'
import type { CompileCost } from './cold.ts'

/** Trace, lowering and session together, in milliseconds. */
const budget = 300

const totalOf = ({ trace, lower, session }: CompileCost): number => trace + lower + session

/** What compiling the step costs, in fresh processes and again in the same ones. */
export async function compileCost({ threads, quick }: Options): Promise<Row[]> {
  const script = fileURLToPath(new URL('./cold.js', import.meta.url))
  const costs: (readonly [CompileCost, CompileCost])[] = []
  for (let i = 0; i < (quick ? 2 : 9); i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(threads)])
    costs.push(JSON.parse(stdout) as [CompileCost, CompileCost])
  }
  const of = (which: 0 | 1, part: (cost: CompileCost) => number): number => median(costs.map((c) => part(c[which])))
  return [
    row(
      'fit step: trace, cold',
      of(0, (c) => c.trace),
    ),
    row(
      'fit step: lower, cold',
      of(0, (c) => c.lower),
    ),
    row(
      'fit step: session and first run, cold',
      of(0, (c) => c.session),
    ),
    row(`fit step: all three, cold; theirs is the budget`, of(0, totalOf), budget),
    row('fit step: all three, warm', of(1, totalOf)),
  ]
}
