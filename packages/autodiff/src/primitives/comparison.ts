import { allocate, bytesPerElement, type DType, isBig, isFloat, isSigned } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, sizeOf } from '../array/shape.ts'
import type { ComplexRule, Parts } from '../core/complex.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy, definitionOf, scalarValue } from '../core/trace.ts'
import { Loops } from '../interpreter/loops.ts'
import {
  apply,
  batchElementwise,
  type Domain,
  elementwise,
  type Kernel,
  lowerAs,
  type NoParams,
} from './elementwise.ts'
import { isLinear, known } from './linear.ts'
import { broadcastPrimitive, full, zerosLike } from './broadcast.ts'

// ── comparisons ────────────────────────────────────────────────────────────

const compare = (
  name: string,
  domain: Domain,
  op: string,
  kernel: (x: number, y: number) => boolean,
  complex?: ComplexRule<NoParams>,
): Primitive<NoParams> =>
  elementwise({
    name,
    domain,
    result: 'bool',
    kernel: (x, y) => Number(kernel(x!, y!)),
    big: true,
    ...(complex !== undefined && { complex }),
    derivatives: [null, null],
    lower: op,
  })

export const eqPrimitive: Primitive<NoParams> = compare(
  'eq',
  'any',
  'Equal',
  (x, y) => x === y,
  ([x, y]) => [and(eq((x as Parts).re, (y as Parts).re), eq((x as Parts).im, (y as Parts).im))],
)
export const ltPrimitive: Primitive<NoParams> = compare('lt', 'number', 'Less', (x, y) => x < y)
export const lePrimitive: Primitive<NoParams> = compare('le', 'number', 'LessOrEqual', (x, y) => x <= y)
export const gtPrimitive: Primitive<NoParams> = compare('gt', 'number', 'Greater', (x, y) => x > y)
export const gePrimitive: Primitive<NoParams> = compare('ge', 'number', 'GreaterOrEqual', (x, y) => x >= y)

/** Whether x = y; false for NaN. */
export const eq = (x: NDArray, y: NDArray): NDArray => apply(eqPrimitive, x, y)
/** Whether x ≠ y; true for NaN. */
export const ne = (x: NDArray, y: NDArray): NDArray => not(eq(x, y))
/** Whether x < y; false for NaN. */
export const lt = (x: NDArray, y: NDArray): NDArray => apply(ltPrimitive, x, y)
/** Whether x ≤ y; false for NaN. */
export const le = (x: NDArray, y: NDArray): NDArray => apply(lePrimitive, x, y)
/** Whether x > y; false for NaN. */
export const gt = (x: NDArray, y: NDArray): NDArray => apply(gtPrimitive, x, y)
/** Whether x ≥ y; false for NaN. */
export const ge = (x: NDArray, y: NDArray): NDArray => apply(gePrimitive, x, y)

// ── bits: logical on bool, bitwise on integers ─────────────────────────────

const bitwise = (name: string, logical: string, op: string, kernel: Kernel): Primitive<NoParams> =>
  elementwise({
    name,
    domain: 'bits',
    kernel,
    big: true,
    derivatives: [null, null],
    lower: (graph, inputs, output) => graph.elementwise(output.dtype === 'bool' ? logical : op, inputs, output),
  })

export const andPrimitive: Primitive<NoParams> = bitwise('and', 'And', 'BitwiseAnd', (x, y) => x! & y!)
export const orPrimitive: Primitive<NoParams> = bitwise('or', 'Or', 'BitwiseOr', (x, y) => x! | y!)
export const xorPrimitive: Primitive<NoParams> = bitwise('xor', 'Xor', 'BitwiseXor', (x, y) => x! ^ y!)
export const notPrimitive: Primitive<NoParams> = elementwise({
  name: 'not',
  domain: 'bits',
  kernelFor: (dtype) => (dtype === 'bool' ? (x) => 1 - x! : (x) => ~x!),
  big: (x) => ~x!,
  derivatives: [null],
  lower: (graph, inputs, output) => graph.elementwise(output.dtype === 'bool' ? 'Not' : 'BitwiseNot', inputs, output),
  simplify([x]) {
    const inner = definedBy(x!, notPrimitive)
    return inner && [inner.inputs[0]!]
  },
})

/** Logical and of booleans, bit by bit of integers. */
export const and = (x: NDArray, y: NDArray): NDArray => apply(andPrimitive, x, y)
/** Logical or of booleans, bit by bit of integers. */
export const or = (x: NDArray, y: NDArray): NDArray => apply(orPrimitive, x, y)
/** Logical exclusive or of booleans, bit by bit of integers. */
export const xor = (x: NDArray, y: NDArray): NDArray => apply(xorPrimitive, x, y)
/** Logical not of booleans, all bits flipped of integers. */
export const not = (x: NDArray): NDArray => apply(notPrimitive, x)

const bitsOf = (dtype: DType): number => 8 * bytesPerElement(dtype)

/**
 * BitShift exists for unsigned integers of 32 and 64 bits, and shifts by as many bits and more are undefined there: they
 * give 0.
 */
function lowerShift(direction: 'LEFT' | 'RIGHT') {
  return (graph: GraphBuilder, [x, n]: readonly GraphValue[], output: Aval): GraphValue => {
    const { dtype } = output
    const word = { shape: output.shape, dtype: isBig(dtype) ? 'uint64' : 'uint32' } as const
    // By way of the unsigned type of as many bits, so that zeros come before a negative number.
    const bits = graph.cast(graph.cast(x!, unsignedOf(dtype)), word.dtype)
    const count = graph.cast(n!, word.dtype)
    const shifted = graph.elementwise('BitShift', [bits, count], word, { direction })
    // A product instead of Where, which has no kernel for unsigned integers.
    const limit = graph.scalar(bitsOf(dtype), word.dtype)
    const inRange = graph.cast(graph.elementwise('Less', [count, limit], { ...word, dtype: 'bool' }), word.dtype)
    return { ...graph.cast(graph.elementwise('Mul', [shifted, inRange], word), dtype), aval: output }
  }
}
const unsignedOf = (dtype: DType): DType => (isSigned(dtype) ? (`u${dtype}` as DType) : dtype)

/** `x · 2ⁿ` in as many bits as the dtype has; 0 where n is not less than they are, or negative. */
export const shiftLeftPrimitive: Primitive<NoParams> = elementwise({
  name: 'shift_left',
  domain: 'integer',
  kernelFor: (dtype) => {
    const width = bitsOf(dtype)
    return (x, n) => (n! >= 0 && n! < width ? x! << n! : 0)
  },
  big: (x, n) => (n! >= 0n && n! < 64n ? x! << n! : 0n),
  derivatives: [null, null],
  lowersEveryDType: true,
  lower: lowerShift('LEFT'),
})
/** The bits moved right, zeros coming in; 0 where n is not less than the bits of the dtype, or negative. */
export const shiftRightLogicalPrimitive: Primitive<NoParams> = elementwise({
  name: 'shift_right_logical',
  domain: 'integer',
  kernelFor: (dtype) => {
    const width = bitsOf(dtype)
    // A negative number of fewer bits is held with ones above them.
    const own = width < 32 ? 2 ** width - 1 : -1
    return (x, n) => (n! >= 0 && n! < width ? (x! & own) >>> n! : 0)
  },
  big: (x, n) => (n! >= 0n && n! < 64n ? BigInt.asUintN(64, x!) >> n! : 0n),
  derivatives: [null, null],
  lowersEveryDType: true,
  lower: lowerShift('RIGHT'),
})
/** The bits of `x` moved up by `n`; 0 from the number of bits on. */
export const shiftLeft = (x: NDArray, n: NDArray): NDArray => apply(shiftLeftPrimitive, x, n)
/** The bits of `x` moved down by `n`, zeros coming after; 0 from the number of bits on. */
export const shiftRightLogical = (x: NDArray, n: NDArray): NDArray => apply(shiftRightLogicalPrimitive, x, n)

// ── select ─────────────────────────────────────────────────────────────────

const selectLoops = new Loops()
const choose: Kernel = (which, x, y) => (which !== 0 ? x! : y!)

/** `onTrue` where `which` is true, else `onFalse`. */
export const selectPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'select',
  abstractEval([which, onTrue, onFalse]) {
    if (which!.dtype !== 'bool')
      throw new DTypeError(`select: the condition is ${which!.dtype}, it must be bool; compare it with 0`)
    if (onTrue!.dtype !== onFalse!.dtype)
      throw new DTypeError(
        `select: the branches are ${onTrue!.dtype} and ${onFalse!.dtype}; convert one with x.astype(…)`,
      )
    if (!shapesEqual(which!.shape, onTrue!.shape) || !shapesEqual(which!.shape, onFalse!.shape)) {
      throw new ShapeError(
        `select: the condition ${showAval(which!)} and the branches ${showAval(onTrue!)}, ${showAval(onFalse!)} must have one shape; np.where broadcasts`,
      )
    }
    return [{ shape: onTrue!.shape, dtype: onTrue!.dtype }]
  },
  takesRepeated: true,
  element: () => choose,
  evaluate: (inputs, _, __, [output], reuse) => [
    selectLoops.run(choose, output!.dtype, inputs, reuse ?? allocate(output!.dtype, sizeOf(output!.shape))),
  ],
  complex: 'byParts',
  jvp([which, x, y], [, dx, dy]) {
    const tangent = dx || dy ? select(which!, dx ?? zerosLike(x!), dy ?? zerosLike(y!)) : null
    return { outputs: [select(which!, x!, y!)], tangents: [tangent] }
  },
  transpose([ct], [which, x, y]) {
    if (!ct) return [null, null, null]
    const zero = zerosLike(ct)
    const condition = known('select', which!)
    return [null, isLinear(x!) ? select(condition, ct, zero) : null, isLinear(y!) ? select(condition, zero, ct) : null]
  },
  batch(inputs, dims, _, size) {
    const aligned = batchElementwise(inputs, dims, size)
    return { outputs: [bind1(selectPrimitive, aligned.inputs, {})], dims: [aligned.dim] }
  },
  lower: (graph, inputs, _, [output]) => [lowerSelect(graph, inputs, output!)],
  simplify([which, x, y]) {
    if (x === y) return [x!]
    const inner = definedBy(which!, notPrimitive)
    if (inner !== undefined) return [select(inner.inputs[0]!, y!, x!)]
    return slope(which!, x!, y!)
  },
})
/**
 * `onTrue` where `which` (bool) is true, `onFalse` elsewhere.
 *
 * @example lax.select(np.array([true, false]), np.zeros([2]), np.ones([2])) // [0, 1]
 */
export const select = (which: NDArray, onTrue: NDArray, onFalse: NDArray): NDArray =>
  apply(selectPrimitive, which, onTrue, onFalse)

/** Where has no kernel for bool and uint32 on every provider: those go through logic and int32. */
function lowerSelect(graph: GraphBuilder, [which, x, y]: readonly GraphValue[], output: Aval): GraphValue {
  if (output.dtype === 'bool' && graph.target !== 'webgpu') {
    return lowerAs('select', (c, a, b) => or(and(c, a), and(not(c), b)))(graph, [which!, x!, y!], output)
  }
  if (output.dtype === 'uint64' || (output.dtype === 'uint32' && graph.target !== 'webgpu')) {
    const signed = output.dtype === 'uint64' ? 'int64' : 'int32'
    const chosen = graph.elementwise('Where', [which!, graph.cast(x!, signed), graph.cast(y!, signed)], {
      ...output,
      dtype: signed,
    })
    return graph.cast(chosen, output.dtype)
  }
  // A slope of 1 or c is the larger of the condition as a number and c: cheaper than Where.
  const low = graph.scalarOf(y!)
  if (isFloat(output.dtype) && graph.scalarOf(x!) === 1 && low !== undefined && low >= 0 && low <= 1) {
    const one = graph.cast(which!, output.dtype)
    return Object.is(low, 0) ? { ...one, aval: output } : graph.elementwise('Max', [one, y!], output)
  }
  return isFloat(output.dtype) && graph.target !== 'webgpu'
    ? whereKeepingZeros(graph, which!, x!, y!, output)
    : graph.elementwise('Where', [which!, x!, y!], output)
}

/**
 * The runtime's Where gives 0 for a −0 that is chosen where the condition is true (it merges two halves by `!= 0`). A
 * number other than −0 may stand there; of two arrays each is joined with ones, and then multiplied.
 */
function whereKeepingZeros(
  graph: GraphBuilder,
  which: GraphValue,
  x: GraphValue,
  y: GraphValue,
  output: Aval,
): GraphValue {
  const mayStand = (value: GraphValue): boolean => {
    const data = graph.constantOf(value)
    const isFew = (data instanceof Float32Array || data instanceof Float64Array) && data.length <= 64
    return isFew ? !data.some((x) => Object.is(x, -0)) : !Object.is(graph.scalarOf(value) ?? -0, -0)
  }
  if (mayStand(x)) return graph.elementwise('Where', [which, x, y], output)
  // Not `Not`: the runtime's optimizer would swap the branches back.
  const not = graph.elementwise('Xor', [which, graph.scalar(1, 'bool')], { ...output, dtype: 'bool' })
  if (mayStand(y)) return graph.elementwise('Where', [not, y, x], output)
  const one = graph.scalar(1, output.dtype)
  const halves = [
    graph.elementwise('Where', [not, one, x], output),
    graph.elementwise('Where', [which, one, y], output),
  ]
  return graph.elementwise('Mul', halves, output)
}

/**
 * `select(m, x, c·x)` is `x · select(m, 1, c)` exactly (x · 1 is x): a leaky rectifier becomes one product with a slope
 * that its derivatives share. Found while tracing, so that every later transformation profits.
 */
function slope(which: NDArray, x: NDArray, y: NDArray): readonly NDArray[] | undefined {
  if (!isFloat(x.dtype)) return undefined
  const scaled = scaleOf(y, x)
  if (scaled !== undefined) return [x.mul(select(which, full(x.shape, 1, x.dtype), scaled))]
  const mirrored = scaleOf(x, y)
  return mirrored && [y.mul(select(which, mirrored, full(x.shape, 1, x.dtype)))]
}

/** The constant `c` for which `product` is `c · x`. */
function scaleOf(product: NDArray, x: NDArray): NDArray | undefined {
  const multiplication = definitionOf(product)
  if (multiplication?.primitive.name !== 'mul') return undefined
  const [a, b] = multiplication.inputs as [NDArray, NDArray]
  const factor = a === x ? b : b === x ? a : undefined
  const broadcast = factor && definedBy(factor, broadcastPrimitive)
  return broadcast && scalarValue(broadcast.inputs[0]!) !== undefined ? factor : undefined
}

// ── is_finite ──────────────────────────────────────────────────────────────

/** Neither infinite nor NaN. */
export const isFinitePrimitive: Primitive<NoParams> = elementwise({
  name: 'is_finite',
  domain: 'float',
  result: 'bool',
  kernel: (x) => Number(Number.isFinite(x)),
  complex: ([x]) => [and(isFinite((x as Parts).re), isFinite((x as Parts).im))],
  derivatives: [null],
  // Infinity minus itself, and NaN minus itself, is NaN, which equals nothing.
  lower: (graph, [x], output) => {
    const float = { shape: output.shape, dtype: x!.dtype }
    const difference = graph.elementwise('Sub', [x!, x!], float)
    return graph.elementwise('Equal', [difference, graph.scalar(0, x!.dtype)], output)
  },
})
/** Whether a number is neither infinite nor NaN. */
export const isFinite = (x: NDArray): NDArray => apply(isFinitePrimitive, x)
