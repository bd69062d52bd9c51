import { DeviceError, ValueError } from '../../array/errors.ts'
import { showOption } from '../../array/options.ts'
import { type Device, type DeviceKind, devicesOf } from './device.ts'

let chosen: Device | DeviceKind | undefined
let fallback: DeviceKind = 'cpu'

/** @internal The kind that is the default until somebody chooses: in a browser there is no cpu. */
export function setFallback(kind: DeviceKind): void {
  fallback = kind
}

/** @internal A device as it may be named; throws for what names none. */
export function checkDevice(where: string, device: Device | DeviceKind): void {
  if (typeof device !== 'string' && typeof (device as Device | undefined)?.compile !== 'function') {
    throw new DeviceError(
      `${where}: device is ${showOption(device)}, which is no device; use devices('cpu')[0], or a kind such as 'cpu'`,
    )
  }
}

/** @internal The device that is named, or the default. */
export function findDevice(device: Device | DeviceKind | undefined, where: string): Device {
  if (device === undefined) return defaultDevice()
  return typeof device === 'string' ? devicesOf(device, where)[0] : device
}

/**
 * Where compiled functions run, and `devicePut` puts, when nothing else is said: `cpu` (in a browser `wasm`), or what
 * `setDefaultDevice` chose.
 *
 * @throws DeviceError when it is not there, saying what to install.
 * @example defaultDevice().name // 'cpu:0'
 */
export function defaultDevice(): Device {
  return findDevice(chosen ?? fallback, 'defaultDevice')
}

/**
 * Chooses the default device, for everything from now on: functions compiled before run there too, unless they name a
 * device. Without an argument it is again as at first.
 *
 * @throws DeviceError when the device is not there; then nothing changes.
 * @see JAX's configuration option `jax_default_device`
 * @example
 * setDefaultDevice('js')
 * jit((x) => x.add(1))(np.array([1])).jsSync() // [2]
 */
export function setDefaultDevice(device?: Device | DeviceKind): void {
  if (device !== undefined) {
    checkDevice('setDefaultDevice', device)
    findDevice(device, 'setDefaultDevice')
  }
  chosen = device
}

/**
 * Runs `f` with another default device, and gives its result.
 *
 * @throws DeviceError when the device is not there, or when `f` is asynchronous: its later parts would run when the
 * default is the old one again. Name the device in `jit`, or use `setDefaultDevice`.
 * @see JAX's `jax.default_device`
 * @example withDefaultDevice('js', () => jit((x) => x.add(1))(np.array([1]))).jsSync() // [2]
 */
export function withDefaultDevice<R>(device: Device | DeviceKind, f: () => R): R {
  checkDevice('withDefaultDevice', device)
  if (typeof f !== 'function')
    throw new ValueError(`withDefaultDevice: takes a device and a function, not ${f === null ? 'null' : typeof f}`)
  findDevice(device, 'withDefaultDevice')
  const before = chosen
  chosen = device
  try {
    const result = f()
    if (result instanceof Promise) {
      result.catch(() => undefined)
      throw new DeviceError(
        'withDefaultDevice: the function is asynchronous, and what follows its first await would run on the old default; name the device in jit, or use setDefaultDevice',
      )
    }
    return result
  } finally {
    chosen = before
  }
}
