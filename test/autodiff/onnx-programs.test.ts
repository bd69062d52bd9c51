import { grad, jit, lax, type NDArray, np, vmap } from '@cotangent/autodiff'
import fc from 'fast-check'
import { test } from 'vitest'
import { expectSame } from '../helpers/device-law.ts'
import { arrayOf } from '../helpers/primitive-cases.ts'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { forAll } from './laws/runs.ts'

const both = { argnums: [0, 1] } as const

test.each(['float32', 'float64'] as const)('random programs in %s and their gradients, compiled', async (dtype) => {
  await forAll(programs(), async ({ f, args }) => {
    const [x, y] = args.map((a) => a.astype(dtype)) as [NDArray, NDArray]
    const value = jit(f)(x, y)
    const gradients = jit(grad(f, both))(x, y)
    const outside = grad(jit(f), both)(x, y)
    expectSame(await value.ready(), f(x, y), [], 10)
    for (const [i, expected] of grad(f, both)(x, y).entries()) {
      expectSame(await gradients[i as 0 | 1].ready(), expected, [], 50)
      expectSame(await outside[i as 0 | 1].ready(), expected, [], 50)
    }
  })
})

test('random programs under vmap, compiled', async () => {
  await forAll(
    programs(),
    async ({ f, args: [x, y] }) => {
      const g = vmap(grad(f), { inAxes: [null, 0] })
      const batch = y.reshape([1, ...y.shape]).mul(1)
      expectSame(await jit(g)(x, batch).ready(), g(x, batch), [], 50)
    },
    0.4,
  )
})

type Binary = (x: NDArray, y: NDArray) => NDArray

/** Operations that integers of one dtype stay integers under, where devices overflow, divide and shift differently. */
const integerOperations: readonly Binary[] = [
  lax.add,
  lax.sub,
  lax.mul,
  lax.div,
  lax.rem,
  np.floorDivide,
  np.mod,
  lax.max,
  lax.min,
  lax.bitwiseAnd,
  lax.bitwiseOr,
  lax.bitwiseXor,
  lax.shiftLeft,
  lax.shiftRightLogical,
  (x) => lax.neg(x),
  (x) => lax.abs(x),
  (x) => lax.sign(x),
  (x) => lax.bitwiseNot(x),
  (x) => lax.integerPow(x, 3),
  (x, y) => lax.select(lax.lt(x, y), x, y),
  (x) => lax.cumsum(x, 0),
  (x) => np.broadcastTo(lax.reduceSum(x, [0]), x.shape),
  (x) => np.broadcastTo(lax.reduceProd(x, [0]), x.shape),
  (x) => np.broadcastTo(lax.reduceMax(x, [0]), x.shape),
  (x, y) => np.broadcastTo(np.dot(x, y), x.shape),
  (x, y) => lax.take(x, y.astype('int32'), 0),
  (x, y) => lax.scatterAdd(y.astype('int32'), x, 0, x.shape[0] as number),
  (x) => x.astype('float64').mul(1e9).astype(x.dtype),
  (x) => lax.rev(x, [0]),
]
const integerStep = fc.tuple(fc.nat({ max: integerOperations.length - 1 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))
const extremes = {
  int32: [0, 1, -1, 2, -2, 31, 32, 46341, 2147483647, -2147483648],
  uint32: [0, 1, 2, 31, 32, 33, 65536, 2147483648, 4294967294, 4294967295],
} as const

test.each(['int32', 'uint32'] as const)(
  'random programs on the ends of %s: the same numbers, no crash',
  async (dtype) => {
    const array = fc
      .array(fc.constantFrom(...extremes[dtype]), { minLength: 5, maxLength: 5 })
      .map((values) => arrayOf(values, dtype))
    const program = fc.record({ steps: fc.array(integerStep, { minLength: 1, maxLength: 8 }), x: array, y: array })
    await forAll(
      program,
      async ({ steps, x, y }) => {
        const f = (...inputs: NDArray[]): NDArray[] => {
          const values = [...inputs]
          for (const [k, i, j] of steps) {
            values.push(integerOperations[k]!(values[i % values.length]!, values[j % values.length]!))
          }
          return values
        }
        const expected = f(x, y)
        for (const [i, got] of jit(f)(x, y).entries()) expectSame(await got.ready(), expected[i] as NDArray)
      },
      2,
    )
  },
)
