import { grad, jit, type Key, np, type NDArray, random, ShapeError } from '@cotangent/autodiff'
import { type AttentionOptions, dotProductAttention } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases } from '../helpers/golden.ts'

interface Case {
  readonly key: readonly number[]
  readonly q: readonly number[]
  readonly k: readonly number[]
  readonly scale?: number
  readonly is_causal?: boolean
  readonly bias?: readonly number[]
  readonly mask?: true
  readonly query_seq_lengths?: readonly number[]
  readonly key_value_seq_lengths?: readonly number[]
  readonly local_window_size?: number | readonly [number, number]
  readonly out: GoldenArray
  readonly g: GoldenArray
}

const cases = goldenCases<Case>('nn/attention.json')

describe('attention gives the numbers of jax.nn.dot_product_attention', () => {
  test.each(cases.map((c, i) => [i, c] as const))('%i', async (_, c) => {
    const key = np.array([...c.key], { dtype: 'uint32' }) as Key
    const draw = (i: number, shape: readonly number[]): NDArray => random.normal(random.foldIn(key, i), shape)
    const [q, k, v] = [draw(0, c.q), draw(1, c.k), draw(2, c.k)]
    const counts = (list: readonly number[]): NDArray => np.array([...list], { dtype: 'int32' })
    const options: AttentionOptions = {
      ...(c.scale !== undefined && { scale: c.scale }),
      ...(c.is_causal && { isCausal: true }),
      ...(c.bias && { bias: draw(3, c.bias) }),
      ...(c.mask && { mask: draw(3, [2, 1, 3, 3]).gt(-0.5) }),
      ...(c.query_seq_lengths && { querySeqLengths: counts(c.query_seq_lengths) }),
      ...(c.key_value_seq_lengths && { keyValueSeqLengths: counts(c.key_value_seq_lengths) }),
      ...(c.local_window_size !== undefined && { localWindowSize: c.local_window_size }),
    }
    const attend = (x: NDArray): NDArray => dotProductAttention(x, k, v, options)
    const gradient = grad((x: NDArray) => attend(x).square().sum())
    // Normal draws in the tails differ from JAX's by 4e-6, and the softmax makes more of it.
    const tolerance = { rtol: 6e-5, atol: 3e-6 }
    expectGolden(attend(q), c.out, tolerance, 'out')
    expectGolden(gradient(q), c.g, tolerance, 'gradient')
    expectGolden(await jit(attend)(q).ready(), c.out, tolerance, 'out, compiled')
    expectGolden(await jit(gradient)(q).ready(), c.g, tolerance, 'gradient, compiled')
  })

  test('refuses what does not fit', () => {
    const attend = () => dotProductAttention(np.ones([2, 3, 4]), np.ones([2, 2, 4]), np.ones([2, 2, 4]))
    expect(attend).toThrow(ShapeError)
    expect(attend).toThrow(/the query \[2, 3, 4\], the key \[2, 2, 4\] and the value \[2, 2, 4\] must be/)
    expect(() => dotProductAttention(1, 2, 3)).toThrow(ShapeError)
    expect(() => dotProductAttention(1, 2, 3, { causal: true } as never)).toThrow(/has no option causal/)
  })
})
