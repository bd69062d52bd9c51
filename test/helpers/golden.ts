import { readFileSync } from 'node:fs'
import { type DType, NDArray } from '@cotangent/autodiff'
import { expect } from 'vitest'
import './matchers.ts'
import type { Tolerance } from './matchers.ts'

/** An array in a golden file: whole, or its ends and sums when it is long. */
export interface GoldenArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data?: readonly (number | boolean | string)[]
  readonly first?: readonly (number | boolean)[]
  readonly last?: readonly (number | boolean)[]
  readonly sum?: number | string
  readonly sumsq?: number | string
}

export type GoldenTree = GoldenArray | readonly GoldenTree[] | { readonly [key: string]: GoldenTree }

/** The cases of a golden file under test/fixtures. */
export function goldenCases<T>(file: string): T[] {
  const text = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
  // Integers that no double holds are read as text.
  const exact = text.replaceAll(/(?<=[[,\s])-?\d{16,}(?=[\],\s])/g, '"$&"')
  return (JSON.parse(exact) as { cases: T[] }).cases
}

const specials: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity }
/** Strings in golden files are what JSON cannot write. */
export const goldenNumbers = (values: readonly (number | boolean | string)[]): number[] =>
  values.map((v) => (typeof v === 'string' ? (specials[v] ?? Number(v)) : Number(v)))

const isArray = (golden: GoldenTree): golden is GoldenArray => !Array.isArray(golden) && 'dtype' in golden

/** Expects `actual` to be the tree of the golden file: structure, shapes, numbers; its dtypes unless told not to. */
export function expectGolden(actual: unknown, golden: GoldenTree, tolerance: Tolerance = {}, path = 'value'): void {
  if (isArray(golden)) return expectArray(actual, golden, tolerance, path)
  if (Array.isArray(golden)) {
    expect(Array.isArray(actual) ? actual.length : actual, `${path}: its length`).toBe(golden.length)
    golden.forEach((g: GoldenTree, i) => expectGolden((actual as unknown[])[i], g, tolerance, `${path}[${i}]`))
    return
  }
  for (const [key, g] of Object.entries(golden)) {
    expectGolden((actual as Record<string, unknown>)[key], g as GoldenTree, tolerance, `${path}.${key}`)
  }
}

function expectArray(actual: unknown, golden: GoldenArray, tolerance: Tolerance, path: string): void {
  if (!(actual instanceof NDArray)) throw new TypeError(`${path} is no array: ${String(actual)}`)
  expect(actual.shape, `${path}: its shape`).toEqual(golden.shape)
  if (golden.dtype === 'int64' || golden.dtype === 'uint64') {
    const [got, wanted] = [[...actual.dataSync()].map(BigInt), golden.data!.map((v) => BigInt(v))]
    return expect(got, `${path}: its numbers`).toEqual(wanted)
  }
  const data = [...actual.dataSync()]
  // Golden files give float32 in its shortest decimal form.
  const round = golden.dtype === 'float32' ? Math.fround : (x: number) => x
  const close = (got: number[], wanted: number[], what: string): void => {
    expect(got, `${path}: ${what}`).toBeAllclose(wanted.map(round), tolerance)
  }
  if (golden.data !== undefined) return close(data, goldenNumbers(golden.data), 'its numbers')
  close(data.slice(0, 8), goldenNumbers(golden.first!), 'its first numbers')
  close(data.slice(-8), goldenNumbers(golden.last!), 'its last numbers')
  if (typeof golden.sum === 'string') {
    const whole = data.map(BigInt)
    expect(String(whole.reduce((a, b) => a + b, 0n)), `${path}: its sum`).toBe(golden.sum)
    expect(String(whole.reduce((a, b) => a + b * b, 0n)), `${path}: its sum of squares`).toBe(golden.sumsq)
    return
  }
  // Cancellation in the sum is judged against the size of the terms.
  const total = data.reduce((a, b) => a + Math.abs(b), 0)
  const { atol = 1e-7 } = tolerance
  const rtol = Math.max(1e-12, tolerance.rtol ?? 1e-6)
  const slack = { rtol: 0, atol: rtol * total + atol * data.length }
  expect(
    data.reduce((a, b) => a + b, 0),
    `${path}: its sum`,
  ).toBeAllclose(golden.sum, slack)
  const squares = data.reduce((a, b) => a + b * b, 0)
  expect(squares, `${path}: its sum of squares`).toBeAllclose(golden.sumsq, { rtol: 2 * rtol, atol: slack.atol })
}
