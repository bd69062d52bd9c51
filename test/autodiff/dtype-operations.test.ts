import { jit, lax, type NDArray, np } from '@cotangent/autodiff'
import { array, type DType } from '@cotangent/autodiff/array'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { halves, integers } from '../helpers/dtypes.ts'

type Number = number | boolean | string
interface OfDType {
  readonly x: readonly Number[]
  readonly y: readonly Number[]
  readonly z: readonly Number[]
  readonly i: readonly number[]
  readonly results: Readonly<Record<string, { readonly dtype: DType; readonly out: readonly Number[] }>>
}
const file = new URL('../fixtures/autodiff/dtype-operations.json', import.meta.url)
const { dtypes } = JSON.parse(readFileSync(file, 'utf8')) as { dtypes: Record<string, OfDType> }

const specials: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity }
const read = (value: Number): number | bigint | boolean =>
  typeof value === 'string' ? (specials[value] ?? BigInt(value)) : value
const arrayOf = (values: readonly Number[], dtype: DType): NDArray => array(values.map(read), { dtype })

interface Operands {
  readonly x: NDArray
  readonly y: NDArray
  readonly z: NDArray
  readonly i: NDArray
}
type Operation = (operands: Operands) => NDArray | readonly NDArray[]

const dimensionNumbers = { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }
const scatter =
  (f: typeof lax.scatter): Operation =>
  ({ x, y, i }) =>
    f(x, i.reshape([-1, 1]), y, { dimensionNumbers })
const unary =
  (f: (x: NDArray) => NDArray): Operation =>
  ({ x }) =>
    f(x)
const binary =
  (f: (x: NDArray, y: NDArray) => NDArray): Operation =>
  ({ x, y }) =>
    f(x, y)

const operations: Readonly<Record<string, Operation>> = {
  sort: unary((x) => lax.sort(x)),
  'np.argsort': unary(np.argsort),
  topK: ({ x }) => lax.topK(x, 5),
  take: ({ x, i }) => np.take(x, i),
  'np.max': unary(np.max),
  'np.min': unary(np.min),
  'np.any': unary(np.any),
  'np.argmax': unary(np.argmax),
  'np.sum': unary(np.sum),
  'np.mean': unary(np.mean),
  'np.prod': ({ x }) => np.prod(x.slice([0, 6])),
  cummax: unary((x) => lax.cummax(x, 0)),
  cummin: unary((x) => lax.cummin(x, 0, true)),
  clamp: ({ x, y, z }) => lax.clamp(y, x, z),
  cumsum: unary((x) => lax.cumsum(x, 0)),
  'np.cumsum': unary(np.cumsum),
  cumprod: unary((x) => lax.cumprod(x, 0)),
  'np.cumprod': unary(np.cumprod),
  shiftRightArithmetic: binary(lax.shiftRightArithmetic),
  populationCount: unary(lax.populationCount),
  clz: unary(lax.clz),
  scatterAdd: scatter(lax.scatterAdd as typeof lax.scatter),
  scatterMul: scatter(lax.scatterMul),
  scatterMin: scatter(lax.scatterMin),
  scatterMax: scatter(lax.scatterMax),
  scatter: scatter(lax.scatter),
  integerPow: unary((x) => lax.integerPow(x, 3)),
  'np.floorDivide': binary(np.floorDivide),
  'np.mod': binary(np.mod),
  'np.rightShift': binary(np.rightShift),
  'np.bitwiseCount': unary(np.bitwiseCount),
}

const numbersOf = async (x: NDArray): Promise<(number | bigint)[]> => [...(await x.data())]
const plain = (value: number | bigint | boolean): number | bigint =>
  typeof value === 'boolean' ? Number(value) : value

describe.each([...integers, ...halves])('as JAX has it, and compiled: %s', (dtype) => {
  const { results, i, ...operands } = dtypes[dtype] as OfDType
  const [x, y, z] = [operands.x, operands.y, operands.z].map((values) => arrayOf(values, dtype)) as [
    NDArray,
    NDArray,
    NDArray,
  ]
  const given: Operands = { x, y, z, i: arrayOf(i, 'int32') }
  test.each(Object.keys(results).filter((name) => !name.includes(':')))('%s', async (name) => {
    const f = operations[name] as Operation
    const listed = (found: NDArray | readonly NDArray[]): readonly NDArray[] =>
      Array.isArray(found) ? (found as NDArray[]) : [found as NDArray]
    const compiled = listed(
      jit((...[p, q, r, at]: NDArray[]) => f({ x: p!, y: q!, z: r!, i: at! }) as NDArray)(x, y, z, given.i),
    )
    for (const found of [listed(f(given)), compiled]) {
      for (const [k, value] of found.entries()) {
        const expected = results[k === 0 ? name : `${name}:${k}`]!
        // A mean of integers is float32 here, in JAX's 64-bit mode float64.
        const isMean = name === 'np.mean' && expected.dtype === 'float64'
        expect(value.dtype).toBe(isMean ? 'float32' : expected.dtype)
        const numbers = expected.out.map(read).map(plain)
        if (name === 'np.mean' && Number.isFinite(Number(numbers[0])))
          expect(Number((await numbersOf(value))[0]) / Number(numbers[0])).toBeCloseTo(1, 5)
        else expect(await numbersOf(value)).toEqual(numbers)
      }
    }
  })
})
