import { jvp, type NDArray, vjp } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { decode, decodeAll, functionOf, goldenCases, type GoldenCase, goldenCotangent, goldenTangent } from './cases.ts'
import { deviations } from './skips.ts'

const values = { rtol: 2e-5, atol: 2e-6 }
const derivatives = { rtol: 1e-4, atol: 1e-5 }

const listOf = (x: NDArray | NDArray[]): NDArray[] => (Array.isArray(x) ? x : [x])

/**
 * Close, and of one dtype. Zeros of values have JAX's sign; those of derivatives need not: there the order of a
 * product's factors decides it.
 */
function expectAlike(got: readonly NDArray[], expected: readonly NDArray[], tolerance: object, zeros = false): void {
  expect(got.length).toBe(expected.length)
  got.forEach((x, i) => {
    const y = expected[i] as NDArray
    expect(x).toBeAllclose(y, tolerance)
    expect(x.dtype).toBe(y.dtype)
    const [a, b] = [x.dataSync(), y.dataSync()]
    if (zeros) b.forEach((v, k) => a[k] === 0 && v === 0 && expect(a[k], `the sign of zero ${k}`).toBe(v))
  })
}

const nameOf = (c: GoldenCase): string =>
  `${c.fn}(${c.args.map((a) => `${a.dtype}[${a.shape.join(', ')}]`).join(', ')})${c.meta?.axis === undefined ? '' : `, axis ${c.meta.axis}`}`

describe('values and derivatives are JAX’s', () => {
  for (const c of goldenCases) {
    const name = nameOf(c)
    const reason = deviations[name]
    if (reason !== undefined) {
      test.skip(`${name}: ${reason}`)
      continue
    }
    test(name, () => {
      const f = functionOf(c)
      if (f === undefined) throw new Error(`${c.fn} is neither here nor in skips.ts`)
      const args = c.args.map(decode)
      if (c.error !== undefined) {
        expect(() => f(...args)).toThrow()
        return
      }
      const out = listOf(f(...args))
      const expected = decodeAll(c.out!)
      expectAlike(out, expected, values, true)
      if (c.jvp === undefined && c.vjp === undefined) return
      const float = args.map((x) => x.dtype.startsWith('float'))
      const primals = args.filter((_, i) => float[i])
      const ofFloats = (...xs: NDArray[]): NDArray[] => {
        let next = 0
        return listOf(f(...args.map((x, i) => (float[i] ? (xs[next++] as NDArray) : x))))
      }
      if (c.jvp !== undefined) {
        const [, tangents] = jvp(ofFloats, primals, primals.map(goldenTangent))
        expectAlike(tangents, decodeAll(c.jvp), derivatives)
      }
      if (c.vjp !== undefined) {
        const [y, pullback] = vjp(ofFloats, ...primals)
        expectAlike(pullback(y.map(goldenCotangent)), c.vjp.map(decode), derivatives)
      }
    })
  }
})

test('every name that is skipped is that of a case', () => {
  const cases = new Set(goldenCases.map(nameOf))
  expect(Object.keys(deviations).filter((name) => !cases.has(name))).toEqual([])
})
