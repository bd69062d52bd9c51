import { CheckpointError } from '../errors.ts'
import type { Keeper } from '../training/fit.ts'
import type { History } from '../training/history.ts'
import type { CheckpointPlan } from '../training/fit-checks.ts'
import type { Snapshot } from '../training/snapshot.ts'
import { decode } from './decode.ts'
import { readIfThere, replaceFile } from './files.ts'
import { encode, historyNames, type Identity } from './format.ts'

/** Whether a file may be replaced that is no earlier state of the IMNN. */
export interface SaveOptions {
  /** Whether a file may be replaced that is no earlier state of this IMNN. @defaultValue false */
  readonly overwrite?: boolean
}

/**
 * Writes a snapshot to a file, unless something would be lost by that.
 *
 * @throws CheckpointError when the file is there and is no earlier state of the same IMNN, or cannot be written
 */
export async function save(path: string, identity: Identity, snapshot: Snapshot, overwrite: boolean): Promise<void> {
  if (!overwrite) await checkReplaceable(path, identity, snapshot)
  await replaceFile(path, await encode(identity, snapshot))
}

/** That nothing is lost when a file is replaced by a snapshot. */
async function checkReplaceable(path: string, identity: Identity, snapshot: Snapshot): Promise<void> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return
  const remedy = 'choose another path, or give overwrite: true to replace it'
  let there: Snapshot
  try {
    there = await decode(bytes, path, identity, snapshot)
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause
    throw new CheckpointError(`${cause.message}\nIt is not overwritten: ${remedy}`, cause.problems, cause)
  }
  const [theirs, mine] = [there.history.detF.length, snapshot.history.detF.length]
  if (isBeginningOf(there.history, snapshot.history)) return
  const what =
    theirs > mine ? `has ${theirs} iterations, and this IMNN ${mine}` : `has ${theirs} iterations of another fit`
  throw new CheckpointError(`${path} ${what}. It is not overwritten: load('${path}', imnn) to go on from it, ${remedy}`)
}

const isBeginningOf = (earlier: History, later: History): boolean =>
  historyNames.every((name) => earlier[name].every((x, i) => Object.is(x, later[name][i])))

/** Keeps a fit that begins at `start` in a file. */
export async function keeperOf(plan: CheckpointPlan, identity: Identity, start: Snapshot): Promise<Keeper> {
  const { path, iterations, seconds, overwrite } = plan
  if (!overwrite) await checkReplaceable(path, identity, start)
  // That it can be written is known before the first iteration.
  await replaceFile(path, await encode(identity, start))
  const now = (): number => performance.now() / 1000
  let last = now()
  return {
    within: (done) => iterations - (done % iterations),
    isDue: (done) => done % iterations === 0 || now() - last >= seconds,
    keep: async (snapshot) => {
      await replaceFile(path, await encode(identity, snapshot))
      last = now()
    },
  }
}
