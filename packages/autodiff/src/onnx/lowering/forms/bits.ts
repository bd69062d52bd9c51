import { isBig } from '../../../array/dtype.ts'
import type { Aval } from '../../../core/jaxpr.ts'
import type { GraphValue } from '../../../core/lowering.ts'
import { type Form, type FormGraph, operand, operands } from './form.ts'

/**
 * Operations on bits by arithmetic, for providers that have no kernels for them: words are unsigned integers, which wrap.
 * `and` goes digit by digit through a table; or, exclusive or and not follow from it.
 */

const BASE = 256

const unsigned = ({ dtype }: GraphValue): 'uint32' | 'uint64' => (isBig(dtype) ? 'uint64' : 'uint32')

/** The digits of a word to the base 256, the lowest first, as int32. */
function digits(graph: FormGraph, x: GraphValue): GraphValue[] {
  const count = isBig(x.dtype) ? 8 : 4
  const base = graph.scalar(BASE, x.dtype)
  const found: GraphValue[] = []
  let rest = x
  for (let k = 0; k < count; k++) {
    const above = k === count - 1 ? undefined : graph.elementwise('Div', [rest, base], rest.aval)
    const digit =
      above === undefined
        ? rest
        : graph.elementwise('Sub', [rest, graph.elementwise('Mul', [above, base], rest.aval)], rest.aval)
    found.push(graph.cast(digit, 'int32'))
    rest = above ?? rest
  }
  return found
}

/** `and` of all pairs of digits, at `x · 256 + y`. */
const andTable = (graph: FormGraph): GraphValue =>
  graph.table('and', () => Int32Array.from({ length: BASE * BASE }, (_, i) => (i >> 8) & i & 255), {
    shape: [BASE * BASE],
    dtype: 'int32',
  })

function andWords(graph: FormGraph, x: GraphValue, y: GraphValue, output: Aval): GraphValue {
  const index = { ...output, dtype: 'int32' } as const
  const [left, right] = [digits(graph, x), digits(graph, y)]
  return left
    .map((digit, k) => {
      const row = graph.elementwise('Mul', [digit, graph.scalar(BASE, 'int32')], index)
      const at = graph.elementwise('Add', [row, right[k]!], index)
      const taken = graph.nativeNode('Gather', [andTable(graph), at], { shape: at.shape, dtype: 'int32' }, { axis: 0 })
      const word = graph.cast({ ...taken, aval: index }, output.dtype)
      return k === 0 ? word : graph.elementwise('Mul', [word, graph.scalar(BASE ** k, output.dtype)], output)
    })
    .reduce((sum, part) => graph.elementwise('Add', [sum, part], output))
}

/** A form on words of unsigned integers, for signed ones too. */
const onWords =
  (f: (graph: FormGraph, words: readonly GraphValue[], output: Aval) => GraphValue): Form =>
  (graph, call) => {
    const output = call.outputs[0]!
    const dtype = unsigned(operand(call, 0))
    const words = operands(call).map((x) => graph.cast(x, dtype))
    return [{ ...graph.cast(f(graph, words, { ...output, dtype }), output.dtype), aval: output }]
  }

const plus = (graph: FormGraph, x: GraphValue, y: GraphValue, output: Aval): GraphValue =>
  graph.elementwise('Add', [x, y], output)
const minus = (graph: FormGraph, x: GraphValue, y: GraphValue, output: Aval): GraphValue =>
  graph.elementwise('Sub', [x, y], output)

export const bitwiseAnd: Form = onWords((graph, [x, y], output) => andWords(graph, x!, y!, output))

// x + y counts the common bits twice.
export const bitwiseOr: Form = onWords((graph, [x, y], output) =>
  minus(graph, plus(graph, x!, y!, output), andWords(graph, x!, y!, output), output),
)

export const bitwiseXor: Form = onWords((graph, [x, y], output) => {
  const highest = 2 ** (isBig(output.dtype) ? 63 : 31)
  // Turning the highest bit over is adding it.
  if (graph.scalarOf(y!) === highest) return plus(graph, x!, y!, output)
  const common = andWords(graph, x!, y!, output)
  return minus(graph, plus(graph, x!, y!, output), plus(graph, common, common, output), output)
})

export const bitwiseNot: Form = onWords((graph, [x], output) => {
  // −1 − x, which wraps.
  const one = graph.scalar(1, output.dtype)
  const zero = graph.scalar(0, output.dtype)
  return minus(graph, minus(graph, zero, one, output), x!, output)
})

/** 2ⁿ for every n that moves a bit within the word. */
function powerOfTwo(graph: FormGraph, n: GraphValue, output: Aval): GraphValue {
  const known = graph.scalarOf(n)
  const { dtype } = output
  const last = isBig(dtype) ? 63 : 31
  if (known !== undefined) return graph.scalar(2 ** Math.min(known, last), dtype)
  const powers = (): Uint32Array | BigUint64Array =>
    isBig(dtype)
      ? BigUint64Array.from({ length: last + 1 }, (_, i) => 1n << BigInt(i))
      : Uint32Array.from({ length: last + 1 }, (_, i) => 2 ** i)
  const table = graph.table(`powers:${dtype}`, powers as () => Uint32Array, { shape: [last + 1], dtype })
  const held = graph.cast(graph.elementwise('Min', [n, graph.scalar(last, dtype)], n.aval), 'int32')
  const taken = graph.nativeNode('Gather', [table, held], { shape: held.shape, dtype }, { axis: 0 })
  return { ...taken, aval: { ...output, shape: n.aval.shape } }
}

/** A product with, or a quotient by, a power of two; what is moved by more than the word has bits is undefined. */
export const bitShift: Form = (graph, call) => {
  const op = call.attributes['direction'] === 'LEFT' ? 'Mul' : 'Div'
  return onWords((g, [x, n], output) => g.elementwise(op, [x!, powerOfTwo(g, n!, output)], output))(graph, call)
}
