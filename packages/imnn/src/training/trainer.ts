import type { Device, NDArray } from '@cotangent/autodiff'
import type { FeedForm, OneShotReaders, Sources } from '../feed/feed.ts'
import { Lane } from './lane.ts'
import type { Plan } from '../feed/plan.ts'
import { compileHost, compileWhole, type HostPrograms, type LeafOptimizer, type WholeIteration } from './programs.ts'
import type { Apply, Leaves } from '../information/summaries.ts'
import { Session } from './session.ts'

/** Where training stands: handles of arrays that live on a device. */
export interface Point {
  readonly state: Leaves
  readonly w: Leaves
}

/** A point after an iteration, and the rows of diagnostics [5] of the training set before and the validation set after it. */
export interface Iterated extends Point {
  readonly rows: readonly NDArray[]
}

export type SetName = 'training' | 'validation'

/** What a trainer is made of. */
export interface TrainerParts {
  readonly apply: Apply
  readonly optimizer: LeafOptimizer
  readonly host: Device
  readonly devices: readonly Device[]
  readonly training: Sources
  readonly validation: Sources | undefined
  readonly forms: Readonly<Record<SetName, FeedForm>>
  readonly plan: (lane: Lane) => Plan
}

/** Everything compiled: it is shared by an IMNN and those that its fits give. */
export class Trainer {
  readonly parts: TrainerParts
  readonly lanes: readonly Lane[]
  readonly host: HostPrograms
  readonly oneShotReaders: OneShotReaders = new WeakMap()
  #whole: WholeIteration | undefined
  #plan: Plan | undefined

  constructor(parts: TrainerParts) {
    const { apply, optimizer, host, devices } = parts
    this.parts = parts
    // A device that is listed again computes side by side with itself.
    const times = new Map<Device, number>()
    this.lanes = devices.map((device) => {
      const k = times.get(device) ?? 0
      times.set(device, k + 1)
      return new Lane(device.lane?.(k) ?? device, apply)
    })
    // With one lane all arrays stay where it is; with several they meet on the host.
    this.host = compileHost(devices.length === 1 ? (devices[0] as Device) : host, optimizer)
  }

  get plan(): Plan {
    this.#plan ??= this.parts.plan(this.lanes[0] as Lane)
    return this.#plan
  }

  get validates(): boolean {
    return this.parts.validation !== undefined
  }

  /** Whether devices compute while the host does something else. */
  get isAsynchronous(): boolean {
    return this.parts.devices.every(({ kind }) => kind !== 'js')
  }

  get whole(): WholeIteration {
    const { apply, optimizer, devices } = this.parts
    this.#whole ??= compileWhole(devices[0] as Device, apply, optimizer)
    return this.#whole
  }

  /** Begins to read the datasets. Close it. */
  open(): Session {
    return new Session(this)
  }
}
