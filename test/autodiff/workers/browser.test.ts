import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bundle as bundlePackage } from '../../../scripts/bundle.mjs'
import { bundle, chromium, type Page, runInBrowser } from '../../helpers/browser.ts'

const reason = chromium === undefined ? ' (skipped: no Chromium at COTANGENT_CHROMIUM or /usr/bin/chromium)' : ''

/** What every page begins with: the workers that the package starts, and programs. */
const head = `
import { deviceOf, devicePut, devices, grad, initRuntime, jit, lax, np, setDefaultDevice, vmap, withSignal } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
const workers = []
let posts = 0
const Native = globalThis.Worker
if (Native) {
  globalThis.Worker = class extends Native {
    constructor(url, options) {
      super(url, options)
      workers.push(this)
    }
    postMessage(...args) {
      posts++
      super.postMessage(...args)
    }
  }
}
const said = (promise) => Promise.resolve(promise).then(() => 'there', (e) => e.name + ': ' + e.message)
const thrown = (f) => { try { f(); return 'nothing' } catch (e) { return e.name + ': ' + e.message } }
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const twice = (a) => a.mul(2)
const long = (a) => { let y = a; for (let i = 0; i < 8; i++) y = y.matmul(a).mul(0.001); return y.sum() }
const big = np.ones([600, 600])
`

/** The report of a page's function `look`. */
async function inBrowser<T>(look: string, page?: Page): Promise<T> {
  const got = (await runInBrowser(`${head}\n;(async () => report(await (${look})()))()`, page)) as T & {
    error?: string
  }
  expect(got.error).toBeUndefined()
  return got
}

/** Without shared memory. */
const plain: Page = { headers: {} }

/** The published files and the runtime, found by an import map: no bundler. */
async function asModules(source: string, folder: string): Promise<void> {
  const out = join(folder, 'out')
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
  await bundlePackage('autodiff', join(out, 'autodiff'))
  cpSync(join(modules, '@bufbuild/protobuf/dist/esm'), join(out, 'protobuf'), { recursive: true })
  mkdirSync(join(out, 'ort'))
  for (const file of ['ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'])
    cpSync(join(modules, 'onnxruntime-web/dist', file), join(out, 'ort', file))
  writeFileSync(join(out, 'page.js'), source)
}
const importMap = `<script type="importmap">${JSON.stringify({
  imports: {
    '@cotangent/autodiff': '/autodiff/index.js',
    '@cotangent/autodiff/onnx': '/autodiff/onnx/index.js',
    '@bufbuild/protobuf/wire': '/protobuf/wire/index.js',
    'onnxruntime-web/webgpu': '/ort/ort.webgpu.bundle.min.mjs',
  },
})}</script>`

describe.skipIf(chromium === undefined)(`a worker in a browser${reason}`, () => {
  test('computes the same numbers to the bit, on wasm and webgpu, and leaves the page its thread', async () => {
    interface Seen {
      readonly kinds: readonly string[]
      readonly isolated: boolean
      readonly same: Readonly<Record<string, readonly boolean[]>>
      readonly live: Readonly<Record<string, readonly number[]>>
      readonly here: { readonly frames: number; readonly ticks: number }
      readonly there: { readonly frames: number; readonly ticks: number }
    }
    const got = await inBrowser<Seen>(`async () => {
      await initRuntime()
      const kinds = devices().map((d) => d.kind).filter((kind) => kind !== 'js')
      const got = { kinds, isolated: crossOriginIsolated, same: {}, live: {} }
      const x = np.linspace(-3, 3, 1001)
      const f = (a) => np.sin(a).mul(np.exp(a)).sum()
      const cubes = (a) => lax.scan((c, b) => [c.add(b), c.mul(b)], np.array(0), a)[1]
      const ints = (a) => a.astype('int32').mul(3)
      const mask = (a) => a.gt(0)
      for (const kind of kinds) {
        const there = createDevice(kind, { worker: true })
        const here = createDevice(kind, { worker: false })
        got.same[kind] = []
        for (const g of [f, grad(f), vmap(grad((a) => np.tanh(a))), ints, mask, ...(kind === 'wasm' ? [cubes] : [])]) {
          const [found, expected] = [await jit(g, { device: there })(x).data(), await jit(g, { device: here })(x).data()]
          got.same[kind].push(found.length > 0 && String([...found]) === String([...expected]) && found.constructor === expected.constructor)
        }
        // Every dtype, of no size too; an array that comes again is uploaded.
        for (const dtype of devices(kind)[0].supports.dtypes) {
          for (const a of [np.array([0, 1, 1]), np.ones([3000]), np.array(1), np.zeros([0])].map((a) => a.astype(dtype))) {
            const g = (a) => [np.concatenate([a.reshape([-1]), a.reshape([-1])]), a]
            const [one, two] = [there, here].map((device) => jit(g, { device }))
            const found = [...one(a), ...one(a), ...one(one(a)[0])]
            const expected = [...two(a), ...two(a), ...two(two(a)[0])]
            for (const [i, y] of found.entries()) {
              const [numbers, others] = [await y.data(), await expected[i].data()]
              got.same[kind].push(String([...numbers]) === String([...others]) && numbers.constructor === others.constructor)
            }
          }
        }
        // A chain that nobody waits for, arguments released as soon as they are passed on, and the count of bytes.
        const own = createDevice(kind, { worker: true })
        const step = jit((a) => a.mul(0.5).add(1), { device: own })
        let a = devicePut(np.zeros([5000]), own)
        await a.ready()
        got.live[kind] = [own.liveBytes]
        for (let i = 0; i < 60; i++) { const b = step(a); a[Symbol.dispose](); a = b }
        got.live[kind].push((await a.data())[17], own.liveBytes)
        a[Symbol.dispose]()
        got.live[kind].push(own.liveBytes)
        await Promise.all([there, here, own].map((device) => device.close()))
      }
      const longer = (a) => [1, 2, 3, 4].reduce((y, k) => y.add(long(a.mul(1 / k))), long(a))
      const watched = async (device) => {
        const g = jit(longer, { device })
        await g(big).ready()
        let [frames, ticks, on] = [0, 0, true]
        const frame = () => { frames++; if (on) requestAnimationFrame(frame) }
        requestAnimationFrame(frame)
        const timer = setInterval(() => ticks++, 10)
        await g(big.mul(0.5)).ready()
        on = false
        clearInterval(timer)
        return { frames, ticks }
      }
      got.there = await watched(createDevice('wasm', { worker: true }))
      got.here = await watched(createDevice('wasm', { worker: false }))
      return got
    }`)
    expect(got.kinds).toContain('wasm')
    expect(got.isolated).toBe(true)
    for (const kind of got.kinds) {
      expect(got.same[kind]!.length, kind).toBeGreaterThan(200)
      expect(new Set(got.same[kind]), kind).toEqual(new Set([true]))
      expect(got.live[kind], kind).toEqual([20_000, 2, 20_000, 0])
    }
    // A page that computes has none.
    expect(got.there.ticks, JSON.stringify(got)).toBeGreaterThan(5 + 3 * got.here.ticks)
    expect(got.there.frames, JSON.stringify(got)).toBeGreaterThan(5 + 3 * got.here.frames)
  }, 180_000)

  const isolation = [
    ['isolated', {}],
    ['not isolated', plain],
  ] as const
  test.each(isolation)(
    '%s: a worker that is ended is a DeviceError, and a new one goes on',
    async (_, page) => {
      const got = await inBrowser<Record<string, unknown>>(
        `async () => {
      await initRuntime({ numThreads: 1 })
      const device = createDevice('wasm', { worker: true })
      const got = { isolated: crossOriginIsolated }
      // Still running when it is ended, on a fast machine too.
      const f = jit((a) => Array.from({ length: 10 }, (_, k) => long(a.mul(1 / (k + 1)))).reduce((y, z) => y.add(z)), { device })
      const g = jit(twice, { device })
      const host = np.arange(5000)
      const [held, read] = [g(host), g(host)]
      await Promise.all([read.data(), jit((a) => a.sum(), { device })(held).ready()])
      for (const end of [(w) => w.terminate(), (w) => Native.prototype.terminate.call(w)]) {
        const [running, waiting] = [f(big), g(host)]
        await wait(100)
        const before = workers.length
        end(workers.at(-1))
        const errors = [await said(running.data()), await said(waiting.data())]
        ;(got.ended ??= []).push([...errors, Number.isFinite(await f(big).js()), workers.length - before])
      }
      got.held = await said(held.data())
      got.read = (await read.data())[3]
      got.taken = await said(g(held).data())
      got.again = (await g(read).data())[4]
      return got
    }`,
        page,
      )
      expect(got['isolated']).toBe(page !== plain)
      const lost = (how: string): string =>
        `DeviceError: wasm:1: its worker ended during the call (${how}); the device goes on with a new one`
      // Also where nobody in the page had a hand in it.
      expect(got['ended']).toEqual(['it was terminated', 'it is gone'].map((how) => [lost(how), lost(how), true, 1]))
      expect(got['held']).toBe(
        'DeviceError: wasm:1: the worker that held this array is gone (it was terminated); compute the array again',
      )
      expect([got['read'], got['again']]).toEqual([6, 16])
      expect(got['taken']).toContain('the worker that held this array is gone')
    },
    120_000,
  )

  test.each(isolation)(
    '%s: cancellation, lanes, and devices that compute at the same time',
    async (_, page) => {
      const got = await inBrowser<Record<string, unknown>>(
        `async () => {
      await initRuntime({ numThreads: 1 })
      const device = createDevice('wasm', { worker: true })
      const other = createDevice('wasm', { worker: true })
      const got = {}
      const f = jit(long, { device })
      const g = jit(twice, { device })
      const h = jit(twice, { device: other })
      await Promise.all([f(big).ready(), h(np.array(1)).ready()])
      const order = []
      await Promise.all([f(big.mul(0.5)).ready().then(() => order.push('slow')), h(np.array(2)).ready().then(() => order.push('fast'))])
      got.order = order
      const controller = new AbortController()
      const [running, waiting] = withSignal(controller.signal, () => [f(big), f(big.mul(2))])
      const dependent = g(waiting)
      const outside = g(np.array(3))
      await wait(50)
      controller.abort(new Error('enough'))
      got.waiting = await said(waiting.data())
      got.dependent = await said(dependent.data())
      got.outside = await outside.js()
      got.running = await said(running.data())
      got.later = await g(np.array(4)).js()
      // The worker hears of it between short calls too.
      let dropped = 0
      workers[0].addEventListener('message', ({ data }) => { if (data.failure?.phase === 'cancelled') dropped++ })
      const second = new AbortController()
      const product = jit((a) => a.matmul(a).sum(), { device })
      // So many that there are some left to drop however late the page hears of the first.
      const square = np.ones([300, 300])
      const many = withSignal(second.signal, () => Array.from({ length: 300 }, () => product(square)))
      await many[0].ready()
      second.abort()
      got.many = [...new Set(await Promise.all(many.map((y) => said(y.data()))))]
      await g(np.array(1)).ready()
      got.dropped = dropped
      const lanes = [0, 1, 2].map((k) => device.lane(k))
      const results = lanes.map((lane) => jit(twice, { device: lane })(np.arange(3)))
      got.lanes = [new Set(lanes).size, ...(await Promise.all(results.map((y) => y.js())))]
      got.workers = workers.length
      const unread = jit(twice, { device: lanes[1] })(np.arange(5000))
      await jit((a) => a.sum(), { device: lanes[1] })(unread).ready()
      const begun = f(big)
      await device.close()
      got.closed = [await said(unread.data()), await said(begun.data()), thrown(() => g(np.array(1)))]
      got.others = await h(np.array(5)).js()
      return got
    }`,
        page,
      )
      expect(got['order']).toEqual(['fast', 'slow'])
      expect(got['waiting']).toBe('AbortError: the call was cancelled by its signal before it began')
      expect(got['dependent']).toMatch(/^AbortError: the call was cancelled/)
      expect(got['outside']).toBe(6)
      expect(got['running']).toBe('there')
      expect(got['later']).toBe(8)
      expect(got['many']).toEqual(['there', 'AbortError: the call was cancelled by its signal before it began'])
      expect(got['dropped']).toBeGreaterThan(10)
      expect(got['lanes']).toEqual([3, [0, 2, 4], [0, 2, 4], [0, 2, 4]])
      expect(got['workers']).toBe(4)
      const closed = 'DeviceError: wasm:1 was closed'
      expect(got['closed']).toEqual([expect.stringContaining('the device was closed'), closed, closed])
      expect(got['others']).toBe(10)
    },
    120_000,
  )

  test('is there when it is asked for: by default all is done on the page, by auto what is long is not', async () => {
    const got = await inBrowser<Record<string, unknown>>(`async () => {
      await initRuntime({ numThreads: 1 })
      const got = {}
      await jit(long)(big).ready()
      got.usual = workers.length
      setDefaultDevice(createDevice('wasm', { worker: 'auto' }))
      got.short = [await jit(twice)(np.array(2)).js(), workers.length]
      const halve = jit((a) => lax.whileLoop((c) => c.gt(1), (c) => c.mul(0.5), a))
      got.long = [await halve(np.array(100)).js(), workers.length]
      got.wrong = thrown(() => createDevice('wasm', { worker: 'never' }))
      return got
    }`)
    expect(got).toEqual({
      usual: 0,
      short: [4, 0],
      long: [0.78125, 1],
      wrong: 'DeviceError: createDevice: worker is "never"; it must be true, false or \'auto\'',
    })
  }, 120_000)

  test('has the threads and files that initRuntime was told of', async () => {
    const got = await inBrowser<Record<string, unknown>>(
      `async () => {
        await initRuntime({ numThreads: 2, wasmPaths: 'there/' })
        const device = createDevice('wasm', { worker: true })
        const y = await jit((a) => a.matmul(a).sum(), { device })(np.ones([300, 300])).js()
        return { y, files: performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.wasm')) }
      }`,
      {
        async make(source, folder) {
          await bundle(source, folder)
          const [from, to] = [join(folder, 'out', 'assets'), join(folder, 'out', 'there')]
          mkdirSync(to)
          const dist = fileURLToPath(new URL('../../../node_modules/onnxruntime-web/dist', import.meta.url))
          for (const type of ['mjs', 'wasm'])
            cpSync(
              join(dist, `ort-wasm-simd-threaded.asyncify.${type}`),
              join(to, `ort-wasm-simd-threaded.asyncify.${type}`),
            )
          // Where it would be looked for.
          for (const name of readdirSync(from)) if (name.endsWith('.wasm')) rmSync(join(from, name))
        },
      },
    )
    expect(got['y']).toBe(300 ** 3)
    // The page itself ran nothing.
    expect(got['files']).toEqual([])
  }, 120_000)

  test('needs no bundler: an import map is enough, or the address of the runtime', async () => {
    const look = (options: string): string => `async () => {
      await initRuntime(${options})
      const device = createDevice('wasm', { worker: true })
      return [await jit(grad((a) => np.sin(a).sum()), { device })(np.zeros([2])).js(), workers.length]
    }`
    const page = { make: asModules, head: importMap }
    expect(await inBrowser(look(''), page)).toEqual([[1, 1], 1])
    expect(await inBrowser(look("{ runtime: '/ort/ort.webgpu.bundle.min.mjs' }"), page)).toEqual([[1, 1], 1])
  }, 120_000)
})

describe.skipIf(chromium === undefined)(`a page that can have no worker says so${reason}`, () => {
  const look = `async () => {
    await initRuntime({ numThreads: 1 })
    const device = createDevice('wasm', { worker: true })
    const y = jit(twice, { device })(np.array([1]))
    const z = jit(twice, { device })(y)
    const errors = [await said(y.data()), await said(z.data())]
    await device.close()
    return [...errors, await jit(twice, { device: createDevice('wasm', { worker: false }) })(np.array([1])).js()]
  }`

  test('its file is not there', async () => {
    const got = await inBrowser<unknown[]>(look, {
      async make(source, folder) {
        await bundle(source, folder)
        const assets = join(folder, 'out', 'assets')
        for (const name of readdirSync(assets)) if (name.startsWith('web-worker')) rmSync(join(assets, name))
      },
    })
    expect(got[0]).toMatch(
      /^DeviceError: wasm:1: its worker did not start\. .*createDevice\(kind, \{ worker: false \}\)/,
    )
    expect(got[1]).toMatch(/^DeviceError: wasm:1: its worker did not start\./)
    expect(got[2]).toEqual([2])
  }, 120_000)

  test('its policy forbids it', async () => {
    const policy = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'"
    const page = { headers: { 'Content-Security-Policy': policy } }
    const got = await inBrowser<unknown[]>(look, page)
    expect(got[0]).toMatch(/^DeviceError: wasm:1: its worker did not start.*worker-src 'self'/)
    expect(got[2]).toEqual([2])
    const unbundled = await inBrowser<unknown[]>(look, { ...page, make: asModules, head: importMap })
    expect(unbundled[0]).toMatch(
      /^DeviceError: wasm:1: its worker did not start.* It imports http:.*bundle\.min\.mjs: .* and worker-src blob:/,
    )
    expect(unbundled[2]).toEqual([2])
  }, 120_000)

  test('it has the runtime by other ways than the package, or an address that leads nowhere', async () => {
    const got = await inBrowser<unknown>(`async () => {
      const nowhere = await said(initRuntime({ runtime: 'nowhere.mjs' }))
      await initRuntime({ runtime: await import('onnxruntime-web/webgpu') })
      return [nowhere, thrown(() => createDevice('wasm', { worker: true })), thrown(() => createDevice('webgpu', { worker: 'auto' }))]
    }`)
    const lack =
      'does not run in a worker here: they cannot have the module that initRuntime was given: give its address, initRuntime({ runtime: "https://…" }), or leave it out; or use { worker: false }'
    expect(got).toEqual([
      expect.stringMatching(/^DeviceError: initRuntime: no runtime loads from http:.*\/nowhere\.mjs: give the address/),
      `DeviceError: createDevice: wasm ${lack}`,
      `DeviceError: createDevice: webgpu ${lack}`,
    ])
  }, 120_000)

  test('it is a file', async () => {
    const got = await inBrowser<unknown>(
      `async () => {
        await initRuntime({ numThreads: 1 })
        return said(jit(twice, { device: createDevice('wasm', { worker: true }) })(np.array([1])).data())
      }`,
      {
        isFile: true,
        make: (source, folder) =>
          bundle(source, folder, { base: './', build: { rollupOptions: { output: { format: 'iife' } } } }),
      },
    )
    expect(got).toMatch(/^DeviceError: wasm:1: its worker did not start: .*The page must be served by http/)
  }, 120_000)
})
