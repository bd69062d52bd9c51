/** An end of a channel: what is sent to a closed one is free. */
export interface Port {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void
  close(): void
}

declare const MessageChannel: (new () => { readonly port1: Port }) | undefined

/**
 * Throws a RangeError when there is no memory for outputs of so many bytes, twice: the runtime's own and the copy that its
 * binding for Node makes, which ends the process if it cannot. (Its text is part of what a worker is started with: it
 * names nothing outside itself.)
 */
export function checkRoom(bytes: number): void {
  if (bytes < 1 << 28 || typeof MessageChannel === 'undefined') return
  // Nobody writes to them, so that the system gives them no pages; sent to nobody, they are free at once.
  const rooms = [new ArrayBuffer(bytes), new ArrayBuffer(bytes)]
  const { port1 } = new MessageChannel()
  port1.close()
  port1.postMessage(undefined, rooms)
}
