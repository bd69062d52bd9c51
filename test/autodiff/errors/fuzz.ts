import { CotangentError, fft, lax, linalg, NDArray, np, special, stats } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import fc from 'fast-check'

/** A call of a public function with operands that may be right or wrong. */
export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
  toString(): string
}

const modules = { np, lax, linalg, special, fft, stats: { ...stats } } as unknown as Record<
  string,
  Record<string, unknown>
>

/** What makes its result of functions. */
const leftOut = new Set(['np.fromfunction'])

/** All public functions by name. */
export const functions: ReadonlyMap<string, (...args: readonly unknown[]) => unknown> = new Map(
  Object.entries(modules).flatMap(([module, members]) =>
    Object.entries(members)
      .filter(([name, f]) => typeof f === 'function' && !/^[A-Z]/.test(name) && !leftOut.has(`${module}.${name}`))
      .map(([name, f]) => [`${module}.${name}`, f as (...args: readonly unknown[]) => unknown] as const),
  ),
)

const dtypes: readonly DType[] = [
  'float32',
  'float64',
  'int32',
  'bool',
  'uint32',
  'uint8',
  'float16',
  'complex64',
  'int64',
]
const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [3],
  [4],
  [0],
  [2, 3],
  [3, 3],
  [2, 0],
  [1, 3],
  [2, 3, 3],
  [1, 1, 4, 4],
]

const size = (shape: readonly number[]): number => shape.reduce((n, m) => n * m, 1)
const filled = (shape: readonly number[], dtype: DType, seed: number): NDArray =>
  np
    .array(
      Float64Array.from({ length: size(shape) }, (_, i) => ((i * 7 + seed * 3) % 11) - 3),
      { shape },
    )
    .astype(dtype)

/** A kind of argument: values that are right for many functions, and values of the kind that may be wrong. */
interface Kind {
  readonly right: readonly unknown[]
  readonly any: fc.Arbitrary<unknown>
}
const anArray = fc
  .tuple(fc.constantFrom(...shapes), fc.constantFrom(...dtypes), fc.nat({ max: 9 }))
  .map((x) => filled(...x))
const mostlyFloats = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...shapes), fc.nat({ max: 9 })).map(([s, n]) => filled(s, 'float32', n)),
  },
  { weight: 1, arbitrary: anArray },
)
const number = fc.constantFrom(0, 1, -1, 2, 3, 0.5, -7, 5, NaN, Infinity, 100, -0)
const array: Kind = { right: [filled([3, 3], 'float32', 1), filled([3], 'int32', 2)], any: mostlyFloats }
const whole: Kind = { right: [1, 0], any: number }
const list: Kind = { right: [[1, 0], [3]], any: fc.array(number, { maxLength: 3 }) }
const arrays: Kind = {
  right: [[filled([3, 3], 'float32', 1), filled([3, 3], 'float32', 2)]],
  any: fc.array(mostlyFloats, { maxLength: 3 }),
}
const dtype: Kind = { right: ['float32'], any: fc.constantFrom(...dtypes, 'half', '') }
const flag: Kind = { right: [true], any: fc.boolean() }
const text = (...right: string[]): Kind => ({ right, any: fc.constantFrom(...right, 'nonsense', '') })
const subscripts = text('ij,jk->ik', 'ij,jk', 'ii->i', 'i...->...', 'a->aa', 'ij->k')

const pair: Kind = { right: [[[0], [0]]], any: fc.array(list.any, { minLength: 2, maxLength: 2 }) }
const none: Kind = { right: [[[], []]], any: pair.any }

/** Options of a kind: a record of kinds. */
const options = (kinds: Readonly<Record<string, Kind>>): Kind => ({
  right: [0, 1].map((i) =>
    Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, kind.right[i] ?? kind.right[0]])),
  ),
  any: fc.record(Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, kind.any]))),
})
const axis = options({ axis: whole })

/** What functions may take: those that a function takes are found by trying. */
const signatures: readonly (readonly Kind[])[] = [
  [array],
  [array, array],
  [array, array, array],
  [array, array, array, array],
  [array, whole],
  [array, whole, whole],
  [whole],
  [whole, whole],
  [array, list],
  [array, list, list],
  [array, array, list],
  [list],
  [list, list],
  [arrays],
  [arrays, axis],
  [arrays, list],
  [array, axis],
  [array, array, axis],
  [array, whole, axis],
  [array, options({ axis: list })],
  [array, options({ axes: list })],
  [array, options({ axis: whole, keepdims: flag })],
  [array, options({ axis: whole, where: array, initial: whole })],
  [array, options({ dtype })],
  [list, options({ dtype })],
  [array, options({ n: whole, axis: whole })],
  [array, options({ s: list, axes: list })],
  [array, options({ norm: text('ortho', 'forward', 'backward') })],
  [array, options({ k: whole })],
  [array, options({ ord: whole, axis: whole })],
  [array, options({ ord: text('nuc', 'fro') })],
  [array, options({ offset: whole, axis1: whole, axis2: whole })],
  [array, options({ ddof: whole, axis: whole })],
  [array, array, options({ axes: whole })],
  [array, array, options({ mode: text('same', 'full', 'valid', 'clip', 'wrap', 'fill') })],
  [array, options({ mode: text('reduced', 'complete', 'r') })],
  [array, list, options({ mode: text('edge', 'reflect', 'wrap', 'constant') })],
  [array, whole, options({ mode: text('edge', 'reflect', 'wrap', 'constant') })],
  [array, options({ bins: whole, range: list })],
  [array, options({ weights: array })],
  [array, options({ minlength: whole })],
  [array, array, options({ method: text('linear', 'lower', 'nearest') })],
  [array, array, options({ side: text('left', 'right') })],
  [array, options({ size: whole, fillValue: whole })],
  [array, array, options({ lower: flag, trans: whole })],
  [array, options({ fullMatrices: flag, computeUv: flag })],
  [array, array, options({ contract: pair, batch: none })],
  [array, options({ exponentBits: whole, mantissaBits: whole })],
  [subscripts, array],
  [subscripts, array, array],
  [array, text('float32', 'int32', 'half')],
  [array, array, text('SAME', 'VALID')],
  [array, array, list, text('SAME', 'VALID')],
  [array, whole, text('add', 'max', 'mul'), list],
  [array, whole, text('add', 'max', 'mul'), list, list, text('SAME', 'VALID')],
]

const show = (value: unknown): string => {
  if (value instanceof NDArray) return `${value.dtype}[${value.shape.join()}]`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'function') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value))
    return `{ ${Object.entries(value)
      .map(([key, v]) => `${key}: ${show(v)}`)
      .join(', ')} }`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

const isRight = (f: (...args: readonly unknown[]) => unknown, kinds: readonly Kind[]): boolean =>
  [0, 1].some((i) => {
    try {
      f(...kinds.map((kind) => kind.right[i] ?? kind.right[0]))
      return true
    } catch {
      return false
    }
  })

/** Every function with what it takes. */
const taken: readonly (readonly [name: string, kinds: readonly Kind[]])[] = [...functions].flatMap(([name, f]) =>
  signatures.filter((kinds) => isRight(f, kinds)).map((kinds) => [name, kinds] as const),
)
export const reached: ReadonlySet<string> = new Set(taken.map(([name]) => name))

/** A call with arguments of the right kinds, of shapes, dtypes and numbers that may be wrong. */
export const calls: fc.Arbitrary<Call> = fc
  .constantFrom(...taken)
  .chain(([name, kinds]) =>
    fc
      .tuple(...kinds.map((kind) => kind.any))
      .map((args) => ({ name, args, toString: () => `${name}(${args.map(show).join(', ')})` })),
  )

/** Numbers of arrays, in trees of any depth. */
function arraysIn(value: unknown): NDArray[] {
  if (value instanceof NDArray) return [value]
  return Array.isArray(value) ? value.flatMap(arraysIn) : []
}

/** What went wrong in a call, if anything but one of the library's own errors did. */
export async function crash({ name, args }: Call): Promise<string | undefined> {
  try {
    const result = functions.get(name)!(...args)
    for (const x of arraysIn(result)) {
      const data = await x.data()
      const length = size(x.shape) * (x.dtype === 'complex64' ? 2 : 1)
      if (data.length !== length) return `gives ${data.length} numbers for ${show(x)}`
      if (x.shape.some((n) => !Number.isInteger(n) || n < 0)) return `gives the shape ${x.shape.join()}`
    }
    return undefined
  } catch (error) {
    if (error instanceof CotangentError) return undefined
    return `throws ${String(error)}\n${(error as Error).stack ?? ''}`
  }
}
