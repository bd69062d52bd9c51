import { jvp, type NDArray, vjp } from '@cotangent/autodiff'
import { expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { decode, decodeAll, goldenCotangent, goldenTangent } from './cases.ts'
import { argumentsOf, call, nameOf, numpyCases } from './numpy-cases.ts'

function expectAlike(got: readonly NDArray[], expected: readonly NDArray[], tolerance: object): void {
  expect(got.map((x) => `${x.dtype}[${x.shape.join(', ')}]`)).toEqual(
    expected.map((x) => `${x.dtype}[${x.shape.join(', ')}]`),
  )
  got.forEach((x, i) => expect(x).toBeAllclose(expected[i], tolerance))
}

test.each(numpyCases.map((c, i) => [`${i} ${nameOf(c)}`, c] as const))('%s', (_, c) => {
  const args = argumentsOf(c)
  expectAlike(call(c, args), decodeAll(c.out), { rtol: 2e-5, atol: 2e-6 })
  if (c.vjp === undefined) return
  const float = args.map((x) => x.dtype.startsWith('float'))
  const primals = args.filter((_x, i) => float[i])
  const ofFloats = (...xs: NDArray[]): NDArray[] => {
    let next = 0
    return call(
      c,
      args.map((x, i) => (float[i] ? (xs[next++] as NDArray) : x)),
    )
  }
  const pull = (...xs: NDArray[]): NDArray[] => {
    const [y, pullback] = vjp(ofFloats, ...xs)
    return pullback(y.map(goldenCotangent)) as NDArray[]
  }
  expectAlike(pull(...primals), c.vjp.map(decode), { rtol: 1e-4, atol: 1e-5 })
  if (c.second === undefined) return
  const [, tangents] = jvp(pull, primals, primals.map(goldenTangent))
  expectAlike(tangents as NDArray[], c.second.map(decode), { rtol: 2e-4, atol: 2e-5 })
})
