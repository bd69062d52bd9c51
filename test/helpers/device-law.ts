import type { NDArray } from '@cotangent/autodiff'

const tolerances: Readonly<Record<string, readonly [relative: number, absolute: number]>> = {
  float32: [2e-5, 2e-6],
  float64: [1e-12, 1e-14],
  complex64: [2e-5, 2e-6],
  float16: [2 ** -9, 2 ** -10],
  bfloat16: [2 ** -6, 2 ** -7],
}

const show = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/**
 * Throws unless two arrays are the same as the law of devices has it: shape and dtype, integers exactly, floats up to
 * `slack` times the tolerance, with the same NaN, infinities and signs of zero. `operands` are named in the message.
 */
export function expectSame(got: NDArray, expected: NDArray, operands: readonly NDArray[] = [], slack = 1): void {
  if (got.dtype !== expected.dtype || got.shape.join() !== expected.shape.join()) {
    throw new Error(`${got.dtype}[${got.shape.join()}] instead of ${expected.dtype}[${expected.shape.join()}]`)
  }
  const [a, b] = [got.dataSync(), expected.dataSync()]
  const [relative, absolute] = tolerances[expected.dtype] ?? [0, 0]
  const wrong: string[] = []
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (Object.is(x, y)) continue
    const exact = typeof y === 'bigint'
    const close =
      !exact && x !== y && Math.abs(x - y) <= slack * (absolute + (Number.isFinite(y) ? relative * Math.abs(y) : -1))
    if (close) continue
    const at = operands.map((o) => (o.size === b.length ? show(o.dataSync()[i]!) : '…')).join(', ')
    wrong.push(`[${i}] (${at}): ${show(x)}, expected ${show(y)}`)
  }
  if (a.length !== b.length) throw new Error(`${a.length} numbers instead of ${b.length}`)
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${b.length} differ: ${wrong.slice(0, 8).join('; ')}`)
}
