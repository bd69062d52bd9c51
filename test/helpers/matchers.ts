import { NDArray } from '@cotangent/autodiff'
import { expect } from 'vitest'

/** How far apart numbers may be: |a − b| ≤ atol + rtol·|b|. */
export interface Tolerance {
  /** @defaultValue 1e-6 */
  readonly rtol?: number
  /** @defaultValue 1e-7 */
  readonly atol?: number
}

/** An array, or nested lists of numbers and arrays, as flat numbers and a shape. */
interface Numbers {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly dtype: string | undefined
}

function numbersOf(value: unknown): Numbers {
  if (value instanceof NDArray) return { shape: value.shape, values: [...value.dataSync()], dtype: value.dtype }
  if (typeof value === 'number' || typeof value === 'boolean')
    return { shape: [], values: [Number(value)], dtype: undefined }
  if (ArrayBuffer.isView(value)) {
    const values = [...(value as Float64Array)]
    return { shape: [values.length], values, dtype: undefined }
  }
  if (!Array.isArray(value)) throw new TypeError(`not an array of numbers: ${String(value)}`)
  const rows = value.map(numbersOf)
  return {
    shape: [value.length, ...(rows[0]?.shape ?? [])],
    values: rows.flatMap((row) => row.values),
    dtype: undefined,
  }
}

const show = ({ shape, values }: Numbers): string =>
  `[${shape.join(', ')}] ${values
    .slice(0, 24)
    .map((v) => (Object.is(v, -0) ? '-0' : v))
    .join(' ')}${values.length > 24 ? ' …' : ''}`

function compare(
  received: unknown,
  expected: unknown,
  what: string,
  agree: (a: number, b: number) => boolean,
  alsoDType: boolean,
): { pass: boolean; message: () => string } {
  const a = numbersOf(received)
  const b = numbersOf(expected)
  const dtypes = !alsoDType || a.dtype === undefined || b.dtype === undefined || a.dtype === b.dtype
  const shapes = a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i])
  const wrong = shapes ? a.values.findIndex((x, i) => !agree(x, b.values[i] as number)) : -1
  const reason = !dtypes
    ? `the dtypes are ${a.dtype} and ${b.dtype}`
    : !shapes
      ? 'the shapes differ'
      : `element ${wrong} is ${a.values[wrong]}, expected ${b.values[wrong]}`
  return {
    pass: dtypes && shapes && wrong < 0,
    message: () => `expected arrays to be ${what}: ${reason}\n  received ${show(a)}\n  expected ${show(b)}`,
  }
}

/** Equal up to tolerance; NaN equals NaN, and infinities their own sign. */
const isClose =
  ({ rtol = 1e-6, atol = 1e-7 }: Tolerance = {}) =>
  (a: number, b: number): boolean =>
    Object.is(a, b) || a === b || Math.abs(a - b) <= atol + (Number.isFinite(b) ? rtol * Math.abs(b) : 0)

expect.extend({
  toBeAllclose: (received: unknown, expected: unknown, tolerance?: Tolerance) =>
    compare(received, expected, 'close', isClose(tolerance), false),
  toBeIdentical: (received: unknown, expected: unknown) =>
    compare(received, expected, 'identical', (a, b) => Object.is(a, b), true),
})

interface ArrayMatchers<R> {
  /** Same shape, and numbers equal up to tolerance (NaN to NaN, infinities by sign). */
  toBeAllclose(expected: unknown, tolerance?: Tolerance): R
  /** Same shape, dtype and bits: NaN, infinities and signed zeros as they are. */
  toBeIdentical(expected: unknown): R
}

declare module 'vitest' {
  // eslint-disable-next-line typescript/no-empty-object-type
  interface Matchers<T> extends ArrayMatchers<T> {}
}
