import { showGiven } from '../array/show.ts'
import { isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import { array } from '../array/create.ts'
import { NDArray } from '../array/ndarray.ts'
import { showAval } from '../core/jaxpr.ts'
import { convert } from '../primitives/convert.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { broadcastInDim, full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { threefry2x32 } from '../primitives/threefry.ts'

/** What every draw starts from: two words of 32 bits, shape [2]. The same key gives the same numbers, always. */
export type Key = NDArray<'uint32'>

/**
 * A key from a whole number, as JAX makes it with 64-bit integers off: `[0, seed mod 2³²]`.
 *
 * @param seed A whole number up to ±2⁵³, or a scalar integer array (which may be traced).
 * @throws ValueError or DTypeError when the seed is not whole, ShapeError when it is not a scalar.
 * @see JAX's `jax.random.PRNGKey`
 * @example random.PRNGKey(10) // [0, 10]
 */
export function PRNGKey(seed: number | NDArray): Key {
  if (seed instanceof NDArray) return seedKey(checkScalar('PRNGKey', 'seed', seed))
  if (!Number.isSafeInteger(seed)) {
    throw new ValueError(`random.PRNGKey: the seed is ${showGiven(seed)}; it must be a whole number within ±2^53`)
  }
  return array(Uint32Array.of(0, seed))
}

/**
 * A new key from a key and a number, as the index of a step or a device.
 *
 * @param data A whole number from 0 to 2³² − 1, or a scalar integer array (which may be traced).
 * @throws ValueError when `data` is outside that range; DTypeError or ShapeError for another key or array.
 * @see JAX's `jax.random.fold_in`
 * @example random.foldIn(random.PRNGKey(0), 1) // [928981903, 3453687069]
 */
export function foldIn(key: Key, data: number | NDArray): Key {
  checkKey('foldIn', key)
  const counter = data instanceof NDArray ? seedKey(checkScalar('foldIn', 'data', data)) : array(foldWord(data))
  const one = [0, 1].map((i) => sliceAxis(counter, 0, i, i + 1)) as [NDArray, NDArray]
  return concatenate(threefry(key, one[0], one[1]), 0) as Key
}

function foldWord(data: number): Uint32Array {
  if (!Number.isInteger(data) || data < 0 || data > 0xffffffff) {
    throw new ValueError(`random.foldIn: the data is ${showGiven(data)}; it must be a whole number from 0 to 2^32 − 1`)
  }
  return Uint32Array.of(0, data)
}

function checkScalar(name: string, what: string, x: NDArray): NDArray {
  if (x.ndim !== 0) {
    throw new ShapeError(`random.${name}: the ${what} is ${showAval(x)}; it must be a scalar, or use vmap for several`)
  }
  if (!isInteger(x.dtype)) {
    throw new DTypeError(
      `random.${name}: the ${what} is ${showAval(x)}; it must be an integer, convert it with x.astype("int32")`,
    )
  }
  return x
}

const seedKey = (seed: NDArray): Key =>
  concatenate([full([1], 0, 'uint32'), reshape(convert(seed, 'uint32'), [1])], 0) as Key

/**
 * `PRNGKey`, under the name of JAX's typed keys: there is one kind of key here, two words of bits.
 *
 * @see JAX's `jax.random.key`
 * @example random.key(10) // [0, 10]
 */
export const key = (seed: number | NDArray): Key => PRNGKey(seed)

/**
 * The words of a key, or of several: what is given.
 *
 * @throws DTypeError or ShapeError when that is no key.
 * @see JAX's `jax.random.key_data`
 * @example random.keyData(random.key(10)) // [0, 10]
 */
export const keyData = (keys: Key): NDArray<'uint32'> => checkKeys('keyData', keys)

/**
 * A key from its two words, or several: uint32 [..., 2].
 *
 * @throws DTypeError or ShapeError for any other array.
 * @see JAX's `jax.random.wrap_key_data`
 * @example random.wrapKeyData(np.array(Uint32Array.of(0, 10))) // [0, 10]
 */
export const wrapKeyData = (words: NDArray): Key => checkKeys('wrapKeyData', words)

/**
 * The same key, for where the same numbers are wanted twice.
 *
 * @see JAX's `jax.random.clone`
 * @example random.clone(random.key(10)) // [0, 10]
 */
export const clone = (keys: Key): Key => checkKeys('clone', keys)

function checkKeys(name: string, keys: NDArray): Key {
  const isArray = keys instanceof NDArray
  if (isArray && keys.dtype === 'uint32' && keys.ndim > 0 && keys.shape[keys.ndim - 1] === 2) return keys as Key
  const message = `random.${name}: ${isArray ? showAval(keys) : showGiven(keys)} is no key; a key is uint32[2], several are uint32[..., 2]`
  throw isArray && keys.dtype === 'uint32' ? new ShapeError(message) : new DTypeError(message)
}

/** Throws unless `key` is one key. */
export function checkKey(name: string, key: NDArray): void {
  const good = key instanceof NDArray && key.dtype === 'uint32' && key.ndim === 1 && key.shape[0] === 2
  if (good) return
  const got = key instanceof NDArray ? showAval(key) : showGiven(key)
  const remedy = 'make one with random.PRNGKey(seed), take a row of random.split(key, n), or map over several with vmap'
  if (key instanceof NDArray && key.dtype === 'uint32') {
    throw new ShapeError(`random.${name}: the key is ${got}, a key is uint32[2]; ${remedy}`)
  }
  throw new DTypeError(`random.${name}: the key is ${got}, a key is uint32[2]; ${remedy}`)
}

/** The two words that Threefry makes of each pair of counters (of one axis) under a key. */
export function threefry(key: Key, c0: NDArray, c1: NDArray): [NDArray, NDArray] {
  const word = (i: number): NDArray => broadcastInDim(reshape(sliceAxis(key, 0, i, i + 1), []), c0.shape, [])
  return threefry2x32(word(0), word(1), c0, c1)
}
