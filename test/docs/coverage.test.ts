import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allPrimitives } from '../../packages/autodiff/src/primitives/all.ts'

const page = readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8')
const rows = new Map(
  page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    return /^\| [a-z]\w* \| \d+ \| \S/.test(line) ? [[cells[1]!, cells.slice(3, -1)] as const] : []
  }),
)

test('docs/coverage.md has every primitive: run `npm run coverage:devices -- --write`', () => {
  expect([...allPrimitives.keys()].filter((name) => !rows.has(name))).toEqual([])
})

test('and nothing in it is wrong', () => {
  expect([...rows].filter(([, cells]) => cells.some((cell) => cell.includes('wrong'))).map(([name]) => name)).toEqual(
    [],
  )
})
