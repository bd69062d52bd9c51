import { checkedSize, type DType, type TypedArray } from './dtype.ts'
import type { Shape } from './shape.ts'
import { PendingError } from './errors.ts'

/** Where the numbers of an array are: on the host, or somewhere they can be fetched from. */
export interface Storage {
  /** Whether the memory was given back. */
  readonly isReleased: boolean
  /** The numbers, if they are on the host now. Who takes them may keep them. */
  readonly host: TypedArray | undefined
  /** The one element that all are, where that is known. */
  readonly repeated?: TypedArray | undefined
  /** The numbers, fetched if need be, for who may keep them; rejects when the computation that makes them failed. */
  fetch(): Promise<TypedArray>
  /** What `use` makes of the numbers, which it does not keep: their memory can be given back at once afterwards. */
  read<T>(use: (data: TypedArray) => T): Promise<T>
  /** Gives the memory back; reading afterwards throws, saying the `reason`. */
  release(reason?: string): void
  /** The device that owns the numbers (a `Device`), if it is not the host. */
  readonly device?: object
  /** Another storage of the same numbers, released apart from this one, where that needs no reading. */
  share?(): Storage
  /** Calls back once when the memory is given back; nothing is called when the storage is collected. */
  whenReleased?(callback: () => void): void
}

/** What storages share: each tells others when it is released, and why, and is read by fetching, if nothing else is said. */
export abstract class Releasable {
  #callback: (() => void) | undefined
  #reason: string | undefined

  abstract fetch(): Promise<TypedArray>

  read<T>(use: (data: TypedArray) => T): Promise<T> {
    return this.fetch().then(use)
  }

  whenReleased(callback: () => void): void {
    const earlier = this.#callback
    this.#callback =
      earlier === undefined
        ? callback
        : () => {
            earlier()
            callback()
          }
  }

  protected callBack(reason: string | undefined): void {
    this.#reason ??= reason
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
  }

  /** The error for reading it afterwards. */
  protected gone(): PendingError {
    return released(this.#reason)
  }
}

/** Numbers on the host. */
export class HostStorage extends Releasable implements Storage {
  #data: TypedArray | undefined

  constructor(data: TypedArray) {
    super()
    this.#data = data
  }

  get isReleased(): boolean {
    return this.#data === undefined
  }

  get host(): TypedArray {
    if (this.#data === undefined) throw this.gone()
    return this.#data
  }

  fetch(): Promise<TypedArray> {
    return this.#data === undefined ? Promise.reject(this.gone()) : Promise.resolve(this.#data)
  }

  release(reason?: string): void {
    this.#data = undefined
    this.callBack(reason)
  }
}

/** One element many times, written out when somebody reads them. */
export class RepeatedStorage extends Releasable implements Storage {
  readonly #length: number
  #element: TypedArray | undefined
  #data: TypedArray | undefined

  /** `element` is an array of one, which is there as often as the shape says. */
  constructor(element: TypedArray, shape: Shape, dtype: DType) {
    super()
    this.#element = element
    this.#length = checkedSize(shape, dtype)
  }

  get isReleased(): boolean {
    return this.#element === undefined
  }

  get repeated(): TypedArray {
    if (this.#element === undefined) throw this.gone()
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
    return this.#element === undefined ? Promise.reject(this.gone()) : Promise.resolve(this.host)
  }

  release(reason?: string): void {
    this.#element = undefined
    this.#data = undefined
    this.callBack(reason)
  }
}

/** Numbers on their way: a failed computation rejects `fetch`, and never as an unhandled rejection. */
export class PendingStorage extends Releasable implements Storage {
  #data: TypedArray | undefined
  #released = false
  #arrival: Promise<TypedArray> | undefined

  constructor(arrival: Promise<TypedArray>) {
    super()
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
    if (this.#released) throw this.gone()
    return this.#data
  }

  fetch(): Promise<TypedArray> {
    return this.#arrival ?? Promise.reject(this.gone())
  }

  release(reason?: string): void {
    this.#released = true
    this.#arrival = undefined
    this.#data = undefined
    this.callBack(reason)
  }
}

export const released = (reason = 'this array was released (dispose or `using`); its numbers are gone'): PendingError =>
  new PendingError(reason)
