import { type NDArray, np } from '@cotangent/autodiff'
import { writeSafetensors } from '@cotangent/nn'
import type { Kind } from '../checks/kind.ts'
import type { Sizes } from '../checks/sizes.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import { emptyHistory, type History } from '../training/history.ts'
import type { Snapshot, Unfinished } from '../training/snapshot.ts'
import type { Structure } from '../tree.ts'
import { nameIn, placesOf } from './names.ts'

/** What says whether a file is of an IMNN. */
export interface Identity {
  readonly kind: Kind
  readonly sizes: Sizes
  readonly thetaFid: NDArray
  readonly network: { readonly params: Structure<unknown>; readonly states: Structure<unknown> }
  readonly random: string
}

export const format = 'cotangent-imnn'
export const version = 1

export const statisticsNames: readonly (keyof FisherEstimator)[] = ['F', 'invF', 'C', 'invC', 'mu', 'dmu']
export const historyNames: readonly (keyof History)[] = Object.keys(emptyHistory) as (keyof History)[]

/** The weights that a file has; those in use are most often one of the others. */
export const weightNames: readonly ['initialW', 'finalW', 'bestW'] = ['initialW', 'finalW', 'bestW']

/** What a file says in words. */
export interface Words {
  readonly format: typeof format
  readonly version: number
  readonly kind: Kind
  readonly sizes: Sizes
  readonly random: string
  /** Which weights are in use; `w` when they are none of the others. */
  readonly inUse: (typeof weightNames)[number] | 'w'
  readonly steps: number
  readonly maxDetF: number
  readonly unfinished: Unfinished | null
}

const sameLeaves = (a: Leaves, b: Leaves): boolean => a.every((x, i) => x === b[i])

/** The arrays of a snapshot by name. */
function tensorsOf(identity: Identity, snapshot: Snapshot): Record<string, NDArray> {
  const { network, thetaFid } = identity
  const tensors: Record<string, NDArray> = { thetaFid }
  const add = (part: string, structure: Structure<unknown>, leaves: Leaves): void => {
    for (const [i, place] of placesOf(structure, leaves).entries()) tensors[nameIn(part, place)] = leaves[i] as NDArray
  }
  for (const name of weightNames) add(name, network.params, snapshot[name])
  if (inUseOf(snapshot) === 'w') add('w', network.params, snapshot.w)
  add('state', network.states, snapshot.state)
  const { statistics, history, rng, statisticsRng } = snapshot
  if (statistics !== undefined) for (const name of statisticsNames) tensors[`statistics.${name}`] = statistics[name]
  for (const name of historyNames) tensors[`history.${name}`] = np.array(history[name], { dtype: 'float64' })
  if (rng !== undefined) tensors['rng'] = rng
  if (statisticsRng !== undefined) tensors['statisticsRng'] = statisticsRng
  return tensors
}

const inUseOf = (snapshot: Snapshot): Words['inUse'] =>
  weightNames.find((name) => sameLeaves(snapshot[name], snapshot.w)) ?? 'w'

/** A snapshot as the bytes of a safetensors file. */
export async function encode(identity: Identity, snapshot: Snapshot): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = tensorsOf(identity, snapshot)
  await Promise.all(Object.values(tensors).map((x) => x.ready()))
  const { kind, sizes, random } = identity
  const { steps, maxDetF, unfinished = null } = snapshot
  const words: Words = { format, version, kind, sizes, random, inUse: inUseOf(snapshot), steps, maxDetF, unfinished }
  const text = JSON.stringify(words)
  return writeSafetensors(tensors, { cotangent: text, sha256: await digestOf(tensors, text) })
}

/** SHA-256 of the words and of all arrays by name: safetensors has no checksum of its own. */
export async function digestOf(tensors: Readonly<Record<string, NDArray>>, words: string): Promise<string> {
  const bare = Object.fromEntries(Object.keys(tensors).map((name) => [name, tensors[name] as NDArray]))
  const digest = await crypto.subtle.digest('SHA-256', writeSafetensors(bare, { cotangent: words }))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
