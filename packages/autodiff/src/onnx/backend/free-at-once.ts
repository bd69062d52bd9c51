import type { Port } from './room.ts'

declare const MessageChannel: (new () => { readonly port1: Port }) | undefined

let nobody: Port | undefined

/** Frees memory that nobody reads any more, without the collector; false where this cannot be had. */
export function freeAtOnce(memory: ArrayBuffer): boolean {
  const { transfer } = memory as { transfer?: (length: number) => ArrayBuffer }
  if (transfer !== undefined) {
    transfer.call(memory, 0)
    return true
  }
  if (typeof MessageChannel === 'undefined') return false
  if (nobody === undefined) {
    nobody = new MessageChannel().port1
    nobody.close()
  }
  nobody.postMessage(undefined, [memory])
  return true
}
