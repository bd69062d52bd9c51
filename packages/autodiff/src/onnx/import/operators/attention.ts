import { isFloat } from '../../../array/dtype.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'
import { dtypeOf, typeName } from '../tensor.ts'

/** `[batch, time, heads · width]` as `[batch, heads, time, width]`, which it may be already. */
function byHead(node: Node, x: NDArray, heads: number | undefined, option: string): NDArray {
  if (x.ndim === 4) return x
  const [batch, time, width] = x.shape as [number, number, number]
  if (x.ndim !== 3 || heads === undefined || heads < 1 || width % heads !== 0)
    throw node.error(`an operand has the shape [${x.shape.join(', ')}], and ${option} is ${heads}`)
  return np.swapaxes(x.reshape([batch, time, heads, width / heads]), 1, 2)
}

/** How far query i is behind key j, where `before` keys come before the first query. */
function distances(queries: number, keys: number, before: NDArray | number): NDArray {
  const [i, j] = [np.arange(queries).astype('int32'), np.arange(keys).astype('int32')]
  return i.reshape([-1, 1]).sub(j).add(before)
}

interface Masks {
  /** What is added to the scores. */
  readonly bias: NDArray | undefined
  /** Which keys a query may see. */
  readonly seen: NDArray | undefined
}

function masksOf(node: Node, q: NDArray, k: NDArray, cached: number): Masks {
  const [queries, keys] = [q.shape[2]!, k.shape[2]!]
  const given = node.inputs[3]
  const filled = given?.dtype === 'bool' ? false : -Infinity
  const lacking = given === undefined ? 0 : keys - given.shape.at(-1)!
  const mask =
    given === undefined || lacking <= 0
      ? given
      : np.pad(
          given,
          given.shape.map((_, i): [number, number] => [0, i === given.ndim - 1 ? lacking : 0]),
          { constantValues: filled },
        )
  const valid = node.inputs[6]?.astype('int32').reshape([-1, 1, 1, 1])
  const behind = distances(queries, keys, valid === undefined ? cached : valid.sub(queries))
  const [left, right] = [node.int('left_window_size', -1), node.int('right_window_size', -1)]
  const conditions = [
    ...(mask?.dtype === 'bool' ? [mask] : []),
    ...(node.int('is_causal', 0) === 1 ? [behind.ge(0)] : []),
    ...(left >= 0 ? [behind.le(left)] : []),
    ...(right >= 0 ? [behind.neg().le(right)] : []),
    ...(valid === undefined ? [] : [np.arange(keys).astype('int32').lt(valid)]),
  ]
  return {
    bias: mask === undefined || mask.dtype === 'bool' ? undefined : mask,
    seen: conditions.length === 0 ? undefined : conditions.reduce((a, b) => np.logicalAnd(a, b)),
  }
}

/** Along the last axis; a row of −∞ alone, a query that sees nothing, has no weights. */
function weightsOf(logits: NDArray): NDArray {
  const options = { axis: -1, keepdims: true } as const
  const largest = lax.stopGradient(logits.max(options))
  const nothing = largest.eq(-Infinity)
  const powers = np.exp(logits.sub(np.where(nothing, np.zerosLike(largest), largest)))
  const total = powers.sum(options)
  return powers.div(np.where(nothing, np.onesLike(total), total))
}

/** Of scaled dot products, with masks and the keys and values of earlier calls. */
function attention(node: Node): (NDArray | undefined)[] {
  const [queryHeads, keyHeads] = [node.int('q_num_heads'), node.int('kv_num_heads')]
  const q = byHead(node, node.input(0), queryHeads, 'q_num_heads')
  const joined = (i: number, past: NDArray | undefined): NDArray => {
    const x = byHead(node, node.input(i), keyHeads, 'kv_num_heads')
    return past === undefined ? x : np.concatenate([past, x], { axis: 2 })
  }
  const [presentKey, presentValue] = [joined(1, node.inputs[4]), joined(2, node.inputs[5])]
  const [heads, shared] = [q.shape[1]!, presentKey.shape[1]!]
  if (heads % shared !== 0) throw node.error(`${shared} heads of keys for ${heads} of queries`)
  const [k, v] = [presentKey, presentValue].map((x) =>
    shared === heads ? x : np.repeat(x, heads / shared, { axis: 1 }),
  ) as [NDArray, NDArray]
  const root = Math.sqrt(node.float('scale', 1 / Math.sqrt(q.shape[3]!)))
  const products = q.mul(root).matmul(np.swapaxes(k.mul(root), 2, 3))
  const cap = node.float('softcap', 0)
  const scores = cap > 0 ? np.tanh(products.div(cap)).mul(cap) : products
  const { bias, seen } = masksOf(node, q, k, node.inputs[4]?.shape[2] ?? 0)
  const added = bias === undefined ? scores : scores.add(bias)
  const logits = seen === undefined ? added : np.where(seen, added, np.fullLike(added, -Infinity))
  const type = node.int('softmax_precision')
  const precision = type === undefined ? q.dtype : dtypeOf.get(type)
  if (precision === undefined || !isFloat(precision)) throw node.error(`softmax_precision is ${typeName(type!)}`)
  const weights = weightsOf(logits.astype(precision)).astype(q.dtype)
  const output = weights.matmul(v)
  const [batch, , time] = output.shape as [number, number, number, number]
  const y = node.input(0).ndim === 4 ? output : np.swapaxes(output, 1, 2).reshape([batch, time, -1])
  const shown = [products, scores, logits, weights][node.int('qk_matmul_output_mode', 0)]
  return [y, presentKey, presentValue, shown].slice(0, node.wanted)
}

/** Pairs of numbers turned by an angle for each place. */
function rotary(node: Node): NDArray {
  const [given, cos, sin, places] = [node.input(0), node.input(1), node.input(2), node.inputs[3]]
  const x = byHead(node, given, node.int('num_heads'), 'num_heads')
  const width = x.shape[3]!
  const turned = node.int('rotary_embedding_dim', 0) || width
  if (turned < 2 || turned > width || turned % 2 !== 0)
    throw node.error(`rotary_embedding_dim is ${turned} for heads of ${width} numbers`)
  const half = turned / 2
  const [c, s] = [cos, sin].map((table) => {
    const angles = places === undefined ? table : np.take(table, places.astype('int32'), { axis: 0 })
    return np.expandDims(angles, 1)
  }) as [NDArray, NDArray]
  const part = (from: number, to: number): NDArray => x.slice(null, null, null, [from, to])
  const interleaved = node.int('interleaved', 0) === 1
  const every = (from: number): NDArray => x.slice(null, null, null, [from, turned, 2])
  const [a, b] = interleaved ? [every(0), every(1)] : [part(0, half), part(half, turned)]
  const [real, imaginary] = [a.mul(c).sub(b.mul(s)), a.mul(s).add(b.mul(c))]
  const rotated = interleaved
    ? np.stack([real, imaginary], { axis: -1 }).reshape([...x.shape.slice(0, 3), turned])
    : np.concatenate([real, imaginary], { axis: -1 })
  const y = turned === width ? rotated : np.concatenate([rotated, part(turned, width)], { axis: -1 })
  return given.ndim === 4 ? y : np.swapaxes(y, 1, 2).reshape(given.shape)
}

export const attentions: Readonly<Record<string, Operator>> = {
  Attention: attention,
  RotaryEmbedding: rotary,
}
