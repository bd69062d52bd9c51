import { imaginaryParts, realParts } from '../array/convert-data.ts'
import { isComplex } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import { fromHost, hostData, type NDArray } from '../array/ndarray.ts'
import { applyToParts, isParts, type Splittable } from '../core/complex.ts'
import { type Aval, interpret, type Jaxpr } from '../core/jaxpr.ts'
import { bind, trace } from '../core/trace.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'

/** Whether a program has complex numbers anywhere. */
const hasComplex = ({ inputs, outputs, equations }: Jaxpr): boolean =>
  [...inputs, ...outputs].some((x) => isComplex(x.aval.dtype)) ||
  equations.some(
    (e) =>
      [...e.inputs, ...e.outputs].some((x) => isComplex(x.aval.dtype)) ||
      (e.primitive.jaxprs?.(e.params) ?? []).some(hasComplex),
  )

/** How an array lies in memory that knows no complex numbers: with a last axis of real and imaginary part. */
export const wireAval = ({ shape, dtype }: Aval): Aval =>
  isComplex(dtype) ? { shape: [...shape, 2], dtype: 'float32' } : { shape, dtype }

/**
 * A program on complex numbers as one on their parts: complex inputs and outputs have a last axis of two. A program
 * without is given back as it is.
 */
export function inParts(jaxpr: Jaxpr): Jaxpr {
  if (!hasComplex(jaxpr)) return jaxpr
  return trace(
    'complex',
    jaxpr.inputs.map((v) => wireAval(v.aval)),
    (...inputs) =>
      evaluateInParts(
        jaxpr,
        inputs.map((x, i) => (isComplex(jaxpr.inputs[i]!.aval.dtype) ? split(x) : x)),
      ).map((x) => (isParts(x) ? join(x.re, x.im) : x)),
  ).jaxpr
}

function evaluateInParts(jaxpr: Jaxpr, args: readonly Splittable[]): Splittable[] {
  return interpret<Splittable>(jaxpr, args, constantParts, ({ primitive, params, inputs, outputs }, operands) => {
    const [inner] = primitive.jaxprs?.(params) ?? []
    if (inner !== undefined && (operands.some(isParts) || hasComplex(inner))) {
      if (primitive.name === 'jit') return evaluateInParts(inner, operands)
      throw new DTypeError(
        `${primitive.name}: complex64 inside it is not possible on this device; pass the real and imaginary parts, or run on { device: "js" }`,
      )
    }
    return [...inputs, ...outputs].some((x) => isComplex(x.aval.dtype))
      ? applyToParts(primitive, operands, params, bind)
      : bind(primitive, operands as NDArray[], params)
  })
}

function constantParts(value: NDArray): Splittable {
  if (!isComplex(value.dtype)) return value
  const data = hostData<'complex64'>(value as NDArray<'complex64'>)
  return {
    re: fromHost(realParts(data), value.shape, 'float32'),
    im: fromHost(imaginaryParts(data), value.shape, 'float32'),
  }
}

function split(x: NDArray): Splittable {
  const last = x.ndim - 1
  const shape = x.shape.slice(0, -1)
  return { re: reshape(sliceAxis(x, last, 0, 1), shape), im: reshape(sliceAxis(x, last, 1, 2), shape) }
}

const join = (re: NDArray, im: NDArray): NDArray =>
  concatenate([reshape(re, [...re.shape, 1]), reshape(im, [...im.shape, 1])], re.ndim)
