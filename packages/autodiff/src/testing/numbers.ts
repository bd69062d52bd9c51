import { type DType, isDifferentiable } from '../array/dtype.ts'
import { CotangentError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual } from '../array/shape.ts'
import { treePaths } from '../array/tree.ts'
import { showAval } from '../core/jaxpr.ts'
import { flattenArrays } from '../transforms/function.ts'

/** A law that does not hold, with the numbers that show it. */
export class LawError extends CotangentError {
  override readonly name: string = 'LawError'
}

/** How far apart two numbers may be: |a − b| ≤ atol + rtol·|b|. */
export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

/** The distance from 1 to the next number. */
const ROUNDING: Partial<Record<DType, number>> = {
  bfloat16: 2 ** -7,
  float16: 2 ** -10,
  float32: 2 ** -23,
  complex64: 2 ** -23,
}

/** Some multiples of the rounding of the coarsest float among the arrays. */
export function toleranceFor(arrays: readonly NDArray[], factor: number): Tolerance {
  const epsilon = Math.max(2 ** -52, ...arrays.map((x) => ROUNDING[x.dtype] ?? 0))
  return { rtol: factor * epsilon, atol: factor * epsilon }
}

const close = (a: number, b: number, { rtol, atol }: Tolerance): boolean =>
  a === b ||
  (Number.isNaN(a) && Number.isNaN(b)) ||
  Math.abs(a - b) <= atol + (Number.isFinite(b) ? rtol * Math.abs(b) : 0)

/** Throws a LawError unless the trees have one structure, the same shapes and dtypes, and numbers that are close. */
export async function expectClose(law: string, got: unknown, expected: unknown, tolerance: Tolerance): Promise<void> {
  const [a, aDef] = flattenArrays(got, 'result')
  const [b, bDef] = flattenArrays(expected, 'expected')
  if (aDef.text !== bDef.text) throw new LawError(`${law}: the results are ${aDef.text} and ${bDef.text}`)
  const paths = treePaths(expected, 'result')
  for (const [i, y] of b.entries()) {
    const x = a[i] as NDArray
    if (x.dtype !== y.dtype || !shapesEqual(x.shape, y.shape))
      throw new LawError(`${law}: ${paths[i]} is ${showAval(x)} and ${showAval(y)}`)
    const [xs, ys] = await Promise.all([x.data(), y.data()])
    const wrong = ys.findIndex((value, k) => !close(xs[k] as number, value, tolerance))
    if (wrong >= 0)
      throw new LawError(
        `${law}: element ${wrong} of ${paths[i]} (${showAval(y)}) is ${xs[wrong]} and ${ys[wrong]}\n${x.toString()}\n${y.toString()}`,
      )
  }
}

/** Whether an array has derivatives: of floats or complex numbers. */
export const hasDerivatives = (x: { readonly dtype: DType }): boolean => isDifferentiable(x.dtype)
