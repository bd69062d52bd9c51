import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../packages/data/src', import.meta.url))

test("Node's modules are loaded only by what needs them, so that the rest runs in a browser", () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const statically = files.filter((file) =>
    /^import (?!type).*from 'node:/m.test(readFileSync(join(source, file), 'utf8')),
  )
  expect(statically).toEqual([])
  const pure = files.filter((file) => !/import\('node:/.test(readFileSync(join(source, file), 'utf8')))
  for (const file of [
    'npy/npy.ts',
    'npy/npz.ts',
    'npy/zip.ts',
    'dataset/shuffle.ts',
    'dataset/padded.ts',
    'tfrecord/example.ts',
    'tfrecord/framing.ts',
    'tfrecord/parser.ts',
    'dataset/dataset.ts',
  ]) {
    expect(pure).toContain(file)
  }
})
