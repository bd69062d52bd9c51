import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Script, scriptOf } from '../../helpers/child.ts'

/** What a child process does, by its first argument. */
const source = `
import { devices, jit, lax, np } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'

const device = createDevice('cpu', { worker: true })
const long = jit((a) => { let y = a; for (let i = 0; i < 100; i++) y = y.matmul(a).mul(0.001); return y.sum() }, { device })
const short = jit((a) => a.mul(2).sum(), { device })
const here = jit((a) => a.mul(2).sum())
const x = np.ones([4]), big = np.ones([700, 700])
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const ways = {
  async ends() { console.log(await short(x).js()) },
  async both() { console.log(await short(x).js(), await here(x).js()) },
  async unread() { long(big); short(x); here(x) },
  async exits() { await short(x).js(); long(big); await wait(60); process.exit(7) },
  async exitsAtOnce() { long(big); process.exit(7) },
  async exitsWhileItStarts() { long(big); await wait(20); process.exit(7) },
  async throws() { await short(x).js(); long(big); await wait(60); throw new Error('on purpose') },
  async closes() { await short(x).js(); const y = long(big); await wait(60); await device.close(); console.log(await y.js().catch((e) => e.message)) },
  async wasm() { const wasm = createDevice('wasm', { worker: true }); jit((a) => a.mul(2), { device: wasm })(x); await wait(Number(process.argv[3])); process.exit(7) },
  async endless() { const f = jit((a) => lax.whileLoop((v) => v.ge(0), (v) => v.mul(1), a), { device }); await short(x).js(); f(np.array(1)); await wait(200); process.exit(7) },
  async kept() { console.log(await short(x).js()); setTimeout(() => console.log('late'), 50) },
}
await ways[process.argv[2]]()
`

describe.each([
  { bundle: 'bundled', minify: false },
  { bundle: 'bundled and minified', minify: true },
])('a process with a worker, $bundle', ({ minify }) => {
  let script: Script
  beforeAll(async () => {
    script = await scriptOf(source, { minify })
  })
  afterAll(() => script.remove())

  test.each([
    { way: 'ends', what: 'ends by itself when nothing is left to compute', code: 0, prints: '8\n' },
    { way: 'both', what: 'ends when programs ran in the worker and on its thread', code: 0, prints: '8 8\n' },
    { way: 'unread', what: 'computes what was called before it ends', code: 0, prints: '' },
    { way: 'exits', what: 'may exit during a call', code: 7, prints: '' },
    { way: 'exitsAtOnce', what: 'may exit before the worker is there', code: 7, prints: '' },
    { way: 'exitsWhileItStarts', what: 'may exit while the worker starts', code: 7, prints: '' },
    { way: 'throws', what: 'may die of its own error during a call', code: 1, prints: '' },
    { way: 'closes', what: 'may close the device during a call', code: 0, prints: 'cpu:1 was closed\n' },
    { way: 'kept', what: 'goes on with its own work', code: 0, prints: '8\nlate\n' },
    { way: 'wasm', what: 'may exit while WebAssembly starts in the worker', code: 7, prints: '' },
  ])('$what', async ({ way, code, prints }) => {
    const ended = await script.run(way, '50')
    expect(ended.signal, ended.stderr).toBe(null)
    expect(ended.code, ended.stderr).toBe(code)
    expect(ended.stdout).toBe(prints)
    if (way !== 'throws') expect(ended.stderr).toBe('')
  })

  test.skipIf(minify || process.platform === 'win32')(
    'is killed, and says so, where a call does not end',
    async () => {
      const ended = await script.run('endless')
      expect(ended.stderr).toBe(
        'cotangent: a program runs on 10 s after its process was to end, and cannot be interrupted: the process is killed. Perhaps a whileLoop does not end\n',
      )
      expect(ended.signal).toBe('SIGKILL')
    },
    60_000,
  )
})
