import { grad, jvp, lax, NDArray, np, vjp, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases } from '../helpers/golden.ts'
import { plain } from '../helpers/primitive-cases.ts'
import { goldenCotangent, goldenTangent } from './golden/cases.ts'

type Options = Readonly<Record<string, unknown>>

interface Case {
  readonly kind: 'conv' | 'vmap' | 'transpose' | 'patches' | 'window' | 'convolve' | 'correlate' | 'reduce'
  readonly lhs: readonly number[]
  readonly rhs: readonly number[]
  readonly shape: readonly number[]
  readonly ties: boolean
  readonly inAxes: readonly (number | null)[]
  readonly window: readonly number[]
  readonly dims: readonly number[]
  readonly strides: readonly number[]
  readonly padding: lax.Padding
  readonly options: Options
  readonly op: string
  readonly init: number | 'inf' | '-inf'
  readonly mode: 'full' | 'same' | 'valid'
  readonly x: GoldenArray
  readonly axes: readonly number[]
  readonly out: GoldenArray
  readonly jvp?: GoldenArray
  readonly vjp?: readonly GoldenArray[] | GoldenArray
  readonly second?: readonly GoldenArray[]
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const camelKeys = (options: Options = {}): Options =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [camel(key), value]))

const values = { rtol: 2e-5, atol: 2e-6 }
const derivatives = { rtol: 1e-4, atol: 1e-5 }

const ties = (shape: readonly number[]): NDArray =>
  np
    .arange(shape.reduce((a, b) => a * b, 1))
    .mul(5)
    .mod(4)
    .reshape(shape)
const numberOf = (x: number | string): number => (x === 'inf' ? Infinity : x === '-inf' ? -Infinity : Number(x))

const operations: Readonly<Record<string, (x: NDArray, y: NDArray) => NDArray>> = {
  add: lax.add,
  mul: lax.mul,
  max: lax.max,
  min: lax.min,
  bitwise_and: lax.bitwiseAnd,
  bitwise_or: lax.bitwiseOr,
  bitwise_xor: lax.bitwiseXor,
}
const products = { convolve: np.convolve, correlate: np.correlate } as const

/** The function of a case and its operands. */
function callOf(c: Case): { f: (...xs: NDArray[]) => NDArray; operands: NDArray[] } {
  const options = camelKeys(c.options)
  const pair = [plain(c.lhs ?? [], 'float32'), plain(c.rhs ?? [], 'float32', 1)]
  switch (c.kind) {
    case 'conv':
    case 'vmap': {
      const f = (x: NDArray, w: NDArray): NDArray => lax.convGeneralDilated(x, w, c.strides, c.padding, options)
      return { f: (c.kind === 'vmap' ? vmap(f, { inAxes: c.inAxes }) : f) as never, operands: pair }
    }
    case 'transpose':
      return { f: (x, w) => lax.convTranspose(x!, w!, c.strides, c.padding, options), operands: pair }
    case 'patches':
      return {
        f: (x) => lax.convGeneralDilatedPatches(x!, c.window, c.strides, c.padding, options),
        operands: [pair[0]!],
      }
    case 'window': {
      const computation = operations[c.op]!
      return {
        f: (x) => lax.reduceWindow(x!, numberOf(c.init), computation, c.dims, c.strides, c.padding, options),
        operands: [c.ties ? ties(c.shape) : plain(c.shape, 'float32')],
      }
    }
    case 'reduce': {
      const x = np.array(Int32Array.from(c.x.data as number[]), { shape: c.x.shape })
      return { f: (y) => lax.reduce(y!, numberOf(c.init), operations[c.op]!, c.axes), operands: [x] }
    }
    default:
      return { f: (x, w) => products[c.kind as 'convolve'](x!, w!, { mode: c.mode }), operands: pair }
  }
}

const nameOf = ({ out: _, vjp: __, jvp: ___, second: ____, x: _____, ...c }: Case): string => JSON.stringify(c)

describe('convolutions, windows and reductions are JAX’s', () => {
  for (const c of goldenCases<Case>('autodiff/convolution.json')) {
    test(nameOf(c), () => {
      const { f, operands } = callOf(c)
      const out = f(...operands)
      expectGolden(out, c.out, values)
      if (c.jvp !== undefined) {
        const [, tangent] = jvp(f, operands, operands.map(goldenTangent))
        expectGolden(tangent, c.jvp, derivatives)
      }
      if (c.vjp !== undefined) {
        const expected = [c.vjp].flat() as GoldenArray[]
        const [y, pullback] = vjp(f, ...operands)
        const got = pullback(goldenCotangent(y)) as NDArray[]
        expected.forEach((g, i) => expectGolden(got[i], g, derivatives))
      }
      if (c.second !== undefined) {
        const loss = (x: NDArray, w: NDArray): NDArray => np.sum(np.sin(f(x, w).mul(0.1)).mul(goldenCotangent(out)))
        const gradient = grad(loss, { argnums: [0, 1] }) as unknown as (x: NDArray, w: NDArray) => NDArray[]
        const [, second] = jvp(gradient as never, operands as never, operands.map(goldenTangent) as never)
        ;(second as NDArray[]).forEach((g, i) => expectGolden(g, c.second![i]!, derivatives))
      }
    })
  }
})

test('there are cases of every kind', () => {
  const kinds = new Set(goldenCases<Case>('autodiff/convolution.json').map((c) => c.kind))
  expect([...kinds].toSorted()).toEqual([
    'conv',
    'convolve',
    'correlate',
    'patches',
    'reduce',
    'transpose',
    'vmap',
    'window',
  ])
})
