import type { TypedArray } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import { type Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { PARITY, threefryBlocks } from '../interpreter/threefry.ts'
import { batchElementwise, checkAlike, type NoParams } from './elementwise.ts'

const ROTATIONS: readonly (readonly [number, number, number, number])[] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
]

/**
 * Threefry-2x32 with 20 rounds: two words of key and two of counter give two words of bits, elementwise. Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
export const threefryPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'threefry2x32',
  abstractEval(inputs) {
    const { shape, dtype } = checkAlike('threefry2x32', inputs, 'integer')
    if (dtype !== 'uint32') throw new DTypeError(`threefry2x32: keys and counters are uint32, not ${dtype}`)
    return [
      { shape, dtype },
      { shape, dtype },
    ]
  },
  takesRepeated: true,
  evaluate(inputs, _, __, [output]) {
    const n = sizeOf(output!.shape)
    const [x, y] = [new Uint32Array(n), new Uint32Array(n)]
    const [k0, k1, c0, c1, outX, outY] = [...inputs, x, y].map(signed) as Six
    threefryBlocks(k0, k1, c0, c1, outX, outY)
    return [x, y]
  },
  jvp: (inputs) => ({ outputs: bind(threefryPrimitive, inputs, {}), tangents: [null, null] }),
  transpose: notLinear,
  batch(inputs, dims, _, size) {
    const aligned = batchElementwise(inputs, dims, size)
    return { outputs: bind(threefryPrimitive, aligned.inputs, {}), dims: [aligned.dim, aligned.dim] }
  },
  lower: (graph, inputs, _, [aval]) => lowerBlock(graph, inputs, aval!),
})

export function threefry2x32(k0: NDArray, k1: NDArray, c0: NDArray, c1: NDArray): [NDArray, NDArray] {
  return bind(threefryPrimitive, [k0, k1, c0, c1], {}) as [NDArray, NDArray]
}

type Six = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
/** The same memory as signed words. */
export const signed = (words: TypedArray): Int32Array => new Int32Array(words.buffer, words.byteOffset, words.length)

// The two parts of a rotation have no bits in common, so that their sum joins them.
function lowerBlock(graph: GraphBuilder, inputs: readonly GraphValue[], aval: Aval): GraphValue[] {
  const op = (name: string, a: GraphValue, b: GraphValue): GraphValue => graph.elementwise(name, [a, b], aval)
  const word = (value: number): GraphValue => graph.scalar(value, 'uint32')
  const shift = (value: GraphValue, by: number, direction: string): GraphValue =>
    graph.elementwise('BitShift', [value, word(by)], aval, { direction })
  const [k0, k1, c0, c1] = inputs as [GraphValue, GraphValue, GraphValue, GraphValue]
  const keys = [k0, k1, op('BitwiseXor', op('BitwiseXor', k0, k1), word(PARITY))]
  let x = op('Add', c0, k0)
  let y = op('Add', c1, k1)
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[group % 2]!) {
      x = op('Add', x, y)
      y = op('BitwiseXor', x, op('Add', shift(y, rotation, 'LEFT'), shift(y, 32 - rotation, 'RIGHT')))
    }
    x = op('Add', x, keys[(group + 1) % 3]!)
    y = op('Add', y, op('Add', keys[(group + 2) % 3]!, word(group + 1)))
  }
  return [x, y]
}
