// As consumer.ts: the primitives of docs/primitives.md, made from outside the repository.
import { grad, jit, lax, type NDArray, np, ShapeError, vmap } from '@cotangent/autodiff'
import {
  allocate,
  apply,
  bind1,
  definePrimitive,
  elementwise,
  full,
  linear,
  moveAxis,
  notLinear,
  type Primitive,
  trace,
  Undefined,
} from '@cotangent/autodiff/primitives'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'

const ones = (x: NDArray) => full(x.shape, 1, x.dtype)

/** x / (1 + |x|) */
const softsignPrimitive = elementwise({
  name: 'softsign',
  domain: 'float',
  kernel: (x) => x / (1 + Math.abs(x)),
  // d softsign = (1 − |y|)² dx, from the result y
  derivatives: [
    (dx, _, y) => {
      const slope = lax.sub(ones(y), lax.abs(y))
      return lax.mul(dx, lax.mul(slope, slope))
    },
  ],
  lower: 'Softsign',
})
const softsign = (x: NDArray) => apply(softsignPrimitive, x)

type ShiftParams = { readonly by: number }

const shiftPrimitive: Primitive<ShiftParams> = definePrimitive<ShiftParams>({
  name: 'shift',
  // Shapes and dtypes of the results; throws on what the operation cannot take.
  abstractEval([x]) {
    if (x!.shape.length === 0) throw new ShapeError('shift: a scalar has no last axis')
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  // Numbers from numbers, in row-major order.
  evaluate([data], [x], { by }) {
    const length = x!.shape[x!.shape.length - 1]!
    const out = allocate(x!.dtype, data!.length)
    for (let i = 0; i < out.length; i++) {
      const from = (i % length) - by
      if (from >= 0 && from < length) out[i] = data![i - by]!
    }
    return [out]
  },
  // Its own derivative; what comes back moves the other way.
  ...linear<ShiftParams>(
    (x, { by }) => shift(x, by),
    (cotangent, _, { by }) => shift(cotangent, -by),
  ),
  // The batch axis is brought to the front, where the operation leaves it.
  batch: ([x], [dim], { by }) => ({ outputs: [shift(moveAxis(x!, dim!, 0), by)], dims: [0] }),
  // The nodes of other operations. `graph.node` writes single ones.
  lower(graph, [x], { by }) {
    const { jaxpr } = trace('shift', [x!.aval], (y) => {
      const last = y!.ndim - 1
      const at = (n: number) => y!.shape.map((_, axis) => (axis === last ? n : 0))
      const low = Math.max(by, 0)
      const high = Math.max(-by, 0)
      const zero = np.zeros([], { dtype: y!.dtype })
      const padded = lax.pad(y!, zero, { low: at(low), high: at(high), interior: at(0) })
      return [lax.sliceInDim(padded, high, high + y!.shape[last]!, 1, last)]
    })
    return graph.inline(jaxpr, [x!])
  },
})
const shift = (x: NDArray, by: number): NDArray => bind1(shiftPrimitive, [x], { by })

const x = np.array([1, 2, 3, 4])
const found = JSON.stringify([shift(x, 1).jsSync(), vmap(grad(softsign))(np.array([-1, 0, 3])).jsSync()])
if (found !== '[[0,1,2,3],[0.25,1,0.0625]]') throw new Error(found)
await checkGrads((y: NDArray) => np.sin(shift(softsign(y), 1)), [x.astype('float64')])
await checkVmap((y: NDArray) => shift(y, 1), [np.ones([4, 3])], { inAxes: 1 })
await checkJit(
  grad((y: NDArray) => shift(softsign(y), 1).sum()),
  [x],
)
if (
  jit((y: NDArray) => shift(y, 1))
    .lower(x)
    .toOnnx().length < 100
)
  throw new Error('no model')

// A rule that lacks is an error of the types; one that makes no sense is declared.
try {
  // @ts-expect-error there is no lower
  definePrimitive({ ...shiftPrimitive, lower: undefined })
  throw new Error('a primitive without lower was taken')
} catch (error) {
  if (!String(error).includes('"shift" lacks lower')) throw error
}
try {
  // @ts-expect-error there is no derivative
  elementwise({ name: 'f', domain: 'float', kernel: (y: number) => y, lower: 'Identity' })
  throw new Error('an operation without derivatives was taken')
} catch (error) {
  if (!String(error).includes('"f" lacks derivatives')) throw error
}
definePrimitive({ ...shiftPrimitive, transpose: notLinear, lower: new Undefined('it is an example') })
