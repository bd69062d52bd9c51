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

/** What users call; these folders may use each other. */
const named = ['numpy', 'lax', 'linalg', 'fft', 'special', 'stats', 'random']
const engine = ['array', 'core', 'interpreter', 'primitives', 'transforms', 'control']
/** The folders of the engine, and which others each may import. */
const layers: Readonly<Record<string, readonly string[]>> = {
  array: [],
  core: ['array'],
  interpreter: ['array', 'core'],
  primitives: ['array', 'core', 'interpreter'],
  cost: ['array', 'core', 'primitives'],
  transforms: ['array', 'core', 'primitives', 'cost'],
  control: ['array', 'core', 'primitives', 'transforms'],
  ...Object.fromEntries(named.map((folder) => [folder, [...engine, ...named]])),
  extend: ['array', 'core', 'primitives', 'numpy'],
  products: ['array', 'core', 'primitives'],
  onnx: ['array', 'core', 'primitives', 'products', 'cost', 'transforms'],
  // Its operators are the functions that users call.
  'onnx/import': [...engine, ...named],
  testing: [...engine, ...named],
}
const exceptions = [
  // The list of all primitives.
  ...['control/cond', 'control/scan', 'control/while', 'random/random-gamma'].map(
    (name) => `primitives/all.ts → ${name}.ts`,
  ),
  // `jit(f).lower(…).toOnnx()`.
  'transforms/jit/jit.ts → onnx/export/to-onnx.ts',
  'transforms/jit/lowered.ts → onnx/export/to-onnx.ts',
]

/** Every import of one of the engine's files by another, both with their folders. */
const imports = (): (readonly [from: string, to: string])[] =>
  sources('autodiff').flatMap(([file, text]) => {
    const from = file.replace('autodiff/src/', '')
    return [...text.matchAll(/(?:from|import\(?) ?'(\.[^']*)'/g)].map(
      ([, path]) => [from, join(from, '..', path!).split(sep).join('/')] as const,
    )
  })

test('in the engine a folder imports only those below it', () => {
  const crossing = imports().filter(([from, to]) => from.includes('/') && from.split('/')[0] !== to.split('/')[0])
  expect(crossing.length).toBeGreaterThan(500)
  const layerOf = (file: string): string => (file.startsWith('onnx/import/') ? 'onnx/import' : file.split('/')[0]!)
  const guilty = crossing.filter(([from, to]) => layers[layerOf(from)]?.includes(to.split('/')[0]!) !== true)
  expect(guilty.map((pair) => pair.join(' → ')).sort()).toEqual(exceptions.sort())
})

/** The folders of onnx/, and which others of them each may import. */
const onnxLayers: Readonly<Record<string, readonly string[]>> = {
  lowering: [],
  runtime: [],
  backend: ['lowering', 'runtime'],
  worker: ['backend', 'runtime'],
  device: ['lowering', 'runtime', 'backend', 'worker'],
  export: ['lowering'],
  import: [],
}

test('in onnx/ a folder imports only those below it', () => {
  const folderOf = (file: string): string => file.split('/')[1]!
  const crossing = imports().filter(
    ([from, to]) => /^onnx\/.*\//.test(from) && to.startsWith('onnx/') && folderOf(from) !== folderOf(to),
  )
  expect(crossing.length).toBeGreaterThan(40)
  const guilty = crossing.filter(([from, to]) => onnxLayers[folderOf(from)]?.includes(folderOf(to)) !== true)
  expect(guilty.map((pair) => pair.join(' → '))).toEqual([])
})
