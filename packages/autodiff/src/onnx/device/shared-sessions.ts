import type { Backend, BackendSession, SessionRequest } from '../backend/backend.ts'
import { digestOf } from '../runtime/digest.ts'

/** A session that a program asked for. */
export interface SharedSession {
  readonly session: BackendSession
  /** Whether another program has it too. */
  readonly wasThere: boolean
}

/**
 * The sessions of a device by what they compute: programs with the same graph and options share one. It keeps none
 * alive: a session lives as long as a program that runs it.
 */
export class SharedSessions {
  readonly #backend: Backend
  readonly #sessions = new Map<string, WeakRef<BackendSession>>()
  readonly #registry = new FinalizationRegistry<string>((key) => {
    if (this.#sessions.get(key)?.deref() === undefined) this.#sessions.delete(key)
  })

  constructor(backend: Backend) {
    this.#backend = backend
  }

  /** How many sessions there are. */
  get size(): number {
    return this.#sessions.size
  }

  get(request: SessionRequest): SharedSession {
    const { inputs, outputs, options, model } = request
    const key = digestOf(model, JSON.stringify([inputs, outputs, options]))
    const known = this.#sessions.get(key)?.deref()
    if (known !== undefined) return { session: known, wasThere: true }
    const session = this.#backend.createSession(request)
    const place = new WeakRef(session)
    this.#sessions.set(key, place)
    this.#registry.register(session, key)
    // After a failure the next one who asks gets another try.
    session.ready.catch(() => {
      if (this.#sessions.get(key) === place) this.#sessions.delete(key)
    })
    return { session, wasThere: false }
  }
}
