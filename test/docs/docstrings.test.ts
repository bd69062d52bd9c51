import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docExamples, options, publicNames as namesFrom } from './docstrings.ts'
import { runExample } from './examples.ts'
import { given, publicNames, writeFiles } from './given.ts'

// Examples name files as a reader would, so they run where such files are.
const [before, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), 'cotangent-docstrings-'))]
beforeAll(async () => {
  process.chdir(folder)
  await writeFiles()
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

describe('the example in the docstring runs', () => {
  const examples = docExamples().map((example) => [`${example.file}:${example.line}`, example] as const)
  test.each(examples)('%s', async (place, example) => {
    const claims = await runExample(example, {}, { ...publicNames, ...given })
    for (const { expression, found, claimed } of claims)
      expect(`${place} ${expression} // ${found}`).toBe(`${place} ${expression} // ${claimed}`)
    const comments = example.code.split('//').length - 1
    expect(claims, `${place} every comment ends an expression and says what it gives`).toHaveLength(comments)
  })
})

test('every option is explained, and says its default where it may be left out', () => {
  const lacking = options().filter(({ optional, doc }) => doc === '' || (optional && !doc.includes('@defaultValue')))
  expect(lacking.map(({ file, line, name }) => `${file}:${line} ${name}`)).toEqual([])
})

test('everything public says what it is', () => {
  const indices = ['', 'array/', 'onnx/', 'extend/', 'testing/', 'testing/arbitraries/']
    .map((folder) => `autodiff/src/${folder}index.ts`)
    .concat(['nn/src/index.ts', 'data/src/index.ts', 'imnn/src/index.ts'])
  const names = indices.flatMap((index) => namesFrom(`packages/${index}`))
  expect(names.length).toBeGreaterThan(800)
  const lacking = names.filter(({ documented }) => !documented).map(({ file, name }) => `${file} ${name}`)
  expect([...new Set(lacking)]).toEqual([])
})
