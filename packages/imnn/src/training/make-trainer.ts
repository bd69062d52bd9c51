import { type NDArray, type Random } from '@cotangent/autodiff'
import { type OneShotReaders, openFeed } from '../feed/feed.ts'
import type { FeedForm, Part, Sources } from '../feed/form.ts'
import { openArrayFeed } from '../feed/arrays.ts'
import { directionsOf, openKeyFeed } from '../feed/keys.ts'
import { makePlan, type MemoryPolicy, type Plan } from '../feed/plan.ts'
import type { Rows } from '../feed/slices.ts'
import { type Join, joinExact } from '../information/join.ts'
import { type Simulator, summariseSimulated } from '../information/simulate.ts'
import { type Group, type Leaves, type Summarise, summarise } from '../information/summaries.ts'
import { dtypeOf } from '../tree.ts'
import type { Lane } from './lane.ts'
import { StreamTrainer } from './stream-trainer.ts'
import type { SetName, Trainer } from './trainer.ts'
import type { Batches, Layout } from '../checks/devices.ts'
import { abstractArray, type Network } from '../checks/network.ts'
import type { Sizes } from '../checks/sizes.ts'

/** What has been checked of any IMNN that computes in parts. */
export interface StreamSetup {
  readonly sizes: Sizes
  readonly layout: Layout
  readonly network: Network<unknown>
  readonly random: Random
  readonly memory: MemoryPolicy | undefined
}

/** Groups of n simulations as arrays without numbers, for each part. */
type AbstractGroups = Readonly<Record<Part, (n: number) => Leaves>>

const planner =
  ({ layout, network, memory }: StreamSetup, batches: Batches, groups: AbstractGroups) =>
  (lane: Lane): Plan => {
    const { devices, nPerDevice: rows } = layout
    const epoch = (part: Part): Parameters<typeof makePlan>[2] => ({
      batches: batches[part],
      rowBytes: batches[part] === 0 ? 0 : lane.rowBytes(network.w, rows, groups[part]),
    })
    return makePlan(devices.length, rows, epoch('main'), epoch('remaining'), memory)
  }

/** Datasets of both sets, and what their batches are. */
export interface DatasetParts {
  readonly sources: { readonly training: Sources; readonly validation: Sources | undefined }
  readonly forms: Readonly<Record<SetName, Omit<FeedForm, 'dtype'>>>
  readonly batches: Batches
  readonly join: Join
}

/** The trainer of an IMNN that reads simulations. */
export function datasetTrainer(setup: StreamSetup, { sources, forms, batches, join }: DatasetParts): Trainer {
  const { sizes, layout, network, random } = setup
  const dtype = dtypeOf(network.w)
  const oneShotReaders: OneShotReaders = new WeakMap()
  const group = (part: Part) => (n: number) => {
    const { nParams, constants = [] } = forms.training.parts[part]
    const shape = [n, ...sizes.inputShape]
    const dd = nParams === 0 ? [] : [abstractArray([nParams, ...shape], dtype)]
    return [abstractArray(shape, dtype), ...dd, ...constants]
  }
  return new StreamTrainer({
    summarise: ofGroups(network),
    join,
    optimizer: network.optimizer,
    random,
    ...layout,
    validates: sources.validation !== undefined,
    simulates: false,
    plan: planner(setup, batches, { main: group('main'), remaining: group('remaining') }),
    openFeed: (set, plan, signal) =>
      openFeed(sources[set] as Sources, { ...forms[set], dtype }, plan, oneShotReaders, signal),
  })
}

/** The summaries of simulations. */
export const ofGroups =
  ({ apply }: Pick<Network<unknown>, 'apply'>): Summarise =>
  (w, group) =>
    summarise(apply, w, group as unknown as Group)

/** Sets in memory, cut into groups. */
export interface RowsParts {
  readonly training: Readonly<Record<Part, Rows>>
  readonly validation: Readonly<Record<Part, Rows>> | undefined
  readonly batches: Batches
  readonly join: Join
  /** How many groups are cut before they are asked for. */
  readonly ahead: number
}

/** The trainer of an IMNN that cuts its batches from arrays. */
export function rowsTrainer(setup: StreamSetup, { training, validation, batches, join, ahead }: RowsParts): Trainer {
  const { layout, network, random } = setup
  const dtype = dtypeOf(network.w)
  // Of n simulations, also of more than there are: simulations [n, …] first, then derivatives [P, n, …] (of the mean [P, 1, …]).
  const group = (part: Part) => (n: number) => {
    const { count, between } = training[part]
    const some = Math.min(2, count)
    return between(0, some).map(({ shape }, i) => {
      const rowAxis = Math.min(i, 1)
      return abstractArray(
        shape.map((size, axis) => (axis === rowAxis && size === some ? n : size)),
        dtype,
      )
    })
  }
  const form = { lanes: layout.devices.length, rows: layout.nPerDevice, ahead }
  return new StreamTrainer({
    summarise: ofGroups(network),
    join,
    optimizer: network.optimizer,
    random,
    ...layout,
    validates: validation !== undefined,
    simulates: false,
    plan: planner(setup, batches, { main: group('main'), remaining: group('remaining') }),
    openFeed: (set, plan) =>
      openArrayFeed({ ...form, parts: (set === 'training' ? training : validation) as RowsParts['training'] }, plan),
  })
}

/** The trainer of an IMNN that makes its simulations, in parts. */
export function simulatorTrainer(
  setup: StreamSetup & { readonly thetaFid: NDArray },
  batches: Batches,
  simulator: Simulator,
): Trainer {
  const { sizes, layout, network, random, thetaFid } = setup
  const { nS, nD } = sizes
  const directions = directionsOf(thetaFid)
  const keys = (n: number): NDArray => abstractArray([n, 2], 'uint32')
  const groups: AbstractGroups = { main: (n) => [keys(n), directions], remaining: (n) => [keys(n)] }
  const form = { random, nS, nD, lanes: layout.devices.length, rows: layout.nPerDevice, directions }
  return new StreamTrainer({
    summarise: summariseSimulated(simulator, thetaFid, network.apply, dtypeOf(network.w)),
    join: joinExact,
    optimizer: network.optimizer,
    random,
    ...layout,
    validates: false,
    simulates: true,
    plan: planner(setup, batches, groups),
    openFeed: (_, plan) => openKeyFeed(form, plan),
  })
}
