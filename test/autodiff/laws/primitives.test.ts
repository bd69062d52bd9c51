import { grad, jit, type NDArray, np, vmap } from '@cotangent/autodiff'
import { type DType, isFloat } from '@cotangent/autodiff/array'
import { checkGrads, checkJit, checkVjp, checkVmap } from '@cotangent/autodiff/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Params, Primitive } from '../../../packages/autodiff/src/core/primitive.ts'
import { bind } from '../../../packages/autodiff/src/core/trace.ts'
import { expectClose } from '../../../packages/autodiff/src/testing/numbers.ts'
import { allPrimitives } from '../../../packages/autodiff/src/primitives/all.ts'
import { forAll } from '../../helpers/draws.ts'
import { type Sample, samples } from './samples/index.ts'

type Fn = (...inputs: NDArray[]) => NDArray[]

const applied =
  (primitive: Primitive, params: Params): Fn =>
  (...inputs) => [...bind(primitive, inputs, params)]

interface Call {
  readonly f: Fn
  readonly inputs: NDArray[]
}

/** A primitive at drawn operands. */
const calls = (primitive: Primitive, sample: fc.Arbitrary<Sample>): fc.Arbitrary<Call> =>
  sample.chain(({ params, operands }) =>
    fc.tuple(...operands.map((x) => x.arrays)).map((inputs) => ({ f: applied(primitive, params), inputs })),
  )

interface BatchedCall extends Call {
  readonly inAxes: number[]
}

/** A primitive at operands that all have a batch axis somewhere. */
const batchedCalls = (primitive: Primitive, sample: fc.Arbitrary<Sample>): fc.Arbitrary<BatchedCall> =>
  fc.tuple(sample, fc.integer({ min: 1, max: 3 })).chain(([{ params, operands }, size]) =>
    fc
      .tuple(
        ...operands.map((x) =>
          fc
            .tuple(
              fc.array(x.arrays, { minLength: size, maxLength: size }),
              fc.integer({ min: 0, max: x.shape.length }),
            )
            .map(([entries, axis]) => ({ input: np.stack(entries, { axis }), axis })),
        ),
      )
      .map((drawn) => ({
        f: applied(primitive, params),
        inputs: drawn.map((d) => d.input),
        inAxes: drawn.map((d) => d.axis),
      })),
  )

/** The call as a function of the operands in which it has derivatives. */
function free({ f, inputs }: Call, held: readonly number[] = []): Call {
  const among = (xs: readonly NDArray[]): NDArray[] => {
    let next = 0
    return inputs.map((x, i) => (held.includes(i) ? x : (xs[next++] as NDArray)))
  }
  return { f: (...xs) => f(...among(xs)), inputs: inputs.filter((_, i) => !held.includes(i)) }
}

/** All ways to batch some of the operands: an axis for those that are, `null` for the others. */
const someBatched = (inAxes: readonly number[]): (number | null)[][] =>
  Array.from({ length: 2 ** inAxes.length - 1 }, (_, bits) =>
    inAxes.map((axis, i) => (((bits + 1) >> i) & 1 ? axis : null)),
  )

/** The first entry of each operand that is not batched, and the others as they are. */
const entriesOf = (
  inputs: readonly NDArray[],
  inAxes: readonly number[],
  mapped: readonly (number | null)[],
): NDArray[] => inputs.map((x, i) => (mapped[i] === null ? x.slice(...new Array<null>(inAxes[i]!).fill(null), 0) : x))

/** The sum of what a function gives, each element with a weight. */
const weighted =
  (f: Fn): ((...inputs: NDArray[]) => NDArray) =>
  (...inputs) =>
    f(...inputs)
      .filter((y) => isFloat(y.dtype))
      .map((y) => np.sum(y.mul(np.arange(y.size, { dtype: y.dtype }).reshape(y.shape).mul(0.25).add(0.5))))
      .reduce((sum, y) => sum.add(y))

test('every primitive has samples', () => {
  expect(Object.keys(samples).toSorted()).toEqual([...allPrimitives.keys()].toSorted())
})

for (const [name, primitive] of allPrimitives) {
  const entry = samples[name]
  if (entry === undefined) continue
  const dtypes = new Set<DType>([...entry.dtypes, ...(primitive.complex === undefined ? [] : ['complex64' as const])])
  const cases = [...dtypes].map((dtype) => [dtype] as const)
  describe(name, () => {
    test.each(cases)('%s: vmap is the function of each entry, stacked', async (dtype) => {
      await forAll(batchedCalls(primitive, entry.of(dtype)), async ({ f, inputs, inAxes }) => {
        for (const mapped of someBatched(inAxes)) {
          const args = entriesOf(inputs, inAxes, mapped)
          await checkVmap(f, args, { inAxes: mapped })
          const vectorized = (g: Fn): NDArray[] => vmap(g, { inAxes: mapped })(...args)
          await expectClose('vmap of jit', vectorized(jit(f, { device: 'js' })), vectorized(f), { rtol: 0, atol: 0 })
        }
      })
    })

    test.each(cases)('%s: jit is the function', async (dtype) => {
      await forAll(calls(primitive, entry.of(dtype)), ({ f, inputs }) => checkJit(f, inputs))
    })

    const { held, order = 2, reverse = true } = entry
    const modes = reverse ? (['forward', 'reverse'] as const) : (['forward'] as const)
    const float = cases.filter(([dtype]) => isFloat(dtype))
    test.runIf(float.length > 0)('float64: forward is reverse is numerical, to second order', async () => {
      await forAll(calls(primitive, entry.of('float64')), async (call) => {
        const { f, inputs } = free(call, held)
        if (inputs.length > 0) await checkGrads(f, inputs, { order, modes })
      })
    })

    test.runIf(float.length > 0 && reverse)('float32: forward is reverse', async () => {
      await forAll(calls(primitive, entry.of('float32')), async (call) => {
        const { f, inputs } = free(call, held)
        if (inputs.length > 0) await checkVjp(f, inputs)
      })
    })

    // JAX gives the sign of a complex number no derivative, though it has one.
    test.runIf(dtypes.has('complex64') && name !== 'complex_sign')(
      'complex64: forward is reverse is numerical',
      async () => {
        await forAll(calls(primitive, entry.of('complex64')), ({ f, inputs }) => checkGrads(f, inputs, { order: 1 }))
      },
    )

    test.runIf(float.length > 0 && reverse)('float64: derivatives go through jit and vmap', async () => {
      await forAll(
        batchedCalls(primitive, entry.of('float64')),
        async ({ f, inputs, inAxes }) => {
          const argnums = inputs.flatMap((x, i) => (isFloat(x.dtype) && held?.includes(i) !== true ? [i] : []))
          const first = entriesOf(
            inputs,
            inAxes,
            inAxes.map(() => null),
          )
          if (argnums.length === 0 || !f(...first).some((y) => isFloat(y.dtype))) return
          const compiled = (g: Fn): Fn => jit(g, { device: 'js' })
          const one = free({ f: compiled(f), inputs: first }, held)
          await checkGrads(one.f, one.inputs, { order: 1 })
          const gradient = grad(weighted(compiled(f)), { argnums }) as unknown as Fn
          await checkVmap(compiled(gradient), inputs, { inAxes })
          await checkJit(vmap(gradient, { inAxes }), inputs)
        },
        0.5,
      )
    })
  })
}
