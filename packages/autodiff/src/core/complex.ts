import { isComplex } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Aval, showAval } from './jaxpr.ts'
import type { Params, Primitive } from './primitive.ts'

/** A complex array as two real ones of its shape. */
export interface Parts {
  readonly re: NDArray
  readonly im: NDArray
}

/** An operand or result of a complex rule. */
export type Splittable = NDArray | Parts

/**
 * An operation on complex numbers as operations on real ones. `byParts` stands for the operation itself, done to the real
 * parts and to the imaginary parts (operands that are real, as indices, are shared).
 */
export type ComplexRule<P> = 'byParts' | ((operands: readonly Splittable[], params: P) => readonly Splittable[])

export const isParts = (x: Splittable): x is Parts => 're' in x

type Apply = (primitive: Primitive, inputs: readonly NDArray[], params: Params) => readonly NDArray[]

/** Runs a primitive on parts; `apply` is how primitives are applied there. */
export function applyToParts(
  primitive: Primitive,
  operands: readonly Splittable[],
  params: Params,
  apply: Apply,
): readonly Splittable[] {
  const rule = primitive.complex
  if (rule === undefined)
    throw noComplex(
      primitive,
      operands.map((x) => (isParts(x) ? x.re : x)),
    )
  if (typeof rule === 'function') return rule(operands, params)
  const re = apply(
    primitive,
    operands.map((x) => (isParts(x) ? x.re : x)),
    params,
  )
  const im = apply(
    primitive,
    operands.map((x) => (isParts(x) ? x.im : x)),
    params,
  )
  return re.map((part, i) => ({ re: part, im: im[i] as NDArray }))
}

/** Throws for complex operands of a primitive that has no rule for them. */
export function checkComplex(primitive: Primitive, inputs: readonly Aval[]): void {
  if (primitive.complex === undefined && primitive.jaxprs === undefined && inputs.some((x) => isComplex(x.dtype)))
    throw noComplex(primitive, inputs)
}

const noComplex = (primitive: Primitive, inputs: readonly Aval[]): DTypeError =>
  new DTypeError(
    `${primitive.name}: complex64 is not possible here (${inputs.map(showAval).join(', ')}); take np.real(x), np.imag(x) or np.abs(x) first`,
  )
