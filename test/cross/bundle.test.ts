import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../scripts/bundle.mjs'

// Beside what it imports, and as it is installed: the engine's frames are told by the folder.
const folder = mkdtempSync(fileURLToPath(new URL('../../node_modules/.cotangent-bundle-', import.meta.url)))
const dist = join(folder, '@cotangent', 'autodiff', 'dist')
beforeAll(async () => {
  await bundle('autodiff', dist)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The files that one loads, in the package. */
function loads(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^"']*["'](\.[^"']+)["']/gm))
    loads(join(dirname(file), path!), seen)
  return seen
}

const run = (code: string): unknown => {
  const file = join(folder, 'user.mjs')
  writeFileSync(file, code)
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' }))
}

describe('the package as it is published', () => {
  test('is few files, with the same arrays and the same engine for every entry point', () => {
    expect(loads(join(dist, 'index.js')).size).toBeLessThan(20)
    const same = run(`
      import * as all from './@cotangent/autodiff/dist/index.js'
      import * as arrays from './@cotangent/autodiff/dist/array/index.js'
      import * as testing from './@cotangent/autodiff/dist/testing/index.js'
      import * as onnx from './@cotangent/autodiff/dist/onnx/index.js'
      await testing.checkGrads((x) => all.np.sin(x).sum(), [all.np.array([1, 2], { dtype: 'float64' })])
      const f = all.jit((x) => x.add(1), { device: onnx.createDevice('cpu', { threads: 1 }) })
      console.log(JSON.stringify([all.NDArray === arrays.NDArray, await f(arrays.array([1])).js()]))`)
    expect(same).toEqual([true, [2]])
  })

  test('gives arrays without the engine', () => {
    const code = [...loads(join(dist, 'array', 'index.js'))].map((file) => readFileSync(file, 'utf8')).join('')
    expect(code).not.toContain('dot_general')
    expect(code).not.toContain('onnxruntime')
    expect(code.length).toBeLessThan(120_000)
  })

  test('leaves its own frames out of errors, and knows the line of an equation', () => {
    const [stack, whole, line] = run(`
      import { np, profile } from './@cotangent/autodiff/dist/index.js'
      function mine() {
        return np.ones([3]).add(np.ones([2]))
      }
      const rows = (await profile((x) => np.sin(x), { device: 'js', runs: 1 })(np.ones([2]))).rows
      try { mine() } catch (e) { console.log(JSON.stringify([e.stack, e.engineStack, rows[0].source.line])) }`) as [
      string,
      string,
      number,
    ]
    expect(stack.split('\n')[1]).toMatch(/at mine .*user\.mjs:4/)
    expect(stack).not.toContain('autodiff')
    expect(whole).toContain('autodiff')
    expect(line).toBe(6)
  })

  test('names files as bundlers know them only where they are: the module of workers', () => {
    const named = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) =>
        [...readFileSync(join(dist, file), 'utf8').matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map(
          ([, path]) => join(dist, dirname(file), path!),
        ),
      )
    expect(named.filter((file) => !existsSync(file))).toEqual([])
    expect(named).toEqual([join(dist, 'onnx', 'worker', 'web-worker.js')])
    const module = [...loads(named[0]!)].map((file) => readFileSync(file, 'utf8')).join('')
    expect(module).not.toContain('dot_general')
    expect(module.length).toBeLessThan(20_000)
  })

  test('has source maps to the sources', () => {
    const map = JSON.parse(readFileSync(join(dist, 'index.js.map'), 'utf8')) as { sources: string[] }
    expect(map.sources.length).toBeGreaterThan(0)
    for (const source of map.sources) expect(existsSync(join(dist, source))).toBe(true)
  })
})
