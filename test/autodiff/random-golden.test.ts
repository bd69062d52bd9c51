import { type Key, legacyRandom, type NDArray, np, random, type Random, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases } from '../helpers/golden.ts'
import type { Tolerance } from '../helpers/matchers.ts'

interface Args {
  readonly key: readonly number[]
  readonly shape: readonly number[]
  readonly seed: number
  readonly num: number
  readonly data: number
  readonly bit_width: 8 | 16 | 32 | 64
  readonly dtype?: 'float32' | 'float64' | 'uint8'
  readonly minval: number
  readonly maxval: number
  readonly a: number | readonly number[]
  readonly b: number
  readonly alpha: readonly number[]
  readonly lam: readonly number[]
  readonly df: readonly number[]
  readonly x: number | string
  readonly p: number | string
  readonly replace: boolean
  readonly independent?: boolean
  readonly mean: readonly number[]
  readonly cov: readonly (readonly number[])[]
  readonly method: 'cholesky' | 'eigh' | 'svd'
  readonly lower: number
  readonly upper: number
  readonly logits: number[][]
  readonly axis: number
}

interface Case {
  readonly fn: string
  readonly args: Args
  readonly out: GoldenArray
}

const exact: Tolerance = { rtol: 0, atol: 0 }
const samples: Tolerance = { rtol: 3e-6, atol: 0 }
/** Where the original's fused multiply-add or a logarithm's zero shows: relative to the size of the distribution. */
const around: Tolerance = { rtol: 3e-6, atol: 6e-7 }

/** Of the arguments of a case those that are options. */
const given = <A extends object>(args: A, names: readonly string[]): A =>
  Object.fromEntries(Object.entries(args).filter(([name]) => names.includes(name))) as A

function draw(r: Random, { fn, args }: Case): [value: unknown, tolerance: Tolerance] {
  const key = (): Key => np.array([...args.key], { dtype: 'uint32' }) as Key
  const options = args.dtype === 'float64' ? ({ dtype: 'float64' } as const) : {}
  const tight: Tolerance = args.dtype === 'float64' ? { rtol: 1e-14, atol: 0 } : samples
  switch (fn) {
    case 'PRNGKey':
      return [r.PRNGKey(args.seed), exact]
    case 'split':
      return [r.split(key(), args.num), exact]
    case 'fold_in':
      return [r.foldIn(key(), args.data), exact]
    case 'bits':
      return [r.bits(key(), args.shape, { bitWidth: args.bit_width }), exact]
    case 'uniform':
      return args.minval === undefined
        ? [r.uniform(key(), args.shape, options), exact]
        : [r.uniform(key(), args.shape, { minval: args.minval, maxval: args.maxval }), around]
    case 'normal':
      return [r.normal(key(), args.shape, options), tight]
    case 'truncated_normal':
      return [r.truncatedNormal(key(), args.lower, args.upper, args.shape), around]
    case 'gumbel':
    case 'exponential':
    case 'laplace':
    case 'logistic':
      return [r[fn](key(), args.shape), around]
    case 'cauchy':
      // Next to its poles tan magnifies the rounding of its argument.
      return [r.cauchy(key(), args.shape), { rtol: 3e-5, atol: 6e-7 }]
    case 'bernoulli':
      return [r.bernoulli(key(), args.p as number, args.shape), exact]
    case 'rademacher':
      return [r.rademacher(key(), args.shape), exact]
    case 'randint':
      return [
        r.randint(key(), args.shape, args.minval, args.maxval, { dtype: (args.dtype ?? 'int32') as 'int32' }),
        exact,
      ]
    case 'categorical':
      return [
        r.categorical(
          key(),
          args.logits,
          Object.hasOwn(args, 'shape') ? { axis: args.axis, shape: args.shape } : { axis: args.axis },
        ),
        exact,
      ]
    case 'gamma':
      return [r.gamma(key(), args.a, args.shape), samples]
    case 'beta':
      return [r.beta(key(), args.a, args.b), samples]
    case 'dirichlet':
      return [r.dirichlet(key(), args.alpha), samples]
    case 't':
      return [r.t(key(), args.df), samples]
    case 'poisson':
      return [r.poisson(key(), args.lam), exact]
    case 'permutation':
      return [r.permutation(key(), entries(args.x), given(args, ['axis', 'independent'])), exact]
    case 'choice':
      return [r.choice(key(), args.a, args.shape, { replace: args.replace, p: chances(args) }), exact]
    case 'multivariate_normal':
      return [r.multivariateNormal(key(), args.mean, args.cov, args.shape, { method: args.method }), samples]
    case 'vmap(normal)':
      return [vmap((k: Key) => r.normal(k, args.shape))(r.split(key(), 6)), samples]
    case 'vmap(split)':
      return [vmap((k: Key) => r.split(k, args.num))(r.split(key(), 4)), exact]
    default:
      throw new Error(`no golden test for ${fn}`)
  }
}

/** `arange(r*c).reshape(r,c)` as the golden files write it. */
function entries(x: number | string): number | NDArray {
  if (typeof x === 'number') return x
  const [, rows, columns] = /^arange\((\d+)\*(\d+)\)/.exec(x)!
  return np.arange(Number(rows) * Number(columns)).reshape([Number(rows), Number(columns)])
}

/** Probabilities that rise evenly, where the golden file has some. */
function chances({ a, p }: Args): NDArray | undefined {
  if (p === undefined) return undefined
  const n = a as number
  return np.arange(1, n + 1).div((n * (n + 1)) / 2)
}

describe.each([
  ['random', random, 'random/partitionable.json'],
  ['legacyRandom', legacyRandom, 'random/legacy.json'],
] as const)('%s gives the numbers of jax.random', (_, r, file) => {
  const cases = goldenCases<Case>(file)
  test.each(cases.map((c) => [`${c.fn} ${JSON.stringify(c.args)}`, c] as const))('%s', (_name, c) => {
    const [value, tolerance] = draw(r, c)
    expectGolden(value, c.out, tolerance)
    expect((value as Key).dtype).toBe(c.out.dtype)
  })
})
