import { DeviceError } from '../../array/errors.ts'
import { type CancelSignal, currentSignals, throwIfAborted } from '../../core/device/cancellation.ts'
import { now } from '../../core/clock.ts'
import {
  type Backend,
  type BackendSession,
  type DeviceBuffer,
  type HostTensor,
  isBuffer,
  type NamedTensorInfo,
  type SessionRequest,
  type TensorInfo,
} from './backend.ts'
import { CopySessions, placeOf, stayingApart } from './copies.ts'
import { runFailure, sessionFailure } from '../runtime/failures.ts'
import { Lease } from './lease.ts'
import { HostBuffer } from './host-buffer.ts'
import { Ledger } from './ledger.ts'
import { LocalBuffer, outputBytes } from './local-buffer.ts'
import { createSession } from '../runtime/model-cache.ts'
import { checkRoom } from './room.ts'
import type { Runtime, RuntimeSession, RuntimeTensor } from '../runtime/runtime.ts'

/** The memory of the host, which all runtimes on this thread read. */
const hostMemory = {}
const apartMemories = new WeakMap<Runtime, object>()

/** One memory a runtime: its sessions read each other's tensors. */
function apartMemory(runtime: Runtime): object {
  let memory = apartMemories.get(runtime)
  if (memory === undefined) apartMemories.set(runtime, (memory = {}))
  return memory
}

/** Sessions of a runtime on this thread. */
export class LocalBackend implements Backend {
  readonly device: string
  readonly memory: object
  readonly isApart: boolean
  readonly runtime: Runtime
  readonly #ledger = new Ledger()
  readonly #copies: CopySessions
  readonly #leases = new Set<Lease>()
  readonly #releasing = new Set<Promise<void>>()
  #isClosed = false
  /** The end of the last run that has been asked for, undefined when it is over. */
  #last: Promise<void> | undefined

  /** `isApart`: whether outputs stay in buffers of the GPU. */
  constructor(device: string, runtime: Runtime, isApart: boolean, options: SessionRequest['options']) {
    this.device = device
    this.runtime = runtime
    this.isApart = isApart
    this.memory = isApart ? apartMemory(runtime) : hostMemory
    this.#copies = new CopySessions(runtime, options, device)
  }

  owns({ memory }: DeviceBuffer): boolean {
    return memory === this.memory
  }

  get liveBytes(): number {
    return this.#ledger.bytes
  }

  createSession(request: SessionRequest): BackendSession {
    this.check()
    const making = this.#make(request)
    const lease = new Lease(() => {
      const released = making.then((session) => session.release()).catch(() => undefined)
      this.#releasing.add(released)
      void released.then(() => this.#releasing.delete(released))
      this.#leases.delete(lease)
    })
    this.#leases.add(lease)
    making.catch(() => this.#leases.delete(lease))
    return new LocalSession(this, request, making, lease)
  }

  upload(tensor: HostTensor): DeviceBuffer {
    this.check()
    const buffer = this.buffer(tensor, true)
    const put = async (): Promise<void> => {
      const { dtype, shape } = tensor
      const here = new this.runtime.Tensor(dtype, await tensor.data, shape)
      if (!this.isApart || placeOf({ dtype }) === 'cpu') return buffer.settle(here)
      const { tensor: there, lease } = await this.#copies.upload(here, tensor)
      buffer.settle(there, lease)
    }
    if (!this.isApart && !(tensor.data instanceof Promise)) {
      buffer.settle(new this.runtime.Tensor(tensor.dtype, tensor.data, tensor.shape))
    } else {
      const made = put()
      made.catch(() => undefined)
      buffer.waitFor(made)
    }
    return buffer
  }

  /** `isLent`: its numbers are somebody's already. */
  buffer(info: TensorInfo, isLent = false): LocalBuffer {
    const { download } = this.#copies
    return this.isApart
      ? new LocalBuffer(this.memory, info, this.#ledger, download)
      : new HostBuffer(this.memory, info, this.#ledger, download, isLent)
  }

  /** Throws when the device is closed. */
  check(): void {
    if (this.#isClosed) throw new DeviceError(`${this.device} was closed`)
  }

  /**
   * Runs begin one after another, each in a turn of the event loop of its own: many that wait hold it up no longer than
   * one does.
   */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last === undefined ? run() : this.#last.then(run)
    const end = (): void => void (this.#last === last && (this.#last = undefined))
    const last = done.then(end, end)
    this.#last = last
    return done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const lease of this.#leases) lease.end()
    this.#copies.end()
    await Promise.all(this.#releasing)
  }

  async #make({ model, outputs, options, cacheDirectory }: SessionRequest): Promise<RuntimeSession> {
    const all = this.isApart ? { ...options, ...stayingApart(outputs) } : options
    try {
      return await createSession(this.runtime, model, all, cacheDirectory)
    } catch (cause) {
      throw sessionFailure(this.device, cause)
    }
  }
}

/** Sessions of programs that were collected are released; the runtime of WebAssembly would keep them. */
const collected = new FinalizationRegistry<Lease>((lease) => lease.end())

class LocalSession implements BackendSession {
  readonly ready: Promise<void>
  readonly #backend: LocalBackend
  readonly #inputs: readonly NamedTensorInfo[]
  readonly #outputs: readonly NamedTensorInfo[]
  readonly #lease: Lease
  #session: RuntimeSession | undefined
  #running = 0
  runTime: number | undefined
  /** Of the outputs on the host. */
  readonly #bytes: number
  #isReleased = false

  constructor(backend: LocalBackend, request: SessionRequest, making: Promise<RuntimeSession>, lease: Lease) {
    this.#backend = backend
    this.#inputs = request.inputs
    this.#outputs = request.outputs
    this.#bytes = backend.isApart ? 0 : outputBytes(request)
    this.#lease = lease
    this.ready = making.then((session) => void (this.#session = session))
    this.ready.catch(() => undefined)
    collected.register(this, lease)
  }

  run(inputs: readonly (DeviceBuffer | HostTensor)[]): readonly DeviceBuffer[] {
    this.#backend.check()
    const outputs = this.#outputs.map((info) => this.#backend.buffer(info))
    for (const x of inputs) if (isBuffer(x)) (x as LocalBuffer).pin()
    const made = this.#start(inputs, outputs, currentSignals())
    made.catch(() => undefined)
    for (const buffer of outputs) buffer.waitFor(made)
    return outputs
  }

  release(): Promise<void> {
    this.#isReleased = true
    if (this.#running === 0) this.#end()
    return Promise.resolve()
  }

  async #start(
    inputs: readonly (DeviceBuffer | HostTensor)[],
    outputs: readonly LocalBuffer[],
    signals: readonly CancelSignal[],
  ): Promise<void> {
    this.#running++
    try {
      // What is there needs no waiting for.
      if (this.#session === undefined) await this.ready
      const waits = inputs.some((x) => comesLater(x) !== undefined)
      const arrived = waits ? await Promise.all(inputs.map((x) => comesLater(x) ?? Promise.resolve())) : []
      const session = this.#session
      this.#backend.check()
      if (session === undefined) throw new DeviceError(`${this.#backend.device}: the session was released`)
      const feeds: Record<string, RuntimeTensor> = {}
      for (let i = 0; i < inputs.length; i++) feeds[this.#inputs[i]!.name] = this.#tensorOf(inputs[i]!, arrived[i])
      const results = await this.#backend.inTurn(() => {
        throwIfAborted(signals)
        return this.#run(session, feeds)
      })
      for (let i = 0; i < outputs.length; i++) outputs[i]!.settle(results[this.#outputs[i]!.name]!, this.#lease)
    } finally {
      for (const x of inputs) if (isBuffer(x)) (x as LocalBuffer).unpin()
      if (--this.#running === 0 && this.#isReleased) this.#end()
    }
  }

  async #run(
    session: RuntimeSession,
    feeds: Readonly<Record<string, RuntimeTensor>>,
  ): ReturnType<RuntimeSession['run']> {
    const start = now()
    try {
      checkRoom(this.#bytes)
      const results = await session.run(feeds)
      this.runTime = now() - start
      return results
    } catch (cause) {
      throw runFailure(this.#backend.device, cause)
    }
  }

  #tensorOf(x: DeviceBuffer | HostTensor, arrived: unknown): RuntimeTensor {
    if (isBuffer(x)) return (x as LocalBuffer).tensor as RuntimeTensor
    const data = (arrived ?? x.data) as Awaited<HostTensor['data']>
    return new this.#backend.runtime.Tensor(x.dtype, data, x.shape)
  }

  #end(): void {
    this.#session = undefined
    this.#lease.end()
  }
}

/** What an input waits for, if it is not there. */
const comesLater = (x: DeviceBuffer | HostTensor): Promise<unknown> | undefined =>
  isBuffer(x) ? (x as LocalBuffer).made : x.data instanceof Promise ? x.data : undefined
