import type { Backend, BackendSession, SessionRequest } from './backend.ts'
import { digestOf } from './digest.ts'

/** A session, and how many programs have it. */
interface Entry {
  readonly session: BackendSession
  holders: number
}

/** A program's hold on a session. The session is released when all who had it are collected. */
export interface SessionHold {
  readonly session: BackendSession
  /** Whether another program had made the session already. */
  readonly wasThere: boolean
}

/**
 * The sessions of a device by what they compute: programs with the same graph and options share one. It keeps nothing
 * alive: a session lives as long as the programs that run it.
 */
export class SharedSessions {
  readonly #backend: Backend
  readonly #entries = new Map<string, Entry>()
  readonly #registry = new FinalizationRegistry<string>((key) => this.#drop(key))

  constructor(backend: Backend) {
    this.#backend = backend
  }

  /** How many sessions there are. */
  get size(): number {
    return this.#entries.size
  }

  get(request: SessionRequest): SessionHold {
    const { inputs, outputs, options, model } = request
    const key = digestOf(model, JSON.stringify([inputs, outputs, options]))
    let entry = this.#entries.get(key)
    const wasThere = entry !== undefined
    if (entry === undefined) {
      const made: Entry = { session: this.#backend.createSession(request), holders: 0 }
      this.#entries.set(key, (entry = made))
      // Who asks again after a failure gets another try.
      made.session.ready.catch(() => {
        if (this.#entries.get(key) === made) this.#entries.delete(key)
      })
    }
    entry.holders++
    const hold: SessionHold = { session: entry.session, wasThere }
    this.#registry.register(hold, key)
    return hold
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.holders > 0) return
    this.#entries.delete(key)
    entry.session.release().catch(() => undefined)
  }
}
