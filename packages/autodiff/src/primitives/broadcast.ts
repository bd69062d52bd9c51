import { type DType, isFloat, type TypedArray } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import { type NDArray, scalar } from '../array/ndarray.ts'
import {
  checkAxisList,
  checkAxes,
  checkShape,
  insertAxis,
  range,
  type Shape,
  shapesEqual,
  showShape,
  sizeOf,
  stridesOf,
  withoutAxes,
} from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy, type Definition, definitionOf } from '../core/trace.ts'
import { sumAxis } from '../interpreter/reduce.ts'
import { copyStrided, reducedOver } from '../interpreter/strided.ts'
import { sumIntegers } from './integer-sums.ts'
import { linear } from './linear.ts'
import { moveAxis, reshape } from './reshape.ts'

// ── broadcast_in_dim ───────────────────────────────────────────────────────

type BroadcastParams = { readonly shape: Shape; readonly dims: readonly number[] }

/**
 * The operand repeated over the axes of `shape` that are not in `dims`; its axis `i` becomes axis `dims[i]`, of the
 * same length. It never stretches a 1 (reshape that away first), so its transpose is a plain sum.
 */
export const broadcastPrimitive: Primitive<BroadcastParams> = definePrimitive<BroadcastParams>({
  name: 'broadcast_in_dim',
  abstractEval([x], { shape, dims }) {
    const { shape: from, dtype } = x as Aval
    checkShape(shape, 'broadcast_in_dim')
    checkAxisList(dims, 'broadcast_in_dim')
    const fits =
      dims.length === from.length &&
      dims.every((axis, i) => shape[axis] === from[i] && (i === 0 || axis > (dims[i - 1] as number)))
    if (!fits) {
      throw new ShapeError(
        `broadcast_in_dim: ${showShape(from)} does not lie in ${showShape(shape)} at axes [${dims.join(', ')}]`,
      )
    }
    return [{ shape, dtype }]
  },
  repeats: ([x]) => sizeOf(x!.shape) === 1,
  evaluate([x], [aval], { shape, dims }) {
    const from = stridesOf((aval as Aval).shape)
    const strides = shape.map((_, axis) => (dims.includes(axis) ? (from[dims.indexOf(axis)] as number) : 0))
    return [copyStrided(x as TypedArray, (aval as Aval).dtype, shape, strides)]
  },
  ...linear<BroadcastParams>(
    (x, { shape, dims }) => broadcastInDim(x, shape, dims),
    (ct, _, { shape, dims }) => reduceSum(ct, others(shape, dims)),
  ),
  batch([x], [dim], { shape, dims }, size) {
    const front = moveAxis(x as NDArray, dim as number, 0)
    return { outputs: [broadcastInDim(front, [size, ...shape], [0, ...dims.map((axis) => axis + 1)])], dims: [0] }
  },
  lowersEveryDType: true,
  lower(graph, [x], { shape, dims }, [aval]) {
    // Left to the elementwise nodes that use it: only ones are put in.
    const value = x!
    const lead = dims.length - value.shape.length
    const thin = shape.map((_, axis) => {
      const i = dims.indexOf(axis) - lead
      return i < 0 ? 1 : (value.shape[i] as number)
    })
    const first = thin.findIndex((n) => n !== 1)
    const trimmed = first < 0 ? [] : thin.slice(first)
    const reshaped = graph.reshape({ ...value, aval: { shape: value.shape, dtype: value.dtype } }, trimmed)
    return [{ ...reshaped, aval: aval! }]
  },
  simplify([x], { shape, dims }) {
    if (shapesEqual((x as NDArray).shape, shape)) return [x as NDArray]
    const inner = definedBy(x as NDArray, broadcastPrimitive)
    return (
      inner && [
        broadcastInDim(
          inner.inputs[0] as NDArray,
          shape,
          inner.params.dims.map((axis) => dims[axis] as number),
        ),
      ]
    )
  },
})

/**
 * `x` in a larger shape: its axis i is axis `dims[i]` there, the others repeat it.
 *
 * @example lax.broadcastInDim(np.array([1, 2]), [2, 2], [0]) // [[1, 1], [2, 2]]
 */
export const broadcastInDim = (x: NDArray, shape: Shape, dims: readonly number[]): NDArray =>
  bind1(broadcastPrimitive, [x], { shape, dims })

const others = (shape: Shape, dims: readonly number[]): number[] =>
  range(shape.length).filter((axis) => !dims.includes(axis))

/** NumPy's broadcasting: axes aligned at the end, ones stretched. */
export function broadcastTo(x: NDArray, shape: Shape): NDArray {
  if (shapesEqual(x.shape, shape)) return x
  const lead = shape.length - x.ndim
  const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === shape[lead + i])
  if (!fits)
    throw new ShapeError(
      `broadcastTo: an array of shape ${showShape(x.shape)} does not broadcast to ${showShape(shape)}`,
    )
  const kept = range(x.ndim).filter((i) => x.shape[i] === shape[lead + i])
  const squeezed = reshape(
    x,
    kept.map((i) => x.shape[i] as number),
  )
  return broadcastInDim(
    squeezed,
    shape,
    kept.map((i) => lead + i),
  )
}

/** `x` repeated `size` times along a new axis. */
export const broadcastAxis = (x: NDArray, axis: number, size: number): NDArray =>
  broadcastInDim(
    x,
    insertAxis(x.shape, axis, size),
    range(x.ndim + 1).filter((i) => i !== axis),
  )

// ── reduce_sum ─────────────────────────────────────────────────────────────

/** Where a batch axis stands after a reduction, and the axes to reduce beside it. */
export function batchReduction(dim: number, axes: readonly number[]): { axes: number[]; dim: number } {
  const shifted = axes.map((axis) => (axis >= dim ? axis + 1 : axis))
  return { axes: shifted, dim: dim - shifted.filter((axis) => axis < dim).length }
}

type ReduceParams = { readonly axes: readonly number[] }

/** The sum over some axes, which disappear. Floats accumulate in double precision, integers wrap. */
export const reduceSumPrimitive: Primitive<ReduceParams> = definePrimitive<ReduceParams>({
  name: 'reduce_sum',
  abstractEval([x], { axes }) {
    const { shape, dtype } = x as Aval
    if (dtype === 'bool') throw new DTypeError('reduce_sum: bool has no sums; convert with x.astype("int32")')
    checkAxes(axes, shape, 'reduce_sum')
    return [{ shape: withoutAxes(shape, axes), dtype }]
  },
  evaluate([x], [aval], { axes }) {
    const { shape, dtype } = aval as Aval
    return [sumAxis(reducedOver(x as TypedArray, dtype, shape, axes), dtype)]
  },
  ...linear<ReduceParams>(
    (x, { axes }) => reduceSum(x, axes),
    (ct, x, { axes }) => broadcastInDim(ct, x.shape, others(x.shape, axes)),
  ),
  batch([x], [dim], { axes }) {
    const moved = batchReduction(dim as number, axes)
    return { outputs: [reduceSum(x as NDArray, moved.axes)], dims: [moved.dim] }
  },
  lower(graph, [x], { axes }, [aval]) {
    const value = graph.materialize(x!)
    if (!isFloat(value.dtype)) return [sumIntegers(graph, value, axes, aval!)]
    return [graph.node('ReduceSum', [value, graph.indices(axes)], aval!, { keepdims: 0 })]
  },
  simplify([x], { axes }) {
    if (axes.length === 0) return [x as NDArray]
    const product = sumThroughProduct(x as NDArray, axes)
    if (product !== undefined) return [product]
    // A sum over axes of length 1 is a reshape.
    const array = x as NDArray
    return axes.every((axis) => array.shape[axis] === 1) && isFloat(array.dtype)
      ? [reshape(array, withoutAxes(array.shape, axes))]
      : undefined
  },
})

/** The sum over `axes`. */
export const reduceSum = (x: NDArray, axes: readonly number[]): NDArray =>
  bind1(reduceSumPrimitive, [x], { axes: [...checkAxisList(axes, 'reduceSum')].sort((a, b) => a - b) })

/** How many products of products a sum goes through: each takes some of the stack. */
const PRODUCTS = 16
let products = 0

/**
 * The sum over free axes of a product is the product of the sums: Σᵢ Σₖ xᵢₖ yₖⱼ = Σₖ (Σᵢ xᵢₖ) yₖⱼ, with as many fewer
 * multiplications. It changes rounding (docs/rewrites.md).
 */
function sumThroughProduct(x: NDArray, axes: readonly number[]): NDArray | undefined {
  const product = definitionOf(x)
  if (product?.primitive.name !== 'dot_general' || !isFloat(x.dtype) || products === PRODUCTS) return undefined
  products++
  try {
    return productOfSums(product, axes)
  } finally {
    products--
  }
}

function productOfSums(product: Definition, axes: readonly number[]): NDArray | undefined {
  const { contract, batch } = product.params as { contract: readonly number[][]; batch: readonly number[][] }
  const batched = (batch[0] as number[]).length
  if (axes.some((axis) => axis < batched)) return undefined
  let position = batched
  const operands = product.inputs.map((operand, side) => {
    const bound = [...(contract[side] as number[]), ...(batch[side] as number[])]
    const free = range(operand.ndim).filter((axis) => !bound.includes(axis))
    const summed = free.filter((_, i) => axes.includes(position + i))
    position += free.length
    const renumber = (list: readonly number[]): number[] =>
      list.map((axis) => axis - summed.filter((s) => s < axis).length)
    return {
      value: reduceSum(operand, summed),
      contract: renumber(contract[side] as number[]),
      batch: renumber(batch[side] as number[]),
    }
  })
  const params = { contract: operands.map((o) => o.contract), batch: operands.map((o) => o.batch) }
  return bind1(
    product.primitive,
    operands.map((o) => o.value),
    params,
  )
}

/** An array of one number repeated. */
export const full = (shape: Shape, value: number | bigint, dtype: DType): NDArray =>
  broadcastInDim(scalar(value, dtype), shape, [])

/** One number repeated in the shape and dtype of `x`. */
export const like = (x: Aval, value: number | bigint): NDArray => full(x.shape, value, x.dtype)

/** Zeros of the shape and dtype of an array. */
export const zerosLike = (x: Aval): NDArray => like(x, 0)

/** Ones of the shape and dtype of an array. */
export const onesLike = (x: Aval): NDArray => like(x, 1)
