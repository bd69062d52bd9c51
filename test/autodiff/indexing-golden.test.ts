import { hessian, type Index, jit, jvp, lax, type NDArray, np, vjp } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { goldenCases, expectGolden, type GoldenArray, goldenNumbers, type GoldenTree } from '../helpers/golden.ts'
import '../helpers/matchers.ts'
import { goldenCotangent, goldenTangent } from './golden/cases.ts'

const decode = ({ data, shape, dtype }: GoldenArray): NDArray =>
  np.array(Float64Array.from(goldenNumbers(data!)), { dtype, shape: [...shape] }) as NDArray

const values = { rtol: 2e-5, atol: 2e-6 }
const derivatives = { rtol: 1e-4, atol: 1e-5 }

// ── indices ────────────────────────────────────────────────────────────────

type GoldenIndex =
  | number
  | string
  | { readonly range: [number | null, number | null, number | null] }
  | { readonly array: GoldenArray }
  | { readonly mask: GoldenArray }

interface IndexCase {
  readonly shape: readonly number[]
  readonly index: readonly GoldenIndex[]
  readonly got: GoldenArray
  readonly set?: GoldenArray
  readonly add?: GoldenArray
}

function entryOf(entry: GoldenIndex): Index {
  if (typeof entry === 'number') return entry
  if (typeof entry === 'string') return entry === 'new' ? np.newaxis : '...'
  if ('range' in entry) return entry.range
  return decode('array' in entry ? entry.array : entry.mask)
}

const show = (entry: GoldenIndex): string =>
  typeof entry !== 'object'
    ? String(entry)
    : 'range' in entry
      ? entry.range.map((end) => end ?? '').join(':')
      : JSON.stringify(('array' in entry ? entry.array : entry.mask).data)

describe('indices take and put what JAX’s do', () => {
  const cases = goldenCases<IndexCase>('autodiff/indexing.json')
  test.each(cases.map((c) => [`${c.shape.join('×')} at ${c.index.map(show).join(', ')}`, c] as const))('%s', (_, c) => {
    const size = c.shape.reduce((a, b) => a * b, 1)
    const x = np.arange(1, size + 1).reshape([...c.shape])
    const index = c.index.map(entryOf)
    const got = x.slice(...index)
    expectGolden(got, c.got)
    expectGolden(x.get(index), c.got)
    const updates = np
      .arange(10, 10 * got.size + 1, 10)
      .slice([0, got.size])
      .reshape(got.shape)
    if (c.set !== undefined) expectGolden(x.set(index, updates), c.set)
    if (c.add !== undefined) expectGolden(x.addAt(index, updates), c.add)
    // What is static stays so; the arrays may be traced.
    const traced = (arrays: NDArray[]): Index[] => {
      let next = 0
      return c.index.map((entry, i) => (typeof entry === 'object' && 'array' in entry ? arrays[next++]! : index[i]!))
    }
    const arrays = c.index.flatMap((entry) =>
      typeof entry === 'object' && 'array' in entry ? [decode(entry.array)] : [],
    )
    const js = { device: 'js' } as const
    expectGolden(jit((y: NDArray, list: NDArray[]) => y.slice(...traced(list)), js)(x, arrays), c.got)
    const put = jit((y: NDArray, list: NDArray[]) => y.addAt(traced(list), updates), js)(x, arrays)
    expect(put).toBeAllclose(x.addAt(index, updates), values)
  })
})

// ── functions ──────────────────────────────────────────────────────────────

type Argument = GoldenArray | readonly GoldenArray[] | number | boolean

interface FunctionCase {
  readonly fn: string
  readonly args: readonly Argument[]
  readonly options?: object
  readonly out: readonly GoldenTree[]
  readonly jvp?: readonly GoldenTree[]
  readonly vjp?: readonly GoldenTree[]
  readonly hessian?: GoldenTree
}

type Operand = NDArray | readonly NDArray[] | number | boolean
type Fn = (...args: unknown[]) => NDArray | NDArray[]

const operandOf = (arg: Argument): Operand =>
  typeof arg !== 'object' ? arg : Array.isArray(arg) ? (arg as GoldenArray[]).map(decode) : decode(arg as GoldenArray)

/** `at.set` is a method: the array, the index, the value. */
function functionOf(name: string): Fn {
  const [module, key] = name.split('.') as [string, string]
  if (module === 'at') return (x, ...rest) => (x as unknown as Record<string, Fn>)[key]!.call(x, ...rest)
  return (module === 'np' ? np : lax)[key as never] as Fn
}

/** Tuples may hold a list, as the edges of a histogram. */
const flat = (y: unknown): NDArray[] => (Array.isArray(y) ? y.flatMap(flat) : [y as NDArray])
const isFloat = (x: unknown): x is NDArray =>
  typeof x === 'object' && !Array.isArray(x) && (x as NDArray).dtype.startsWith('float')

describe('functions give what JAX’s do', () => {
  const cases = goldenCases<FunctionCase>('autodiff/indexing-functions.json')
  const named = cases.map((c, i) => [`${i} ${c.fn} ${JSON.stringify(c.options ?? {})}`, c] as const)
  test.each(named)('%s', (_, c) => {
    const f = functionOf(c.fn)
    const args = c.args.map(operandOf)
    const call = (...operands: readonly unknown[]): NDArray[] =>
      flat(f(...operands, ...(c.options === undefined ? [] : [c.options])))
    const out = call(...args)
    expect(out.map((y) => y.dtype)).toEqual(c.out.map((y) => (y as GoldenArray).dtype))
    expectGolden(out, c.out, values)
    if (c.vjp === undefined) return
    const primals = args.filter(isFloat)
    const ofFloats = (...xs: NDArray[]): NDArray[] => {
      let next = 0
      return call(...args.map((a) => (isFloat(a) ? xs[next++] : a))).filter(isFloat)
    }
    expectGolden(jvp(ofFloats, primals, primals.map(goldenTangent))[1], c.jvp!, derivatives)
    const [y, pullback] = vjp(ofFloats, ...primals)
    expectGolden(pullback(y.map(goldenCotangent)), c.vjp, derivatives)
    if (c.hessian === undefined) return
    const weighted = (x: NDArray): NDArray =>
      ofFloats(x, ...primals.slice(1))
        .map((v) => v.mul(goldenCotangent(v)).sum())
        .reduce((a, b) => a.add(b))
    expectGolden(hessian(weighted)(primals[0]!), c.hessian, derivatives)
  })
})
