import { builtin } from '../runtime/machine.ts'

/** How threads wait for work between the operations of a program. */

type SessionOptions = Readonly<Record<string, unknown>>

/** Asleep. Waking takes longer than many operations do. */
export const asleep: Readonly<Record<string, string>> = { allow_spinning: '0' }
/** Busily, as long as the runtime likes, which is long. */
export const busily: Readonly<Record<string, string>> = { allow_spinning: '1' }
/** Busily for 100 µs, in which the next operation of a program comes, then asleep. */
const briefly: Readonly<Record<string, string>> = { allow_spinning: '1', spin_duration_us: '100' }

/** Others may take this share of the processors; where they take more, threads that wait busily keep them from working. */
const SHARED = 0.25

interface Processors {
  cpus(): readonly { readonly times: Readonly<Record<'user' | 'nice' | 'sys' | 'idle' | 'irq', number>> }[]
}

/** Milliseconds of all processors: all of them, those at work, and those of this process. */
interface Work {
  readonly all: number
  readonly busy: number
  readonly own: number
}

declare const process: { cpuUsage(): { readonly user: number; readonly system: number } }

function workSoFar(): Work | undefined {
  const times = builtin<Processors>('node:os')
    ?.cpus()
    .map((cpu) => cpu.times)
  if (times === undefined || times.length === 0) return undefined
  const idle = times.reduce((sum, t) => sum + t.idle, 0)
  const all = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.idle + t.irq, 0)
  const { user, system } = process.cpuUsage()
  return { all, busy: all - idle, own: (user + system) / 1000 }
}

/** Processors are counted in steps of 10 ms: less than this says nothing. */
const ENOUGH = 100
/** After this the share is measured anew. */
const LONG = 1000

// Counted from when the engine is loaded, or a device is made: it decides at its first program.
let since = workSoFar()

/** A device is made: what others did long before does not count. */
export function countFromNow(): void {
  const now = workSoFar()
  if (now !== undefined && (since === undefined || now.all - since.all > LONG)) since = now
}

/** The share of the processors that other processes take; 0 where it is not known. */
function shareOfOthers(): number {
  const now = workSoFar()
  if (now === undefined || since === undefined) return 0
  const [all, busy, own] = [now.all - since.all, now.busy - since.busy, now.own - since.own]
  if (all > LONG) since = now
  return all < ENOUGH ? 0 : Math.max(0, busy - own) / all
}

/** The options with threads that wait busily for a moment, if the machine is theirs; else asleep. */
export function waitingByLoad(options: SessionOptions): SessionOptions {
  const intra = shareOfOthers() < SHARED ? briefly : asleep
  return { ...options, extra: { session: { intra_op: intra } } }
}
