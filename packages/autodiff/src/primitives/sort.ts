import { showGiven } from '../array/show.ts'
import { allocate, type TypedArray } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, shapesEqual, showShape, stridesOf } from '../array/shape.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { hasRadix, RADIX_LENGTH, radixOrder } from '../interpreter/radix.ts'
import { eachLine, sortLine, sortOrder } from '../interpreter/sort.ts'
import { broadcastAxis } from './broadcast.ts'
import { iota } from './creation.ts'
import { takeAlong } from './gather.ts'
import { moveAxis } from './reshape.ts'
import { inOrder, orderBy } from './sort-nodes.ts'

// ── sort ───────────────────────────────────────────────────────────────────

export type SortParams = {
  readonly axis: number
  /** How many of the operands are sorted by, the first one first. */
  readonly keys: number
}

/** Several arrays in the order of the first of them along an axis: stable, NaN last, −0 and 0 alike. */
export const sortPrimitive: Primitive<SortParams> = definePrimitive<SortParams>({
  name: 'sort',
  abstractEval(inputs, { axis, keys }) {
    const [first] = inputs
    if (first === undefined) throw new ShapeError('sort: there is nothing to sort')
    if (!Number.isInteger(keys) || keys < 1 || keys > inputs.length) {
      throw new ShapeError(
        `sort: ${showGiven(keys)} keys of ${inputs.length} operands; numKeys is from 1 to ${inputs.length}`,
      )
    }
    checkAxes([axis], first.shape, 'sort')
    const odd = inputs.find((x) => !shapesEqual(x.shape, first.shape))
    if (odd !== undefined) {
      throw new ShapeError(
        `sort: operands of the shapes ${showShape(first.shape)} and ${showShape(odd.shape)}; they must have one`,
      )
    }
    return inputs.map(({ shape, dtype }) => ({ shape, dtype }))
  },
  evaluate(inputs, avals, { axis, keys }) {
    const { shape } = avals[0]!
    const n = shape[axis]!
    const outs = inputs.map((x, i) => allocate(avals[i]!.dtype, x.length))
    const stride = stridesOf(shape)[axis]!
    const isRadix = n >= RADIX_LENGTH && avals.slice(0, keys).every(({ dtype }) => hasRadix(dtype))
    if (inputs.length === 1 && !isRadix) {
      const line = allocate(avals[0]!.dtype, n)
      eachLine(inputs[0]!.length, n, stride, (start) => {
        for (let i = 0, from = start; i < n; i++, from += stride) line[i] = inputs[0]![from]!
        sortLine(line)
        for (let i = 0, to = start; i < n; i++, to += stride) outs[0]![to] = line[i]!
      })
      return outs
    }
    const [order, spare] = [new Int32Array(n), new Int32Array(n)]
    const by = inputs.slice(0, keys)
    eachLine(inputs[0]!.length, n, stride, (start) => {
      if (isRadix) radixOrder(by, start, stride, n, order, spare)
      else sortOrder(by, start, stride, n, order, spare)
      inputs.forEach((x, k) => copyLine(x, outs[k]!, start, stride, order))
    })
    return outs
  },
  jvp(primals, tangents, params) {
    if (tangents.every((t) => t === null)) {
      return { outputs: bind(sortPrimitive, primals, params), tangents: primals.map(() => null) }
    }
    const { axis } = params
    const places = iota(primals[0]!.shape, axis, 'int32')
    const sorted = bind(sortPrimitive, [...primals, places], params)
    const order = sorted[primals.length]!
    return {
      outputs: sorted.slice(0, -1),
      tangents: tangents.map((t) => (t ? takeAlong(t, order, axis) : null)),
    }
  },
  transpose: notLinear,
  batch(inputs, dims, { axis, keys }, size) {
    const operands = inputs.map((x, i) => (dims[i] == null ? broadcastAxis(x, 0, size) : moveAxis(x, dims[i]!, 0)))
    return { outputs: bind(sortPrimitive, operands, { axis: axis + 1, keys }), dims: inputs.map(() => 0) }
  },
  lower(graph, inputs, { axis, keys }) {
    const { shape } = inputs[0]!.aval
    if (shape[axis]! <= 1 || shape.includes(0)) return inputs.map((x) => graph.materialize(x))
    const order = orderBy(graph, inputs.slice(0, keys), axis, shape[axis]!)
    return inputs.map((x) => ({ ...inOrder(graph, x, order, axis), aval: x.aval }))
  },
  simplify: (inputs, { axis }) => (inputs[0]?.shape[axis] === 1 ? inputs : undefined),
})

function copyLine(x: TypedArray, out: TypedArray, start: number, stride: number, order: Int32Array): void {
  for (let i = 0, to = start; i < order.length; i++, to += stride) out[to] = x[start + order[i]! * stride]!
}

/** The operands in the order of the first `keys` of them along `axis`. */
export const sortTogether = (operands: readonly NDArray[], axis: number, keys = 1): NDArray[] => [
  ...bind(sortPrimitive, operands, { axis, keys }),
]

/** Where each entry of the sorted axis comes from, int32. */
export const sortIndices = (keys: readonly NDArray[], axis: number): NDArray =>
  sortTogether([...keys, iota(keys[0]!.shape, axis, 'int32')], axis, keys.length)[keys.length]!

// ── top_k ──────────────────────────────────────────────────────────────────

export type TopKParams = { readonly k: number }

/** The largest entries of the last axis, largest first, and their indices; NaN is the largest of all. */
export const topKPrimitive: Primitive<TopKParams> = definePrimitive<TopKParams>({
  name: 'top_k',
  abstractEval([x], { k }) {
    const { shape, dtype } = x!
    const n = shape.at(-1)
    if (n === undefined)
      throw new ShapeError('top_k: an array of shape [] has no axis to look along; reshape it to [1]')
    if (!Number.isInteger(k) || k < 0 || k > n) {
      throw new ShapeError(
        `top_k: k is ${showGiven(k)}; the last axis of ${showShape(shape)} has from 0 to ${n} entries to give`,
      )
    }
    const out = [...shape.slice(0, -1), k]
    return [
      { shape: out, dtype },
      { shape: out, dtype: 'int32' },
    ]
  },
  evaluate([x], [aval], { k }) {
    const n = aval!.shape.at(-1)!
    const lines = n === 0 ? 0 : x!.length / n
    const values = allocate(aval!.dtype, lines * k)
    const indices = new Int32Array(lines * k)
    const [order, spare] = [new Int32Array(n), new Int32Array(n)]
    const flipped = x!.slice().reverse()
    const isRadix = n >= RADIX_LENGTH && hasRadix(aval!.dtype)
    for (let line = 0; line < lines; line++) {
      // Sorted from the end, so that of equals the first is the largest.
      const inLine = isRadix ? radixOrder : sortOrder
      inLine([flipped], (lines - 1 - line) * n, 1, n, order, spare)
      for (let i = 0; i < k; i++) {
        const at = n - 1 - order[n - 1 - i]!
        indices[line * k + i] = at
        values[line * k + i] = x![line * n + at]!
      }
    }
    return [values, indices]
  },
  jvp([x], [dx], params) {
    const [values, indices] = bind(topKPrimitive, [x!], params) as [NDArray, NDArray]
    return { outputs: [values, indices], tangents: [dx ? takeAlong(dx, indices, x!.ndim - 1) : null, null] }
  },
  transpose: notLinear,
  batch: ([x], [dim], params) => ({ outputs: bind(topKPrimitive, [moveAxis(x!, dim!, 0)], params), dims: [0, 0] }),
  lower(graph, [x], { k }, [values, indices]) {
    if (values!.shape.includes(0)) {
      return [values!, indices!].map((aval) => ({ ...graph.scalar(0, aval.dtype), aval }))
    }
    const axis = values!.shape.length - 1
    const order = orderBy(graph, [x!], axis, k, true)
    return [inOrder(graph, x!, order, axis), graph.materialize(order)]
  },
})

/** The `k` largest entries of the last axis, largest first, and their indices. */
export const topK = (x: NDArray, k: number): [values: NDArray, indices: NDArray] =>
  bind(topKPrimitive, [x], { k }) as [NDArray, NDArray]
