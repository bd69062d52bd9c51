import { allocate, type DType, isBig, isFloat, type TypedArray } from '../array/dtype.ts'
import { Copies } from './loops.ts'
import type { Reduced } from './strided.ts'

type Combine = (a: number, b: number) => number

const fold = new Copies(
  (
    { data, outer, length, inner }: Reduced,
    out: TypedArray,
    totals: TypedArray,
    combine: Combine,
    starts: boolean,
    start: number,
  ): void => {
    for (let o = 0, at = 0; o < outer; o++) {
      if (inner === 1) {
        let total = starts ? start : data[at++]!
        for (let j = starts ? 0 : 1; j < length; j++) total = combine(total, data[at++]!)
        out[o] = total
        continue
      }
      for (let i = 0; i < inner; i++) totals[i] = starts ? start : data[at++]!
      for (let j = starts ? 0 : 1; j < length; j++)
        for (let i = 0; i < inner; i++) totals[i] = combine(totals[i]!, data[at++]!)
      for (let i = 0, to = o * inner; i < inner; i++) out[to++] = totals[i]!
    }
  },
)

/**
 * The elements over the middle axis combined in order, from `start` or from the first; floats in double precision. `kind`
 * tells the combination.
 */
export function foldAxis(x: Reduced, dtype: DType, kind: string, combine: Combine, start?: number): TypedArray {
  const { outer, inner } = x
  const out = allocate<DType>(dtype, outer * inner)
  const wide: DType = isFloat(dtype) ? 'float64' : dtype
  const totals = inner === 1 ? out : allocate<DType>(wide, inner)
  const shape = `${kind} ${dtype} ${inner === 1 ? 'row' : 'rows'}`
  fold.for(shape)(x, out, totals, combine, start !== undefined, start ?? 0)
  return out
}

const sum: Combine = (a, b) => a + b
const wrappedSum: Combine = (a, b) => (a + b) | 0

/** Sums over the middle axis. Floats are summed in double precision, integers wrap. */
export function sumAxis(x: Reduced, dtype: DType): TypedArray {
  // The sum of nothing is 0, but −0 is what leaves every number as it is.
  const neutral = x.length === 0 ? 0 : -0
  if (isBig(dtype)) return foldAxis(x, dtype, 'sum', sum, 0n as unknown as number)
  return foldAxis(x, dtype, 'sum', isFloat(dtype) ? sum : wrappedSum, neutral)
}
