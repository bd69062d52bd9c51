import { grad, jit, jvp, type NDArray, np } from '@cotangent/autodiff'
import { expect, test } from 'vitest'
import { goldenCases, goldenNumbers } from '../helpers/golden.ts'
import '../helpers/matchers.ts'
import { secondFunctions } from './second-functions.ts'

interface Encoded {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}
interface SecondCase {
  readonly fn: string
  readonly args: readonly Encoded[]
  readonly hvp: readonly Encoded[]
}

const decode = ({ shape, data }: Encoded): NDArray => np.array(Float64Array.from(goldenNumbers(data)), { shape })
const patterned = ({ shape, size }: NDArray, f: (i: number) => number): NDArray =>
  np.array(
    Float64Array.from({ length: size }, (_, i) => f(i)),
    { shape },
  )

const cases = goldenCases<SecondCase>('autodiff/second.json')

test('every function has a case', () => {
  expect(cases.map(({ fn }) => fn).sort()).toEqual(Object.keys(secondFunctions).sort())
})

test.each(cases)('second derivatives: $fn', async ({ fn, args, hvp }) => {
  const f = secondFunctions[fn]!
  const primals = args.map(decode)
  const tangents = primals.map((x) => patterned(x, (i) => 0.5 + 0.25 * (i % 7)))
  const weighted = (...xs: NDArray[]): NDArray => {
    const y = f(...xs)
    return y.mul(patterned(y, (i) => 1 - 0.4 * (i % 5))).sum()
  }
  const slope = grad(weighted, { argnums: primals.map((_, i) => i) }) as unknown as (...xs: NDArray[]) => NDArray[]
  const second = (...xs: NDArray[]): NDArray[] => jvp(slope, xs, tangents)[1] as NDArray[]
  // Transforms compute in float32.
  const tolerance = fn.includes('fft') ? { rtol: 1e-4, atol: 1e-4 } : { rtol: 1e-7, atol: 1e-7 }
  const expected = hvp.map(decode)
  for (const [i, x] of second(...primals).entries()) expect(x).toBeAllclose(expected[i], tolerance)
  const compiled = jit(second)(...primals)
  for (const [i, x] of compiled.entries()) {
    await x.ready()
    expect(x, 'compiled').toBeAllclose(expected[i], tolerance)
  }
})
