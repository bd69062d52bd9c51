import type { TypedArray } from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import type { Storage } from '../../array/storage.ts'
import type { Device } from '../../core/device/device.ts'
import type { Backend, DeviceBuffer, HostTensor } from '../backend/backend.ts'
import { wireAval } from '../lowering/complex-parts.ts'
import { DeviceStorage } from './device-storage.ts'
import { onTheWire, toWire } from '../lowering/held.ts'

/** How arrays get to a device: its own as they are, others once if they come again. */
export class Uploads {
  readonly device: Device
  readonly #backend: Backend
  readonly #target: string
  readonly #known = new WeakMap<Storage, DeviceBuffer>()
  readonly #seen = new WeakSet<Storage>()

  constructor(backend: Backend, device: Device, target: string) {
    this.device = device
    this.#target = target
    this.#backend = backend
  }

  /** What a session of the device takes for an array; `often` if it will be given again. */
  take(x: NDArray, often = false): DeviceBuffer | HostTensor {
    const { storage } = x
    if (storage instanceof DeviceStorage && storage.buffer.memory === this.#backend.memory) return storage.buffer
    if (!this.#backend.isApart || storage.whenReleased === undefined) return hostTensor(x, this.#target)
    const known = this.#known.get(storage)
    if (known !== undefined && known.memory === this.#backend.memory) return known
    // An array that is given once goes with its call, which is one copy less.
    if (!often && !this.#seen.has(storage)) {
      this.#seen.add(storage)
      return hostTensor(x, this.#target)
    }
    const buffer = this.#backend.upload(hostTensor(x, this.#target))
    this.#known.set(storage, buffer)
    storage.whenReleased(() => {
      if (this.#known.get(storage) === buffer) this.#known.delete(storage)
      buffer.release()
    })
    return buffer
  }

  /** Whether the array is on the device and not on the host. */
  holds({ storage }: NDArray): boolean {
    if (!(storage instanceof DeviceStorage)) return false
    return this.#backend.owns(storage.buffer) && storage.host === undefined
  }

  /** The array on the device: an array of its own, that is released apart. */
  put(x: NDArray): DeviceStorage {
    const { storage } = x
    if (storage instanceof DeviceStorage && storage.buffer.memory === this.#backend.memory)
      return storage.share(this.device)
    return new DeviceStorage(this.#backend.upload(hostTensor(x, this.#target)), x.dtype, this.device)
  }
}

/** An array as the runtime takes it, its numbers here or on their way. */
export function hostTensor(x: NDArray, target: string): HostTensor {
  const { shape, dtype } = wireAval(x)
  const data = x.storage.host ?? x.storage.fetch()
  const wire = onTheWire(target, dtype)
  if (wire === dtype) return { shape, dtype, data }
  const converted = (numbers: TypedArray): TypedArray => toWire(numbers, dtype, wire)
  return { shape, dtype: wire, data: data instanceof Promise ? data.then(converted) : converted(data) }
}
