import type { NDArray } from '../array/ndarray.ts'
import { add, mul } from '../primitives/arithmetic.ts'
import { and, eq, select, shiftRightLogical, xor } from '../primitives/comparison.ts'
import { iota } from '../primitives/creation.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { broadcastInDim, full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { type Key, threefry } from './key.ts'

/** How many bits a word of a draw has. */
export type WordWidth = 8 | 16 | 32

/**
 * How Threefry's counters are laid out over a draw: which counter makes which word. JAX has had two layouts, with other
 * numbers for the same key. All else in this folder is the same for both.
 */
export interface Layout {
  readonly name: 'partitionable' | 'legacy'
  /** `n` new keys, uint32 [n, 2]. */
  split(key: Key, n: number): NDArray
  /** `n` words of `width` bits as the low bits of uint32 [n]. */
  words(key: Key, n: number, width: WordWidth): NDArray
  /** `n` words of 64 bits as their high and their low halves, each uint32 [n]. */
  wideWords(key: Key, n: number): readonly [high: NDArray, low: NDArray]
}

const counters = (n: number): NDArray => iota([n], 0, 'uint32')
const repeated = (n: number, value: number): NDArray => full([n], value, 'uint32')

// ── the present layout ─────────────────────────────────────────────────────

const indexed = (key: Key, n: number): [NDArray, NDArray] => threefry(key, repeated(n, 0), counters(n))

/** Word `i` is made of the counter (0, i) alone. JAX's `jax_threefry_partitionable=True`, its default since 0.5. */
export const partitionable: Layout = {
  name: 'partitionable',
  split(key, n) {
    const [x, y] = indexed(key, n)
    return concatenate([reshape(x, [n, 1]), reshape(y, [n, 1])], 1)
  },
  words(key, n, width) {
    const [x, y] = indexed(key, n)
    const word = xor(x, y)
    return width === 32 ? word : and(word, repeated(n, 2 ** width - 1))
  },
  wideWords: indexed,
}

// ── the earlier layout ─────────────────────────────────────────────────────

/** The counters 0 … n−1 in two halves, the pairs being made across them; an odd one is paired with 0. */
function halves(key: Key, n: number): [NDArray, NDArray] {
  const half = Math.ceil(n / 2)
  const second = add(counters(half), repeated(half, half))
  const padded = n % 2 === 0 ? second : select(eq(second, repeated(half, n)), repeated(half, 0), second)
  return threefry(key, counters(half), padded)
}

function stream(key: Key, n: number): NDArray {
  if (n === 0) return repeated(0, 0)
  const all = concatenate(halves(key, n), 0)
  return n % 2 === 0 ? all : sliceAxis(all, 0, 0, n)
}

/** Words come from one stream whose halves share counters. JAX's `jax_threefry_partitionable=False`. */
export const legacy: Layout = {
  name: 'legacy',
  split: (key, n) => reshape(stream(key, 2 * n), [n, 2]),
  words(key, n, width) {
    if (width === 32) return stream(key, n)
    // Each word of the stream gives several, its lowest bits first.
    const each = 32 / width
    const count = Math.ceil(n / each)
    const spread = broadcastInDim(stream(key, count), [count, each], [0])
    const shifts = mul(iota([count, each], 1, 'uint32'), full([count, each], width, 'uint32'))
    const narrow = and(shiftRightLogical(spread, shifts), full([count, each], 2 ** width - 1, 'uint32'))
    return sliceAxis(reshape(narrow, [count * each]), 0, 0, n)
  },
  wideWords: (key, n) => (n === 0 ? [repeated(0, 0), repeated(0, 0)] : halves(key, 2 * n)),
}

/** Several keys from one. */
export const splitKey = (layout: Layout, key: NDArray, n: number): Key[] =>
  layout.split(key as Key, n).unstack(n) as Key[]
