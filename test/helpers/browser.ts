import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, defaultClientConditions, type InlineConfig, mergeConfig } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A Chromium to run pages in: COTANGENT_CHROMIUM, or where Debian puts it. */
export const chromium = [process.env['COTANGENT_CHROMIUM'] ?? '', '/usr/bin/chromium'].find(
  (path) => path !== '' && existsSync(path),
)

/** Bundles a module for browsers into `folder`/out, as `page.js`; `options` go into Vite's own. */
export async function bundle(source: string, folder: string, options: InlineConfig = {}): Promise<void> {
  const entry = join(root, 'test', 'page.js')
  const config: InlineConfig = {
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [
      { name: 'page', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? source : null) },
    ],
    resolve: { conditions: ['source', ...defaultClientConditions] },
    build: {
      outDir: join(folder, 'out'),
      minify: false,
      modulePreload: false,
      rollupOptions: { input: entry, output: { entryFileNames: 'page.js' } },
    },
  }
  await build(mergeConfig(config, options))
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-webgpu-adapter=swiftshader',
]

/** How a page is made and served. */
export interface Page {
  /** Writes `page.js`, and what else it needs, to `folder`/out. @defaultValue `bundle` */
  make?(source: string, folder: string): Promise<void>
  /** What stands in the page's head. */
  readonly head?: string
  /** Of every answer. @defaultValue those of a page that is cross-origin isolated */
  readonly headers?: Readonly<Record<string, string>>
  /** Opens the page as a file, not by http; its script is a classic one. */
  readonly isFile?: boolean
}

const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/**
 * Runs a module in headless Chromium: what it passes to `report` comes back. The WebGPU of the page is SwiftShader's.
 */
export async function runInBrowser(source: string, page: Page = {}): Promise<unknown> {
  const { make = bundle, head = '', headers = isolated, isFile = false } = page
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-browser-'))
  let browser: ChildProcess | undefined
  let finish: (report: string) => void = () => undefined
  const finished = new Promise<string>((resolve) => (finish = resolve))
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (request.method === 'POST') {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => (response.end(), finish(body)))
      return
    }
    const file = join(folder, 'out', path === '/' ? 'index.html' : path)
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...headers })
    response.end(readFileSync(file))
  })
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await make(
      `const report = (value) => fetch('${origin}/report', { method: 'POST', mode: 'no-cors', body: JSON.stringify(value) })
addEventListener('error', (e) => report({ error: String(e.message) }))
addEventListener('unhandledrejection', (e) => report({ error: String(e.reason?.stack ?? e.reason) }))
${source}`,
      folder,
    )
    const index = join(folder, 'out', 'index.html')
    const script = isFile ? '<script src="page.js"></script>' : '<script type="module" src="/page.js"></script>'
    writeFileSync(index, `<!doctype html><head>${head}</head><body>${script}</body>`)
    const address = isFile ? pathToFileURL(index).href : `${origin}/`
    const profile = `--user-data-dir=${join(folder, 'profile')}`
    browser = spawn(chromium!, [...flags, profile, address], { stdio: 'ignore', detached: true })
    browser.on('exit', (code) => finish(JSON.stringify({ error: `the browser ended with ${code}` })))
    return JSON.parse(await finished)
  } finally {
    const ended = browser && browser.exitCode === null ? once(browser, 'exit') : undefined
    if (ended !== undefined) killGroup(browser!.pid!)
    await ended
    server.close()
    server.closeAllConnections()
    removeFolder(folder)
  }
}

/** The browser and the processes it started, which would go on writing to its profile. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in between.
  }
}

/** What cannot be removed, because a process that is being killed still writes to it, is left to the system. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  } catch {
    // A folder of the system's temporary ones.
  }
}
