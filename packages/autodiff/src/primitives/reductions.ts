import { allocate, type DType, encodeElement, isBig, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxisList, checkAxes, range, type Shape, showShape, withoutAxes } from '../array/shape.ts'
import type { ComplexRule, Parts } from '../core/complex.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { bigProduct } from '../interpreter/big.ts'
import { cumulateAxis, running } from '../interpreter/cumulate.ts'
import { foldAxis } from '../interpreter/reduce.ts'
import { reducedOver, rowsOver } from '../interpreter/strided.ts'
import { complexProduct, div, mul } from './arithmetic.ts'
import { eq } from './comparison.ts'
import { convert } from './convert.ts'
import { linear } from './linear.ts'
import { batchReduction, broadcastInDim, full, reduceSum } from './broadcast.ts'
import { moveAxis, reshape } from './reshape.ts'
import {
  extreme,
  extremeIndex,
  type LowerReduction,
  multiplied,
  reduceBooleans,
  reduceNode,
  rowOrder,
  rowsOf,
} from './reduction-nodes.ts'
import { concatenate } from './concatenate.ts'
import { rev } from './rev.ts'
import { sliceAxis } from './slicing.ts'

type ReduceParams = { readonly axes: readonly number[] }

/** A value over reduced axes, given back to every entry. */
const spread = (reduced: NDArray, shape: Shape, axes: readonly number[]): NDArray =>
  broadcastInDim(
    reduced,
    shape,
    range(shape.length).filter((axis) => !axes.includes(axis)),
  )

const sorted = (axes: readonly number[]): number[] => [...checkAxisList(axes, 'reduce')].sort((a, b) => a - b)

interface ReductionDefinition {
  readonly name: string
  readonly takes: (dtype: DType) => boolean
  /** The result for no elements, `undefined` where there is none. */
  readonly empty: (dtype: DType) => number | undefined
  readonly combine: (dtype: DType) => (a: number, b: number) => number
  readonly derivative: ((dx: NDArray, x: NDArray, output: NDArray, axes: readonly number[]) => NDArray) | null
  readonly lower: LowerReduction
  readonly complex?: ComplexRule<ReduceParams>
}

function reduction({
  name,
  takes,
  empty,
  combine,
  derivative,
  lower,
  complex,
}: ReductionDefinition): Primitive<ReduceParams> {
  const primitive: Primitive<ReduceParams> = definePrimitive<ReduceParams>({
    name,
    abstractEval([x], { axes }) {
      const { shape, dtype } = x!
      if (!takes(dtype)) {
        const remedy = dtype === 'bool' ? 'numbers; convert with x.astype("int32")' : 'bool; compare with x.ne(0)'
        throw new DTypeError(`${name}: ${dtype} is not possible here; it takes ${remedy}`)
      }
      checkAxes(axes, shape, name)
      if (empty(dtype) === undefined && axes.some((axis) => shape[axis] === 0)) {
        throw new ShapeError(
          `${name}: an array of shape ${showShape(shape)} has no elements over the axes ${showShape(axes)}, and no ${name} is defined for none`,
        )
      }
      return [{ shape: withoutAxes(shape, axes), dtype }]
    },
    evaluate([x], [aval], { axes }) {
      const { shape, dtype } = aval!
      const laid = reducedOver(x!, dtype, shape, axes)
      if (laid.length > 0) return [foldAxis(laid, dtype, name, combine(dtype))]
      const out = allocate(dtype, laid.outer * laid.inner)
      out.fill(encodeElement(empty(dtype)!, dtype))
      return [out]
    },
    jvp([x], [dx], { axes }) {
      const output = bind1(primitive, [x!], { axes })
      return { outputs: [output], tangents: [dx && derivative ? derivative(dx, x!, output, axes) : null] }
    },
    transpose: notLinear,
    batch([x], [dim], { axes }) {
      const moved = batchReduction(dim!, axes)
      return { outputs: [bind1(primitive, [x!], { axes: moved.axes })], dims: [moved.dim] }
    },
    lower: (graph, [x], { axes }, [output]) => [lower(graph, graph.materialize(x!), axes, output!)],
    ...(complex !== undefined && { complex }),
    simplify: ([x], { axes }) => (axes.length === 0 ? [x!] : undefined),
  })
  return primitive
}

/** The mean of the tangents at the extreme entries. */
const extremeDerivative = (dx: NDArray, x: NDArray, output: NDArray, axes: readonly number[]): NDArray => {
  const at = convert(eq(x, spread(output, x.shape, axes)), x.dtype)
  return div(reduceSum(mul(dx, at), axes), reduceSum(at, axes))
}

const number = (dtype: DType): boolean => dtype !== 'bool'

export const reduceMaxPrimitive: Primitive<ReduceParams> = reduction({
  name: 'reduce_max',
  takes: number,
  empty: () => undefined,
  combine: (dtype) => (isBig(dtype) ? (a, b) => (a > b ? a : b) : Math.max),
  derivative: extremeDerivative,
  lower: extreme('ReduceMax'),
})
export const reduceMinPrimitive: Primitive<ReduceParams> = reduction({
  name: 'reduce_min',
  takes: number,
  empty: () => undefined,
  combine: (dtype) => (isBig(dtype) ? (a, b) => (a < b ? a : b) : Math.min),
  derivative: extremeDerivative,
  lower: extreme('ReduceMin'),
})
export const reduceProdPrimitive: Primitive<ReduceParams> = reduction({
  name: 'reduce_prod',
  takes: number,
  empty: () => 1,
  combine: (dtype) =>
    isFloat(dtype)
      ? (a, b) => a * b
      : isBig(dtype)
        ? bigProduct
        : dtype !== 'uint32'
          ? Math.imul
          : (a, b) => Math.imul(a, b) >>> 0,
  // The product of the others for each entry, right also where an entry is 0.
  derivative: (dx, x, _, axes) => reduceSum(mul(dx, productOfOthers(x, axes)), axes),
  lower: (graph, x, axes, output) =>
    isFloat(x.dtype) ? reduceNode(graph, 'ReduceProd', x, axes, output) : multiplied(graph, x, axes, output),
  complex: ([x], { axes }) => [productOfParts(x as Parts, axes)],
})
export const reduceAndPrimitive: Primitive<ReduceParams> = reduction({
  name: 'reduce_and',
  takes: (dtype) => dtype === 'bool',
  empty: () => 1,
  combine: () => (a, b) => a & b,
  derivative: null,
  lower: reduceBooleans('ReduceMin', 1),
})
export const reduceOrPrimitive: Primitive<ReduceParams> = reduction({
  name: 'reduce_or',
  takes: (dtype) => dtype === 'bool',
  empty: () => 0,
  combine: () => (a, b) => a | b,
  derivative: null,
  lower: reduceBooleans('ReduceMax', 0),
})

const reduce =
  (primitive: Primitive<ReduceParams>) =>
  (x: NDArray, axes: readonly number[]): NDArray =>
    bind1(primitive, [x], { axes: sorted(axes) })
/** The largest entry over `axes`. */
export const reduceMax: (x: NDArray, axes: readonly number[]) => NDArray = reduce(reduceMaxPrimitive)
/** The smallest entry along the axes. */
export const reduceMin: (x: NDArray, axes: readonly number[]) => NDArray = reduce(reduceMinPrimitive)
/** The product along the axes. */
export const reduceProd: (x: NDArray, axes: readonly number[]) => NDArray = reduce(reduceProdPrimitive)
/** Whether all booleans along the axes are true. */
export const reduceAnd: (x: NDArray, axes: readonly number[]) => NDArray = reduce(reduceAndPrimitive)
/** Whether any boolean along the axes is true. */
export const reduceOr: (x: NDArray, axes: readonly number[]) => NDArray = reduce(reduceOrPrimitive)

/** Half by half. */
function productOfParts(x: Parts, axes: readonly number[]): Parts {
  const shape = withoutAxes(x.re.shape, axes)
  let product: Parts = { re: rowsOf(x.re, axes), im: rowsOf(x.im, axes) }
  const last = product.re.ndim - 1
  const length = product.re.shape[last]!
  if (length === 0) return { re: full(shape, 1, 'float32'), im: full(shape, 0, 'float32') }
  const part = (from: number, to: number): Parts => ({
    re: sliceAxis(product.re, last, from, to),
    im: sliceAxis(product.im, last, from, to),
  })
  for (let n = length; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.floor(n / 2)
    const pairs = complexProduct(part(0, half), part(half, 2 * half))
    const rest = part(2 * half, n)
    product = { re: concatenate([pairs.re, rest.re], last), im: concatenate([pairs.im, rest.im], last) }
  }
  return { re: reshape(product.re, shape), im: reshape(product.im, shape) }
}

/** For each entry the product of all other entries over `axes`: what comes before it times what comes after it. */
function productOfOthers(x: NDArray, axes: readonly number[]): NDArray {
  const order = rowOrder(x.ndim, axes)
  const rows = rowsOf(x, axes)
  const last = rows.ndim - 1
  const others = mul(exclusiveProducts(rows, last), rev(exclusiveProducts(rev(rows, [last]), last), [last]))
  return others.reshape(order.map((axis) => x.shape[axis]!)).transpose(range(x.ndim).map((axis) => order.indexOf(axis)))
}

/** The products of the entries before each entry, in log₂ n steps. */
function exclusiveProducts(x: NDArray, axis: number): NDArray {
  const n = x.shape[axis]!
  const one = full(x.shape, 1, x.dtype)
  const shifted = (y: NDArray, by: number): NDArray => {
    const head = sliceAxis(one, axis, 0, Math.min(by, n))
    return by >= n ? head : concatenate([head, sliceAxis(y, axis, 0, n - by)], axis)
  }
  let products = shifted(x, 1)
  for (let step = 1; step < n; step *= 2) products = mul(products, shifted(products, step))
  return products
}

// ── argmax, argmin ─────────────────────────────────────────────────────────

type ArgParams = { readonly axis: number }

function argReduction(name: string, op: string, better: (a: number, b: number) => boolean): Primitive<ArgParams> {
  const primitive: Primitive<ArgParams> = definePrimitive<ArgParams>({
    name,
    abstractEval([x], { axis }) {
      checkAxes([axis], x!.shape, name)
      if (x!.shape[axis] === 0)
        throw new ShapeError(`${name}: axis ${axis} of ${showShape(x!.shape)} is empty; it takes at least one entry`)
      return [{ shape: withoutAxes(x!.shape, [axis]), dtype: 'int32' }]
    },
    evaluate([x], [aval], { axis }) {
      const { rows, count, length } = rowsOver(x!, aval!.dtype, aval!.shape, [axis])
      const out = new Int32Array(count)
      for (let i = 0; i < count; i++) {
        let best = 0
        for (let j = 1; j < length; j++) {
          const a = rows[i * length + j]!
          const b = rows[i * length + best]!
          if (better(a, b) || (Number.isNaN(a) && !Number.isNaN(b))) best = j
        }
        out[i] = best
      }
      return [out]
    },
    jvp: ([x], _, params) => ({ outputs: [bind1(primitive, [x!], params)], tangents: [null] }),
    transpose: notLinear,
    batch([x], [dim], { axis }) {
      return { outputs: [bind1(primitive, [moveAxis(x!, dim!, 0)], { axis: axis + 1 })], dims: [0] }
    },
    lower: (graph, [x], { axis }, [output]) => [extremeIndex(graph, op, graph.materialize(x!), axis, output!)],
  })
  return primitive
}

/** The index of the first largest entry; a NaN is larger than all. */
export const argmaxPrimitive: Primitive<ArgParams> = argReduction('argmax', 'ArgMax', (a, b) => a > b)
/** The index of the first smallest entry; a NaN is smaller than all. */
export const argminPrimitive: Primitive<ArgParams> = argReduction('argmin', 'ArgMin', (a, b) => a < b)
/** The index of the first largest entry of an axis, int32; a NaN is larger than all. */
export const argmax = (x: NDArray, axis: number): NDArray => bind1(argmaxPrimitive, [x], { axis })
/** The index of the first smallest entry of an axis, int32; a NaN is smaller than all. */
export const argmin = (x: NDArray, axis: number): NDArray => bind1(argminPrimitive, [x], { axis })

// ── cumsum ─────────────────────────────────────────────────────────────────

type CumsumParams = { readonly axis: number; readonly reverse: boolean }

/** Running sums along an axis, from its start or (reverse) from its end. */
export const cumsumPrimitive: Primitive<CumsumParams> = definePrimitive<CumsumParams>({
  name: 'cumsum',
  abstractEval([x], { axis }) {
    if (x!.dtype === 'bool') throw new DTypeError('cumsum: bool has no sums; convert with x.astype("int32")')
    checkAxes([axis], x!.shape, 'cumsum')
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate([x], [aval], params) {
    const { dtype } = aval!
    const wraps = !isFloat(dtype) && !isBig(dtype)
    const step = wraps ? (sum: number, value: number) => (sum + value) | 0 : (sum: number, value: number) => sum + value
    return [cumulateAxis(x!, aval!, params, running('sum', dtype, step))]
  },
  ...linear<CumsumParams>(
    (x, params) => bind1(cumsumPrimitive, [x], params),
    (ct, _, { axis, reverse }) => bind1(cumsumPrimitive, [ct], { axis, reverse: !reverse }),
  ),
  batch([x], [dim], { axis, reverse }) {
    return { outputs: [bind1(cumsumPrimitive, [x!], { axis: axis >= dim! ? axis + 1 : axis, reverse })], dims: [dim!] }
  },
  lower(graph, [x], { axis, reverse }, [output]) {
    const dtype: DType = isFloat(output!.dtype) ? output!.dtype : isBig(output!.dtype) ? 'int64' : 'int32'
    const value = graph.cast(graph.materialize(x!), dtype)
    const sums = graph.node(
      'CumSum',
      [value, graph.indices([axis])],
      { shape: output!.shape, dtype },
      { reverse: Number(reverse) },
    )
    return [graph.cast(sums, output!.dtype)]
  },
})
/** Running sums along an axis, from its end with `reverse`. */
export const cumsum = (x: NDArray, axis: number, reverse = false): NDArray =>
  bind1(cumsumPrimitive, [x], { axis, reverse })
