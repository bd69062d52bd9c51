/** What rules of primitives are written with, checked where it comes from outside. Within the engine they are not. */
import * as dtypes from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import { NDArray } from '../array/ndarray.ts'
import { checkList, showOption } from '../array/options.ts'
import { checkShape, normalizeAxis, type Shape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import * as jaxpr from '../core/jaxpr.ts'
import { isPrimitive, type Params, type Primitive } from '../core/primitive.ts'
import * as tracing from '../core/trace.ts'
import * as broadcast from '../primitives/broadcast.ts'
import * as elements from '../primitives/elementwise.ts'
import * as linearity from '../primitives/linear.ts'
import * as shapes from '../primitives/reshape.ts'

const { checkDType } = dtypes
const { checkArrays } = tracing

/** A function's name, which comes with its errors. */
const checkName = (where: string, name: string): string => {
  if (typeof name !== 'string') throw new ValueError(`${where}: the name is ${showGiven(name)}; it must be text`)
  return name
}

function checkFunction<F>(name: string, what: string, f: F): F {
  if (typeof f !== 'function') throw new ValueError(`${name}: ${what} is ${showGiven(f)}; it must be a function`)
  return f
}

function checkAval(name: string, x: jaxpr.Aval): jaxpr.Aval {
  if (x instanceof NDArray) return x
  if (typeof x !== 'object' || x === null)
    throw new ValueError(`${name}: takes a shape with a dtype, as an array has, not ${showGiven(x)}`)
  checkShape(x.shape, name)
  checkDType(x.dtype, name)
  return x
}

function checkBound<P extends Params>(name: string, primitive: Primitive<P>, inputs: readonly NDArray[]): void {
  if (!isPrimitive(primitive))
    throw new ValueError(`${name}: ${showOption(primitive)} is no primitive; elementwise and definePrimitive make one`)
  checkArrays(primitive.name, ...checkList(primitive.name, 'the operands', inputs))
}

const results = (name: string, given: readonly NDArray[]): readonly NDArray[] => {
  checkArrays(name, ...checkList(name, 'the results', given))
  return given
}

/** Memory for `length` numbers, all 0. */
export function allocate<D extends dtypes.DType>(dtype: D, length: number): dtypes.TypedArrayOf<D> {
  checkShape([length], 'allocate')
  return dtypes.allocate(checkDType(dtype, 'allocate') as D, length)
}

/** The shape and dtype of an array or value, and nothing else of it. */
export const avalOf = (x: jaxpr.Aval): jaxpr.Aval => jaxpr.avalOf(checkAval('avalOf', x))

/** A shape and dtype as in `float32[2, 3]`, for messages. */
export const showAval = (aval: jaxpr.Aval): string => jaxpr.showAval(checkAval('showAval', aval))

/** Applies a primitive: staged inside a trace, at once outside. */
export function bind<P extends Params>(
  primitive: Primitive<P>,
  inputs: readonly NDArray[],
  params: P,
): readonly NDArray[] {
  checkBound('bind', primitive, inputs)
  return tracing.bind(primitive, inputs, params)
}

/** `bind` for primitives of one output. */
export function bind1<P extends Params>(primitive: Primitive<P>, inputs: readonly NDArray[], params: P): NDArray {
  checkBound('bind1', primitive, inputs)
  return tracing.bind1(primitive, inputs, params)
}

/** Stages `f` on abstract values. `aliases` are values of other traces that `f` may use: inputs of these positions. */
export function trace(
  name: string,
  avals: readonly jaxpr.Aval[],
  f: (...inputs: NDArray[]) => readonly NDArray[],
  aliases?: ReadonlyMap<NDArray, number>,
): tracing.Staged {
  checkName('trace', name)
  for (const aval of checkList(name, 'the avals', avals)) checkAval(name, aval)
  checkFunction('trace', name, f)
  return tracing.trace(name, avals, (...inputs) => results(name, f(...inputs)), aliases)
}

/** `x` repeated `size` times along a new axis. */
export function broadcastAxis(x: NDArray, axis: number, size: number): NDArray {
  checkArrays('broadcastAxis', x)
  return broadcast.broadcastAxis(x, normalizeAxis(axis, x.ndim + 1, 'broadcastAxis'), size)
}

/** An array of one number repeated. */
export const full = (shape: Shape, value: number | bigint, dtype: dtypes.DType): NDArray =>
  broadcast.full(checkShape(shape, 'full'), value, checkDType(dtype, 'full'))

/** Zeros of a shape and dtype. */
export const zerosLike = (x: jaxpr.Aval): NDArray => broadcast.zerosLike(checkAval('zerosLike', x))

/** Brings the batch axes of elementwise operands to one place. */
export function batchElementwise(
  inputs: readonly NDArray[],
  dims: readonly (number | null)[],
  size: number,
): { inputs: NDArray[]; dim: number } {
  const name = 'batchElementwise'
  checkArrays(name, ...checkList(name, 'the operands', inputs))
  checkList(name, 'dims', dims)
  if (dims.length !== inputs.length || dims.every((dim) => dim === null))
    throw new ValueError(`${name}: dims has the batch axis of each operand, or null; one at least has an axis`)
  const places = dims.map((dim, i) => (dim === null ? null : normalizeAxis(dim, inputs[i]!.ndim, name)))
  return elements.batchElementwise(inputs, places, size)
}

/** Throws unless all operands have one shape and one dtype out of `domain`. */
export function checkAlike(name: string, inputs: readonly jaxpr.Aval[], domain: elements.Domain): jaxpr.Aval {
  checkName('checkAlike', name)
  if (checkList(name, 'the operands', inputs).length === 0) throw new ValueError(`${name}: there are no operands`)
  for (const aval of inputs) checkAval(name, aval)
  return elements.checkAlike(name, inputs, elements.checkDomain(name, domain))
}

/** Lowers to what `f`, written with operations on arrays, lowers to. */
export function lowerAs(name: string, f: (...inputs: NDArray[]) => NDArray): Exclude<elements.Lowering, string> {
  checkName('lowerAs', name)
  return elements.lowerAs(name, checkFunction('lowerAs', name, f))
}

/**
 * The jvp, transpose and complex rules of an operation that is linear in its one operand: it is its own derivative, and
 * `transpose` gives the cotangent of the operand from that of the output.
 */
export function linear<P extends Params>(
  apply: (x: NDArray, params: P) => NDArray,
  transpose: (cotangent: NDArray, operand: jaxpr.Aval, params: P) => NDArray,
): linearity.LinearRules<P> {
  checkFunction('linear', 'the operation', apply)
  checkFunction('linear', 'its transpose', transpose)
  const array = (x: NDArray): NDArray => {
    checkArrays('linear', x)
    return x
  }
  return linearity.linear<P>(
    (x, params) => array(apply(x, params)),
    (ct, operand, params) => array(transpose(ct, operand, params)),
  )
}

/** The array with one axis at another place. */
export function moveAxis(x: NDArray, from: number, to: number): NDArray {
  checkArrays('moveAxis', x)
  const [start, end] = [from, to].map((axis) => normalizeAxis(axis, x.ndim, 'moveAxis')) as [number, number]
  return shapes.moveAxis(x, start, end)
}
