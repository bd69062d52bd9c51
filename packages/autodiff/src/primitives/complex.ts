import { isComplex } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Parts } from '../core/complex.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive, Undefined } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { abs, add, div, mul, neg, sign } from './arithmetic.ts'
import { like, zerosLike } from './broadcast.ts'
import { eq, select } from './comparison.ts'
import { modulus } from './complex-functions.ts'
import { batchElementwise, checkAlike, type NoParams } from './elementwise.ts'
import { isLinear, linear } from './linear.ts'
import { sqrt } from './transcendental.ts'

const byItsParts = (): never => {
  throw new Error('complex numbers are computed by their parts')
}
/** The lowering rule of operations on complex numbers: a program is rewritten in their parts before it is lowered. */
const byParts: Undefined = new Undefined('complex numbers are lowered by their parts')

function checkIsComplex(name: string, x: Aval): Aval {
  if (!isComplex(x.dtype)) throw new DTypeError(`${name}: takes complex64, not ${showAval(x)}; np.${name} takes all`)
  return { shape: x.shape, dtype: 'float32' }
}

/** The complex numbers with these real and imaginary parts, float32 both. */
export const complexPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'complex',
  abstractEval(inputs) {
    const { shape, dtype } = checkAlike('complex', inputs, 'float')
    if (dtype !== 'float32')
      throw new DTypeError(`complex: the parts are ${dtype}, they must be float32; convert with x.astype("float32")`)
    return [{ shape, dtype: 'complex64' }]
  },
  evaluate: byItsParts,
  complex: ([re, im]) => [{ re: re as NDArray, im: im as NDArray }],
  jvp([re, im], [dre, dim]) {
    const output = complex(re!, im!)
    if (!dre && !dim) return { outputs: [output], tangents: [null] }
    return { outputs: [output], tangents: [complex(dre ?? zerosLike(re!), dim ?? zerosLike(im!))] }
  },
  transpose([ct], [re, im]) {
    if (!ct) return [null, null]
    // As JAX's rule: the transpose is linear in the cotangent, not conjugate.
    return [isLinear(re!) ? real(ct) : null, isLinear(im!) ? neg(imag(ct)) : null]
  },
  batch(inputs, dims, _, size) {
    const aligned = batchElementwise(inputs, dims, size)
    return { outputs: [complex(aligned.inputs[0]!, aligned.inputs[1]!)], dims: [aligned.dim] }
  },
  lower: byParts,
})
/**
 * `re + im·i`, complex64, from two float32 arrays of one shape.
 *
 * @see JAX's `jax.lax.complex`
 * @example lax.complex(np.array([1]), np.array([-2])).js() // [{ re: 1, im: -2 }]
 */
export const complex = (re: NDArray, im: NDArray): NDArray => bind1(complexPrimitive, [re, im], {})

/** The real part, float32. */
export const realPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  ...linear<NoParams>(
    (x) => real(x),
    (ct) => complex(ct, zerosLike(ct)),
  ),
  name: 'real',
  abstractEval: ([x]) => [checkIsComplex('real', x!)],
  evaluate: byItsParts,
  complex: ([x]) => [(x as Parts).re],
  batch: ([x], dims) => ({ outputs: [real(x!)], dims }),
  lower: byParts,
})
/** The real part of complex numbers, float32. */
export const real = (x: NDArray): NDArray => bind1(realPrimitive, [x], {})

/** The imaginary part, float32. */
export const imagPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  ...linear<NoParams>(
    (x) => imag(x),
    (ct) => complex(zerosLike(ct), neg(ct)),
  ),
  name: 'imag',
  abstractEval: ([x]) => [checkIsComplex('imag', x!)],
  evaluate: byItsParts,
  complex: ([x]) => [(x as Parts).im],
  batch: ([x], dims) => ({ outputs: [imag(x!)], dims }),
  lower: byParts,
})
/** The imaginary part of complex numbers, float32. */
export const imag = (x: NDArray): NDArray => bind1(imagPrimitive, [x], {})

/** The complex conjugate. */
export const conj = (x: NDArray): NDArray => complex(real(x), neg(imag(x)))

/** The absolute value of a complex number, float32. */
export const complexAbsPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'complex_abs',
  abstractEval: ([x]) => [checkIsComplex('abs', x!)],
  evaluate: byItsParts,
  complex: ([x]) => [modulus(x as Parts, sqrt)],
  jvp([x], [dx]) {
    const output = complexAbs(x!)
    if (!dx) return { outputs: [output], tangents: [null] }
    // d|x| = Re(x̄ dx) / |x|, and 0 at 0 as JAX has it.
    const safe = select(eq(output, zerosLike(output)), like(output, 1), output)
    // Divided first: 1 / |x| is infinite for the smallest numbers.
    const along = (part: NDArray, change: NDArray): NDArray => mul(div(part, safe), change)
    return { outputs: [output], tangents: [add(along(real(x!), real(dx)), along(imag(x!), imag(dx)))] }
  },
  transpose: notLinear,
  batch: ([x], dims) => ({ outputs: [complexAbs(x!)], dims }),
  lower: byParts,
})
const complexAbs = (x: NDArray): NDArray => bind1(complexAbsPrimitive, [x], {})

/** The absolute value: float32 for complex64, of the operand's dtype for others. */
export const magnitude = (x: NDArray): NDArray => (isComplex(x.dtype) ? complexAbs(x) : abs(x))

/** z / |z|, and 0 for 0. As in JAX it has no derivative, though it turns. */
export const complexSignPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'complex_sign',
  abstractEval([x]) {
    checkIsComplex('sign', x!)
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate: byItsParts,
  complex([x]) {
    const { re, im } = x as Parts
    const size = modulus(x as Parts, sqrt)
    const scale = select(eq(size, zerosLike(size)), like(size, 1), size)
    return [{ re: div(re, scale), im: div(im, scale) }]
  },
  jvp: ([x]) => ({ outputs: [bind1(complexSignPrimitive, [x!], {})], tangents: [null] }),
  transpose: notLinear,
  batch: ([x], dims) => ({ outputs: [bind1(complexSignPrimitive, [x!], {})], dims }),
  lower: byParts,
})

/** −1, 0 or 1, of a complex number what it is divided by its absolute value. */
export const signOf = (x: NDArray): NDArray => (isComplex(x.dtype) ? bind1(complexSignPrimitive, [x], {}) : sign(x))
