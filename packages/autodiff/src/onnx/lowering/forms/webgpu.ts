import { type DType, isFloat, isInteger } from '../../../array/dtype.ts'
import { type NDArray } from '../../../array/ndarray.ts'
import { shapesEqual, sizeOf, stridesOf } from '../../../array/shape.ts'
import type { Aval } from '../../../core/jaxpr.ts'
import type { GraphValue } from '../../../core/lowering.ts'
import { abs, add, div, floor, mul, neg, plus, sub, times } from '../../../primitives/arithmetic.ts'
import { exp as exponential, log as logarithm } from '../../../primitives/transcendental.ts'
import { like, zerosLike } from '../../../primitives/broadcast.ts'
import { and, eq, lt, not, or, select } from '../../../primitives/comparison.ts'
import { added, foldedExtreme, type LowerReduction } from '../../../primitives/reduction-nodes.ts'
import { integerMatMul } from './integers.ts'
import { remainder } from './remainder.ts'
import { trace } from '../../../core/trace.ts'
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from './bits.ts'
import { composed, firstOf, type Form, type FormGraph, type Forms, operand, operands, where } from './form.ts'

/**
 * WebGPU (ONNX Runtime 1.30): what it has no kernel for, and where a kernel of it ends the process or fails, on float32,
 * int32, uint32 and bool, which are all that a graph for it computes in.
 */

const isBool = (dtype: DType): boolean => dtype === 'bool'

/** By way of int32: booleans have few kernels. */
const throughInt32: Form = (graph, call) => {
  const output = call.outputs[0]!
  const wide = call.inputs.map((x) => (typeof x !== 'string' && x.dtype === 'bool' ? graph.cast(x, 'int32') : x))
  const value = graph.node(call.op, wide, { ...output, dtype: 'int32' }, call.attributes)
  return [graph.cast(value, 'bool')]
}

/** And goes wrong where an operand is repeated. */
const both: Form = (graph, call) => {
  const [x, y] = operands(call)
  if (shapesEqual(x!.shape, y!.shape)) return undefined
  const numbers = [x!, y!].map((v) => graph.cast(v, 'int32'))
  return [graph.cast(graph.native('Mul', numbers, { ...call.outputs[0]!, dtype: 'int32' }), 'bool')]
}

const either: Form = (graph, call) => {
  const output = call.outputs[0]!
  const [x, y] = operands(call).map((v) => graph.native('Not', [v], v.aval))
  return [graph.native('Not', [graph.elementwise('And', [x!, y!], output)], output)]
}

const xor: Form = (graph, call) => {
  const output = call.outputs[0]!
  return [graph.native('Not', [graph.elementwise('Equal', operands(call), output)], output)]
}

const whereBooleans: Form = (graph, call) => {
  const [which, ...branches] = operands(call)
  if (branches[0]!.dtype !== 'bool') return undefined
  const output = call.outputs[0]!
  const numbers = branches.map((x) => graph.cast(x, 'int32'))
  return [graph.cast(graph.native('Where', [which!, ...numbers], { ...output, dtype: 'int32' }), 'bool')]
}

const equalBooleans: Form = (graph, call) => [
  graph.native(
    'Equal',
    operands(call).map((x) => graph.cast(x, 'int32')),
    call.outputs[0]!,
  ),
]

/** To the nearest whole number, halves to the even one: from 2²³ on there are no others in float32. */
const round = (x: NDArray): NDArray => {
  const size = abs(x)
  const whole = plus(plus(size, 2 ** 23), -(2 ** 23))
  const signed = select(lt(x, zerosLike(x)), neg(whole), whole)
  // A zero keeps the sign of what it came from.
  const near = select(eq(whole, zerosLike(x)), times(x, 0), signed)
  return select(lt(size, like(x, 2 ** 23)), near, x)
}

/** The kernels of exp, log and pow take no notice of NaN and of numbers outside their domain. */

// eˣ is larger than x, so that the larger of the two is eˣ, and NaN for NaN.
const exp: Form = (graph, call) => {
  const [x] = operands(call)
  return [graph.native('Max', [graph.native('Exp', [x!], x!.aval), x!], call.outputs[0]!)]
}

const log: Form = (graph, call) => {
  const [x] = operands(call)
  const output = call.outputs[0]!
  const bool = { ...output, dtype: 'bool' } as const
  const zero = graph.scalar(0, 'float32')
  const isZero = graph.native('Equal', [x!, zero], bool)
  const edge = graph.native('Where', [isZero, graph.scalar(-Infinity, 'float32'), graph.scalar(NaN, 'float32')], output)
  const inside = graph.native('Greater', [x!, zero], bool)
  return [graph.native('Where', [inside, graph.native('Log', [x!], output), edge], output)]
}

// cosh x is larger than x, too.
const cosh: Form = (graph, call) => {
  const [x] = operands(call)
  return [graph.native('Max', [graph.native('Cosh', [x!], x!.aval), x!], call.outputs[0]!)]
}

/** 2π in three parts: the first two have so few digits that their products with whole numbers are exact. */
const TURN = [6.28125, 1.9350051879882812e-3, 3.0199159819e-7] as const
/** A float32 plus this, and minus it again, is whole. */
const WHOLE = 1.5 * 2 ** 23

/** Within a turn, as the kernels of the circular functions want it; of small numbers by their series. */
const circular =
  (op: string, third: number | undefined): Form =>
  (graph, call) => {
    const output = call.outputs[0]!
    const [x] = operands(call)
    const inTurn = inlined(graph, [x!], (a) => {
      const turns = plus(plus(times(a!, 1 / (2 * Math.PI)), WHOLE), -WHOLE)
      return TURN.reduce((rest, part) => sub(rest, times(turns, part)), a!)
    })
    const value = graph.native(op, [inTurn], output)
    if (third === undefined) return [value]
    const series = (a: NDArray): NDArray => add(a, times(mul(a, mul(a, a)), third))
    return [inlined(graph, [x!, value], (a, y) => select(lt(abs(a!), like(a!, 0.03)), series(a!), y!))]
  }

function inlined(
  graph: FormGraph,
  inputs: readonly GraphValue[],
  f: (...xs: (NDArray | undefined)[]) => NDArray,
): GraphValue {
  const avals = inputs.map((x) => x.aval)
  return graph.inline(trace('form', avals, (...xs) => [f(...xs)]).jaxpr, inputs)[0]!
}

/** The kernel for positive numbers that are finite; the rest by logarithms, and signs by hand. */
const pow: Form = (graph, call) => {
  const [base, exponent] = operands(call)
  if (!isFloat(base!.dtype) || !isFloat(exponent!.dtype)) return undefined
  const output = call.outputs[0]!
  // The kernel fails where operands are repeated; one number is not.
  const alike = shapesEqual(base!.shape, exponent!.shape) || sizeOf(exponent!.shape) === 1
  const [x, y] = alike ? [base, exponent] : [graph.materialize(base!), graph.materialize(exponent!)]
  const size = graph.native('Abs', [x!], x!.aval)
  const value = graph.native('Pow', [size, y!], output)
  return [inlined(graph, [x!, y!, size, value], (b, e, a, p) => power(b!, e!, a!, p!))]
}

function power(x: NDArray, y: NDArray, size: NDArray, value: NDArray): NDArray {
  const zero = zerosLike(x)
  const one = like(x, 1)
  const infinite = eq(abs(y), like(y, Infinity))
  const edge = or(or(eq(size, zero), eq(size, like(x, Infinity))), infinite)
  const positive = select(edge, exponential(mul(y, logarithm(size))), value)
  const whole = eq(floor(y), y)
  const odd = and(whole, not(eq(floor(times(y, 0.5)), times(y, 0.5))))
  const negative = or(lt(x, zero), lt(div(one, x), zero))
  const signed = select(and(negative, odd), neg(positive), positive)
  const finite = eq(sub(x, x), zero)
  const outside = or(and(and(lt(x, zero), finite), not(whole)), not(and(eq(x, x), eq(y, y))))
  // x⁰ and 1ʸ are 1, also for NaN.
  const always = or(or(eq(y, zero), eq(x, one)), and(eq(size, one), infinite))
  return select(always, one, select(outside, like(x, NaN), signed))
}

const signOf = (x: NDArray): NDArray => {
  const zero = zerosLike(x)
  return select(lt(zero, x), like(x, 1), select(lt(x, zero), like(x, -1), x))
}

/** A range of an axis: contiguous by Split, else by the indices of what is taken. */
const slice: Form = (graph, call) => {
  const [start, end, axis, step] = call.inputs.slice(1).map((name) => graph.numbersOf(name)) as (
    | readonly number[]
    | undefined
  )[]
  const output = call.outputs[0]!
  if (sizeOf(output.shape) === 0) return [filled(graph, 0, output)]
  let value = operand(call, 0)
  axis!.forEach((at, i) => {
    const n = value.shape[at]!
    const by = step?.[i] ?? 1
    const { from, count } = range(n, start![i]!, end![i]!, by)
    const shape = value.shape.with(at, count)
    value = by === 1 ? part(graph, value, at, from, count) : taken(graph, value, at, from, by, shape)
  })
  return [{ ...value, aval: output }]
}

/** Where a slice begins in an axis of `n` and how much it takes, as ONNX counts. */
function range(n: number, start: number, end: number, step: number): { from: number; count: number } {
  const place = (i: number, low: number, high: number): number => Math.max(low, Math.min(high, i < 0 ? i + n : i))
  const [from, to] = step > 0 ? [place(start, 0, n), place(end, 0, n)] : [place(start, 0, n - 1), place(end, -1, n - 1)]
  return { from, count: Math.max(0, Math.ceil((to - from) / step)) }
}

function part(graph: FormGraph, x: GraphValue, axis: number, from: number, count: number): GraphValue {
  const n = x.shape[axis]!
  if (count === n) return x
  const pieces = [from, count, n - from - count]
  const kept = pieces.filter((size) => size > 0)
  const avals = kept.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }))
  return graph.nodes('Split', [x, graph.indices(kept)], avals, { axis })[from > 0 ? 1 : 0]!
}

function taken(
  graph: FormGraph,
  x: GraphValue,
  axis: number,
  from: number,
  step: number,
  shape: readonly number[],
): GraphValue {
  const index = Int32Array.from({ length: shape[axis]! }, (_, i) => from + i * step)
  const aval = { shape: [index.length], dtype: 'int32' } as const
  return graph.nativeNode('Gather', [x, graph.table(`taken:${index.join()}`, () => index, aval)], { shape, dtype: x.dtype }, { axis }) // biome-ignore format: one call
}

/** GatherElements by the places in the flat operand. */
const gatherElements: Form = (graph, call) => {
  const [x, index] = operands(call).map((v) => graph.materialize(v)) as [GraphValue, GraphValue]
  const { shape, dtype } = call.outputs[0]!
  const strides = stridesOf(x.shape)
  const axis = call.attributes['axis'] as number
  const places = { shape, dtype: 'int32' } as const
  const scaled = (v: GraphValue, by: number): GraphValue =>
    by === 1 ? v : graph.native('Mul', [v, graph.scalar(by, 'int32')], v.aval)
  let at = scaled(index, strides[axis]!)
  shape.forEach((n, a) => {
    if (a === axis || n === 1) return
    const counted = graph.table(`iota:${n}`, () => Int32Array.from({ length: n }, (_, i) => i), { shape: [n], dtype: 'int32' }) // biome-ignore format: one call
    const along = graph.reshape(counted, [n, ...shape.slice(a + 1).map(() => 1)])
    at = graph.native('Add', [at, scaled(along, strides[a]!)], places)
  })
  return [graph.nativeNode('Gather', [graph.reshape(x, [sizeOf(x.shape)]), at], { shape, dtype }, { axis: 0 })]
}

/** Some shapes of integers are reduced by way of float32. */
const inSteps =
  (reduction: LowerReduction): Form =>
  (graph, call) => [reduction(graph, operand(call, 0), graph.numbersOf(call.inputs[1]!)!, call.outputs[0]!)]

const filled = (graph: FormGraph, value: number, output: Aval): GraphValue =>
  graph.materialize({ ...graph.scalar(value, output.dtype), aval: output })

/** A product over an axis of no entries ends the process. */
const emptyProduct: Form = (graph, call) => {
  const [x, y] = operands(call)
  if (sizeOf(x!.shape) > 0 && sizeOf(y!.shape) > 0) return undefined
  return [filled(graph, 0, call.outputs[0]!)]
}

const emptyExtreme =
  (ofFloats: number): Form =>
  (graph, call) => {
    const output = call.outputs[0]!
    if (sizeOf(operand(call, 0).shape) > 0) return undefined
    return [filled(graph, isFloat(output.dtype) ? ofFloats : 0, output)]
  }

export const webgpuForms: Forms = {
  // elementwise
  Neg: where(isInteger, (graph, call) => [
    graph.native('Sub', [graph.scalar(0, call.outputs[0]!.dtype), operand(call, 0)], call.outputs[0]!),
  ]),
  Abs: where(isInteger, (graph, call) => {
    const x = operand(call, 0)
    return x.dtype.startsWith('u') ? [x] : [graph.native('Max', [x, graph.elementwise('Neg', [x], x.aval)], x.aval)]
  }),
  Exp: exp,
  Log: log,
  Cosh: cosh,
  Sin: circular('Sin', -1 / 6),
  Cos: circular('Cos', undefined),
  Tan: circular('Tan', 1 / 3),
  Pow: pow,
  Sign: composed(signOf),
  Round: composed(round),
  Mod: where(isFloat, composed(remainder)),
  Equal: where(isBool, equalBooleans),
  And: both,
  Or: either,
  Where: whereBooleans,
  Xor: xor,
  BitwiseAnd: bitwiseAnd,
  BitwiseOr: bitwiseOr,
  BitwiseXor: bitwiseXor,
  BitwiseNot: bitwiseNot,
  BitShift: bitShift,
  // structure
  Identity: where(isBool, (graph, call) => [
    graph.native('And', [operand(call, 0), operand(call, 0)], call.outputs[0]!),
  ]),
  Transpose: where(isBool, throughInt32),
  Concat: where(isBool, throughInt32),
  Pad: where(isBool, throughInt32),
  Tile: where(isBool, throughInt32),
  ScatterElements: where(isBool, throughInt32),
  Slice: firstOf(where(isBool, throughInt32), where(isInteger, slice)),
  GatherElements: firstOf(where(isBool, throughInt32), where(isInteger, gatherElements)),
  // contractions and reductions
  MatMul: firstOf(emptyProduct, where(isInteger, integerMatMul)),
  Gemm: emptyProduct,
  ReduceSum: where(isInteger, inSteps(added)),
  ReduceMax: firstOf(emptyExtreme(-Infinity), where(isInteger, inSteps(foldedExtreme['ReduceMax']!))),
  ReduceMin: firstOf(emptyExtreme(Infinity), where(isInteger, inSteps(foldedExtreme['ReduceMin']!))),
}
