import { type NDArray, np } from '@cotangent/autodiff'
import { readFileSync } from 'node:fs'
import { decode, type Encoded, type EncodedTree } from './cases.ts'

/** One call of a function of jax.numpy: test/fixtures/autodiff/make_numpy.py says how its parts make it. */
export interface NumpyCase {
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

const { arrays, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/autodiff/numpy.json', import.meta.url), 'utf8'),
) as {
  readonly arrays: Readonly<Record<string, Encoded>>
  readonly cases: readonly NumpyCase[]
}

export const numpyCases = cases

/** The arrays of a case. */
export const argumentsOf = ({ args }: NumpyCase): NDArray[] =>
  args.map((x) => decode(typeof x === 'string' ? arrays[x]! : x))

const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const functions = np as unknown as Readonly<Record<string, (...args: unknown[]) => NDArray | NDArray[]>>

/** Keywords of JAX that are a second array here. */
const second = ['y']

/** The call of a case on other arrays. */
export function call(c: NumpyCase, xs: readonly NDArray[]): NDArray[] {
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

/** The call as a reader would write it, nearly. */
export const nameOf = ({ fn, args, pre = [], static: rest = [], kw = [], options = {} }: NumpyCase): string => {
  const shown = args.map((x) => (typeof x === 'string' ? x : `${x.dtype}[${x.shape.join(', ')}]`))
  const others = [...pre, ...rest].map((x) => JSON.stringify(x))
  return `${fn}(${[...shown, ...others].join(', ')}) ${kw.join(' ')} ${Object.keys(options).length > 0 ? JSON.stringify(options) : ''}`
}
