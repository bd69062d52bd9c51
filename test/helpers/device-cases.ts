import { type DeviceKind, devices, grad, jit, type NDArray, np, vmap } from '@cotangent/autodiff'
import { isFloat } from '@cotangent/autodiff/array'
import { expectSame, lawOf } from './device-law.ts'
import type { PrimitiveCase } from './primitive-cases.ts'

/** The law of devices, case by case: a compiled call is the interpreter's. */

/** What is compiled: a call, the same for each entry of a batch, or its gradient. */
export type Side = 'value' | 'vmap' | 'gradient'
export const sides: readonly Side[] = ['value', 'vmap', 'gradient']

const listOf = (x: NDArray | NDArray[]): NDArray[] => (Array.isArray(x) ? x : [x])

/** Whether a case has such a side. */
export const has = (side: Side, { operands, smooth }: PrimitiveCase): boolean =>
  side === 'value' || (side === 'vmap' ? operands.length > 0 : smooth !== undefined)

interface Compared {
  readonly f: (...operands: NDArray[]) => NDArray | NDArray[]
  readonly operands: readonly NDArray[]
  readonly slack: number
}

/** What is compared, of a case. */
export function sideOf(side: Side, { primitive, dtype, f, operands, smooth }: PrimitiveCase): Compared {
  if (side === 'value') return { f, operands, slack: 1 }
  if (side === 'vmap') {
    // The second entry is the first in reverse, and the last operand is not mapped, where zeros may then meet.
    const whole = operands.length === 1 || primitive === 'max' || primitive === 'min'
    const mapped = operands.map((_, i) => whole || i < operands.length - 1)
    const stacked = operands.map((x, i) => (mapped[i] ? np.stack([x, np.flip(x)]) : x))
    const g = vmap(f, { inAxes: mapped.map((yes) => (yes ? 0 : null)) }) as PrimitiveCase['f']
    return { f: g, operands: stacked, slack: 1 }
  }
  const points = smooth as readonly NDArray[]
  const argnums = points.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
  const loss = (...xs: NDArray[]): NDArray =>
    listOf(f(...xs)).reduce(
      (sum, y) => sum.add(np.sum(y.mul(np.linspace(0.5, 1.5, y.size).astype(y.dtype).reshape(y.shape)))),
      np.zeros([], { dtype }),
    )
  return { f: grad(loss, { argnums }) as unknown as PrimitiveCase['f'], operands: points, slack: 3 }
}

/** Beyond this a GPU has no digits of an angle left. */
const WHIRL = 1e5
const circular: ReadonlySet<string> = new Set(['sin', 'cos', 'tan'])

const withinTurns = (x: NDArray): NDArray =>
  isFloat(x.dtype) ? np.where(np.logicalAnd(np.abs(x).gt(WHIRL), np.isfinite(x)), np.array(1).astype(x.dtype), x) : x

/** Throws unless a device computes a case as the interpreter does. */
export async function checkCase(side: Side, c: PrimitiveCase, kind: DeviceKind): Promise<void> {
  const { f, operands: given, slack } = sideOf(side, c)
  const operands = kind === 'webgpu' && circular.has(c.primitive) ? given.map(withinTurns) : given
  const expected = listOf(f(...operands))
  const compiled = jit(f, { device: devices(kind)[0] }) as PrimitiveCase['f']
  const got = await Promise.all(listOf(compiled(...operands)).map((x) => x.ready()))
  got.forEach((x, i) => expectSame(x, expected[i] as NDArray, side === 'gradient' ? [] : operands, slack, lawOf(kind)))
}

/** The cases by primitive and dtype. */
export function cells(cases: readonly PrimitiveCase[]): Map<string, PrimitiveCase[]> {
  const groups = new Map<string, PrimitiveCase[]>()
  for (const c of cases) {
    const key = `${c.primitive} ${c.dtype}`
    groups.set(key, [...(groups.get(key) ?? []), c])
  }
  return groups
}
