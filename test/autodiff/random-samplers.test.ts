import { grad, type Key, legacyRandom, np, NDArray, random, type Random, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases } from '../helpers/golden.ts'
import type { Tolerance } from '../helpers/matchers.ts'

type Argument = number | string | readonly Argument[]

interface Case {
  readonly layout: 'partitionable' | 'legacy'
  readonly seed: number
  readonly kind: 'draw' | 'slope' | 'vmap'
  readonly fn: keyof Random
  readonly args: readonly Argument[]
  readonly options: Readonly<Record<string, unknown>>
  readonly out: GoldenArray
}

const cases = goldenCases<Case>('random/samplers.json')

/** Numbers of the fixture: those that JSON does not have are strings, as whole ones beyond 2⁵³ are. */
const read = (x: Argument): unknown => (typeof x === 'string' ? (x === 'inf' ? Infinity : BigInt(x)) : x)

function argumentsOf({ args, options }: Case): unknown[] {
  return args.map((x) => {
    const isParameter = Array.isArray(x) && x.some((entry) => !Number.isInteger(entry))
    return isParameter && options['dtype'] === 'float64' ? np.array(x as number[], { dtype: 'float64' }) : read(x)
  })
}

/** Where the shape comes before the options it may have been left out. */
const before: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ['permutation', 'categorical', 'uniform', 'normal', 'bits', 'gumbel', 'maxwell', 'rademacher'],
    ['multinomial', 'orthogonal'],
    [
      'randint',
      'binomial',
      'doubleSidedMaxwell',
      'weibullMin',
      'truncatedNormal',
      'multivariateNormal',
      'beta',
      'f',
      'ball',
    ],
    ['triangular'],
  ].flatMap((names, i) => names.map((name) => [name, i + 1])),
)

function drawOf(c: Case): (key: Key, first?: NDArray) => NDArray {
  const r = c.layout === 'legacy' ? legacyRandom : random
  const args = argumentsOf(c)
  while (args.length < (before[c.fn] ?? 2)) args.push(undefined)
  const sampler = r[c.fn] as (key: Key, ...rest: unknown[]) => NDArray
  return (key, first) => sampler(key, first ?? args[0], ...args.slice(1), c.options)
}

function result(c: Case): NDArray {
  const draw = drawOf(c)
  const r = c.layout === 'legacy' ? legacyRandom : random
  const key = r.PRNGKey(c.seed)
  if (c.kind === 'draw') return draw(key)
  if (c.kind === 'vmap') return vmap((k: Key) => draw(k))(r.split(key, 3))
  const weighted = (y: NDArray): NDArray => y.mul(np.arange(1, y.size + 1).reshape(y.shape)).sum()
  return grad((a: NDArray) => weighted(draw(key, a)))(np.array(c.args[0] as number[]))
}

/** What takes differences of large numbers, or logarithms near 1, has their absolute precision. */
const roughly = new Set([
  'loggamma',
  'truncatedNormal',
  'gumbel',
  'uniform',
  'triangular',
  'doubleSidedMaxwell',
  'multivariateNormal',
  'orthogonal',
  'wald',
  'generalizedNormal',
  'normal',
])

function toleranceOf({ fn, kind, options }: Case): Tolerance {
  if (kind === 'slope') return { rtol: 1e-4, atol: 1e-5 }
  if (options['dtype'] === 'float64') return { rtol: 1e-12, atol: 0 }
  return roughly.has(fn) ? { rtol: 3e-6, atol: 6e-7 } : { rtol: 3e-6, atol: 1e-12 }
}

describe.each(['draw', 'slope', 'vmap'] as const)('%s', (kind) => {
  const chosen = cases.filter((c) => c.kind === kind)
  test.each(
    chosen.map(
      (c) => [`${c.layout} ${c.seed}: ${c.fn} ${JSON.stringify(c.args)} ${JSON.stringify(c.options)}`, c] as const,
    ),
  )('%s', (_, c) => {
    const value = result(c)
    expectGolden(value, c.out, toleranceOf(c))
    expect(value.dtype).toBe(c.out.dtype)
  })
})
