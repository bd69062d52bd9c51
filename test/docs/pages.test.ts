import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as autodiff from '@cotangent/autodiff'
import * as onnx from '@cotangent/autodiff/onnx'
import * as primitives from '@cotangent/autodiff/primitives'
import * as testing from '@cotangent/autodiff/testing'
import * as arbitraries from '@cotangent/autodiff/testing/arbitraries'
import * as data from '@cotangent/data'
import * as imnn from '@cotangent/imnn'
import * as nn from '@cotangent/nn'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { examplesIn, runExample } from './examples.ts'

const modules = {
  '@cotangent/autodiff': autodiff,
  '@cotangent/autodiff/onnx': onnx,
  '@cotangent/autodiff/primitives': primitives,
  '@cotangent/autodiff/testing': testing,
  '@cotangent/autodiff/testing/arbitraries': arbitraries,
  'fast-check': { default: fc },
  // An example's own test runs at once.
  vitest: { test: (_: string, run: () => Promise<void>) => run() },
  '@cotangent/data': data,
  '@cotangent/imnn': imnn,
  '@cotangent/nn': nn,
  // A reader's own network, of PyTorch.
  'node:fs/promises': {
    readFile: async () => readFileSync(new URL('../fixtures/autodiff/onnx/summaries-dynamo.onnx', import.meta.url)),
  },
}

const folder = mkdtempSync(join(tmpdir(), 'cotangent-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pages may train for long, and write where they are; a test may not. */
const tamed = (code: string): string =>
  code
    .replace(/maxIterations: \d+/, 'maxIterations: 2')
    .replaceAll(
      /\b(save|load)\('([^']*)'/g,
      (_, verb: string, name: string) => `${verb}(${JSON.stringify(join(folder, name))}`,
    )

describe.each([
  'README.md',
  'docs/devices.md',
  'docs/jit.md',
  'docs/nn.md',
  'docs/imnn.md',
  'docs/onnx.md',
  'docs/primitives.md',
  'docs/sharp-edges.md',
  'docs/testing.md',
  'docs/transformations.md',
  'docs/workers.md',
])('%s', (page) => {
  test.each(examplesIn(page))('line $line', async ({ line, code }) => {
    const claims = await runExample({ line, code: tamed(code) }, modules, autodiff)
    expect(claims.length > 0 || code.includes('import'), 'an example shows something').toBe(true)
    for (const { expression, found, claimed } of claims)
      expect(`${expression} → ${found}`).toBe(`${expression} → ${claimed}`)
  })
})

test('the example of the README draws its picture', () => {
  expect(readFileSync(join(folder, 'history.svg'), 'utf8')).toContain('expected |F| = 50')
})

test('docs/onnx.md names the operators that importOnnx knows', () => {
  const [, list] = /define[sd]? itself:\n\n([^]*?)\.\n/.exec(
    readFileSync(new URL('../../docs/onnx.md', import.meta.url), 'utf8'),
  )!
  expect(list!.split(/,\s+/)).toEqual(onnx.supportedOperators)
})

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = ['README.md', 'CONTRIBUTING.md', 'bench/README.md']
  .concat(readdirSync(join(root, 'docs'), { encoding: 'utf8' }).map((name) => `docs/${name}`))
  .concat(readdirSync(join(root, 'packages'), { encoding: 'utf8' }).map((name) => `packages/${name}/README.md`))
  .filter((page) => page.endsWith('.md'))

test.each(pages)('the links of %s lead somewhere', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
  const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => join(root, page, '..', target!))
  const named = [...text.matchAll(/\b(?:docs|examples|scripts|test)\/[\w/.-]+\.(?:md|ts|mjs)\b/g)].map(([path]) =>
    join(root, path),
  )
  expect([...targets, ...named].filter((path) => !existsSync(path))).toEqual([])
})

test('bench/README.md names each benchmark once', () => {
  const names = (file: string, pattern: RegExp): string[] =>
    Array.from(readFileSync(join(root, 'bench', file), 'utf8').matchAll(pattern), ([, name]) => name!)
  const told = names('README.md', /^\| ([^|]+) \|/gm).filter((name) => name !== 'benchmark')
  expect(told.toSorted()).toEqual(names('main.ts', /^ {2}'([^']+)':/gm).toSorted())
})
