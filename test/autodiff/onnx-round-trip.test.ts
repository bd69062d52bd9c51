import { grad, NDArray } from '@cotangent/autodiff'
import { exportOnnx, importOnnx } from '@cotangent/autodiff/onnx'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectSame } from '../helpers/device-law.ts'
import { primitiveCases } from '../helpers/primitive-cases.ts'
import { draws } from '../helpers/draws.ts'

type Call = (...operands: NDArray[]) => NDArray | NDArray[]
const listOf = (x: NDArray | NDArray[]): NDArray[] => (x instanceof NDArray ? [x] : x)

/** What a function gives when it has been a file in between. */
function reimported(f: Call, operands: readonly NDArray[]): NDArray[] {
  const model = importOnnx(exportOnnx(f, [...operands]))
  return model.call(model.params, ...operands)
}

/** A model has two arrays for a complex one, and float32 for bfloat16. */
const passes = ({ dtype }: NDArray): boolean => dtype !== 'complex64' && dtype !== 'bfloat16'

describe('a primitive that was exported and imported again gives the same', () => {
  const cases = new Map(
    primitiveCases
      .filter(({ f, operands }) => operands.length > 0 && [...operands, ...listOf(f(...operands))].every(passes))
      .map((c) => [`${c.primitive} of ${c.dtype}`, c] as const),
  )
  test.each([...cases.values()].map((c) => [c.primitive, c.dtype, c] as const))(
    '%s of %s',
    (_, __, { f, operands }) => {
      const expected = listOf(f(...operands))
      const got = reimported(f, operands)
      expect(got).toHaveLength(expected.length)
      got.forEach((y, i) => expectSame(y, expected[i]!, operands, 10))
    },
  )
})

const runs = draws(15)

test('random programs and their gradients give the same', () => {
  fc.assert(
    fc.property(programs(), ({ f, args }) => {
      expectSame(reimported(f as Call, args)[0]!, f(...args), [], 1e4)
      const gradient = grad(f, { argnums: [0, 1] }) as unknown as Call
      const expected = listOf(gradient(...args))
      reimported(gradient, args).forEach((y, i) => expectSame(y, expected[i]!, [], 1e6))
    }),
    runs,
  )
})

/**
 * Operations whose derivative is that of their graph. A file holds how a special function is computed, and not the rule
 * that its derivative has here.
 */
const among =
  'sin tanh exp logOnePlusSquare root cube power add sub mul div maximum leaky abs where sum mean max prod cumsum transpose ravel expand flip head stride gather concatenate stack inner outer scan nestedScan cond loop products set addAt convolve einsum logsumexp erf checkpoint innerGrad innerVmap'.split(
    ' ',
  )

test('what was imported can be differentiated as what was exported', () => {
  fc.assert(
    fc.property(programs({ maxOperations: 6, among }), ({ f, args }) => {
      const model = importOnnx(exportOnnx(f, args))
      const again = grad((x: NDArray, y: NDArray) => model.apply(model.params, x, y), { argnums: [0, 1] })
      const expected = grad(f, { argnums: [0, 1] })(...args)
      again(...args).forEach((y, i) => expectSame(y, expected[i]!, [], 1e6))
    }),
    runs,
  )
})
