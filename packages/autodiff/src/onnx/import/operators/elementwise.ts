import { isDType, isFloat, isInteger, isSigned } from '../../../array/dtype.ts'
import { fromHost, type NDArray } from '../../../array/ndarray.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import { dtypeOf, typeName } from '../tensor.ts'
import type { Node, Operator } from '../node.ts'

const unary =
  (f: (x: NDArray) => NDArray): Operator =>
  (node) =>
    f(node.input(0))

const binary =
  (f: (x: NDArray, y: NDArray) => NDArray): Operator =>
  (node) =>
    f(node.input(0), node.input(1))

/** Of any number of operands. */
const folded =
  (f: (x: NDArray, y: NDArray) => NDArray): Operator =>
  (node) =>
    node.all().reduce((x, y) => f(x, y))

/** For functions whose operands must be of one shape. */
const together =
  (f: (x: NDArray, y: NDArray) => NDArray) =>
  (x: NDArray, y: NDArray): NDArray => {
    const [a, b] = np.broadcastArrays(x, y) as [NDArray, NDArray]
    return f(a, b)
  }

/** Integers are divided towards zero. */
const divide = (x: NDArray, y: NDArray): NDArray => (isFloat(x.dtype) ? x.div(y) : together(lax.div)(x, y))

/** The result has the base's dtype, whatever the exponent's is. */
function power(x: NDArray, y: NDArray): NDArray {
  const exponent = y.ndim === 0 ? y.storage : undefined
  const known = exponent !== undefined && isConstant(y) ? Number(y.item()) : undefined
  // A whole exponent that is known has derivatives everywhere.
  if (known !== undefined && Number.isInteger(known) && Math.abs(known) <= 8 && (isFloat(x.dtype) || known >= 0)) {
    return lax.integerPow(x, known)
  }
  return np.power(x, y.astype(x.dtype)).astype(x.dtype)
}

const isConstant = (x: NDArray): boolean => {
  try {
    return x.storage.host !== undefined && x.dtype !== 'int64'
  } catch {
    return false
  }
}

const modulo: Operator = (node) => {
  const [x, y] = [node.input(0), node.input(1)]
  return node.int('fmod', 0) === 1 ? np.fmod(x, y) : np.mod(x, y)
}

const shift: Operator = (node) => {
  const direction = node.string('direction', '')
  if (direction !== 'LEFT' && direction !== 'RIGHT') throw node.error(`the direction is ${JSON.stringify(direction)}`)
  const [x, y] = [node.input(0), node.input(1)]
  if (direction === 'LEFT') return together(lax.shiftLeft)(x, y)
  return together(isSigned(x.dtype) ? lax.shiftRightArithmetic : lax.shiftRightLogical)(x, y)
}

const isInfinite: Operator = (node) => {
  const x = node.input(0)
  const infinite = np.isinf(x)
  const [negative, positive] = [node.int('detect_negative', 1), node.int('detect_positive', 1)]
  if (negative === 1 && positive === 1) return infinite
  const side = positive === 1 ? x.gt(0) : negative === 1 ? x.lt(0) : np.zerosLike(infinite)
  return np.logicalAnd(infinite, side)
}

const cast: Operator = (node) => {
  const type = node.int('to')
  const dtype = type === undefined ? undefined : dtypeOf.get(type)
  if (dtype === undefined)
    throw node.error(`to ${type === undefined ? 'nothing' : typeName(type)}, which there is no dtype for`)
  return node.input(0).astype(dtype)
}

/** Bounds are attributes up to operator set 10. */
const clip: Operator = (node) => {
  const x = node.input(0)
  const bound = (i: number, name: string): NDArray | undefined => {
    const given = node.inputs[i]
    if (given !== undefined) return given.reshape([])
    const value = node.version < 11 ? node.float(name, Number.NaN) : Number.NaN
    return Number.isNaN(value) ? undefined : np.array(value, { dtype: x.dtype })
  }
  const [low, high] = [bound(1, 'min'), bound(2, 'max')]
  const raised = low === undefined ? x : np.maximum(x, low)
  return high === undefined ? raised : np.minimum(raised, high)
}

const where: Operator = (node) => np.where(node.input(0), node.input(1), node.input(2))

const mean: Operator = (node) => {
  const all = node.all()
  return all.reduce((x, y) => x.add(y)).div(all.length)
}

/** Halves go to the even neighbour. */
const round = (x: NDArray): NDArray => (isInteger(x.dtype) ? x : np.rint(x))

/** Of constants too: the same file in another operator. */
const constant: Operator = (node) => {
  const tensor = node.tensor('value')
  if (tensor !== undefined) return tensor
  const [float, floats, int, ints] = [
    node.float('value_float', Number.NaN),
    node.floats('value_floats'),
    node.exact('value_int', 'int'),
    node.exact('value_ints', 'ints'),
  ]
  if (floats !== undefined) return fromHost(Float32Array.from(floats), [floats.length], 'float32')
  if (int !== undefined) return fromHost(BigInt64Array.of(int) as never, [], 'int64')
  if (ints !== undefined) return fromHost(BigInt64Array.from(ints) as never, [ints.length], 'int64')
  if (!Number.isNaN(float)) return np.array(float)
  throw node.error('it has no value that is a tensor of numbers')
}

export const elementwise: Readonly<Record<string, Operator>> = {
  Abs: unary(np.abs),
  Acos: unary(np.arccos),
  Acosh: unary(np.arccosh),
  Add: binary((x, y) => x.add(y)),
  And: binary(np.logicalAnd),
  Asin: unary(np.arcsin),
  Asinh: unary(np.arcsinh),
  Atan: unary(np.arctan),
  Atanh: unary(np.arctanh),
  BitShift: shift,
  BitwiseAnd: binary(np.bitwiseAnd),
  BitwiseNot: unary(np.bitwiseNot),
  BitwiseOr: binary(np.bitwiseOr),
  BitwiseXor: binary(np.bitwiseXor),
  Cast: cast,
  CastLike: binary((x, y) => x.astype(y.dtype)),
  Ceil: unary(np.ceil),
  Clip: clip,
  Constant: constant,
  Cos: unary(np.cos),
  Cosh: unary(np.cosh),
  Div: binary(divide),
  Dropout: dropout,
  Equal: binary(np.equal),
  Erf: unary(lax.erf),
  Exp: unary(np.exp),
  Floor: unary(np.floor),
  Greater: binary(np.greater),
  GreaterOrEqual: binary(np.greaterEqual),
  Identity: unary((x) => x),
  IsInf: isInfinite,
  IsNaN: unary(np.isnan),
  Less: binary(np.less),
  LessOrEqual: binary(np.lessEqual),
  Log: unary(np.log),
  Max: folded(np.maximum),
  Mean: mean,
  Min: folded(np.minimum),
  Mod: modulo,
  Mul: binary((x, y) => x.mul(y)),
  Neg: unary((x) => x.neg()),
  Not: unary(np.logicalNot),
  Or: binary(np.logicalOr),
  Pow: binary(power),
  Reciprocal: unary((x) => np.reciprocal(x)),
  Round: unary(round),
  Sign: unary(np.sign),
  Sin: unary(np.sin),
  Sinh: unary(np.sinh),
  Sqrt: unary(np.sqrt),
  Sub: binary((x, y) => x.sub(y)),
  Sum: folded((x, y) => x.add(y)),
  Tan: unary(np.tan),
  Tanh: unary(np.tanh),
  Where: where,
  Xor: binary(np.logicalXor),
}

/** Nothing is dropped when a network is used. */
function dropout(node: Node): NDArray[] {
  const x = node.input(0)
  const training = node.inputs[2]
  if (training !== undefined && node.numbers(2)[0] !== 0)
    throw node.error('it is in training mode; export the network for inference')
  return [x, np.ones(x.shape, { dtype: 'bool' })].slice(0, node.wanted)
}

/** The dtype of a number attribute, float32 where there is none. */
export function dtypeAttribute(node: Node, otherwise: NDArray['dtype']): NDArray['dtype'] {
  const type = node.int('dtype')
  if (type === undefined) return otherwise
  const dtype = dtypeOf.get(type)
  if (dtype === undefined || !isDType(dtype))
    throw node.error(`dtype is ${typeName(type)}, which there is no dtype for`)
  return dtype
}
