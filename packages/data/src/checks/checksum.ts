import { hostData, NDArray, type TypedArray } from '@cotangent/autodiff/array'
import { type ElementLeaf, flatten, isElementLeaf } from '../dataset/structure.ts'

/** Checksums of the simulations in a batch. */
export interface Checksums {
  /** Of each row of all arrays together. */
  readonly rows: Float64Array
  /** Of each row of the first array alone: the simulation itself, whatever comes with it. */
  readonly simulations: Float64Array
  /** Whether the first array holds whole numbers only, so that simulations may agree by chance. */
  readonly discrete: boolean
}

/**
 * Checksums of the raw bits, row by row along the first axis, of 53 bits each. An element whose arrays have no common
 * first axis is one row. Arrays must be on the host.
 */
export function checksums(element: unknown): Checksums {
  const { leaves } = flatten<ElementLeaf>(element, isElementLeaf, 'element')
  const arrays = leaves.filter((leaf) => leaf instanceof NDArray)
  const count = arrays[0]?.shape[0] ?? 1
  const aligned = arrays.every((x) => x.shape[0] === count)
  const rows = aligned ? count : 1
  const words = arrays.map((x) => wordsOf(hostData(x)))
  const sums = { rows: new Float64Array(rows), simulations: new Float64Array(rows) }
  for (let row = 0; row < rows; row++) {
    let one = 0x811c9dc5
    let two = 0x9e3779b9
    words.forEach((bits, i) => {
      const size = bits.length / rows
      for (let at = row * size; at < (row + 1) * size; at++) {
        const word = bits[at] as number
        // Two 32-bit products, folded so that high bits reach low ones: simple numbers differ in their high bits only.
        one = Math.imul(one ^ word, 0x01000193)
        one ^= one >>> 15
        two = Math.imul(two + word, 0x85ebca6b)
        two ^= two >>> 13
      }
      if (i === 0) sums.simulations[row] = together(one, two)
    })
    sums.rows[row] = together(one, two)
  }
  const first = arrays[0]
  return { ...sums, discrete: first !== undefined && hostData(first).every(Number.isInteger) }
}

const together = (one: number, two: number): number => (one & 0x1fffff) * 2 ** 32 + (two >>> 0)

const wordsOf = (data: TypedArray): Uint32Array | Uint8Array =>
  data instanceof Uint8Array ? data : new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
