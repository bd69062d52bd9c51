import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Options } from '../lib/options.ts'
import { type Row, row } from '../lib/rows.ts'
import { median } from '../lib/timing.ts'
import type { CompileCost } from './cold.ts'

/** Trace, lowering, session and first run together, in milliseconds. */
const budget = 150

const totalOf = ({ trace, lower, session, run }: CompileCost): number => trace + lower + session + run

/** What compiling the step costs, in fresh processes and again in the same ones. */
export async function compileCost({ threads, quick }: Options): Promise<Row[]> {
  const script = fileURLToPath(new URL('./cold.js', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-bench-'))
  const measure = async (...more: string[]): Promise<readonly [CompileCost, CompileCost]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(threads), ...more])
    return JSON.parse(stdout) as [CompileCost, CompileCost]
  }
  try {
    const costs: (readonly [CompileCost, CompileCost])[] = []
    const kept: (readonly [CompileCost, CompileCost])[] = []
    await measure(folder)
    for (let i = 0; i < (quick ? 2 : 9); i++) {
      costs.push(await measure())
      kept.push(await measure(folder))
    }
    const of = (which: 0 | 1, part: (cost: CompileCost) => number): number => median(costs.map((c) => part(c[which])))
    const session = ({ session: made, run }: CompileCost): number => made + run
    return [
      row(
        'loading the engine',
        of(0, (c) => c.load),
      ),
      row(
        'fit step: trace, cold',
        of(0, (c) => c.trace),
      ),
      row(
        'fit step: lower, cold',
        of(0, (c) => c.lower),
      ),
      row('fit step: session and first run, cold', of(0, session)),
      row(
        'fit step: session and first run, models on disk; theirs is without',
        median(kept.map(([cold]) => session(cold))),
        of(0, session),
      ),
      row(`fit step: all of it, cold; theirs is the budget`, of(0, totalOf), budget),
      row('fit step: all of it, warm', of(1, totalOf)),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
