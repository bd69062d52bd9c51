import type { TypedArray } from './dtype.ts'
import { PendingError } from './errors.ts'

/** Where the numbers of an array are: on the host, or somewhere they can be fetched from. */
export interface Storage {
  /** Whether the memory was given back. */
  readonly isReleased: boolean
  /** The numbers, if they are on the host now. */
  readonly host: TypedArray | undefined
  /** The one element that all are, where that is known. */
  readonly repeated?: TypedArray | undefined
  /** The numbers, fetched if need be; rejects when the computation that makes them failed. */
  fetch(): Promise<TypedArray>
  /** Gives the memory back; reading afterwards throws, saying the `reason`. */
  release(reason?: string): void
}

/** Numbers on the host. */
export class HostStorage implements Storage {
  #data: TypedArray | undefined
  #reason: string | undefined

  constructor(data: TypedArray) {
    this.#data = data
  }

  get isReleased(): boolean {
    return this.#data === undefined
  }

  get host(): TypedArray {
    if (this.#data === undefined) throw released(this.#reason)
    return this.#data
  }

  fetch(): Promise<TypedArray> {
    return this.#data === undefined ? Promise.reject(released(this.#reason)) : Promise.resolve(this.#data)
  }

  release(reason?: string): void {
    this.#reason ??= reason
    this.#data = undefined
  }
}

/** One element many times, written out when somebody reads them. */
export class RepeatedStorage implements Storage {
  readonly #length: number
  #element: TypedArray | undefined
  #data: TypedArray | undefined
  #reason: string | undefined

  /** `element` is an array of one; `length` how often it is there. */
  constructor(element: TypedArray, length: number) {
    this.#element = element
    this.#length = length
  }

  get isReleased(): boolean {
    return this.#element === undefined
  }

  get repeated(): TypedArray {
    if (this.#element === undefined) throw released(this.#reason)
    return this.#element
  }

  get host(): TypedArray {
    if (this.#data === undefined) {
      const { repeated } = this
      const data = new (repeated.constructor as new (length: number) => TypedArray)(this.#length)
      this.#data = data.fill(repeated[0] as number)
    }
    return this.#data
  }

  fetch(): Promise<TypedArray> {
    return this.#element === undefined ? Promise.reject(released(this.#reason)) : Promise.resolve(this.host)
  }

  release(reason?: string): void {
    this.#reason ??= reason
    this.#element = undefined
    this.#data = undefined
  }
}

/** Numbers on their way: a failed computation rejects `fetch`, and never as an unhandled rejection. */
export class PendingStorage implements Storage {
  #data: TypedArray | undefined
  #released = false
  #reason: string | undefined
  #arrival: Promise<TypedArray> | undefined

  constructor(arrival: Promise<TypedArray>) {
    this.#arrival = arrival.then((data) => {
      if (!this.#released) this.#data = data
      return data
    })
    this.#arrival.catch(() => undefined)
  }

  get isReleased(): boolean {
    return this.#released
  }

  get host(): TypedArray | undefined {
    if (this.#released) throw released(this.#reason)
    return this.#data
  }

  fetch(): Promise<TypedArray> {
    return this.#arrival ?? Promise.reject(released(this.#reason))
  }

  release(reason?: string): void {
    this.#reason ??= reason
    this.#released = true
    this.#arrival = undefined
    this.#data = undefined
  }
}

const DISPOSED = 'this array was released (dispose or `using`); its numbers are gone'

const released = (reason = DISPOSED): PendingError => new PendingError(reason)
