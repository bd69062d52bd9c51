import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle, chromium, runInBrowser } from '../helpers/browser.ts'

test('a bundle for browsers needs nothing of Node', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-bundle-'))
  try {
    await bundle(
      "import { grad, initRuntime, jit, np } from '@cotangent/autodiff'\ninitRuntime().then(() => jit(grad((x) => np.sum(x)))([1]))",
      folder,
    )
    const page = readFileSync(join(folder, 'out', 'page.js'), 'utf8')
    const fromNode = page.match(/.*(__vite-browser-external|(from|import|import\()\s*["'](node:|onnxruntime-node)).*/g)
    expect(fromNode).toBeNull()
    // The runtime comes when initRuntime asks for it.
    expect(readdirSync(join(folder, 'out', 'assets')).join()).toMatch(/ort\.webgpu/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)

const page = `
import { deviceOf, defaultDevice, devices, grad, initRuntime, jit, np } from '@cotangent/autodiff'
const result = {}
result.before = devices().map((d) => d.name)
try { jit((x) => x.add(1))(np.array([1])) } catch (e) { result.early = e.name + ': ' + e.message }
await initRuntime({ numThreads: 1 })
result.after = devices().map((d) => d.name)
result.default = defaultDevice().name
const loss = (w, x) => np.tanh(x.matmul(w)).square().sum()
const step = (w, x) => w.sub(grad(loss)(w, x).mul(0.1))
const arrays = () => [np.array([[0.5, -1], [2, 0.25]]), np.array([[1, 2], [3, 4], [-1, 0.5]])]
let [expected, x] = arrays()
for (let i = 0; i < 3; i++) expected = step(expected, x)
result.expected = await expected.js()
for (const kind of ['wasm', 'webgpu']) {
  try {
    const compiled = jit(step, { device: kind })
    const [w, x] = arrays()
    let p = w
    for (let i = 0; i < 3; i++) { const q = compiled(p, x); if (i > 0) p[Symbol.dispose](); p = q }
    result[kind] = await p.js()
    result[kind + 'Device'] = deviceOf(p).name
    p[Symbol.dispose]()
    for (const a of [w, x]) a[Symbol.dispose]()
    result[kind + 'Bytes'] = devices(kind)[0].liveBytes
  } catch (e) { result[kind] = e.message }
}
const halves = (a) => [a.add(a), np.tanh(a), a.mul(a).sum(), a.astype('float32'), grad((b) => np.sin(b).mul(b).sum())(a)]
const h = np.array([0.1, -2.5, 300, 7e4]).astype('bfloat16')
result.halves = []
for (const device of ['js', 'wasm']) for (const y of jit(halves, { device })(h)) result.halves.push([y.dtype, await y.js()])
try { await initRuntime({ numThreads: 2 }) } catch (e) { result.again = e.name + ': ' + e.message }
await report(result)
`

test.skipIf(chromium === undefined)(
  `programs run in a browser, on wasm and webgpu${chromium === undefined ? ' (skipped: no Chromium at COTANGENT_CHROMIUM or /usr/bin/chromium)' : ''}`,
  async () => {
    const got = (await runInBrowser(page)) as Record<string, unknown>
    expect(got['error']).toBeUndefined()
    expect(got['before']).toEqual(['interpreter'])
    expect(got['early']).toMatch(/^DeviceError: .*`await initRuntime\(\)`, and use devices\("wasm"\)/)
    expect(got['again']).toMatch(/^DeviceError: initRuntime: programs run already with another numThreads/)
    expect(got['after']).toEqual(expect.arrayContaining(['interpreter', 'wasm:0']))
    expect(got['default']).toBe('wasm:0')
    const halves = got['halves'] as unknown[]
    expect(halves.slice(5)).toEqual(halves.slice(0, 5))
    expect(halves[0]).toEqual(['bfloat16', [0.2001953125, -5, 600, 140288]])
    const expected = (got['expected'] as number[][]).flat()
    for (const kind of (got['after'] as string[]).map((name) => name.slice(0, -2)).filter((kind) => kind in got)) {
      const numbers = (got[kind] as number[][]).flat()
      expect(numbers).toHaveLength(4)
      numbers.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5))
      expect(got[`${kind}Device`]).toBe(`${kind}:0`)
      expect(got[`${kind}Bytes`]).toBe(0)
    }
  },
  180_000,
)
