import { isInteger } from '../../../array/dtype.ts'
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from './bits.ts'
import { type Forms, where } from './form.ts'
import { integerMatMul, pieces } from './integers.ts'

/** CUDA (ONNX Runtime 1.30): what it has no kernel for and would leave to the host. */
export const cudaForms: Forms = {
  BitwiseAnd: bitwiseAnd,
  BitwiseOr: bitwiseOr,
  BitwiseXor: bitwiseXor,
  BitwiseNot: bitwiseNot,
  BitShift: bitShift,
  MatMul: where(isInteger, integerMatMul),
  Pad: where(isInteger, pieces),
}
