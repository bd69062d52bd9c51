import { allocate, type DType, type TypedArray } from '../array/dtype.ts'
import { type Shape, stridesOf } from '../array/shape.ts'
import { Copies } from './loops.ts'
import { eachLine } from './sort.ts'

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

/** Does `line` to every line along an axis, each from its start or (reverse) from its end. */
export function cumulateAxis(
  x: TypedArray,
  { shape, dtype }: { readonly shape: Shape; readonly dtype: DType },
  { axis, reverse }: { readonly axis: number; readonly reverse: boolean },
  line: Line,
): TypedArray {
  const out: TypedArray = allocate(dtype, x.length)
  const n = shape[axis]!
  const stride = stridesOf(shape)[axis]!
  eachLine(x.length, n, stride, (start) => {
    if (reverse) line(x, out, start + (n - 1) * stride, -stride, n)
    else line(x, out, start, stride, n)
  })
  return out
}
