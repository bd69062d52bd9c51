import {
  type BigDType,
  bigRange,
  bytesPerElement,
  checkDType,
  type DType,
  integerRange,
  isBig,
  isDType,
  isFloat,
  isInteger,
  isSigned,
} from '../array/dtype.ts'
import { checkOptions } from '../array/options.ts'
import { promote, weakNumberDType } from '../array/promotion.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import { asArray } from './operands.ts'

/** What a float dtype can hold. */
export interface FloatInfo {
  readonly dtype: DType
  readonly bits: number
  /** The distance from 1 to the next larger number. */
  readonly eps: number
  /** The distance from 1 to the next smaller number. */
  readonly epsneg: number
  readonly max: number
  readonly min: number
  /** The smallest positive number of full precision; also `smallestNormal`. */
  readonly tiny: number
  readonly smallestNormal: number
  readonly smallestSubnormal: number
  /** Bits of the fraction. */
  readonly nmant: number
  /** Decimal digits that are kept. */
  readonly precision: number
  readonly resolution: number
}

/** What an integer dtype can hold; BigInts where it has 64 bits. */
export interface IntegerInfo<D extends DType = DType> {
  readonly dtype: D
  readonly bits: number
  readonly min: Limit<D>
  readonly max: Limit<D>
}
type Limit<D extends DType> = DType extends D ? number | bigint : D extends BigDType ? bigint : number

/** Bits of the fraction and of the exponent. */
const floatFormats: Readonly<Record<string, readonly [fraction: number, exponent: number]>> = {
  float16: [10, 5],
  bfloat16: [7, 8],
  float32: [23, 8],
  float64: [52, 11],
}

/** A dtype by its name or by an array of it. */
const dtypeOf = (of: DType | NDArray, where: string): DType =>
  of instanceof NDArray ? of.dtype : checkDType(of, where)

/**
 * The limits of a float dtype, or of the dtype of an array.
 *
 * @throws DTypeError for another dtype.
 * @see NumPy's `finfo`
 * @example np.finfo('float32').eps // 1.1920928955078125e-7
 */
export function finfo(of: DType | NDArray): FloatInfo {
  const dtype = dtypeOf(of, 'finfo')
  const format = floatFormats[dtype]
  if (!isFloat(dtype) || format === undefined)
    throw new DTypeError(`finfo: ${dtype} is not a float dtype; np.iinfo has the limits of integers`)
  const [fraction, exponent] = format
  const bias = 2 ** (exponent - 1) - 1
  const max = (2 - 2 ** -fraction) * 2 ** bias
  const tiny = 2 ** (1 - bias)
  const precision = Math.floor(fraction * Math.log10(2))
  return {
    dtype,
    bits: fraction + exponent + 1,
    eps: 2 ** -fraction,
    epsneg: 2 ** (-fraction - 1),
    max,
    min: -max,
    tiny,
    smallestNormal: tiny,
    smallestSubnormal: 2 ** (1 - bias - fraction),
    nmant: fraction,
    precision,
    resolution: Number(`1e-${precision}`),
  }
}

/**
 * The limits of an integer dtype, or of the dtype of an array.
 *
 * @throws DTypeError for another dtype.
 * @see NumPy's `iinfo`
 * @example
 * np.iinfo('int32').max // 2147483647
 * np.iinfo('int64').max // 9223372036854775807
 */
export function iinfo<D extends DType>(of: D | NDArray<D>): IntegerInfo<D> {
  const dtype = dtypeOf(of, 'iinfo') as D
  if (!isInteger(dtype))
    throw new DTypeError(`iinfo: ${dtype} is not an integer dtype; np.finfo has the limits of floats`)
  const bits = 8 * bytesPerElement(dtype)
  const [min, max] = isBig(dtype) ? bigRange(dtype) : integerRange(dtype)
  return { dtype, bits, min: min as Limit<D>, max: max as Limit<D> }
}

/**
 * The dtype that two dtypes meet in.
 *
 * @see NumPy's `promote_types`
 * @example np.promoteTypes('int32', 'float32') // 'float32'
 */
export const promoteTypes = (a: DType, b: DType): DType =>
  promote(checkDType(a, 'promoteTypes'), checkDType(b, 'promoteTypes'))

/**
 * The dtype of an operation on these arrays, dtypes and numbers; bare numbers are weak.
 *
 * @throws ValueError when there are none.
 * @see NumPy's `result_type`
 * @example np.resultType(np.array([1, 2], { dtype: 'int32' }), 0.5) // 'float32'
 */
export function resultType(...operands: (Operand | DType)[]): DType {
  if (operands.length === 0) throw new ValueError('resultType: there are 0 operands; give arrays, numbers or dtypes')
  const strong = operands.flatMap((x) => (typeof x === 'number' ? [] : [dtypeOfOperand(x)]))
  const met = strong.length === 0 ? undefined : strong.reduce(promote)
  return operands.reduce<DType>(
    (dtype, x) => (typeof x === 'number' ? promote(dtype, weakNumberDType(x, dtype)) : dtype),
    met ?? 'float32',
  )
}
const dtypeOfOperand = (x: Operand | DType): DType =>
  typeof x === 'string' ? checkDType(x, 'resultType') : asArray(x).dtype

/** Which conversions lose nothing (`safe`), keep the kind of number (`same_kind`), or are any (`unsafe`). */
export type Casting = 'no' | 'equiv' | 'safe' | 'same_kind' | 'unsafe'

/** Whole numbers up to 2ᵐ are kept exactly by a fraction of m − 1 bits. */
const holdsIntegers = (integer: DType, float: DType): boolean => {
  const bits = 8 * bytesPerElement(integer) - (isSigned(integer) ? 1 : 0)
  // NumPy counts float64 as safe for integers of 64 bits too.
  return float === 'float64' || bits <= (floatFormats[float]?.[0] ?? 0) + 1
}

function isSafe(from: DType, to: DType): boolean {
  if (from === to || from === 'bool') return true
  if (to === 'bool') return false
  if (isInteger(from) && isInteger(to)) {
    const [a, b] = [iinfo(from), iinfo(to)]
    return a.min >= b.min && a.max <= b.max
  }
  if (isInteger(from)) return holdsIntegers(from, to)
  if (isInteger(to)) return false
  const [a, b] = [floatFormats[from], floatFormats[to]]
  return a === undefined || b === undefined ? isFloat(from) : a[0] <= b[0] && a[1] <= b[1]
}

const kindRank = (dtype: DType): number =>
  dtype === 'bool' ? 0 : !isInteger(dtype) ? (isFloat(dtype) ? 3 : 4) : isSigned(dtype) ? 2 : 1

/**
 * Whether numbers of one dtype may be converted to another under a rule.
 *
 * @throws ValueError for an unknown rule.
 * @see NumPy's `can_cast`
 * @example
 * np.canCast('int32', 'float64') // true
 * np.canCast('int32', 'float32') // false
 */
export function canCast(from: DType | NDArray, to: DType, options: { readonly casting?: Casting } = {}): boolean {
  const { casting = 'safe' } = checkOptions('canCast', options, ['casting'])
  const source = dtypeOf(from, 'canCast')
  checkDType(to, 'canCast')
  switch (casting) {
    case 'no':
    case 'equiv':
      return source === to
    case 'safe':
      return isSafe(source, to)
    case 'same_kind':
      return isSafe(source, to) || kindRank(source) <= kindRank(to)
    case 'unsafe':
      return true
    default:
      throw new ValueError(
        `canCast: unknown casting ${showGiven(casting)}; use 'no', 'equiv', 'safe', 'same_kind' or 'unsafe'`,
      )
  }
}

/**
 * Whether a value is a number, a boolean or an array without axes.
 *
 * @example np.isscalar([1]) // false
 */
export const isscalar = (x: unknown): boolean =>
  x instanceof NDArray ? x.ndim === 0 : typeof x === 'number' || typeof x === 'boolean' || typeof x === 'bigint'

/** The kinds of dtype that `isdtype` and `issubdtype` know. */
export type DTypeKind = 'bool' | 'signed integer' | 'unsigned integer' | 'integral' | 'real floating' | 'numeric'

const kinds: Readonly<Record<DTypeKind, (dtype: DType) => boolean>> = {
  bool: (dtype) => dtype === 'bool',
  'signed integer': (dtype) => isInteger(dtype) && isSigned(dtype),
  'unsigned integer': (dtype) => isInteger(dtype) && !isSigned(dtype),
  integral: isInteger,
  'real floating': isFloat,
  numeric: (dtype) => dtype !== 'bool',
}

/**
 * Whether a dtype is another, is of a kind, or is one of several.
 *
 * @throws ValueError for an unknown kind.
 * @see NumPy's `isdtype`
 * @example np.isdtype('int32', 'integral') // true
 */
export function isdtype(dtype: DType | NDArray, kind: DType | DTypeKind | readonly (DType | DTypeKind)[]): boolean {
  const given = dtypeOf(dtype, 'isdtype')
  const list: readonly (DType | DTypeKind)[] = Array.isArray(kind) ? kind : [kind as DType]
  return list.some((one) => {
    if (isDType(one)) return given === one
    const test = typeof one === 'string' && Object.hasOwn(kinds, one) ? kinds[one] : undefined
    if (test === undefined)
      throw new ValueError(
        `isdtype: unknown kind ${showGiven(one)}; use a dtype or one of ${Object.keys(kinds).join(', ')}`,
      )
    return test(given)
  })
}
