import {
  convertNumber,
  type DType,
  encodeElement,
  isBig,
  isDifferentiable,
  isFloat,
  isInteger,
} from '../array/dtype.ts'
import { promote, weakNumberDType } from '../array/promotion.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import { array } from '../array/create.ts'
import { NDArray, type Operand, scalar } from '../array/ndarray.ts'
import { broadcastShapes, shapesEqual, showShape } from '../array/shape.ts'
import { checkList } from '../array/options.ts'
import { asInt32 } from '../primitives/bounds.ts'
import { convert } from '../primitives/convert.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { concatenate } from '../primitives/concatenate.ts'

/** Whether a nested list holds an array, so that its entries are stacked rather than copied. */
export const holdsArrays = (value: Operand): boolean =>
  value instanceof NDArray || (Array.isArray(value) && value.some(holdsArrays))

/** An operand as an array: nested lists of arrays are stacked. */
export function asArray(value: Operand): NDArray {
  if (value instanceof NDArray) return value
  if (!Array.isArray(value) || !holdsArrays(value)) return array(value)
  const entries = unifyDTypes(value as readonly Operand[])
  const [first] = entries as [NDArray]
  const odd = entries.find((x) => !shapesEqual(x.shape, first.shape))
  if (odd !== undefined) {
    throw new ShapeError(
      `array: the nested lists are ragged: one entry has shape ${showShape(first.shape)}, another ${showShape(odd.shape)}; np.broadcastArrays gives them one`,
    )
  }
  return concatenate(
    entries.map((x) => reshape(x, [1, ...x.shape])),
    0,
  )
}

/** As `asArray`; a number has the dtype of the array that it stands beside where it can, a list of them that of floats. */
export function asArrayBeside({ dtype }: NDArray, value: Operand): NDArray {
  if (isNumber(value)) return weakScalar(value, promote(dtype, weakNumberDType(value, dtype)))
  return isPlain(value) && isFloat(dtype) ? array(value, { dtype }) : asArray(value)
}

/** Whether an operand is a number or lists of numbers, which have no dtype of their own. */
const isPlain = (value: Operand): boolean =>
  !(value instanceof NDArray) && !ArrayBuffer.isView(value) && !holdsArrays(value)

/** Arrays to put together: a list of them, or an array for those along its first axis. */
export function listed(name: string, arrays: readonly Operand[] | NDArray, doing = 'stack'): readonly Operand[] {
  const list = arrays instanceof NDArray && arrays.ndim > 0 ? arrays.unstack() : arrays
  if (ArrayBuffer.isView(list)) return Array.from(list as unknown as ArrayLike<number>)
  if (checkList(name, 'arrays', list as readonly Operand[]).length === 0)
    throw new ValueError(`${name}: there are no arrays to ${doing}; give at least 1`)
  return list as readonly Operand[]
}

/** The operands in the dtype they meet in; bare numbers are weak, and lists of them keep their digits beside float64. */
export const unifyDTypes = (operands: readonly Operand[]): NDArray[] =>
  areOfOneDType(operands) ? [...operands] : meet(operands, (dtype) => dtype)

/**
 * The operands as floats of one dtype: the one they meet in, float32 where that is none of floats. Bare numbers are weak
 * (JAX's `promote_dtypes_inexact`).
 */
export const unifyFloatDTypes = (operands: readonly Operand[]): NDArray[] =>
  areOfOneDType(operands) ? operands.map(asFloat) : meet(operands, asFloatDType).map(asFloat)

/** `chosen` is the dtype for the one that the arrays have in common. */
function meet(operands: readonly Operand[], chosen: (dtype: DType) => DType): NDArray[] {
  const arrays = operands.map((x) => (isNumber(x) ? x : asArray(x)))
  const strong = arrays.flatMap((x) => (x instanceof NDArray ? [x.dtype] : []))
  const first = strong[0]
  if (first === undefined) return arrays.map((x) => asArray(x))
  const met = chosen(strong.slice(1).reduce(promote, first))
  const dtype = arrays.reduce<DType>((d, x) => (x instanceof NDArray ? d : promote(d, weakNumberDType(x, d))), met)
  return arrays.map((x, i) => {
    if (!(x instanceof NDArray)) return weakScalar(x, dtype)
    const given = operands[i]!
    const isRounded = dtype === 'float64' && x.dtype === 'float32' && isPlain(given)
    return isRounded ? array(given, { dtype }) : convert(x, dtype)
  })
}

function areOfOneDType(operands: readonly Operand[]): operands is readonly NDArray[] {
  const first = operands[0]
  if (!(first instanceof NDArray)) return false
  for (let i = 1; i < operands.length; i++) {
    const x = operands[i]
    if (!(x instanceof NDArray) || x.dtype !== first.dtype) return false
  }
  return true
}

/** Whether an operand is a bare number, which is weak. */
export const isNumber = (x: Operand): x is number | bigint => typeof x === 'number' || typeof x === 'bigint'

/** A bare number in the dtype of the arrays beside it, which must be able to hold it. */
function weakScalar(value: number | bigint, dtype: DType): NDArray {
  const held = isBig(dtype) ? BigInt(encodeElement(value, dtype)) : convertNumber(Number(value), dtype)
  if (isInteger(dtype) && held != value) {
    throw new ValueError(
      `promotion: ${dtype} cannot hold the number ${value}, which stands beside an array of it; convert the array first, as x.astype("float32")`,
    )
  }
  return scalar(value, dtype)
}

/** The operands in one dtype and one shape. */
export function unify(name: string, operands: readonly Operand[]): NDArray[] {
  const arrays = unifyDTypes(operands)
  const [first] = arrays
  if (first !== undefined && arrays.every((x) => shapesEqual(x.shape, first.shape))) return arrays
  const shape = broadcastShapes(
    arrays.map((x) => x.shape),
    name,
  )
  return arrays.map((x) => broadcastTo(x, shape))
}

/** The array in a float dtype, or complex64: integers and booleans become float32. */
export const asFloat = (x: Operand): NDArray => {
  const a = asArray(x)
  const dtype = asFloatDType(a.dtype)
  return a.dtype === dtype ? a : convert(a, dtype)
}

const asFloatDType = (dtype: DType): DType => (isDifferentiable(dtype) ? dtype : 'float32')

/** Two operands as arrays of one dtype, a bare number too. */
export const arrayPair = (x: Operand, y: Operand): [NDArray, NDArray] =>
  unifyDTypes([x, y].map((given) => (isNumber(given) ? asArray(given) : given))) as [NDArray, NDArray]

/** Two operands as floats of one dtype. */
export const floatPair = (x: Operand, y: Operand): [NDArray, NDArray] => unifyFloatDTypes([x, y]) as [NDArray, NDArray]

/** Indices as int32: an array of integers, or lists of whole numbers. */
export function asIndices(name: string, indices: Operand): NDArray {
  const given = asArray(indices)
  if (isInteger(given.dtype)) return asInt32(given)
  const listed = !(indices instanceof NDArray) && given.dtype === 'float32'
  if (listed && given.storage.host?.every((i) => Number.isInteger(i)) === true) return convert(given, 'int32')
  throw new DTypeError(
    `${name}: indices are ${given.dtype}${showShape(given.shape)}, they must be whole numbers; ${
      given.dtype === 'bool' ? 'for a mask use x.slice(mask) or np.where' : 'convert them with i.astype("int32")'
    }`,
  )
}

/** The array, of numbers; throws a DTypeError that names the function for booleans, which have no differences. */
export function asNumbers(name: string, x: Operand): NDArray {
  const array = asArray(x)
  if (array.dtype !== 'bool') return array
  throw new DTypeError(`${name}: bool has no differences; convert with x.astype("int32")`)
}

/** An array of integers as int32, or a number or lists of whole numbers. */
export function asIntegers(what: string, x: Operand): NDArray<'int32'> {
  const given = asArray(x)
  // Numbers written out are float32 here, also whole ones.
  const written = !(x instanceof NDArray) && !ArrayBuffer.isView(x) && given.dtype !== 'bool'
  const whole = written && given.storage.host?.every((n) => Number.isInteger(Number(n))) === true
  if (whole || isInteger(given.dtype)) return convert(given, 'int32') as NDArray<'int32'>
  throw new DTypeError(
    `${what} are ${given.dtype}${showShape(given.shape)}, they must be whole numbers; convert them with x.astype("int32")`,
  )
}
