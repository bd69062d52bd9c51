import { CotangentError, NDArray, np } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'

// oxlint-disable-next-line typescript/no-explicit-any
export type Call = (...args: any[]) => unknown
/** A function and arguments that it takes. */
export type Calls = Readonly<Record<string, readonly [call: Call, ...args: unknown[]]>>

/** What a user without a type checker might give. */
export const wrong: readonly unknown[] = [
  null,
  undefined,
  {},
  [],
  'x',
  Number.NaN,
  -1,
  1.5,
  1e12,
  2 ** 53,
  5n,
  -(2n ** 70n),
  Symbol('s'),
  true,
  () => undefined,
  [null],
  [[], [1]],
  { a: 1 },
  new Date(0),
  new Map(),
  new Uint8Array(2),
  Promise.resolve(1),
  Object.create(null),
  np.ones([2, 0, 3]),
  np.ones([3, 2, 2, 1, 2]),
  np.array(true),
  np.ones([2, 3]).astype('complex64'),
  np.ones([2, 3]).astype('int64'),
]

const named = new WeakSet<object>()
/** Options by name: one that is not among them must be refused. */
export function options<O extends object>(given: O): O {
  named.add(given)
  return given
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The structure of a tree is made by the library, and not put together. */
const isStructure = (value: unknown): boolean => isPlain(value) && 'children' in value && 'text' in value

/** The value with one part replaced: itself, an entry or a field. */
function* variants(value: unknown, depth = 0): Generator<unknown> {
  yield* wrong
  if (depth > 2 || isStructure(value)) return
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) for (const other of variants(one, depth + 1)) yield value.with(i, other)
  } else if (isPlain(value)) {
    for (const [key, one] of Object.entries(value)) {
      for (const other of variants(one, depth + 1)) yield { ...value, [key]: other }
    }
  }
}

function arraysIn(value: unknown): NDArray[] {
  if (value instanceof NDArray) return [value]
  if (Array.isArray(value)) return value.flatMap(arraysIn)
  return isPlain(value) ? Object.values(value).flatMap(arraysIn) : []
}

/** What a call throws, at once or later; undefined for nothing. */
async function thrownBy(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    const given = call(...args)
    for (const x of arraysIn(given instanceof Promise ? await given : given))
      if (x.storage.host === undefined) await x.data()
    return undefined
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  }
}

function show(value: unknown, depth = 0): string {
  if (value instanceof NDArray) return `${value.dtype}[${value.shape.join()}]`
  if (typeof value === 'function') return 'f'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth > 3) return '…'
  if (Array.isArray(value)) return `[${value.map((one) => show(one, depth + 1)).join(', ')}]`
  const fields = Object.entries(value).map(([key, one]) => `${key}: ${show(one, depth + 1)}`)
  return `${value.constructor?.name ?? 'null'} { ${fields.join(', ')} }`
}

const said = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : typeof error)
/** What takes longer works on nonsense, however busy the machine is. */
const HANGS_MS = 20_000

/** What is wrong with what comes of every wrong argument: errors that are not ours, and options that are not seen. */
export async function faultsOf(name: string, [call, ...args]: Calls[string]): Promise<string[]> {
  const faults: string[] = []
  const seen = new Set<string>()
  /** Of one argument each fault counts once. */
  const report = (argument: number, fault: string, text: string): void => {
    const key = `${argument} ${fault}`
    if (!seen.has(key)) faults.push(text)
    seen.add(key)
  }
  const shown = (given: readonly unknown[]): string => `${name}(${given.map((one) => show(one)).join(', ')})`
  const first = await thrownBy(call, args)
  if (first !== undefined) report(-1, '', `${shown(args)} throws ${said(first)}`)
  for (const [i, arg] of args.entries()) {
    for (const other of variants(arg)) {
      const start = performance.now()
      const error = await thrownBy(call, args.with(i, other))
      const what = shown(args.with(i, other))
      const took = performance.now() - start
      if (took > HANGS_MS) report(i, 'slow', `${what} takes ${Math.round(took)} ms`)
      if (error === undefined) continue
      if (!(error instanceof CotangentError)) report(i, said(error), `${what} throws ${said(error)}`)
      else if (/cannot read prop|is not iterable|invalid (array|typed)/i.test(error.message))
        report(i, error.message, `${what} says ${error.message}`)
    }
    if (typeof arg === 'object' && arg !== null && named.has(arg)) {
      const error = await thrownBy(call, args.with(i, { ...arg, noSuchOption: 1 }))
      if (!(error instanceof CotangentError) || !error.message.includes('noSuchOption')) {
        report(i, '', `${name}: an unknown option ${error === undefined ? 'is ignored' : `says ${said(error)}`}`)
      }
    }
  }
  return faults
}

/** A call with the first of the arguments that the function takes. */
export function guessed(
  call: Call,
  candidates: readonly (readonly unknown[])[],
): readonly [Call, ...unknown[]] | undefined {
  const args = candidates.find((given) => {
    try {
      call(...given)
      return true
    } catch {
      return false
    }
  })
  return args === undefined ? undefined : [call, ...args]
}

/** What is swept of a module. */
export type Swept = readonly [module: object, calls: Calls]

/** Sweeps modules by their names; every function is called, but those whose names `leftOut` matches. */
export const testWrongKinds = (modules: Readonly<Record<string, Swept>>, leftOut?: RegExp): void =>
  describe.each(Object.entries(modules))(
    '%s: whatever is given, what comes is an error of ours, or none',
    (_, [module, calls]) => {
      test.each(Object.keys(calls))('%s', async (name) => {
        expect(await faultsOf(name, calls[name]!)).toEqual([])
      })

      test('every function is called', () => {
        const called = new Set(Object.keys(calls).map((name) => name.replace(/[.,].*/, '')))
        const missing = Object.entries(module as Record<string, unknown>)
          .filter(([name, f]) => typeof f === 'function' && leftOut?.test(name) !== true && !called.has(name))
          .map(([name]) => name)
        expect(missing).toEqual([])
      })
    },
  )
