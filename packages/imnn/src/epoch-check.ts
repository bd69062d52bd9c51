import type { TypedArray } from '@cotangent/autodiff/array'
import type { Problem } from './errors.ts'

/** Which batches the datasets of one set (training or validation) gave in their first epoch. */
export class EpochCheck {
  /** From the digest of a batch to where it was first seen. */
  readonly #seen = new Map<number, { readonly where: string; readonly batch: number }>()

  /** Watches one dataset, whose epochs have `batches` batches. */
  watch(where: string, batches: number): (d: TypedArray) => Problem[] {
    const first: number[] = []
    let count = 0
    return (d) => {
      const index = count++
      if (index >= 2 * batches) return []
      const digest = digestOf(d)
      if (index >= batches) return digest === first[index - batches] ? [] : [this.#moved(where, index, batches, digest)]
      first.push(digest)
      const twin = this.#seen.get(digest)
      if (twin !== undefined) return [repeated(where, index, batches, twin)]
      this.#seen.set(digest, { where, batch: index })
      return []
    }
  }

  #moved(where: string, index: number, batches: number, digest: number): Problem {
    const batch = index - batches
    const twin = this.#seen.get(digest)
    if (twin === undefined) {
      return {
        where,
        message: `batch ${batch + 1} of the second epoch was not in the first: the dataset must start over after ${batches} batches, in the same order and with the same simulations; put .take(${batches}) before .repeat(), and do not shuffle or draw anew`,
      }
    }
    return {
      where,
      message: `batch ${batch + 1} of the second epoch was batch ${twin.batch + 1} of the first: the dataset changes its order, or its cycle is not the ${batches} batches of an epoch; do not shuffle, or put .cache() after .shuffle() and .take(${batches}) before .repeat()`,
    }
  }
}

function repeated(where: string, index: number, batches: number, twin: { where: string; batch: number }): Problem {
  if (twin.where === where) {
    return {
      where,
      message: `batch ${index + 1} is batch ${twin.batch + 1} again: the dataset starts over after ${index - twin.batch} batches, an epoch has ${batches}. Each simulation must be read once an epoch`,
    }
  }
  return {
    where,
    message: `batch ${index + 1} is batch ${twin.batch + 1} of ${twin.where} again: each device must read simulations of its own, for example dataset.shard(devices.length, k)`,
  }
}

/** 53 bits of a hash of the numbers (two multiplicative hashes of their 32-bit words). */
function digestOf(data: TypedArray): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >>> 2)
  let a = 0x9e3779b9
  let b = 0x85ebca6b
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193)
    b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0x9e3779b1)
  }
  return ((a ^ (a >>> 15)) >>> 0) * 2 ** 21 + ((b ^ (b >>> 13)) >>> 11)
}
