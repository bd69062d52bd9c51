import type { DeviceBuffer, HostTensor, SessionRequest, TensorInfo } from '../backend/backend.ts'
import { copyKey, copyModel, type Place } from '../backend/copies.ts'
import type { WorkerBuffer } from './buffer.ts'

/** A session whose outputs may have other sizes at each call, and which no signal cancels. */
export interface CopySession {
  copy(x: DeviceBuffer | HostTensor): WorkerBuffer
}

/** Copies from and to the GPU of a worker, by programs as on the calling thread; made when they are needed. */
export class WorkerCopies {
  readonly #open: (request: SessionRequest, place: Place) => CopySession
  readonly #options: SessionRequest['options']
  readonly #sessions = new Map<string, CopySession>()

  constructor(options: SessionRequest['options'], open: (request: SessionRequest, place: Place) => CopySession) {
    this.#options = options
    this.#open = open
  }

  /** The numbers in another place. */
  to(place: Place, x: DeviceBuffer | HostTensor): WorkerBuffer {
    return this.#session(x, place).copy(x)
  }

  #session({ shape, dtype }: TensorInfo, place: Place): CopySession {
    const info = { shape, dtype }
    const key = copyKey(info, place)
    let session = this.#sessions.get(key)
    if (session === undefined) {
      const request = {
        model: copyModel(info),
        inputs: [{ ...info, name: 'x' }],
        outputs: [{ ...info, name: 'y' }],
        options: { ...this.#options, preferredOutputLocation: place },
      }
      this.#sessions.set(key, (session = this.#open(request, place)))
    }
    return session
  }
}
