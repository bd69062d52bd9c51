declare const queueMicrotask: (callback: () => void) => void

/** Memory of a device that is taken until somebody gives it back; twice is once. */
export interface Share {
  close(): void
}

/** Ballast is given out in pieces of this many bytes, or larger ones. */
const BALLAST = 2 ** 20
/** When this many bytes were counted and none freed, it is time for a collection. */
const OVERDUE = 2 ** 26
/** How many shares of the host's memory, and bytes, are counted together at most. */
const TOGETHER = { shares: 64, bytes: 2 ** 19 }

/** The bytes that the buffers of a device take. */
export class Ledger {
  bytes = 0
  #owed = 0
  #batch: WeakRef<Batch> | undefined
  /** The same, while the results of a run come one after another. */
  #held: Batch | undefined
  #left = 0
  /** Bytes that were counted since the collector last freed some. */
  #fresh = 0

  /**
   * Memory of the host, which the collector frees by itself; here it is only counted. What has a finalizer survives all
   * small collections, so that many buffers share one: the bytes of those that were collected are taken off when all of
   * them were. Where only small collections come, ballast brings a large one about: the count would grow without end.
   */
  count(bytes: number): Share {
    this.bytes += bytes
    let batch = this.#held ?? this.#batch?.deref()
    if (batch === undefined || this.#left === 0 || batch.count.bytes + bytes > TOGETHER.bytes) {
      batch = { count: { ledger: this, bytes: 0 } }
      counted.register(batch, batch.count)
      this.#left = TOGETHER.shares
      this.#batch = bytes > TOGETHER.bytes ? undefined : new WeakRef(batch)
    }
    if (this.#batch !== undefined && this.#held !== batch) {
      this.#held = batch
      queueMicrotask(() => (this.#held = undefined))
    }
    this.#left--
    batch.count.bytes += bytes
    this.#fresh += bytes
    if (this.#fresh > OVERDUE) {
      this.#fresh = 0
      batch.ballast = untouched(OVERDUE)
    }
    return new HostShare(batch, bytes)
  }

  /** The collector freed what was counted together. */
  collected(bytes: number): void {
    this.bytes -= bytes
    this.#fresh = 0
  }

  /** What was counted is free without the collector. */
  freed(bytes: number): void {
    this.#fresh = Math.max(0, this.#fresh - bytes)
  }

  /** Memory elsewhere, given back by `free`: when the share is closed, or when `owner` is collected. */
  hold(owner: object, bytes: number, free: () => void): Share {
    this.bytes += bytes
    const share = new FarShare(this, bytes, free)
    collected.register(owner, share)
    return share
  }

  /**
   * Memory for a buffer on a GPU to hold, as large as that buffer and small ones before it: of a GPU's memory the
   * collector knows nothing, and would let it fill up with what nobody holds any more. Nobody writes to it, so that the
   * system hardly gives it a page.
   */
  ballast(bytes: number): ArrayBuffer | undefined {
    this.#owed += bytes
    if (this.#owed < BALLAST) return undefined
    const size = this.#owed
    this.#owed = 0
    return untouched(size)
  }
}

function untouched(bytes: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(bytes)
  } catch {
    return undefined
  }
}

interface Count {
  readonly ledger: Ledger
  bytes: number
}

/** What the shares of one count hold: it is collected when they all are. */
interface Batch {
  readonly count: Count
  /** Held, never read. */
  ballast?: unknown
}

const counted = new FinalizationRegistry<Count>(({ ledger, bytes }) => ledger.collected(bytes))

class HostShare implements Share {
  #batch: Batch | undefined
  readonly #bytes: number

  constructor(batch: Batch, bytes: number) {
    this.#batch = batch
    this.#bytes = bytes
  }

  close(): void {
    const count = this.#batch?.count
    if (count === undefined) return
    this.#batch = undefined
    count.bytes -= this.#bytes
    count.ledger.bytes -= this.#bytes
  }
}

class FarShare implements Share {
  readonly #ledger: Ledger
  readonly #bytes: number
  #free: (() => void) | undefined

  constructor(ledger: Ledger, bytes: number, free: () => void) {
    this.#ledger = ledger
    this.#bytes = bytes
    this.#free = free
  }

  close(): void {
    const free = this.#free
    if (free === undefined) return
    this.#free = undefined
    this.#ledger.bytes -= this.#bytes
    free()
  }
}

const collected = new FinalizationRegistry<Share>((share) => share.close())
