import { type Device, jit, type Random } from '@cotangent/autodiff'
import type { OpenFeed } from '../feed/form.ts'
import type { Plan } from '../feed/plan.ts'
import type { Join } from '../information/join.ts'
import type { Summarise } from '../information/summaries.ts'
import type { Cancellation } from './fit-options.ts'
import { Lane } from './lane.ts'
import { compileHost, type HostPrograms, type Iteration, type LeafOptimizer, wholeIteration } from './programs.ts'
import { StreamSession } from './stream-session.ts'
import type { SetName, Trainer } from './trainer.ts'

/** What a trainer is made of. */
export interface StreamParts {
  readonly summarise: Summarise
  readonly join: Join
  readonly optimizer: LeafOptimizer
  readonly random: Random
  readonly host: Device
  readonly devices: readonly Device[]
  readonly validates: boolean
  readonly simulates: boolean
  readonly plan: (lane: Lane) => Plan
  readonly openFeed: (set: SetName, plan: Plan, signal: Cancellation | undefined) => OpenFeed
}

/** Trains in parts, on one or several devices. */
export class StreamTrainer implements Trainer {
  readonly parts: StreamParts
  readonly lanes: readonly Lane[]
  readonly host: HostPrograms
  #whole: Iteration | undefined
  #plan: Plan | undefined

  constructor(parts: StreamParts) {
    const { summarise, join, optimizer, host, devices } = parts
    this.parts = parts
    // A device that is listed again computes side by side with itself.
    const times = new Map<Device, number>()
    this.lanes = devices.map((device) => {
      const k = times.get(device) ?? 0
      times.set(device, k + 1)
      return new Lane(device.lane?.(k) ?? device, summarise)
    })
    // With one lane all arrays stay where it is; with several they meet on the host.
    this.host = compileHost(devices.length === 1 ? (devices[0] as Device) : host, optimizer, join)
  }

  get plan(): Plan {
    this.#plan ??= this.parts.plan(this.lanes[0] as Lane)
    return this.#plan
  }

  get validates(): boolean {
    return this.parts.validates
  }
  get simulates(): boolean {
    return this.parts.simulates
  }

  /** Whether devices compute while the host does something else. */
  get isAsynchronous(): boolean {
    return this.parts.devices.every(({ kind }) => kind !== 'js')
  }

  /** An iteration of one lane with one group, in one program. */
  get whole(): Iteration {
    const { summarise, join, optimizer, devices } = this.parts
    this.#whole ??= jit(wholeIteration(summarise, join, optimizer), { device: devices[0] as Device }) as Iteration
    return this.#whole
  }

  openFeed(set: SetName, signal: Cancellation | undefined): OpenFeed {
    return this.parts.openFeed(set, this.plan, signal)
  }

  open(signal?: Cancellation): StreamSession {
    return new StreamSession(this, signal)
  }
}
