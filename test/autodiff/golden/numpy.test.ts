import { jvp, type NDArray, np, vjp } from '@cotangent/autodiff'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { decode, decodeAll, type Encoded, type EncodedTree, goldenCotangent, goldenTangent } from './cases.ts'

/** One call of a function of jax.numpy: test/fixtures/autodiff/make_numpy.py says how its parts make it. */
interface NumpyCase {
  readonly fn: string
  readonly args: readonly (string | Encoded)[]
  readonly pre?: readonly unknown[]
  readonly static?: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly kw?: readonly string[]
  readonly list?: boolean
  readonly out: EncodedTree
  readonly vjp?: readonly Encoded[]
  readonly second?: readonly Encoded[]
}

const file = JSON.parse(readFileSync(new URL('../../fixtures/autodiff/numpy.json', import.meta.url), 'utf8')) as {
  readonly arrays: Readonly<Record<string, Encoded>>
  readonly cases: readonly NumpyCase[]
}

const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const functions = np as unknown as Readonly<Record<string, (...args: unknown[]) => NDArray | NDArray[]>>

/** Keywords of JAX that are a second array here. */
const second = ['y']

function call(c: NumpyCase, xs: readonly NDArray[]): NDArray[] {
  const { kw = [], pre = [], static: rest = [], options = {} } = c
  const split = xs.length - kw.length
  const plain = c.list === true ? [xs.slice(0, split)] : xs.slice(0, split)
  const arrays = kw.map((name, i) => [name, xs[split + i]] as const)
  const positional = arrays.filter(([name]) => second.includes(name)).map(([, x]) => x)
  const keywords = [...Object.entries(options), ...arrays.filter(([name]) => !second.includes(name))]
  const given = Object.fromEntries(keywords.map(([name, value]) => [camel(name), value]))
  const all = [...pre, ...plain, ...positional, ...rest, ...(keywords.length > 0 ? [given] : [])]
  const out = functions[camel(c.fn)]!(...all)
  return Array.isArray(out) ? out : [out]
}

const nameOf = ({ fn, args, pre = [], static: rest = [], kw = [], options = {} }: NumpyCase): string => {
  const shown = args.map((x) => (typeof x === 'string' ? x : `${x.dtype}[${x.shape.join(', ')}]`))
  const others = [...pre, ...rest].map((x) => JSON.stringify(x))
  return `${fn}(${[...shown, ...others].join(', ')}) ${kw.join(' ')} ${Object.keys(options).length > 0 ? JSON.stringify(options) : ''}`
}

function expectAlike(got: readonly NDArray[], expected: readonly NDArray[], tolerance: object): void {
  expect(got.map((x) => `${x.dtype}[${x.shape.join(', ')}]`)).toEqual(
    expected.map((x) => `${x.dtype}[${x.shape.join(', ')}]`),
  )
  got.forEach((x, i) => expect(x).toBeAllclose(expected[i], tolerance))
}

test.each(file.cases.map((c, i) => [`${i} ${nameOf(c)}`, c] as const))('%s', (_, c) => {
  const args = c.args.map((x) => decode(typeof x === 'string' ? file.arrays[x]! : x))
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
