import { convertData } from '../array/convert-data.ts'
import {
  allocate,
  bytesPerElement,
  checkDType,
  type DType,
  integerRange,
  isComplex,
  isFloat,
  isHalf,
} from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import { isParts } from '../core/complex.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { zerosLike } from './broadcast.ts'
import { linear } from './linear.ts'

type ConvertParams = { readonly dtype: DType }

/**
 * The same numbers in another dtype. Floats become integers towards zero and saturate, NaN becomes 0 (JAX's rule);
 * between the integers the low bits are kept; everything but 0 is true; of complex numbers the real part is taken.
 */
export const convertPrimitive: Primitive<ConvertParams> = definePrimitive<ConvertParams>({
  name: 'convert_element_type',
  abstractEval: ([x], { dtype }) => [{ shape: x!.shape, dtype: checkDType(dtype, 'astype') }],
  evaluate([x], [aval], { dtype }, [output]) {
    // A double is rounded to 16 bits at once, not by way of float32.
    const to = isHalf(dtype) && aval!.dtype === 'float64' ? 'float64' : output!.dtype
    const data = convertData(x!, aval!.dtype, to)
    const size = sizeOf(output!.shape)
    return [data.length === 1 && size !== 1 ? allocate<DType>(to, size).fill(data[0]!) : data]
  },
  takesRepeated: true,
  element: ([x], { dtype }) => (dtype === 'bool' ? truth : isFloat(dtype) || !isFloat(x!.dtype) ? same : undefined),
  ...linear<ConvertParams>(
    (x, { dtype }) => convert(x, dtype),
    (ct, x) => convert(ct, x.dtype),
  ),
  complex([x], { dtype }) {
    if (!isParts(x!)) return [{ re: convert(x!, 'float32'), im: zerosLike({ shape: x!.shape, dtype: 'float32' }) }]
    return [isComplex(dtype) ? x : convert(x.re, dtype)]
  },
  batch: ([x], dims, { dtype }) => ({ outputs: [convert(x!, dtype)], dims }),
  lowersEveryDType: true,
  lower: (graph, [x], { dtype }, [output]) => [lowerConvert(graph, x!, dtype, output!)],
  simplify: ([x], { dtype }) => (x!.dtype === dtype ? [x!] : undefined),
})
/**
 * `x` in another dtype: floats are cut to integers towards 0, held in their range, NaN as 0; between integers bits are
 * kept.
 */
export const convert = (x: NDArray, dtype: DType): NDArray => bind1(convertPrimitive, [x], { dtype })

const same = (x: number): number => x
const truth = (x: number): number => (x === 0 ? 0 : 1)

/** Cast does not saturate (3e9, NaN and 1e20 all give INT_MIN), so the edges are put in by hand. */
function lowerConvert(graph: GraphBuilder, x: GraphValue, dtype: DType, output: Aval): GraphValue {
  if (isHalf(x.dtype) && !isFloat(dtype)) return lowerConvert(graph, graph.cast(x, 'float32'), dtype, output)
  if (!isFloat(x.dtype) || isFloat(dtype)) return { ...graph.cast(x, dtype), aval: output }
  const bool = { shape: output.shape, dtype: 'bool' } as const
  if (dtype === 'bool') {
    return graph.elementwise('Not', [graph.elementwise('Equal', [x, graph.scalar(0, x.dtype)], bool)], output)
  }
  const float = { shape: output.shape, dtype: x.dtype }
  const [low, high] = integerRange(dtype)
  const number = graph.elementwise('Equal', [x, x], bool)
  const zeroed = graph.elementwise('Where', [number, x, graph.scalar(0, x.dtype)], float)
  const inside = graph.elementwise('Less', [zeroed, graph.scalar(high + 1, x.dtype)], bool)
  const above = graph.elementwise('Max', [zeroed, graph.scalar(low, x.dtype)], float)
  const safe = graph.elementwise('Where', [inside, above, graph.scalar(0, x.dtype)], float)
  // uint32 has no Where, and narrow integers no arithmetic: the sum of two values of which one is 0.
  const via = { shape: output.shape, dtype: bytesPerElement(dtype) < 4 ? 'int32' : dtype }
  const overflow = graph.elementwise(
    'Mul',
    [graph.cast(graph.elementwise('Not', [inside], bool), via.dtype), graph.scalar(high, via.dtype)],
    via,
  )
  const sum = graph.elementwise('Add', [graph.cast(safe, via.dtype), overflow], via)
  return { ...graph.cast(sum, dtype), aval: output }
}
