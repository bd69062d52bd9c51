import { DeviceError } from '../../array/errors.ts'
import { abortError, type CancelSignal } from '../../core/device/cancellation.ts'
import { Ledger } from '../backend/ledger.ts'
import type { Answer, Order } from './protocol.ts'
import { type RuntimeSource, startThread, type Thread, type ThreadEvents } from './thread.ts'

declare const queueMicrotask: (callback: () => void) => void

/** An order that is answered. */
export type Call = Extract<Order, { readonly call: number }>

/** What becomes of a call: its answer, or the error that it never got one. */
export type Outcome = (result: Answer | Error) => void

/**
 * What one thread holds, from its start to its end. Orders given in one turn of the host go in one message. The thread
 * keeps the process alive while a call waits for its answer.
 */
export class WorkerMemory implements ThreadEvents {
  readonly device: string
  readonly ledger: Ledger = new Ledger()
  readonly #thread: Thread
  readonly #calls = new Map<number, Outcome>()
  readonly #signalled = new Map<CancelSignal, Set<number>>()
  #orders: Order[] = []
  #transfer: ArrayBuffer[] = []
  #numbers = 0
  /** Calls up to this number are on their way. */
  #posted = 0
  #end: string | undefined

  constructor(device: string, source: RuntimeSource) {
    this.device = device
    this.#thread = startThread(device, source, this)
  }

  /** Whether the thread, and all that it held, is gone. */
  get isLost(): boolean {
    return this.#end !== undefined
  }

  /** A number for a call, a buffer or a session. */
  number(): number {
    return ++this.#numbers
  }

  /** Gives an order that nobody waits for. */
  order(order: Order): void {
    if (this.#end !== undefined) return
    if (this.#orders.length === 0) queueMicrotask(() => this.#post())
    this.#orders.push(order)
  }

  /** Gives an order that is answered; the memory of `transfer` moves with it. */
  call(order: Call, outcome: Outcome, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#end !== undefined) {
      outcome(this.lost())
      return
    }
    this.order(order)
    this.#transfer.push(...transfer)
    if (this.#calls.size === 0) this.#thread.hold()
    this.#calls.set(order.call, outcome)
  }

  /** Cancels a call that waits when the signal aborts. */
  listen(signal: CancelSignal, call: number): void {
    let calls = this.#signalled.get(signal)
    if (calls === undefined) {
      this.#signalled.set(signal, (calls = new Set()))
      signal.addEventListener('abort', () => this.#cancel(signal))
    }
    calls.add(call)
  }

  answered(answer: Answer): void {
    this.#settle(answer.call, answer)
  }

  ended(reason: string): void {
    const message = `${this.device}: its worker ended during the call (${reason}); the device goes on with a new one`
    this.#stop(reason, new DeviceError(message))
  }

  refused(error: DeviceError): void {
    this.#stop('it did not start', error)
  }

  /** Ends the thread when the call that runs is over; calls that wait fail. */
  async close(): Promise<void> {
    this.#stop('the device was closed', closed(this.device))
    await this.#thread.end()
  }

  /** The error of who reads what was here. */
  lost(): DeviceError {
    return new DeviceError(
      `${this.device}: the worker that held this array is gone (${this.#end}); compute the array again`,
    )
  }

  #stop(reason: string, error: DeviceError): void {
    if (this.#end !== undefined) return
    this.#end = reason
    this.#orders = []
    this.#transfer = []
    for (const call of this.#calls.keys()) this.#settle(call, error)
  }

  #settle(call: number, result: Answer | Error): void {
    const outcome = this.#calls.get(call)
    if (outcome === undefined) return
    this.#calls.delete(call)
    if (this.#calls.size === 0) {
      this.#thread.let()
      this.#signalled.clear()
    }
    outcome(result)
  }

  #cancel(signal: CancelSignal): void {
    const calls = this.#signalled.get(signal)
    if (calls === undefined) return
    this.#signalled.delete(signal)
    const current = this.#thread.current ?? this.#first()
    const waiting = [...calls].filter((call) => this.#calls.has(call) && call !== current)
    if (waiting.length === 0) return
    this.order({ op: 'cancel', calls: waiting })
    for (const call of waiting) this.#settle(call, abortError(signal))
  }

  /** The call that runs, as far as the answers tell: the first of those that were posted. */
  #first(): number | undefined {
    const [first] = this.#calls.keys()
    return first !== undefined && first <= this.#posted ? first : undefined
  }

  #post(): void {
    const orders = this.#orders
    const transfer = this.#transfer
    this.#orders = []
    this.#transfer = []
    this.#posted = this.#numbers
    if (orders.length === 0) return
    try {
      this.#thread.post(orders, transfer)
    } catch (cause) {
      // No memory for the message: each order by itself, so that only what is too large fails.
      for (const order of orders) this.#postAlone(order, orders.length > 1 ? undefined : cause)
    }
  }

  #postAlone(order: Order, failure: unknown): void {
    try {
      if (failure !== undefined) throw failure
      this.#thread.post([order])
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if ('call' in order) {
        this.#settle(order.call, new DeviceError(`${this.device} could not send the call: ${message}`, { cause }))
      }
    }
  }
}

export const closed = (device: string): DeviceError => new DeviceError(`${device} was closed`)
