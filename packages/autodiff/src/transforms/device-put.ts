import { DeviceError, TreeError } from '../array/errors.ts'
import { NDArray } from '../array/ndarray.ts'
import type { Arrays, Leaf } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { checkDevice, findDevice } from '../core/device/default-device.ts'
import { type Device, type DeviceKind, devices } from '../core/device/device.ts'
import { isConcrete } from '../core/trace.ts'
import { flattenArrays } from './function.ts'

/**
 * A tree of arrays with its numbers on a device, the default one if none is named. Arrays may still be on their way.
 * What is there already is not copied, but released apart all the same. Values of a trace are what they were: a program
 * runs on one device.
 *
 * @throws DeviceError when the device is not there; TreeError for what is no tree of arrays.
 * @see JAX's `jax.device_put`
 * @example
 * const weights = devicePut({ w: np.ones([2, 2]), b: [0, 0] }, 'cpu')
 * await weights.w.sum().js() // 4
 */
export function devicePut<T>(tree: T, device?: Device | DeviceKind): Arrays<T> {
  if (device !== undefined) checkDevice('devicePut', device)
  if (tree === undefined)
    throw new TreeError(
      'devicePut: tree is undefined: trees are nested arrays and plain objects of NDArrays, numbers, booleans and typed arrays',
    )
  const [arrays, def] = flattenArrays(tree, 'devicePut: tree')
  const to = findDevice(device, 'devicePut')
  const put = arrays.map((x) => (isConcrete(x) ? to.put(x) : x))
  return treeUnflatten(def, put as Leaf[]) as Arrays<T>
}

/**
 * The device that holds an array's numbers; the interpreter's for those of the host.
 *
 * @throws DeviceError for a value of a trace, which is nowhere.
 * @see JAX's `x.device`
 * @example deviceOf(np.array([1])).kind // 'js'
 */
export function deviceOf(x: NDArray): Device {
  if (!(x instanceof NDArray)) throw new DeviceError(`deviceOf: takes an array, not ${x === null ? 'null' : typeof x}`)
  if (!isConcrete(x)) throw new DeviceError('deviceOf: a value of a trace is on no device; ask outside the function')
  return (x.storage.device as Device | undefined) ?? devices('js')[0]
}
