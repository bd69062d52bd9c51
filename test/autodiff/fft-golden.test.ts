import { fft, hessian, jacfwd, lax, linalg, type NDArray, np, vjp } from '@cotangent/autodiff'
import { type DType, isComplex } from '@cotangent/autodiff/array'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { goldenNumbers } from '../helpers/golden.ts'

/** make_util.py's arrays, and make_fft.py's arguments. */
interface Real {
  readonly shape: number[]
  readonly dtype: DType
  readonly data?: (number | string)[]
  readonly first?: number[]
  readonly last?: number[]
  readonly sum?: number
}
type Encoded = Real | { readonly re: Real; readonly im: Real }
type Argument = Encoded | { readonly shape: number[]; readonly salt: number; readonly complex?: boolean }

interface Case {
  readonly fn: string
  readonly args: readonly Argument[]
  readonly n?: number
  readonly options?: Readonly<Record<string, unknown>>
  readonly out: Encoded
  readonly vjp?: readonly Encoded[]
}

const casesOf = (file: string): Case[] => {
  const text = readFileSync(new URL(`../fixtures/autodiff/${file}`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: Case[] }).cases
}

function drawn(shape: readonly number[], salt: number): NDArray {
  const length = shape.reduce((a, b) => a * b, 1)
  const values = Float32Array.from({ length }, (_, i) => ((7919 * i + 104729 * salt) % 1000) / 500 - 1)
  return np.array(values, { shape })
}

const decodeReal = ({ shape, data }: Real): NDArray => np.array(Float32Array.from(goldenNumbers(data!)), { shape })
function argument(a: Argument): NDArray {
  if ('salt' in a)
    return a.complex === true ? lax.complex(drawn(a.shape, a.salt), drawn(a.shape, a.salt + 1)) : drawn(a.shape, a.salt)
  return 're' in a ? lax.complex(decodeReal(a.re), decodeReal(a.im)) : decodeReal(a)
}

/** How far off numbers may be: rounding in a transform goes with the size of all of them. */
function expectReal(got: NDArray, golden: Real, what: string, scale: number): void {
  expect(got.shape, what).toEqual(golden.shape)
  const numbers = [...got.dataSync()]
  const close = (values: number[], wanted: number[], slack: number): void =>
    wanted.forEach((y, i) => {
      const x = values[i]!
      const same = Object.is(x, y) || x === y || Math.abs(x - y) <= slack + 2e-5 * Math.abs(y)
      if (!same) throw new Error(`${what}[${i}]: ${x}, JAX has ${y}`)
    })
  if (golden.data !== undefined) return close(numbers, goldenNumbers(golden.data), 2e-6 * scale)
  close(numbers.slice(0, 8), golden.first!, 2e-6 * scale)
  close(numbers.slice(-8), golden.last!, 2e-6 * scale)
  close([numbers.reduce((a, b) => a + b, 0)], [golden.sum!], 2e-6 * scale * numbers.length)
}

function expectAlike(got: NDArray, golden: Encoded, what: string, factor = 1): void {
  const finite = [...got.dataSync()].filter(Number.isFinite)
  const scale = factor * Math.max(1, Math.sqrt(finite.reduce((sum, x) => sum + x * x, 0) / Math.max(1, finite.length)))
  expect(isComplex(got.dtype), `${what}: complex`).toBe('re' in golden)
  if (!('re' in golden)) return expectReal(got, golden, what, scale)
  expectReal(np.real(got), golden.re, `${what}, real part`, scale)
  expectReal(np.imag(got), golden.im, `${what}, imaginary part`, scale)
}

const functional = (x: NDArray): NDArray =>
  np.sum(np.log1p(np.abs(fft.rfft(x)).square()).mul(np.arange(1, Math.floor(x.shape[0]! / 2) + 2)))
const phases = (x: NDArray): NDArray => np.sum(np.sin(np.angle(fft.fft(x).slice([1, 3]))).mul(x.slice([0, 2])))

const described: Readonly<Record<string, (x: NDArray) => NDArray>> = {
  'hessian functional': (x) => hessian(functional)(x),
  'hessian phases': (x) => hessian(phases)(x),
  'jacfwd fft': (x) => jacfwd((y: NDArray) => fft.fft(y))(x),
}
type Fn = (...args: unknown[]) => NDArray
const namespaces = { fft, numpy: np, linalg } as unknown as Readonly<Record<string, Readonly<Record<string, Fn>>>>

function functionOf({ fn, options, n }: Case): (...xs: NDArray[]) => NDArray {
  const known = described[fn]
  if (known !== undefined) return (x) => known(x!)
  const [module, name] = fn.split('.') as [string, string]
  const f = namespaces[module]![name]!
  return (...xs) => f(...(n === undefined ? xs : [n]), ...(options === undefined ? [] : [options]))
}

for (const file of ['fft.json', 'complex.json']) {
  describe(`${file}: values and pullbacks are JAX’s`, () => {
    for (const c of casesOf(file)) {
      const shapes = c.args.map((a) => ('re' in a ? 'given' : a.shape.join('×'))).join(', ')
      test(`${c.fn}(${shapes}) ${JSON.stringify(c.options ?? c.n ?? {})}`, () => {
        const f = functionOf(c)
        const args = c.args.map(argument)
        expectAlike(f(...args), c.out, 'value')
        if (c.vjp === undefined) return
        const [y, pullback] = vjp(f, ...args)
        const cotangent = argument({ shape: [...y.shape], salt: 50, complex: isComplex(y.dtype) })
        pullback(cotangent).forEach((x, i) => expectAlike(x, c.vjp![i]!, `cotangent ${i}`, 5))
      })
    }
  })
}
