import { type NDArray, np, type Operand, ShapeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, isHalf, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkFlags, checkNumbers } from '../checks.ts'
import { softmax } from './normalizing.ts'

export interface AttentionOptions {
  /** Added to the logits; it broadcasts to [batch, heads, T, S]. @defaultValue none */
  readonly bias?: Operand
  /** Which keys a query sees, booleans that broadcast to [batch, heads, T, S]. @defaultValue all */
  readonly mask?: Operand
  /** What the products are multiplied by. @defaultValue 1 / √depth */
  readonly scale?: number
  /** Whether a query sees no later keys. @defaultValue false */
  readonly isCausal?: boolean
  /** How many queries of each batch entry count; the outputs of the others are 0. @defaultValue all */
  readonly querySeqLengths?: Operand
  /** How many keys of each batch entry count. @defaultValue all */
  readonly keyValueSeqLengths?: Operand
  /** How far a query sees to the left and to the right. @defaultValue everywhere */
  readonly localWindowSize?: number | readonly [left: number, right: number]
}

const names = ['bias', 'mask', 'scale', 'isCausal', 'querySeqLengths', 'keyValueSeqLengths', 'localWindowSize'] as const

/** What logits that are not seen become: so small that nothing is left, and finite. */
const UNSEEN = -0.7 * 3.4028234663852886e38

/**
 * For each query the mean of the values, weighted by the softmax of its products with the keys. Vaswani et al.,
 * "Attention is all you need" (NeurIPS 2017). There may be fewer heads of keys and values than of queries, which share
 * them in groups.
 *
 * @param query [batch, T, heads, depth], or without the batch.
 * @param key [batch, S, heads, depth], or without the batch.
 * @param value As `key`.
 * @throws ShapeError when these do not fit each other.
 * @see JAX's `jax.nn.dot_product_attention`
 * @example
 * const [query, key, value] = [np.zeros([1, 1, 2]), np.ones([2, 1, 2]), np.array([[[1, 5]], [[3, 5]]])]
 * dotProductAttention(query, key, value) // [[[2, 5]]]
 */
export function dotProductAttention(
  query: Operand,
  key: Operand,
  value: Operand,
  options: AttentionOptions = {},
): NDArray {
  const name = 'dotProductAttention'
  const { bias, isCausal, ...rest } = checkOptions(name, options, names)
  checkFlags(name, { isCausal })
  const shape = np.asarray(query).shape
  const [q, k, v] = [query, key, value].map(in4D) as [NDArray, NDArray, NDArray]
  const [b, t, n, h] = q.shape as [number, number, number, number]
  const [, s, heads] = k.shape as [number, number, number]
  const fits = [q, k, v].every((x) => x.ndim === 4) && showShape(k.shape) === showShape(v.shape)
  if (!fits || k.shape[0] !== b || k.shape[3] !== h || n % heads !== 0) {
    throw new ShapeError(
      `${name}: the query ${showShape(shape)}, the key ${showShape(np.asarray(key).shape)} and the value ${showShape(np.asarray(value).shape)} must be [batch, T, heads, depth], [batch, S, heads, depth] and the same, the heads of the query a multiple`,
    )
  }
  const { scale = 1 / Math.sqrt(h) } = rest
  checkNumbers(name, { scale })
  const [keys, values] = heads === n ? [k, v] : [k, v].map((x) => np.repeat(x, n / heads, { axis: 2 }))
  const products = np.einsum('btnh,bsnh->bnts', wide(q), wide(keys!)).mul(scale)
  const logits = bias === undefined ? products : products.add(in4D(bias)).astype(products.dtype)
  const seen = seenKeys(options, t, s)
  const weights = softmax(seen === undefined ? logits : np.where(seen, logits, UNSEEN)).astype(k.dtype)
  const out = np.einsum('bnts,bsnh->btnh', weights, values!)
  if (options.querySeqLengths === undefined) return out.reshape(shape)
  const counted = np.arange(t, { dtype: 'int32' }).lt(np.asarray(options.querySeqLengths).reshape([-1, 1]))
  return np.where(counted.reshape([-1, t, 1, 1]), out, 0).reshape(shape)
}

const in4D = (x: Operand): NDArray => {
  const array = np.asarray(x)
  return array.ndim === 3 ? np.expandDims(array, 0) : array
}

/** Floats of 16 bits are multiplied in 32. */
const wide = (x: NDArray): NDArray => (isHalf(x.dtype) ? x.astype('float32') : x)

/** How far a query sees to each side. */
function windowOf(size: number | readonly [left: number, right: number]): readonly [left: number, right: number] {
  const sides: readonly unknown[] = Array.isArray(size) ? size : [size, size]
  if (sides.length === 2 && sides.every(Number.isInteger)) return sides as readonly [number, number]
  throw new ValueError(
    `dotProductAttention: localWindowSize is ${showGiven(size)}; it must be a whole number, or [left, right]`,
  )
}

/** Which keys each query sees, or undefined where it sees all. */
function seenKeys(options: AttentionOptions, t: number, s: number): NDArray | undefined {
  const { mask, isCausal = false, querySeqLengths, keyValueSeqLengths, localWindowSize } = options
  const queries = np.arange(t, { dtype: 'int32' }).reshape([t, 1])
  const keys = np.arange(s, { dtype: 'int32' }).reshape([1, s])
  const [left, right] = localWindowSize === undefined ? [] : windowOf(localWindowSize)
  const lengths = (x: Operand): NDArray => np.asarray(x).reshape([-1, 1, 1, 1])
  const parts = [
    mask === undefined ? [] : [in4D(mask)],
    isCausal ? [keys.le(queries)] : [],
    left === undefined ? [] : [queries.le(keys.add(left)), queries.ge(keys.sub(right!))],
    querySeqLengths === undefined ? [] : [queries.lt(lengths(querySeqLengths))],
    keyValueSeqLengths === undefined ? [] : [keys.lt(lengths(keyValueSeqLengths))],
  ].flat()
  return parts.length === 0 ? undefined : parts.reduce((all, part) => np.logicalAnd(all, part))
}
