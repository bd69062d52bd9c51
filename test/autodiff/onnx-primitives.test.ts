import { grad, jit, NDArray, np, vmap } from '@cotangent/autodiff'
import { isFloat } from '@cotangent/autodiff/array'
import { describe, expect, test } from 'vitest'
import { allPrimitives } from '../../packages/autodiff/src/primitives/all.ts'
import { expectSame } from '../helpers/device-law.ts'
import { type PrimitiveCase, primitiveCases } from '../helpers/primitive-cases.ts'

const listOf = (x: NDArray | NDArray[]): NDArray[] => (Array.isArray(x) ? x : [x])

const groups = new Map<string, PrimitiveCase[]>()
for (const c of primitiveCases) groups.set(c.primitive, [...(groups.get(c.primitive) ?? []), c])

describe('jit equals the interpreter, bit for bit where there is no rounding', () => {
  for (const [primitive, cases] of groups) {
    for (const dtype of new Set(cases.map((c) => c.dtype))) {
      test(`${primitive} ${dtype}`, async () => {
        const problems: string[] = []
        for (const { f, operands, note } of cases.filter((c) => c.dtype === dtype)) {
          const expected = listOf(f(...operands))
          try {
            const got = await Promise.all(listOf(jit(f)(...operands) as NDArray | NDArray[]).map((x) => x.ready()))
            got.forEach((x, i) => expectSame(x, expected[i] as NDArray, operands))
          } catch (e) {
            problems.push(`${note}: ${(e as Error).message}`)
          }
        }
        expect(problems.join('\n')).toBe('')
      })
    }
  }
})

describe('under vmap', () => {
  for (const [primitive, cases] of groups) {
    for (const dtype of new Set(cases.map((c) => c.dtype))) {
      test(`${primitive} ${dtype}`, async () => {
        const problems: string[] = []
        for (const { f, operands, note } of cases.filter((c) => c.dtype === dtype && c.operands.length > 0)) {
          // The second entry is the first in reverse, and the last operand is not mapped, where zeros may then meet.
          const whole = operands.length === 1 || primitive === 'max' || primitive === 'min'
          const mapped = operands.map((_, i) => whole || i < operands.length - 1)
          const stacked = operands.map((x, i) => (mapped[i] ? np.stack([x, np.flip(x)]) : x))
          const g = vmap(f, { inAxes: mapped.map((yes) => (yes ? 0 : null)) }) as PrimitiveCase['f']
          try {
            const expected = listOf(g(...stacked))
            const got = await Promise.all(listOf(jit(g)(...stacked) as NDArray | NDArray[]).map((x) => x.ready()))
            got.forEach((x, i) => expectSame(x, expected[i] as NDArray, stacked))
          } catch (e) {
            problems.push(`${note}: ${(e as Error).message}`)
          }
        }
        expect(problems.join('\n')).toBe('')
      })
    }
  }
})

describe('gradients', () => {
  for (const [primitive, cases] of groups) {
    for (const dtype of new Set(cases.filter((c) => c.smooth).map((c) => c.dtype))) {
      test(`${primitive} ${dtype}`, async () => {
        const problems: string[] = []
        for (const { f, smooth, note } of cases.filter((c) => c.dtype === dtype && c.smooth)) {
          const operands = smooth as NDArray[]
          const argnums = operands.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
          const loss = (...xs: NDArray[]): NDArray =>
            listOf(f(...xs)).reduce(
              (sum, y) => sum.add(np.sum(y.mul(np.linspace(0.5, 1.5, y.size).astype(y.dtype).reshape(y.shape)))),
              np.zeros([], { dtype }),
            )
          const g = grad(loss, { argnums }) as unknown as (...xs: NDArray[]) => NDArray[]
          try {
            const expected = g(...operands)
            const got = await Promise.all((jit(g)(...operands) as NDArray[]).map((x) => x.ready()))
            got.forEach((x, i) => expectSame(x, expected[i] as NDArray, [], 3))
          } catch (e) {
            problems.push(`${note}: ${(e as Error).message}`)
          }
        }
        expect(problems.join('\n')).toBe('')
      })
    }
  }
})

test('every primitive is here', () => {
  const covered = new Set(groups.keys())
  // onnx-jit.test.ts has this.
  const elsewhere = ['threefry2x32']
  expect([...allPrimitives.keys()].filter((name) => !covered.has(name) && !elsewhere.includes(name))).toEqual([])
})
