import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  lax,
  linalg,
  NDArray,
  np,
  special as specials,
  stats,
  vmap,
} from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import * as nn from '@cotangent/nn'
import { readFileSync } from 'node:fs'
import { describedSpecial } from './described-special.ts'
import { describedIndexing } from './described-indexing.ts'
import { describedLinalg } from './described-linalg.ts'
import { type ConvolutionMeta, describedConvolution, describedWindows } from './described-windows.ts'
import { describedNumpy } from './described-numpy.ts'
import { controlCases } from './described-control.ts'
import { describedTransforms } from './described-transforms.ts'
import { describedFft } from './described-fft.ts'

type Number = number | boolean | 'nan' | 'inf' | '-inf'

/** An array as make_util.py writes one; big ones have no `data`. */
export interface Encoded {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly data?: readonly Number[]
}

export type EncodedTree = Encoded | readonly Encoded[]

/** One call of a JAX function, with its results: test/fixtures/autodiff/make_numerics.py made them. */
export interface GoldenCase {
  readonly fn: string
  readonly args: readonly Encoded[]
  readonly meta?: { readonly axis?: number } & Partial<ConvolutionMeta>
  readonly out?: EncodedTree
  readonly jvp?: EncodedTree
  readonly vjp?: readonly Encoded[]
  readonly error?: string
}

/** The file that make_numerics.py wrote; another one of its kind where COTANGENT_GOLDEN names it. */
const file = process.env['COTANGENT_GOLDEN'] ?? new URL('../../fixtures/autodiff/numerics.json', import.meta.url)

export const goldenCases: readonly GoldenCase[] = (JSON.parse(readFileSync(file, 'utf8')) as { cases: GoldenCase[] })
  .cases

const special = { nan: NaN, inf: Infinity, '-inf': -Infinity }
const numberOf = (value: Number): number => (typeof value === 'string' ? special[value] : Number(value))

export function decode({ shape, dtype, data }: Encoded): NDArray {
  if (data === undefined) throw new Error(`an array of shape ${shape.join()} was written without its numbers`)
  const values = Float64Array.from(data, numberOf)
  return np.array(values, { dtype: dtype as DType, shape: [...shape] }) as NDArray
}

export const decodeAll = (tree: EncodedTree): NDArray[] =>
  Array.isArray(tree) ? (tree as Encoded[]).map(decode) : [decode(tree as Encoded)]

/** The tangent and the cotangent that every golden derivative is taken along. */
export const goldenTangent = (x: NDArray): NDArray =>
  np.array(
    Float64Array.from({ length: x.size }, (_, i) => 0.5 + 0.25 * (i % 7)),
    { shape: x.shape, dtype: x.dtype },
  )
export const goldenCotangent = (x: NDArray): NDArray =>
  np.array(
    Float64Array.from({ length: x.size }, (_, i) => 1 - 0.5 * (i % 4)),
    { shape: x.shape, dtype: x.dtype },
  )

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

const h = (x: NDArray): NDArray => np.sum(np.sin(x).mul(x.square())).add(np.prod(x))
const outerExp = (x: NDArray): NDArray => np.outer(x, np.exp(x))

/** The cases whose name is a description, or a function with more arguments: the lambdas of make_numerics.py. */
const described: Readonly<Record<string, Fn>> = {
  ...describedIndexing,
  ...describedLinalg,
  ...describedWindows,
  ...controlCases,
  ...describedTransforms,
  'numpy.add(int32,float32)': (x, y) => np.add(x!, y!),
  'numpy.multiply(bool,int)': (x, y) => np.multiply(x!, y!),
  'numpy.astype(int32)': (x) => x!.astype('int32'),
  'numpy.var(ddof=1)': (x) => np.var(x!, { axis: 0, ddof: 1 }),
  'numpy.max ties': (x) => np.max(x!),
  'numpy.sum(keepdims)': (x) => np.sum(x!, { axis: [0, 1], keepdims: true }),
  'numpy.sum empty': (x) => np.sum(x!, { axis: 0 }),
  'numpy.prod empty': (x) => np.prod(x!, { axis: 0 }),
  'numpy.mean empty': (x) => np.mean(x!, { axis: 0 }),
  'numpy.cumsum empty': (x) => np.cumsum(x!, { axis: 0 }),
  'numpy.max empty': (x) => np.max(x!, { axis: 0 }),
  'numpy.concatenate empty': (x, y) => np.concatenate([x!, y!]),
  'numpy.matmul empty': (x, y) => np.matmul(x!, y!),
  'numpy.take': (x, i) => np.take(x!, i!, { axis: 0 }),
  'gather oob x[[0,5,-1,-7]]': (x, i) => x!.slice(i!),
  'slice x[::2,1:]': (x) => x!.slice([null, null, 2], [1, null]),
  'slice x[::-1]': (x) => x!.slice([null, null, -1]),
  'numpy.where': (x) => np.where(x!.gt(0), x!, x!.mul(x!)),
  'numpy.where_nan': (x) => np.where(x!.gt(0), np.log(x!), 0),
  'numpy.clip': (x) => np.clip(x!, -1, 1),
  'numpy.transpose': (x) => x!.T,
  'numpy.tile': (x) => np.tile(x!, [2, 1]),
  'numpy.repeat': (x) => np.repeat(x!, 2, { axis: 0 }),
  'numpy.flip': (x) => np.flip(x!, { axis: 0 }),
  'numpy.outer': (x) => np.outer(x!.at(0), x!.at(1)),
  'numpy.cov': (x) => np.cov(x!, { rowvar: false }),
  'numpy.stack': (x) => np.stack([x!, x!.mul(2)], { axis: -1 }),
  'numpy.split': (x) => np.split(x!, [1]),
  'numpy.expand_squeeze': (x) => np.squeeze(np.expandDims(x!, 0)),
  'numpy.reshape': (x) => x!.reshape([-1, 1]),
  'numpy.tensordot': (x) => np.tensordot(x!, x!, 1),
  'numpy.linspace': () => np.linspace(-1, 2, 7),
  'numpy.arange': () => np.arange(0, 1, 0.3),
  'linalg.norm vec': (x) => linalg.norm(x!),
  'linalg.norm zero': (x) => linalg.norm(x!),
  'linalg.inv singular': (x) => linalg.inv(x!),
  'linalg.det singular': (x) => linalg.det(x!),
  'linalg.slogdet singular': (x) => linalg.slogdet(x!),
  'linalg.slogdet negative': (x) => linalg.slogdet(x!),
  'linalg.inv batch': (x) => linalg.inv(x!),
  'linalg.det 1x1': (x) => linalg.det(x!),
  ...describedFft,
  hessian: (x) => hessian(h)(x!),
  jacfwd: (x) => jacfwd(outerExp)(x!),
  jacrev: (x) => jacrev(outerExp)(x!),
  'grad(grad(tanh))': (x) => vmap(grad(grad(grad((y: NDArray) => np.tanh(y)))))(x!),
  hvp: (x, t) => jvp(grad(h), [x!], [t!])[1],
  ...describedNumpy,
  'vmap in_axes': (x, v) => vmap((a: NDArray, b: NDArray) => np.dot(a, b), { inAxes: [1, null] })(x!, v!),
  ...describedSpecial,
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const namespaces: Readonly<Record<string, unknown>> = {
  numpy: np,
  lax,
  linalg,
  nn,
  scipy: { special: specials, stats },
}

/** The function of a case, if it is here. */
export function functionOf({ fn, meta }: GoldenCase): Fn | undefined {
  if (fn === 'lax.conv_general_dilated NHWC HWIO') return describedConvolution(meta as ConvolutionMeta) as Fn
  const known = described[fn]
  if (known !== undefined) return known
  const found = fn
    .split('.')
    .reduce<unknown>(
      (space, name) => (space as Readonly<Record<string, unknown>> | undefined)?.[camel(name)],
      namespaces,
    )
  if (typeof found !== 'function') return undefined
  const call = found as (...args: unknown[]) => NDArray | NDArray[]
  return meta?.axis === undefined ? (...args) => call(...args) : (x) => call(x, { axis: meta.axis })
}
