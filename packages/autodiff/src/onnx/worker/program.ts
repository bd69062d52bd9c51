import type { Runtime, RuntimeSession, RuntimeTensor, WebRuntime } from '../runtime/runtime.ts'
import type { Answer, Channel, Failure, Order, OutputSpec, WireTensor } from './protocol.ts'

declare const performance: { now(): number }

type CheckRoom = typeof import('../backend/room.ts').checkRoom

/**
 * What runs in a worker: sessions and buffers by number, and the host's orders done one after another. `load` gives the
 * runtime.
 *
 * Its text is what a worker is started with where that can be, so that it needs no file of its own, in a bundle as from
 * the sources. So it names nothing outside itself, and is written in a form that no compiler needs helpers for.
 */
export function workerProgram(channel: Channel, load: () => unknown, checkRoom: CheckRoom): void {
  const { settings } = channel.start
  const flags = new Int32Array(channel.start.flags === undefined ? new ArrayBuffer(12) : channel.start.flags)
  const small = 4096

  type Session = {
    session: RuntimeSession | undefined
    failure: Failure | undefined
    inputs: readonly string[]
    outputs: readonly OutputSpec[]
    bytes: number
    /** Its results on a GPU, which must not outlive it. */
    held: number
    isFree: boolean
  }
  type Held = { tensor: RuntimeTensor | undefined; failure: Failure | undefined; session?: number }
  const sessions = new Map<number, Session>()
  const buffers = new Map<number, Held>()
  const cancelled = new Set<number>()
  let queue: Order[] = []
  let next = 0
  let working = false
  let runtime: Runtime | undefined

  const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

  /** Marks the time in which the thread must not be ended: the runtime's binding would end the process. */
  const guarded = <T>(work: () => Promise<T>): Promise<T> => {
    Atomics.store(flags, 0, 1)
    const done = (): void => {
      Atomics.store(flags, 0, 0)
      Atomics.notify(flags, 0)
      if (Atomics.load(flags, 1) === 1) channel.exit()
    }
    if (Atomics.load(flags, 1) === 1) {
      done()
      return new Promise<T>(() => undefined)
    }
    const finished = new Promise<T>((resolve) => resolve(work()))
    finished.then(done, done)
    return finished
  }

  /** The runtime, loaded on first use. */
  const loaded = (): Runtime => {
    if (runtime === undefined) {
      runtime = load() as Runtime
      if (settings !== undefined) Object.assign((runtime as WebRuntime).env.wasm, settings)
    }
    return runtime
  }

  const tensorOf = ({ dtype, data, shape }: WireTensor): RuntimeTensor => new (loaded().Tensor)(dtype, data, shape)

  const hold = (tensor: WireTensor): Held => {
    try {
      return { tensor: tensorOf(tensor), failure: undefined }
    } catch (cause) {
      return {
        tensor: undefined,
        failure: { phase: runtime === undefined ? 'load' : 'run', message: messageOf(cause) },
      }
    }
  }

  const create = (order: Extract<Order, { op: 'session' }>): Promise<Answer> => {
    const { inputs, outputs, bytes } = order
    const entry: Session = { session: undefined, failure: undefined, inputs, outputs, bytes, held: 0, isFree: false }
    sessions.set(order.session, entry)
    return guarded(() => loaded().InferenceSession.create(order.model, order.options)).then(
      (session): Answer => {
        entry.session = session
        return { call: order.call }
      },
      (cause: unknown): Answer => {
        entry.failure = { phase: runtime === undefined ? 'load' : 'session', message: messageOf(cause) }
        return { call: order.call, failure: entry.failure }
      },
    )
  }

  const run = (order: Extract<Order, { op: 'run' }>): Promise<Answer> => {
    const { call, inputs, outputs } = order
    const entry = sessions.get(order.session)
    const fail = (failure: Failure): Answer => {
      for (const id of outputs) buffers.set(id, { tensor: undefined, failure })
      return { call, failure }
    }
    if (cancelled.delete(call)) return Promise.resolve(fail({ phase: 'cancelled', message: '' }))
    const gone: Failure = { phase: 'run', message: 'what it takes is not in the worker' }
    if (entry === undefined || entry.session === undefined) {
      return Promise.resolve(fail(entry === undefined ? gone : (entry.failure ?? gone)))
    }
    const { session } = entry
    const feeds: Record<string, RuntimeTensor> = {}
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i] as number | WireTensor
      const given = typeof input === 'number' ? buffers.get(input) : hold(input)
      if (given === undefined || given.tensor === undefined) {
        return Promise.resolve(fail(given === undefined ? gone : (given.failure ?? gone)))
      }
      feeds[entry.inputs[i] as string] = given.tensor
    }
    Atomics.store(flags, 2, call)
    const start = performance.now()
    return guarded(() => {
      checkRoom(entry.bytes)
      return session.run(feeds)
    }).then(
      (results): Answer => {
        const time = performance.now() - start
        let bytes = 0
        const data = entry.outputs.map(({ name }, i) => {
          const tensor = results[name] as RuntimeTensor
          if (tensor.location === 'gpu-buffer') {
            buffers.set(outputs[i] as number, { tensor, failure: undefined, session: order.session })
            entry.held++
            return undefined
          }
          buffers.set(outputs[i] as number, { tensor, failure: undefined })
          bytes += tensor.data.byteLength
          return bytes <= small ? tensor.data : undefined
        })
        return { call, time, data }
      },
      (cause: unknown) => fail({ phase: 'run', message: messageOf(cause) }),
    )
  }

  const read = ({ call, buffer }: Extract<Order, { op: 'read' }>): void => {
    const known = buffers.get(buffer)
    if (known === undefined || known.tensor === undefined) {
      const gone: Failure = { phase: 'run', message: 'the array is not in the worker' }
      channel.post({ call, failure: known === undefined ? gone : (known.failure ?? gone) })
      return
    }
    // A copy whose memory moves to the host: half the work of a message that is copied.
    try {
      const copy = known.tensor.data.slice()
      channel.post({ call, data: [copy] }, [copy.buffer as ArrayBuffer])
    } catch (cause) {
      channel.post({ call, failure: { phase: 'run', message: messageOf(cause) } })
    }
  }

  const drop = (ids: readonly number[]): void => {
    for (const id of ids) {
      const known = buffers.get(id)
      buffers.delete(id)
      if (known === undefined || known.tensor === undefined || known.session === undefined) continue
      if (known.tensor.dispose !== undefined) known.tensor.dispose()
      const { session } = known
      const maker = sessions.get(session)
      if (maker !== undefined && --maker.held === 0 && maker.isFree) queue.push({ op: 'free', session })
    }
  }

  const free = (id: number): Promise<undefined> | undefined => {
    const entry = sessions.get(id)
    if (entry === undefined) return undefined
    entry.isFree = true
    if (entry.held > 0) return undefined
    sessions.delete(id)
    const { session } = entry
    return session === undefined ? undefined : guarded(() => session.release()).then(() => undefined)
  }

  /** Does it, and gives what is to be waited for. */
  const obey = (order: Order): Promise<Answer | undefined> | undefined => {
    if (order.op === 'session') return create(order)
    if (order.op === 'run') return run(order)
    if (order.op === 'read') read(order)
    else if (order.op === 'drop') drop(order.buffers)
    else if (order.op === 'free') return free(order.session)
    else if (order.op === 'put') {
      const { call, buffer, tensor } = order
      const put = (): Answer => {
        const held = hold(tensor)
        buffers.set(buffer, held)
        return held.failure === undefined ? { call } : { call, failure: held.failure }
      }
      return runtime === undefined ? guarded(() => Promise.resolve(put())) : Promise.resolve(put())
    }
    return undefined
  }

  const take = (orders: readonly Order[]): void => {
    for (const order of orders) {
      if (order.op === 'cancel') for (const call of order.calls) cancelled.add(call)
      // What is there can be read before what waits; a buffer never changes.
      else if (order.op === 'read' && buffers.has(order.buffer)) read(order)
      else queue.push(order)
    }
  }

  const work = (): void => {
    for (;;) {
      for (let more = channel.waiting(); more !== undefined; more = channel.waiting()) take(more)
      if (next === queue.length) {
        queue = []
        next = 0
        working = false
        cancelled.clear()
        return
      }
      if (next > 1024) {
        queue = queue.slice(next)
        next = 0
      }
      const doing = obey(queue[next++] as Order)
      if (doing === undefined) continue
      // What else goes wrong ends the worker, and the host hears of that.
      void doing.then((answer) => {
        if (answer !== undefined) channel.post(answer)
        channel.turn(work)
      })
      return
    }
  }

  channel.listen((orders) => {
    take(orders)
    if (working) return
    working = true
    work()
  })
}
