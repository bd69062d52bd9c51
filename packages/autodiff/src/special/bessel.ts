import * as b from '../primitives/bessel.ts'
import { floatFunction, type Unary } from '../numpy/lifting.ts'

/** The modified Bessel function I₀(x). */
export const i0: Unary = floatFunction(b.besselI0)
/** e^(−|x|) I₀(x). */
export const i0e: Unary = floatFunction(b.besselI0e)
/** The modified Bessel function I₁(x). */
export const i1: Unary = floatFunction(b.besselI1)
/** e^(−|x|) I₁(x). */
export const i1e: Unary = floatFunction(b.besselI1e)
