import type { Answer, Channel, Order, WorkerStart } from './protocol.ts'

interface Port {
  on(event: 'message', listener: (orders: readonly Order[]) => void): void
  postMessage(answer: Answer, transfer?: readonly ArrayBuffer[]): void
}

interface Threads {
  readonly parentPort: Port
  readonly workerData: WorkerStart
  receiveMessageOnPort(port: Port): { readonly message: readonly Order[] } | undefined
}

/** The way to the host from a thread of Node. (Its text is part of what the thread is started with, as `workerProgram`'s.) */
export function nodeChannel(threads: Threads, exit: () => void): Channel {
  const { parentPort: port, workerData, receiveMessageOnPort } = threads
  return {
    start: workerData,
    listen(heard) {
      port.on('message', heard)
    },
    waiting() {
      const more = receiveMessageOnPort(port)
      return more === undefined ? undefined : more.message
    },
    turn(go) {
      go()
    },
    post(answer, transfer) {
      port.postMessage(answer, transfer)
    },
    exit,
  }
}
