import { DeviceError } from '../../array/errors.ts'
import { nodeRequire } from '../runtime/machine.ts'
import { checkRoom } from '../backend/room.ts'
import { workerProgram } from './program.ts'
import { type Answer, CURRENT, type Greeting, type Order, type WebStart } from './protocol.ts'
import type { RuntimeSource, Thread, ThreadEvents } from './thread.ts'
import { webChannel } from './web-channel.ts'

interface WebWorker {
  addEventListener(type: 'message', listener: (event: { readonly data: Answer | Greeting }) => void): void
  addEventListener(type: 'error' | 'messageerror', listener: (event: FailureEvent) => void): void
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  terminate(): void
}

interface FailureEvent {
  readonly message?: string
  preventDefault(): void
}

interface Locks {
  request(name: string, holder: () => void): Promise<void>
}

declare const Worker: new (url: unknown, options: { readonly type: 'module'; readonly name: string }) => WebWorker
declare const Blob: new (parts: readonly string[], options: { readonly type: string }) => object
declare const URL: {
  new (url: string, base: string): object
  createObjectURL(blob: object): string
  revokeObjectURL(url: string): void
}
declare const navigator: { readonly locks?: Locks }
declare const crossOriginIsolated: boolean | undefined
declare const queueMicrotask: (callback: () => void) => void

/** Whether programs can run in a browser's workers here. */
export const hasWebThreads = (): boolean => nodeRequire() === undefined && typeof Worker === 'function'

let started = 0

/** A worker of a browser. It may be ended at any time. */
export class WebThread implements Thread {
  readonly #worker: WebWorker | undefined
  readonly #flags: Int32Array | undefined

  constructor(device: string, source: RuntimeSource, events: ThreadEvents) {
    const address = source.address()
    const refuse = (reason: string | undefined): void => events.refused(refusal(device, address, reason))
    // Without isolation a page shares no memory.
    const flags =
      typeof crossOriginIsolated !== 'undefined' && crossOriginIsolated ? new SharedArrayBuffer(12) : undefined
    this.#flags = flags && new Int32Array(flags)
    const lock = `cotangent ${device} ${Date.now().toString(36)} ${Math.random().toString(36).slice(2)} ${started++}`
    let opened: { readonly worker: WebWorker; started(): void }
    try {
      const start: WebStart = { settings: source.settings(), flags, lock }
      opened = address === undefined ? ofModule(device) : ofText(device, address)
      opened.worker.postMessage(start)
    } catch (cause) {
      queueMicrotask(() => refuse(cause instanceof Error ? cause.message : String(cause)))
      return
    }
    const { worker } = opened
    this.#worker = worker
    const end = worker.terminate.bind(worker)
    const stop = (reason: string): void => {
      end()
      events.ended(reason)
    }
    // Whoever ends it.
    worker.terminate = () => stop('it was terminated')
    let isThere = false
    worker.addEventListener('message', ({ data }) => {
      if (!('greeting' in data)) {
        events.answered(data)
        return
      }
      isThere = true
      opened.started()
      if (data.isLocked) void navigator.locks!.request(lock, () => stop('it is gone')).catch(() => undefined)
    })
    const failed = (event: FailureEvent): void => {
      event.preventDefault()
      if (isThere) stop(event.message ?? 'by an error')
      else {
        end()
        opened.started()
        refuse(event.message)
      }
    }
    worker.addEventListener('error', failed)
    worker.addEventListener('messageerror', failed)
  }

  post(orders: readonly Order[], transfer?: readonly ArrayBuffer[]): void {
    this.#worker?.postMessage(orders, transfer)
  }

  get current(): number | undefined {
    return this.#flags && Atomics.load(this.#flags, CURRENT)
  }

  hold(): void {}

  let(): void {}

  async end(): Promise<void> {
    this.#worker?.terminate()
  }
}

interface Opened {
  readonly worker: WebWorker
  /** It has started, or never will. */
  started(): void
}

/** The worker's module, with the runtime that the bundler puts in: bundlers know it by this very expression. */
const ofModule = (name: string): Opened => ({
  worker: new Worker(new URL('./web-worker.ts', (import.meta as unknown as { url: string }).url), {
    type: 'module',
    name,
  }),
  started: () => undefined,
})

/** The worker's program by its text, which imports the runtime by its address: no file, and no import map, is needed. */
function ofText(name: string, address: string): Opened {
  const code = `import * as runtime from ${JSON.stringify(address)}
const __name = (f) => f
const begin = (channel) => (${workerProgram.toString()})(channel, () => runtime, ${checkRoom.toString()});
(${webChannel.toString()})(self, begin)`
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  const started = (): void => URL.revokeObjectURL(url)
  try {
    return { worker: new Worker(url, { type: 'module', name }), started }
  } catch (cause) {
    started()
    throw cause
  }
}

function refusal(device: string, address: string | undefined, reason: string | undefined): DeviceError {
  const said = reason === undefined || reason === '' ? '' : `: ${reason}`
  const remedy =
    address === undefined
      ? "The page must be served by http and its Content-Security-Policy allow worker-src 'self'; a bundler must know module workers (exclude @cotangent/autodiff and onnxruntime-web from the optimizeDeps of Vite 7), or the runtime be given by its address: initRuntime({ runtime: '/ort.webgpu.bundle.min.mjs' })"
      : `It imports ${address}: a Content-Security-Policy must allow that, and worker-src blob:`
  return new DeviceError(
    `${device}: its worker did not start${said}. ${remedy}. Without: createDevice(kind, { worker: false })`,
  )
}
