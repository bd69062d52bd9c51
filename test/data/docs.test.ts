import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as autodiff from '@cotangent/autodiff'
import * as data from '@cotangent/data'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { examplesIn, runExample } from '../docs/examples.ts'

// The examples write files where they are.
const [before, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), 'cotangent-data-docs-'))]
beforeAll(() => process.chdir(folder))
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

test.each(examplesIn('docs/data.md'))('docs/data.md, line $line', async (example) => {
  const claims = await runExample(example, { '@cotangent/autodiff': autodiff, '@cotangent/data': data })
  expect(claims.length).toBeGreaterThan(0)
  for (const { expression, found, claimed } of claims)
    expect(`${expression} → ${found}`).toBe(`${expression} → ${claimed}`)
})
