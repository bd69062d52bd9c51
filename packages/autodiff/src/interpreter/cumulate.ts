import type { DType, TypedArray } from '../array/dtype.ts'
import { Copies } from './loops.ts'

/** What works along one line: from `start`, `by` apart, `n` elements. */
export type Line = (x: TypedArray, out: TypedArray, start: number, by: number, n: number) => void

type Step = (total: number, x: number) => number

const runAlong = new Copies(
  (step: Step, x: TypedArray, out: TypedArray, start: number, by: number, n: number): void => {
    if (n === 0) return
    let total = x[start]!
    out[start] = total
    for (let i = 1, at = start + by; i < n; i++, at += by) out[at] = total = step(total, x[at]!)
  },
)

/** A running value, from one number after the other; `name` tells the step. */
export function running(name: string, dtype: DType, step: Step): Line {
  const run = runAlong.for(`${name} ${dtype}`)
  return (x, out, start, by, n) => run(step, x, out, start, by, n)
}
