import type { Channel, Greeting, WebStart } from './protocol.ts'

declare const performance: { now(): number }
declare const setTimeout: (callback: () => void) => void
declare const MessageChannel: new () => {
  readonly port1: { onmessage: (() => void) | undefined }
  readonly port2: { postMessage(message: undefined): void }
}

/** What is used of a worker's global scope. */
export interface WorkerScope {
  readonly name: string
  readonly navigator: { readonly locks?: { request(name: string, holder: () => Promise<void>): Promise<void> } }
  addEventListener(type: 'message', listener: (event: { readonly data: never }) => void): void
  addEventListener(type: 'unhandledrejection', listener: (event: { readonly reason: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { readonly data: never }) => void): void
  postMessage(answer: unknown, transfer?: readonly ArrayBuffer[]): void
  close(): void
}

/**
 * The way to the host from a worker of a browser; `begin` is given it when the host has said how to start. (Its text may be
 * what the worker is started with, as `workerProgram`'s.)
 */
export function webChannel(scope: WorkerScope, begin: (channel: Channel) => void): void {
  // The runtime's own threads run the file that it is in.
  if (scope.name.startsWith('em-pthread')) return
  /** Milliseconds that orders may follow each other and no message be heard. */
  const breath = 5
  const turns = new MessageChannel()
  let turned = performance.now()

  // As in Node, what nobody expected ends the worker: the host does that when it hears of it.
  scope.addEventListener('unhandledrejection', ({ reason }) =>
    setTimeout(() => {
      throw reason
    }),
  )

  const greet = (isLocked: boolean): void => {
    const greeting: Greeting = { greeting: true, isLocked }
    scope.postMessage(greeting)
  }
  /** A lock that is free when this thread is gone, however it ended. */
  const hold = (lock: string): void => {
    const { locks } = scope.navigator
    if (locks === undefined) {
      greet(false)
      return
    }
    const held = locks.request(lock, () => {
      greet(true)
      return new Promise(() => undefined)
    })
    held.catch(() => greet(false))
  }

  const first = ({ data: start }: { readonly data: WebStart }): void => {
    scope.removeEventListener('message', first)
    begin({
      start,
      listen(heard) {
        scope.addEventListener('message', ({ data }) => heard(data))
      },
      waiting: () => undefined,
      turn(go) {
        if (performance.now() - turned < breath) {
          go()
          return
        }
        turns.port1.onmessage = () => {
          turned = performance.now()
          go()
        }
        turns.port2.postMessage(undefined)
      },
      post(answer, transfer) {
        scope.postMessage(answer, transfer)
      },
      exit() {
        scope.close()
      },
    })
    hold(start.lock)
  }
  scope.addEventListener('message', first)
}
