import { imaginaryParts, realParts } from '../../array/convert-data.ts'
import { isComplex } from '../../array/dtype.ts'
import { fromHost, hostData, type NDArray } from '../../array/ndarray.ts'
import { applyToParts, isParts, type Splittable } from '../../core/complex.ts'
import { type Atom, type Aval, interpret, type Jaxpr, memoize } from '../../core/jaxpr.ts'
import { bind, trace } from '../../core/trace.ts'
import { concatenate } from '../../primitives/concatenate.ts'
import { reshape } from '../../primitives/reshape.ts'
import { sliceAxis } from '../../primitives/slicing.ts'

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
    const inner = primitive.jaxprs?.(params) ?? []
    if (inner.length > 0 && (operands.some(isParts) || inner.some(hasComplex))) {
      // Without a rule it is what its Jaxpr is.
      if (primitive.inParts === undefined) return evaluateInParts(inner[0]!, operands)
      const widths = operands.map((x) => (isParts(x) ? 2 : 1))
      const values = bind(
        primitive,
        operands.flatMap(flat),
        primitive.inParts(params, (jaxpr) => flatParts(jaxpr, ''), widths),
      )
      return grouped(values, outputs)
    }
    return [...inputs, ...outputs].some((x) => isComplex(x.aval.dtype))
      ? applyToParts(primitive, operands, params, bind)
      : bind(primitive, operands as NDArray[], params)
  })
}

const flat = (x: Splittable): NDArray[] => (isParts(x) ? [x.re, x.im] : [x])

/** Values one after the other, a complex one as two, as what they stand for. */
function grouped(values: readonly NDArray[], atoms: readonly Pick<Atom, 'aval'>[]): Splittable[] {
  let next = 0
  return atoms.map(({ aval }) =>
    isComplex(aval.dtype) ? { re: values[next++]!, im: values[next++]! } : values[next++]!,
  )
}

const realAval = ({ shape }: Aval): Aval => ({ shape, dtype: 'float32' })

/** A Jaxpr inside an equation: each complex input and output is two, one after the other. */
const flatParts = memoize((jaxpr: Jaxpr): Jaxpr => {
  const avals = jaxpr.inputs.flatMap(({ aval }) => (isComplex(aval.dtype) ? [realAval(aval), realAval(aval)] : [aval]))
  return trace('complex', avals, (...inputs) =>
    evaluateInParts(jaxpr, grouped(inputs, jaxpr.inputs)).flatMap((x) => flat(x)),
  ).jaxpr
})

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
