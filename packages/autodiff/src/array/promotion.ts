import { type DType, isBig, isComplex, isFloat, isHalf, isInteger, isSigned, bytesPerElement } from './dtype.ts'
import { DTypeError } from './errors.ts'

/**
 * The dtype two arrays meet in, as JAX promotes with 64-bit dtypes off: bool, then integers (the narrowest that holds
 * both, at most 32 bits: uint32 and a signed integer meet in int32), then floats (any integer beside a float takes the
 * float's dtype; the two floats of 16 bits meet in float32), then complex64. A 64-bit integer is taken where one operand
 * has it; uint64 and a signed integer meet in float64, for no integer holds both.
 *
 * @throws DTypeError for float64 beside complex64: there is no complex128.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b || b === 'bool') return a
  if (a === 'bool') return b
  if (isComplex(a) || isComplex(b)) {
    if (a !== 'float64' && b !== 'float64') return 'complex64'
    throw new DTypeError(
      'promotion: float64 beside complex64: complex numbers of double precision are not there; convert the float64 with x.astype("float32")',
    )
  }
  if (isFloat(a) && isFloat(b)) return isHalf(a) && isHalf(b) ? 'float32' : wider(a, b)
  if (isFloat(a)) return a
  return isFloat(b) ? b : promoteIntegers(a, b)
}

const wider = (a: DType, b: DType): DType => (bytesPerElement(a) >= bytesPerElement(b) ? a : b)

function promoteIntegers(a: DType, b: DType): DType {
  if (isSigned(a) === isSigned(b)) return wider(a, b)
  const [signed, unsigned] = isSigned(a) ? [a, b] : [b, a]
  if (bytesPerElement(signed) > bytesPerElement(unsigned)) return signed
  if (isBig(unsigned)) return 'float64'
  return bytesPerElement(unsigned) === 1 ? 'int16' : 'int32'
}

/** The dtype a JavaScript number takes beside an array of dtype `other` (a bare number is weak). */
export function weakNumberDType(value: number | bigint, other: DType): DType {
  if (!isInteger(other) && other !== 'bool') return other
  if (typeof value === 'number' && !Number.isInteger(value)) return 'float32'
  if (other !== 'bool') return other
  return typeof value === 'bigint' ? 'int64' : 'int32'
}
