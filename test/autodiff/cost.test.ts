import { readFileSync } from 'node:fs'
import { grad, jit, lax, np, type NDArray, special } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { workRules } from '../../packages/autodiff/src/cost/rules.ts'
import { allPrimitives } from '../../packages/autodiff/src/primitives/all.ts'

type Tail<T extends readonly unknown[]> = T extends [unknown, unknown, ...infer Rest] ? Rest : never

interface Count {
  readonly flops: number
  readonly transcendentals: number
  readonly 'bytes accessed': number
}
const { programs } = JSON.parse(readFileSync(new URL('../fixtures/autodiff/cost.json', import.meta.url), 'utf8')) as {
  programs: Record<string, { shapes: number[][]; lowered: Count }>
}

const conv =
  (...options: Tail<Parameters<typeof lax.convGeneralDilated>>) =>
  (x: NDArray, w: NDArray): NDArray =>
    lax.convGeneralDilated(x, w, ...options)

const written: Record<string, (a: NDArray, b: NDArray) => NDArray> = {
  matmul: (a, b) => a.matmul(b),
  'batched matmul': (a, b) => a.matmul(b),
  'matrix by vector': (a, b) => a.matmul(b),
  'conv valid': conv([1, 1], 'VALID'),
  'conv same': conv([1, 1], 'SAME'),
  'conv strided': conv(
    [2, 3],
    [
      [1, 2],
      [0, 1],
    ],
  ),
  'conv groups': conv([1, 1], 'SAME', { featureGroupCount: 2 }),
  'conv dilated': conv([1], [[2, 2]], { lhsDilation: [2], rhsDilation: [2] }),
  add: (a, b) => a.add(b),
  'divide and negate': (a, b) => a.div(b).neg(),
  exp: (a) => np.exp(a),
  'sin of cos': (a) => np.sin(np.cos(a)),
  'log times': (a, b) => np.log(a).mul(b),
  sqrt: (a) => np.sqrt(a),
  power: (a, b) => lax.pow(a, b),
  tanh: (a) => np.tanh(a),
  sum: (a) => a.sum(1),
  max: (a) => a.max(0),
  reshape: (a) => a.reshape([20, 50]),
  transpose: (a) => a.T,
  select: (a, b) => np.where(a.gt(b), a, b),
}

const costOf = (f: (...args: never[]) => unknown, ...shapes: number[][]) =>
  jit(f as (...args: NDArray[]) => unknown)
    .lower(...(shapes.map((shape) => ({ shape, dtype: 'float32' })) as never[]))
    .costAnalysis()

describe('the work of a program is what XLA counts', () => {
  test.each(Object.entries(programs))('%s', (name, { shapes, lowered }) => {
    const cost = costOf(written[name]!, ...shapes)
    expect(cost.flops).toBe(lowered.flops)
    expect(cost.transcendentals).toBe(lowered.transcendentals)
    expect(cost.assumed).toEqual([])
    // XLA counts nothing for a transpose as it is written, and 4 bytes for what a reduction starts from.
    const apart = name === 'transpose' ? -8000 : name === 'sum' || name === 'max' ? 4 : 0
    expect(cost.bytesAccessed + apart).toBe(lowered['bytes accessed'])
  })

  test('every program of the fixture is here', () => {
    expect(Object.keys(written)).toEqual(Object.keys(programs))
  })
})

describe('what the analysis knows', () => {
  test('has a rule for every primitive that holds no Jaxpr', () => {
    const holders = new Set(['cond', 'while', 'scan'])
    const without = [...allPrimitives.keys()].filter((name) => !workRules.has(name) && !holders.has(name))
    expect(without).toEqual([])
  })

  test('has no rule for what is not there', () => {
    // Two are part of others' families, and not exported by their names.
    const inner = new Set(['stop_gradient', 'integer_quotient'])
    expect([...workRules.keys()].filter((name) => !allPrimitives.has(name) && !inner.has(name))).toEqual([])
  })

  test('loops count by their trips, branches by the dearest, loops until a condition once', () => {
    const step = (c: NDArray, x: NDArray): [NDArray, NDArray] => [c.mul(x), c.add(x)]
    expect(costOf((c: NDArray, xs: NDArray) => lax.scan(step, c, xs), [10], [7, 10]).flops).toBe(140)
    const branch = costOf(
      (x: NDArray) =>
        lax.cond(
          x.sum().gt(0),
          (y: NDArray) => y.mul(y).add(y).neg(),
          (y: NDArray) => y.mul(2),
          x,
        ),
      [10],
    )
    // The sum (9), the comparison, and the longer branch; the condition as an index may cost a conversion.
    expect(branch.flops).toBeGreaterThanOrEqual(40)
    expect(branch.flops).toBeLessThanOrEqual(42)
    const until = costOf(
      (x: NDArray) =>
        lax.whileLoop(
          (y: NDArray) => y.sum().lt(100),
          (y: NDArray) => y.mul(2),
          x,
        ),
      [10],
    )
    expect(until.hasUnknownLoops).toBe(true)
    expect(until.flops).toBe(9 + 1 + 10)
    expect(until.toString()).toContain('loops until a condition are counted as one iteration')
  })

  test('compiled functions inside count as what they do; a gradient of a product costs three', () => {
    const inner = jit((a: NDArray, b: NDArray) => a.matmul(b))
    expect(costOf((a: NDArray, b: NDArray) => inner(a, b), [8, 16], [16, 4]).flops).toBe(1024)
    const loss = (a: NDArray, b: NDArray): NDArray => np.tanh(a.matmul(b)).sum()
    const products = costOf(grad(loss, { argnums: [0, 1] }), [8, 16], [16, 4]).primitives.find(
      (row) => row.primitive === 'dot_general',
    )
    expect(products).toMatchObject({ equations: 3, flops: 3 * 1024 })
  })

  test('decompositions take what the textbook says', () => {
    expect(costOf((a: NDArray) => np.linalg.cholesky(a), [12, 12]).primitives).toContainEqual(
      expect.objectContaining({ primitive: 'cholesky', flops: 576 }),
    )
    expect(costOf((a: NDArray) => np.linalg.inv(a), [5, 12, 12]).flops).toBe(5 * 2 * 1728)
    expect(costOf((a: NDArray) => special.gammainc(2, a), [10]).transcendentals).toBeGreaterThanOrEqual(1410)
  })

  test('the peak is the most bytes that live at one time', () => {
    // Three arrays of 400 bytes: x is an argument, and at most two results live together.
    const cost = costOf((x: NDArray) => np.sin(np.cos(np.exp(x))), [100])
    expect(cost).toMatchObject({ argumentBytes: 400, outputBytes: 400, peakBytes: 800, bytesRead: 1200 })
    expect(costOf((x: NDArray) => [np.sin(x), np.cos(x), np.exp(x)], [100]).peakBytes).toBe(1200)
  })

  test('prints as a table', () => {
    expect(costOf((x: NDArray, w: NDArray) => np.tanh(x.matmul(w)), [2, 3], [3, 4]).toString()).toBe(
      [
        'primitive    equations  flops  transcendentals  bytes read  bytes written',
        '───────────  ─────────  ─────  ───────────────  ──────────  ─────────────',
        'dot_general          1     48                0          72             32',
        'tanh                 1      0                8          32             32',
        'total                2     48                8         104             64',
        'peak 64 bytes beside 72 of arguments; 32 of results',
      ].join('\n'),
    )
  })
})
