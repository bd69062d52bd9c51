import { describe, expect, test } from 'vitest'
import { allPrimitives } from '../../packages/autodiff/src/primitives/all.ts'
import { cells, checkCase, has, type Side } from '../helpers/device-cases.ts'
import { primitiveCases } from '../helpers/primitive-cases.ts'

const groups = cells(primitiveCases)

const titles: Readonly<Record<Side, string>> = {
  value: 'jit equals the interpreter, bit for bit where there is no rounding',
  vmap: 'under vmap',
  gradient: 'gradients',
}

for (const side of ['value', 'vmap', 'gradient'] as const) {
  describe(titles[side], () => {
    for (const [cell, all] of groups) {
      const cases = all.filter((c) => has(side, c))
      if (cases.length === 0) continue
      test(cell, async () => {
        const problems: string[] = []
        for (const c of cases) {
          try {
            await checkCase(side, c, 'cpu')
          } catch (e) {
            problems.push(`${c.note}: ${(e as Error).message}`)
          }
        }
        expect(problems.join('\n')).toBe('')
      })
    }
  })
}

test('every primitive is here', () => {
  const covered = new Set(primitiveCases.map((c) => c.primitive))
  expect([...allPrimitives.keys()].filter((name) => !covered.has(name))).toEqual([])
})
