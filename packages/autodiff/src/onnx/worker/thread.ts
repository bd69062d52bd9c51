import type { DeviceError } from '../../array/errors.ts'
import { nodeRequire } from '../runtime/machine.ts'
import { hasNodeThreads, NodeThread } from './node-thread.ts'
import type { WebSettings } from '../runtime/runtime.ts'
import type { Answer, Order } from './protocol.ts'
import { hasWebThreads, WebThread } from './web-thread.ts'

/** Where a thread gets its runtime. */
export interface RuntimeSource {
  readonly module: 'onnxruntime-node' | 'onnxruntime-web'
  /** In a browser the module's address, where it is known. */
  address(): string | undefined
  /** Of the runtime of WebAssembly. */
  settings(): WebSettings | undefined
}

/** What is heard of a thread. */
export interface ThreadEvents {
  answered(answer: Answer): void
  /** The thread is gone, for this reason. */
  ended(reason: string): void
  /** It did not even start. */
  refused(error: DeviceError): void
}

/** A thread that does orders: a worker thread of Node, or a worker of a browser. */
export interface Thread {
  post(orders: readonly Order[], transfer?: readonly ArrayBuffer[]): void
  /** Keeps the process alive, until `let`. */
  hold(): void
  let(): void
  /** The call that runs, or ran last; undefined where no memory is shared that would tell. */
  readonly current: number | undefined
  /** Ends it, in Node when the call that runs is over. */
  end(): Promise<void>
}

/** Whether programs can run in threads here. */
export const hasThreads = (): boolean => hasNodeThreads() || hasWebThreads()

export const startThread = (device: string, source: RuntimeSource, events: ThreadEvents): Thread =>
  nodeRequire() === undefined ? new WebThread(device, source, events) : new NodeThread(device, source, events)
