import type { DType, TypedArray } from '../../array/dtype.ts'
import { Releasable, type Storage } from '../../array/storage.ts'
import type { Device } from '../../core/device/device.ts'
import type { DeviceBuffer } from '../backend/backend.ts'
import { fromWire } from '../lowering/held.ts'

/** A buffer and how many storages of it are not released. */
interface Holding {
  readonly buffer: DeviceBuffer
  holders: number
}

/** Numbers that a device owns: they come to the host when somebody reads them, and stay on the device. */
export class DeviceStorage extends Releasable implements Storage {
  readonly device: Device
  readonly #dtype: DType
  #holding: Holding | undefined
  #host: TypedArray | undefined
  #arrival: Promise<TypedArray> | undefined

  constructor(held: DeviceBuffer | Holding, dtype: DType, device: Device) {
    super()
    this.device = device
    this.#holding = 'holders' in held ? held : { buffer: held, holders: 1 }
    this.#dtype = dtype
  }

  get isReleased(): boolean {
    return this.#holding === undefined
  }

  /** What a session on the same device takes instead of numbers. */
  get buffer(): DeviceBuffer {
    if (this.#holding === undefined) throw this.gone()
    return this.#holding.buffer
  }

  get host(): TypedArray | undefined {
    if (this.#host === undefined) {
      const data = this.buffer.host
      if (data !== undefined) this.#host = fromWire(data, this.#dtype, this.buffer.dtype)
    }
    return this.#host
  }

  fetch(): Promise<TypedArray> {
    if (this.#holding === undefined) return Promise.reject(this.gone())
    this.#arrival ??= this.#download(this.#holding.buffer)
    return this.#arrival
  }

  override read<T>(use: (data: TypedArray) => T): Promise<T> {
    const buffer = this.#holding?.buffer
    if (buffer?.read === undefined || this.#host !== undefined) return this.fetch().then(use)
    return buffer.read((data) => use(fromWire(data, this.#dtype, buffer.dtype)))
  }

  release(reason?: string): void {
    const holding = this.#holding
    if (holding === undefined) return
    this.#holding = undefined
    this.#arrival = undefined
    this.#host = undefined
    if (--holding.holders === 0) holding.buffer.release()
    this.callBack(reason)
  }

  /** Another storage of the same numbers, on a device of the same memory. */
  share(device: Device = this.device): DeviceStorage {
    if (this.#holding === undefined) throw this.gone()
    this.#holding.holders++
    return new DeviceStorage(this.#holding, this.#dtype, device)
  }

  async #download(buffer: DeviceBuffer): Promise<TypedArray> {
    const data = fromWire(buffer.host ?? (await buffer.download()), this.#dtype, buffer.dtype)
    if (this.#holding !== undefined) this.#host = data
    return data
  }
}
