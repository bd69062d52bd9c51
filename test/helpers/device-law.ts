import type { NDArray } from '@cotangent/autodiff'
import type { DeviceKind } from '../../packages/autodiff/src/core/device/device.ts'

type Tolerance = readonly [relative: number, absolute: number]

const tolerances: Readonly<Record<string, Tolerance>> = {
  float32: [2e-5, 2e-6],
  float64: [1e-12, 1e-14],
  complex64: [2e-5, 2e-6],
  float16: [2 ** -9, 2 ** -10],
  bfloat16: [2 ** -6, 2 ** -7],
}

/** How a device may differ from the interpreter. */
export interface DeviceLaw {
  readonly tolerances: Readonly<Record<string, Tolerance>>
  /** Whether the sign of a zero counts. */
  readonly signsOfZero: boolean
}

const exact: DeviceLaw = { tolerances, signsOfZero: true }

/** Transcendental functions of a GPU have fewer right digits, and its kernels lose signs of zeros. */
const single: Tolerance = [2e-4, 2e-4]
const gpu: DeviceLaw = {
  tolerances: { ...tolerances, float32: single, complex64: [5e-4, 5e-4], float16: [2 ** -8, 2 ** -9], bfloat16: [2 ** -5, 2 ** -6] },
  signsOfZero: false,
} // biome-ignore format: one line a rule

export const lawOf = (kind: DeviceKind): DeviceLaw => (kind === 'webgpu' ? gpu : exact)

const show = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/**
 * Throws unless two arrays are the same as the law of devices has it: shape and dtype, integers exactly, floats up to
 * `slack` times the tolerance, with the same NaN, infinities and signs of zero. `operands` are named in the message.
 */
export function expectSame(
  got: NDArray,
  expected: NDArray,
  operands: readonly NDArray[] = [],
  slack = 1,
  law: DeviceLaw = exact,
): void {
  if (got.dtype !== expected.dtype || got.shape.join() !== expected.shape.join()) {
    throw new Error(`${got.dtype}[${got.shape.join()}] instead of ${expected.dtype}[${expected.shape.join()}]`)
  }
  const [a, b] = [got.dataSync(), expected.dataSync()]
  const [relative, absolute] = law.tolerances[expected.dtype] ?? [0, 0]
  const wrong: string[] = []
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (Object.is(x, y) || (!law.signsOfZero && x === y)) continue
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
