import { grad, jit, lax, type NDArray, np, vmap } from '@cotangent/autodiff'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { expectSame, lawOf } from '../helpers/device-law.ts'
import { arrayOf } from '../helpers/primitive-cases.ts'
import { testDevices, titleOn } from '../helpers/test-devices.ts'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { forAll } from '../helpers/draws.ts'

const both = { argnums: [0, 1] } as const

for (const device of testDevices) {
  const { kind } = device
  const [dtypes, share, law] =
    kind === 'cpu'
      ? [['float32', 'float64'] as const, 1, lawOf(kind)]
      : [kind === 'webgpu' ? (['float32'] as const) : (['float32', 'float64'] as const), 0.2, lawOf(kind)]

  describe.skipIf(device.missing !== undefined)(`random programs ${titleOn(device)}`, () => {
    test.each(dtypes)('in %s and their gradients', async (dtype) => {
      await forAll(
        programs(),
        async ({ f, args }) => {
          const [x, y] = args.map((a) => a.astype(dtype)) as [NDArray, NDArray]
          const value = jit(f, { device: kind })(x, y)
          const gradients = jit(grad(f, both), { device: kind })(x, y)
          const outside = grad(jit(f, { device: kind }), both)(x, y)
          expectSame(await value.ready(), f(x, y), [], 10, law)
          for (const [i, expected] of grad(f, both)(x, y).entries()) {
            expectSame(await gradients[i as 0 | 1].ready(), expected, [], 50, law)
            expectSame(await outside[i as 0 | 1].ready(), expected, [], 50, law)
          }
        },
        share,
      )
    })

    test('under vmap', async () => {
      await forAll(
        programs(),
        async ({ f, args }) => {
          const [x, y] = args.map((a) => a.astype('float32')) as [NDArray, NDArray]
          const g = vmap(grad(f), { inAxes: [null, 0] })
          const batch = y.reshape([1, ...y.shape]).mul(1)
          expectSame(await jit(g, { device: kind })(x, batch).ready(), g(x, batch), [], 50, law)
        },
        0.4 * share,
      )
    })
  })
}

type Binary = (x: NDArray, y: NDArray) => NDArray

/** By way of a float, where integers are held at their ends. */
const throughFloat =
  (dtype: 'float32' | 'float64'): Binary =>
  (x) =>
    x.astype(dtype).mul(1e9).astype(x.dtype)

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
  (x) => lax.rev(x, [0]),
]
const integerStep = fc.tuple(fc.nat({ max: integerOperations.length }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))
const extremes = {
  int32: [0, 1, -1, 2, -2, 31, 32, 46341, 2147483647, -2147483648],
  uint32: [0, 1, 2, 31, 32, 33, 65536, 2147483648, 4294967294, 4294967295],
} as const

for (const device of testDevices) {
  const { kind } = device
  const operations = [...integerOperations, throughFloat(kind === 'webgpu' ? 'float32' : 'float64')]
  describe.skipIf(device.missing !== undefined)(`random programs on the ends of integers, ${titleOn(device)}`, () => {
    test.each(['int32', 'uint32'] as const)('%s: the same numbers, no crash', async (dtype) => {
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
              values.push(operations[k]!(values[i % values.length]!, values[j % values.length]!))
            }
            return values
          }
          const expected = f(x, y)
          for (const [i, got] of jit(f, { device: kind })(x, y).entries())
            expectSame(await got.ready(), expected[i] as NDArray)
        },
        kind === 'cpu' ? 2 : 0.4,
      )
    })
  })
}
