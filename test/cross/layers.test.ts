import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

const sources = (name: string): [file: string, text: string][] =>
  readdirSync(join(packages, name, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(packages, file).split(sep).join('/'), readFileSync(file, 'utf8')])

const isImported = (text: string, name: string) => new RegExp(`['"]${name}(/[^'"]*)?['"]`).test(text)

// The linter sees static imports; this sees require and import() as well.
test('only onnx/ loads ONNX Runtime', () => {
  const guilty = ['autodiff', 'nn', 'data', 'imnn']
    .flatMap(sources)
    .filter(([, text]) => isImported(text, 'onnxruntime-(node|web|common)'))
    .map(([file]) => file)
    .filter((file) => !file.startsWith('autodiff/src/onnx/'))
  expect(guilty).toEqual([])
})

test.each([
  ['autodiff', ['nn', 'data', 'imnn']],
  ['nn', ['data', 'imnn']],
  ['data', ['nn', 'imnn']],
])('%s does not know %j', (name, others) => {
  const guilty = sources(name)
    .filter(([, text]) => others.some((other) => isImported(text, `@cotangent/${other}`)))
    .map(([file]) => file)
  expect(guilty).toEqual([])
})
