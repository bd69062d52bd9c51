import type { MemoryPolicy } from '../feed/plan.ts'
import { type Checked, isNone, show, unless, wrong } from './checks.ts'

/** The least of each, and what it counts. */
const known: Readonly<Record<keyof MemoryPolicy, readonly [least: number, what: string]>> = {
  groupRows: [1, 'a number of simulations from 1'],
  groupBytes: [1, 'a number of bytes from 1'],
  residualBytes: [0, 'a number of bytes from 0'],
}

/** How much memory may be used. */
export function checkMemory(memory: MemoryPolicy | undefined): Checked<MemoryPolicy | undefined> {
  if (isNone(memory)) return unless([], () => undefined)
  if (typeof memory !== 'object' || Array.isArray(memory))
    return wrong('memory', `must be { ${Object.keys(known).join(', ')} }, not ${show(memory)}`)
  const given = Object.entries(memory as Record<string, unknown>).filter(([, value]) => value !== undefined)
  const problems = given.flatMap(([name, value]) => {
    const [least, what] = known[name as keyof MemoryPolicy] ?? []
    const where = `memory.${name}`
    if (least === undefined)
      return [{ where, message: `is no such limit; memory has ${Object.keys(known).join(', ')}` }]
    if (typeof value === 'number' && value >= least) return []
    return [{ where, message: `must be ${what}, not ${show(value)}` }]
  })
  return unless(problems, () => Object.fromEntries(given))
}
