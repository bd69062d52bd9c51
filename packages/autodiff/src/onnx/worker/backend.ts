import type { TypedArray } from '../../array/dtype.ts'
import { AbortError, type CotangentError } from '../../array/errors.ts'
import { type CancelSignal, currentSignals, throwIfAborted } from '../../core/device/cancellation.ts'
import {
  type Backend,
  type BackendSession,
  type DeviceBuffer,
  type HostTensor,
  isBuffer,
  type SessionRequest,
  type TensorInfo,
} from '../backend/backend.ts'
import { createSession } from '../runtime/model-cache.ts'
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts'
import { loadFailure, runFailure, sessionFailure } from '../runtime/failures.ts'
import { outputBytes } from '../backend/local-buffer.ts'
import { type Place, placeOf, stayingApart } from '../backend/copies.ts'
import { WorkerBuffer } from './buffer.ts'
import { type CopySession, WorkerCopies } from './copies.ts'
import { closed, type Outcome, WorkerMemory } from './memory.ts'
import type { Answer, Failure, WireTensor } from './protocol.ts'
import type { RuntimeSource } from './thread.ts'

type Input = DeviceBuffer | HostTensor

/**
 * Sessions in a thread of their own, which owns their results: a call is posted and returns at once, and takes results of
 * earlier calls by number. A thread that ends is followed by a new one at the next call; what the old one held is lost.
 */
export class WorkerBackend implements Backend {
  readonly device: string
  readonly isApart = true
  readonly #source: RuntimeSource
  /** Where results stay on a GPU. */
  readonly #copies: WorkerCopies | undefined
  #memory: WorkerMemory | undefined
  #isClosed = false

  /** `gpu`: the options of sessions that copy, where results stay on a GPU. */
  constructor(device: string, source: RuntimeSource, gpu?: SessionRequest['options']) {
    this.device = device
    this.#source = source
    this.#copies = gpu && new WorkerCopies(gpu, (request, place) => new WorkerSession(this, request, () => place))
  }

  /** The memory of the thread there is now. */
  get memory(): WorkerMemory {
    if (this.#isClosed) throw closed(this.device)
    if (this.#memory === undefined || this.#memory.isLost) this.#memory = new WorkerMemory(this.device, this.#source)
    return this.#memory
  }

  owns({ memory }: DeviceBuffer): boolean {
    return memory === this.#memory && !this.#memory.isLost
  }

  get liveBytes(): number {
    return this.#memory?.isLost === false ? this.#memory.ledger.bytes : 0
  }

  createSession(request: SessionRequest): WorkerSession {
    if (this.#copies === undefined) return new WorkerSession(this, request, () => 'cpu')
    const options = { ...request.options, ...stayingApart(request.outputs) }
    return new WorkerSession(this, { ...request, options }, placeOf)
  }

  buffer(memory: WorkerMemory, info: TensorInfo, place: Place): WorkerBuffer {
    return new WorkerBuffer(memory, info, (buffer) =>
      place === 'cpu' ? this.#fetch(buffer) : this.#fetchFromGpu(buffer),
    )
  }

  /** The error of a failure in the thread. */
  errorOf({ phase, message }: Failure): CotangentError {
    if (phase === 'cancelled') return new AbortError('the call was cancelled: the call that makes its argument was')
    if (phase === 'load') return loadFailure(this.device, new Error(message))
    return phase === 'session'
      ? sessionFailure(this.device, new Error(message))
      : runFailure(this.device, new Error(message))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#memory?.close()
  }

  upload(tensor: HostTensor): WorkerBuffer {
    if (this.#copies !== undefined && placeOf(tensor) !== 'cpu') return this.#copies.to('gpu-buffer', tensor)
    const { memory } = this
    const buffer = this.buffer(memory, tensor, 'cpu')
    const send = (data: TypedArray): Promise<void> =>
      new Promise((resolve, reject) => {
        const call = memory.number()
        const [wire, transfer] = wireOf({ ...tensor, data })
        const outcome: Outcome = (result) => {
          const error = this.failureOf(result)
          if (error === undefined) {
            resolve(buffer.settle(undefined))
            return
          }
          buffer.error = error
          reject(error)
        }
        memory.call({ op: 'put', call, buffer: buffer.number, tensor: wire }, outcome, transfer)
      })
    const { data } = tensor
    buffer.pin()
    if (data instanceof Promise) {
      const made = data.then((here) => ({ sent: send(here) }))
      buffer.ordered = quiet(made.then(() => void (buffer.ordered = undefined)))
      buffer.made = quiet(made.then(({ sent }) => sent).finally(() => buffer.unpin()))
    } else {
      buffer.made = quiet(send(data).finally(() => buffer.unpin()))
    }
    return buffer
  }

  failureOf(result: Answer | Error): Error | undefined {
    if (result instanceof Error) return result
    return result.failure === undefined ? undefined : this.errorOf(result.failure)
  }

  async #fetchFromGpu(buffer: WorkerBuffer): Promise<TypedArray> {
    const copy = this.#copies!.to('cpu', buffer)
    try {
      return await copy.download()
    } finally {
      copy.release()
    }
  }

  #fetch({ memory, number }: WorkerBuffer): Promise<TypedArray> {
    return new Promise((resolve, reject) => {
      memory.call({ op: 'read', call: memory.number(), buffer: number }, (result) => {
        const error = this.failureOf(result)
        if (error !== undefined) reject(error)
        else resolve((result as Answer).data![0] as TypedArray)
      })
    })
  }
}

/** A session in the thread there is: made anew in one that follows another. */
class WorkerSession implements BackendSession, CopySession {
  readonly #backend: WorkerBackend
  readonly #request: SessionRequest
  readonly #placeOf: (info: TensorInfo) => Place
  /** Of the outputs on the host. */
  readonly #bytes: number
  readonly #place: SessionPlace = { memory: undefined, session: 0 }
  readonly ready: Promise<void>
  #settleReady: { resolve(): void; reject(error: Error): void } | undefined
  /** What runs wait for before they are posted: a session that may be made twice. */
  #gate: Promise<unknown> | undefined
  /** Milliseconds of the last run. */
  runTime: number | undefined
  #isReleased = false

  constructor(backend: WorkerBackend, request: SessionRequest, place: (info: TensorInfo) => Place) {
    this.#backend = backend
    this.#request = request
    this.#placeOf = place
    this.#bytes = outputBytes({ outputs: request.outputs.filter((info) => place(info) === 'cpu') })
    this.ready = quiet(new Promise((resolve, reject) => (this.#settleReady = { resolve, reject })))
    this.#numberIn(backend.memory)
    collected.register(this, this.#place)
  }

  run(inputs: readonly Input[]): readonly WorkerBuffer[] {
    return this.#run(inputs, this.#request.outputs, currentSignals())
  }

  copy(x: Input): WorkerBuffer {
    return this.#run([x], [x], [])[0]!
  }

  #run(
    inputs: readonly Input[],
    infos: readonly TensorInfo[],
    signals: readonly CancelSignal[],
  ): readonly WorkerBuffer[] {
    const { memory } = this.#backend
    const session = this.#numberIn(memory)
    const outputs = infos.map((info) => this.#backend.buffer(memory, info, this.#placeOf(info)))
    for (const x of inputs) if (isBuffer(x)) (x as WorkerBuffer).pin()
    const start = (data: readonly (TypedArray | undefined)[]): Promise<void> => {
      try {
        throwIfAborted(signals)
        return this.#post(memory, session, inputs, data, outputs, signals)
      } finally {
        for (const x of inputs) if (isBuffer(x)) (x as WorkerBuffer).unpin()
      }
    }
    const gate = this.#gate
    const waits = gate !== undefined || inputs.some((x) => comesLater(x) !== undefined)
    let made: Promise<void>
    if (waits) {
      const posted = Promise.all([...inputs.map(comesLater), gate]).then(
        (arrived) => ({ made: start(arrived as readonly (TypedArray | undefined)[]) }),
        (error: unknown) => {
          for (const x of inputs) if (isBuffer(x)) (x as WorkerBuffer).unpin()
          throw error
        },
      )
      const ordered = quiet(posted.then(() => outputs.forEach((buffer) => (buffer.ordered = undefined))))
      for (const buffer of outputs) buffer.ordered = ordered
      made = posted.then((p) => p.made)
    } else {
      made = start([])
    }
    void quiet(made)
    for (const buffer of outputs) buffer.made = made
    return outputs
  }

  async release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    const { memory, session } = this.#place
    memory?.order({ op: 'free', session })
  }

  #post(
    memory: WorkerMemory,
    session: number,
    inputs: readonly Input[],
    arrived: readonly (TypedArray | undefined)[],
    outputs: readonly WorkerBuffer[],
    signals: readonly CancelSignal[],
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = memory.number()
      const moved: ArrayBuffer[] = []
      const given = inputs.map((x, i) => {
        if (isBuffer(x)) return (x as WorkerBuffer).number
        const [wire, transfer] = wireOf({ ...x, data: arrived[i] ?? (x.data as TypedArray) })
        moved.push(...transfer)
        return wire
      })
      const outcome: Outcome = (result) => {
        const error = this.#backend.failureOf(result)
        if (error !== undefined) {
          for (const buffer of outputs) buffer.error = error
          memory.order({ op: 'drop', buffers: outputs.map((buffer) => buffer.number) })
          reject(error)
          return
        }
        const { data, time } = result as Answer
        this.runTime = time
        outputs.forEach((buffer, i) => buffer.settle(data?.[i]))
        resolve()
      }
      const numbers = outputs.map((buffer) => buffer.number)
      memory.call({ op: 'run', call, session, inputs: given, outputs: numbers }, outcome, moved)
      for (const signal of signals) memory.listen(signal, call)
    })
  }

  #numberIn(memory: WorkerMemory): number {
    if (this.#place.memory === memory) return this.#place.session
    const session = memory.number()
    this.#place.memory = memory
    this.#place.session = session
    const { model, options, cacheDirectory } = this.#request
    const create = (bytes: Uint8Array, all: SessionRequest['options']): Promise<RuntimeSession> =>
      this.#create(memory, session, bytes, all)
    // The files of a cache are the host's; only the runtime's own writing is the thread's.
    const made = createSession({ InferenceSession: { create } } as unknown as Runtime, model, options, cacheDirectory)
    if (cacheDirectory !== undefined) this.#gate = quiet(made.finally(() => (this.#gate = undefined)))
    const { resolve, reject } = this.#settleReady!
    made.then(() => resolve(), reject)
    return session
  }

  #create(
    memory: WorkerMemory,
    session: number,
    model: Uint8Array,
    options: SessionRequest['options'],
  ): Promise<RuntimeSession> {
    const { inputs, outputs } = this.#request
    const order = {
      op: 'session',
      call: memory.number(),
      session,
      model,
      options,
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
      bytes: this.#bytes,
    } as const
    return new Promise((resolve, reject) =>
      memory.call(order, (result) => {
        const error = this.#backend.failureOf(result)
        if (error === undefined) resolve(undefined as unknown as RuntimeSession)
        else reject(error)
      }),
    )
  }
}

/** Sessions of programs that were collected are released. */
const collected = new FinalizationRegistry<SessionPlace>(({ memory, session }) =>
  memory?.order({ op: 'free', session }),
)

interface SessionPlace {
  memory: WorkerMemory | undefined
  session: number
}

/** What an input waits for before its call can be posted, if it does. */
function comesLater(x: Input): Promise<TypedArray | undefined> | undefined {
  if (!isBuffer(x)) return x.data instanceof Promise ? x.data : undefined
  const { error, ordered } = x as WorkerBuffer
  return error === undefined ? ordered?.then(() => undefined) : quiet(Promise.reject(error))
}

/** Marks failures as heard: they are told where the numbers are read. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** Below this many bytes a message's own copy is faster than one whose memory moves. */
const SMALL = 4096

/** Numbers to post, and the memory that moves with them: a copy, for the host's arrays stay where they are. */
function wireOf({ data, dtype, shape }: WireTensor): [WireTensor, ArrayBuffer[]] {
  const isWhole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer
  if (isWhole && data.byteLength <= SMALL) return [{ data, dtype, shape }, []]
  const copy = data.slice()
  return [{ data: copy, dtype, shape }, [copy.buffer as ArrayBuffer]]
}
