import type { NDArray } from '@cotangent/autodiff'
import { shapesEqual, showShape } from '@cotangent/autodiff/array'
import { readSafetensors } from '@cotangent/nn'
import { CheckpointError, type Problem } from '../errors.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import type { History } from '../training/history.ts'
import type { Snapshot } from '../training/snapshot.ts'
import type { Structure } from '../tree.ts'
import { checkContents } from './contents.ts'
import { digestOf, format, historyNames, type Identity, statisticsNames, version, type Words } from './format.ts'
import { nameIn, placesOf } from './names.ts'

type Tensors = Readonly<Record<string, NDArray>>

/**
 * The snapshot in the bytes of a file.
 *
 * @param like a snapshot of the IMNN that it must be of
 * @throws CheckpointError when the file is damaged, of something else, or of another IMNN
 */
export async function decode(bytes: Uint8Array, path: string, identity: Identity, like: Snapshot): Promise<Snapshot> {
  const { tensors, words } = await open(bytes, path)
  const problems = [...differences(words, identity), ...arrayDifferences(tensors, words, identity, like)]
  if (problems.length > 0) throw new CheckpointError(`${path} is a checkpoint of another IMNN`, problems)
  const { params, states } = identity.network
  const leaves = (part: string, structure: Structure<unknown>, wanted: Leaves): Leaves =>
    placesOf(structure, wanted).map((place) => tensors[nameIn(part, place)] as NDArray)
  const weights = {
    initialW: leaves('initialW', params, like.w),
    finalW: leaves('finalW', params, like.w),
    bestW: leaves('bestW', params, like.w),
  }
  const { inUse, steps, maxDetF, unfinished } = words
  return {
    ...weights,
    w: inUse === 'w' ? leaves('w', params, like.w) : weights[inUse],
    state: leaves('state', states, like.state),
    steps,
    maxDetF,
    unfinished: unfinished ?? undefined,
    statistics: statisticsOf(tensors),
    history: Object.fromEntries(historyNames.map((name) => [name, historyOf(tensors, name)])) as unknown as History,
    rng: tensors['rng'],
    statisticsRng: tensors['statisticsRng'],
  }
}

async function open(bytes: Uint8Array, path: string): Promise<{ tensors: Tensors; words: Words }> {
  const file = read(bytes, path)
  const { cotangent: text, sha256 } = file.metadata
  const words = parse(text)
  if (text === undefined || words?.format !== format)
    throw new CheckpointError(`${path} is no checkpoint of an IMNN: it is a safetensors file of something else`)
  if (words.version !== version) {
    const message = `${path} is a checkpoint of version ${String(words.version)}, and this package reads version ${version}`
    throw new CheckpointError(`${message}; use the version of the package that wrote it`)
  }
  if ((await digestOf(file.tensors, text)) !== sha256)
    throw new CheckpointError(
      `${path} is damaged: its numbers are not those that its checksum is of; take another copy`,
    )
  const problems = checkContents(words, file.tensors)
  if (problems.length > 0) throw new CheckpointError(`${path} is no whole checkpoint`, problems)
  return { tensors: file.tensors, words }
}

function read(bytes: Uint8Array, path: string): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes)
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^readSafetensors: /, '')
    throw new CheckpointError(`${path} cannot be read as a checkpoint: ${reason}`, [], cause)
  }
}

function parse(text: string | undefined): Words | undefined {
  try {
    return JSON.parse(text ?? 'null') as Words
  } catch {
    return undefined
  }
}

function differences(words: Words, { kind, sizes, random }: Identity): Problem[] {
  const problems: Problem[] = []
  const compare = (where: string, found: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
    if (a !== b) problems.push({ where, message: `is ${a} in the file and ${b} in this IMNN` })
  }
  compare('kind', words.kind, kind)
  for (const [name, wanted] of Object.entries(sizes)) compare(name, words.sizes[name as keyof typeof sizes], wanted)
  compare('random', words.random, random)
  return problems
}

function arrayDifferences(
  tensors: Tensors,
  { inUse }: Words,
  { network, thetaFid }: Identity,
  like: Snapshot,
): Problem[] {
  const problems: Problem[] = []
  const compare = (where: string, wanted: NDArray): void => {
    const found = tensors[where]
    const form = (x: NDArray): string => `${x.dtype}${showShape(x.shape)}`
    if (found === undefined) problems.push({ where, message: `is not in the file; this IMNN has ${form(wanted)}` })
    else if (found.dtype !== wanted.dtype || !shapesEqual(found.shape, wanted.shape))
      problems.push({ where, message: `is ${form(found)} in the file and ${form(wanted)} in this IMNN` })
  }
  const trees: [string, Structure<unknown>, Leaves][] = [
    ...['initialW', 'finalW', 'bestW', ...(inUse === 'w' ? ['w'] : [])].map(
      (part): [string, Structure<unknown>, Leaves] => [part, network.params, like.w],
    ),
    ['state', network.states, like.state],
  ]
  for (const [part, structure, leaves] of trees) {
    const names = placesOf(structure, leaves).map((place) => nameIn(part, place))
    for (const [i, name] of names.entries()) compare(name, leaves[i] as NDArray)
    const others = Object.keys(tensors).filter(
      (name) => (name === part || name.startsWith(`${part}.`)) && !names.includes(name),
    )
    for (const where of others) problems.push({ where, message: 'is in the file and has no place in this IMNN' })
  }
  compare('thetaFid', thetaFid)
  if (problems.length > 0) return problems
  const [found, wanted] = [tensors['thetaFid'] as NDArray, thetaFid].map((x) => [...x.dataSync()].map(Number))
  if (JSON.stringify(found) === JSON.stringify(wanted)) return []
  const message = `is [${found!.join(', ')}] in the file and [${wanted!.join(', ')}] in this IMNN`
  return [{ where: 'thetaFid', message }]
}

function statisticsOf(tensors: Tensors): FisherEstimator | undefined {
  if (tensors['statistics.F'] === undefined) return undefined
  const found = statisticsNames.map((name) => [name, tensors[`statistics.${name}`]])
  return Object.fromEntries(found) as unknown as FisherEstimator
}

const historyOf = (tensors: Tensors, name: string): readonly number[] =>
  Array.from((tensors[`history.${name}`] as NDArray).dataSync()).map(Number)
