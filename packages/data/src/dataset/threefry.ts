import { hostData, NDArray, ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'

/** The two words of a key. */
export type Words = readonly [number, number]

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]

/**
 * One block of Threefry-2x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), the generator of
 * `random` in autodiff, so that a key means here what it means there.
 */
export function threefry([k0, k1]: Words, [x0, x1]: Words): [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda]
  let x = (x0 + k0) | 0
  let y = (x1 + k1) | 0
  for (let group = 0; group < 5; group++) {
    for (let round = 0; round < 4; round++) {
      const by = ROTATIONS[(group % 2) * 4 + round] as number
      x = (x + y) | 0
      y = x ^ ((y << by) | (y >>> (32 - by)))
    }
    x = (x + (keys[(group + 1) % 3] as number)) | 0
    y = (y + (keys[(group + 2) % 3] as number) + group + 1) | 0
  }
  return [x >>> 0, y >>> 0]
}

/** Another key for each number, as `random.foldIn`. */
export const foldIn = (key: Words, n: number): Words => threefry(key, [Math.floor(n / 2 ** 32), n >>> 0])

/** Numbers that look random, one after another: the same for the same key. */
export class Randoms {
  readonly #key: Words
  #count = 0

  constructor(key: Words) {
    this.#key = key
  }

  /** A number in [0, 1) of 53 bits. */
  uniform(): number {
    const [x, y] = threefry(this.#key, [Math.floor(this.#count / 2 ** 32), this.#count >>> 0])
    this.#count++
    return ((x >>> 5) * 2 ** 26 + (y >>> 6)) * 2 ** -53
  }

  /** A whole number from 0 up to (not including) `n`. */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }
}

export interface RandomOptions {
  /** A key of `random` in autodiff (uint32, shape [2]). Give a key or a seed. @defaultValue that of `seed` */
  readonly key?: NDArray
  /** A whole number, as for `random.PRNGKey`. @defaultValue 0 */
  readonly seed?: number
}

/** Checks key or seed now; the words of the key later, when its numbers are there. */
export function wordsOf({ key, seed }: RandomOptions, where: string): () => Promise<Words> {
  if (key === undefined) {
    const n = seed === undefined ? 0 : seed
    if (!Number.isSafeInteger(n)) throw new ValueError(`${where}: seed is ${shown(n)}; it must be an integer`)
    const words: Words = [Math.floor(n / 2 ** 32) >>> 0, n >>> 0]
    return async () => words
  }
  if (seed !== undefined) throw new ValueError(`${where}: give a key or a seed, not both`)
  if (!(key instanceof NDArray) || key.dtype !== 'uint32' || key.shape.length !== 1 || key.shape[0] !== 2) {
    const is = key instanceof NDArray ? `${key.dtype}[${key.shape.join(', ')}]` : shown(key)
    throw new ValueError(`${where}: key is ${is}; it must be one key of random, uint32[2]`)
  }
  return async () => {
    await key.ready()
    const [a = 0, b = 0] = hostData(key) as Uint32Array
    return [a, b]
  }
}
