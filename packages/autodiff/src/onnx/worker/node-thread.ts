import { DeviceError } from '../../array/errors.ts'
import { builtin, nodeRequire } from '../runtime/machine.ts'
import { checkRoom } from '../backend/room.ts'
import { nodeChannel } from './node-channel.ts'
import { workerProgram } from './program.ts'
import { type Answer, BUSY, CURRENT, type Order, STOP, type WorkerStart } from './protocol.ts'
import type { RuntimeSource, Thread, ThreadEvents } from './thread.ts'

interface NodeWorker {
  on(event: 'message', listener: (answer: Answer) => void): void
  on(event: 'messageerror' | 'error', listener: (error: Error) => void): void
  on(event: 'exit', listener: (code: number) => void): void
  postMessage(orders: readonly Order[], transfer?: readonly ArrayBuffer[]): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: Readonly<Record<string, unknown>>) => NodeWorker
}

declare const performance: { now(): number }

declare const process:
  | {
      on(event: 'exit', listener: () => void): void
      off(event: 'exit', listener: () => void): void
      kill(pid: number, signal: 'SIGKILL'): void
      readonly pid: number
    }
  | undefined

/** The threads that live, by their flags: none must be ended while the runtime computes in it. */
const living = new Set<Int32Array>()

/** How many milliseconds a process that ends waits for the calls that run. */
const PATIENCE = 10_000

/** A process that ends waits for the calls that run; the runtime's binding would abort it otherwise. */
function awaitThreads(): void {
  const deadline = performance.now() + PATIENCE
  for (const flags of living) Atomics.store(flags, STOP, 1)
  for (const flags of living) {
    while (Atomics.load(flags, BUSY) === 1) {
      if (performance.now() > deadline) kill()
      Atomics.wait(flags, BUSY, 1, 100)
    }
  }
}

/** For a call that does not end. Node itself waits for its threads, so that nothing else ends the process. */
function kill(): void {
  try {
    builtin<FileSystem>('node:fs')?.writeSync(
      2,
      `cotangent: a program runs on ${PATIENCE / 1000} s after its process was to end, and cannot be interrupted: the process is killed. Perhaps a whileLoop does not end\n`,
    )
  } finally {
    process?.kill(process.pid, 'SIGKILL')
  }
}

interface FileSystem {
  writeSync(file: number, text: string): number
}

const code = (runtime: string): string =>
  // Some bundlers wrap every function in a call of `__name`.
  `const __name = (f) => f
const channel = (${nodeChannel.toString()})(require('node:worker_threads'), () => process.exit());
(${workerProgram.toString()})(channel, () => require(${JSON.stringify(runtime)}), ${checkRoom.toString()})`

function threads(): WorkerThreads | undefined {
  const found = builtin<Partial<WorkerThreads>>('node:worker_threads')
  return typeof found?.Worker === 'function' ? (found as WorkerThreads) : undefined
}

/** Whether programs can run in threads of Node here. */
export const hasNodeThreads = (): boolean => threads() !== undefined

/** A thread of Node. It keeps the process alive only between `hold` and `let`. */
export class NodeThread implements Thread {
  readonly #worker: NodeWorker
  readonly #flags: Int32Array

  constructor(device: string, source: RuntimeSource, events: ThreadEvents) {
    const found = threads()
    const runtime = nodeRequire()?.resolve(source.module)
    if (found === undefined || runtime === undefined) {
      throw new DeviceError(`${device}: there are no worker threads here; use createDevice(kind, { worker: false })`)
    }
    const flags = new SharedArrayBuffer(12)
    this.#flags = new Int32Array(flags)
    const workerData: WorkerStart = { settings: source.settings(), flags }
    const worker = new found.Worker(code(runtime), { eval: true, workerData, execArgv: [], name: device })
    this.#worker = worker
    let failure: string | undefined
    worker.on('message', (answer) => events.answered(answer))
    worker.on('error', (error) => (failure ??= error.message))
    worker.on('exit', (code) => {
      living.delete(this.#flags)
      if (living.size === 0) process?.off('exit', awaitThreads)
      events.ended(failure ?? `exit code ${code}`)
    })
    const ended = new Promise<number>((resolve) => worker.on('exit', resolve))
    const end = worker.terminate.bind(worker)
    // Whoever ends it: not within a call of the runtime, which it then leaves by itself.
    worker.terminate = () => {
      events.ended('it was terminated')
      // As Node's own does, so that who awaits the end sees it.
      worker.ref()
      Atomics.store(this.#flags, STOP, 1)
      if (Atomics.load(this.#flags, BUSY) === 0) void end()
      return ended
    }
    worker.unref()
    if (living.size === 0) process?.on('exit', awaitThreads)
    living.add(this.#flags)
  }

  post(orders: readonly Order[], transfer?: readonly ArrayBuffer[]): void {
    this.#worker.postMessage(orders, transfer)
  }

  hold(): void {
    this.#worker.ref()
  }

  /** The call that runs, or ran last. */
  get current(): number {
    return Atomics.load(this.#flags, CURRENT)
  }

  let(): void {
    this.#worker.unref()
  }

  /** Ends it when the call that runs is over. */
  async end(): Promise<void> {
    this.hold()
    await this.#worker.terminate()
  }
}
