import type { DType, TypedArray } from '../../array/dtype.ts'
import type { WebSettings } from '../runtime/runtime.ts'

/** Numbers on their way to the worker. */
export interface WireTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** What the host asks for. Everything is done in order, one at a time; `call` is answered, what has none is not. */
export type Order =
  | {
      readonly op: 'session'
      readonly call: number
      readonly session: number
      readonly model: Uint8Array
      readonly options: Readonly<Record<string, unknown>>
      readonly inputs: readonly string[]
      readonly outputs: readonly OutputSpec[]
      /** What the outputs take on the host. */
      readonly bytes: number
    }
  | { readonly op: 'put'; readonly call: number; readonly buffer: number; readonly tensor: WireTensor }
  | {
      readonly op: 'run'
      readonly call: number
      readonly session: number
      /** Buffers of the worker by number, or numbers. */
      readonly inputs: readonly (number | WireTensor)[]
      readonly outputs: readonly number[]
    }
  | { readonly op: 'read'; readonly call: number; readonly buffer: number }
  | { readonly op: 'drop'; readonly buffers: readonly number[] }
  | { readonly op: 'free'; readonly session: number }
  /** Done before what is waiting: runs that have not begun do not begin. */
  | { readonly op: 'cancel'; readonly calls: readonly number[] }

export interface OutputSpec extends Omit<WireTensor, 'data'> {
  readonly name: string
}

/** The answer to a call: it was done, or it failed. */
export interface Answer {
  readonly call: number
  /** Milliseconds that a run took. */
  readonly time?: number
  /** The numbers that were read, or the small outputs of a run in order. */
  readonly data?: readonly (TypedArray | undefined)[]
  readonly failure?: Failure
}

/** What went wrong; what depends on it fails with the same. */
export interface Failure {
  readonly phase: 'load' | 'session' | 'run' | 'cancelled'
  readonly message: string
}

/** What a worker is started with. */
export interface WorkerStart {
  /** What the page's or the process's runtime of WebAssembly was told, which the worker's is told too. */
  readonly settings: WebSettings | undefined
  /** BUSY: whether a call of the runtime runs; STOP: whether no other is to begin; CURRENT: the call. Shared where that can be. */
  readonly flags: SharedArrayBuffer | undefined
}

/** What a browser's worker is started with. */
export interface WebStart extends WorkerStart {
  /** The name of a lock that the worker holds as long as it lives. */
  readonly lock: string
}

/** A browser's worker has started. */
export interface Greeting {
  readonly greeting: true
  /** Whether it holds the lock: some pages have none. */
  readonly isLocked: boolean
}

export const BUSY = 0
export const STOP = 1
export const CURRENT = 2

/** The way between the host and the program in a worker, as the program sees it. */
export interface Channel {
  readonly start: WorkerStart
  /** Calls `heard` with orders whenever some come. */
  listen(heard: (orders: readonly Order[]) => void): void
  /** Orders that have come and were not heard, where that can be asked. */
  waiting(): readonly Order[] | undefined
  /** Goes on, when orders that have come were heard, or could be by `waiting`. */
  turn(go: () => void): void
  post(answer: Answer, transfer?: readonly ArrayBuffer[]): void
  exit(): void
}
