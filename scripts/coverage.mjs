/**
 * Which primitive works on which dtype on which device: `npm run coverage:devices` runs every case of
 * test/helpers/cases (as it is, under vmap, its gradient) and writes docs/coverage.md. cpu and wasm always, webgpu where
 * a GPU or SwiftShader is found, and for cuda, with COTANGENT_CUDA_STUBS naming a folder that
 * test/python/cuda_stubs.py prepared, whether all nodes are placed there.
 *
 *     npm run coverage:devices -- [--only REGEX] [--write]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, defaultServerConditions } from 'vite'

const root = fileURLToPath(new URL('../', import.meta.url))
const self = fileURLToPath(import.meta.url)
const args = process.argv.slice(2)
const option = (name, missing) => (args.includes(name) ? args[args.indexOf(name) + 1] : missing)
const only = new RegExp(option('--only', '.'))
const worker = option('--worker')

/** The cases and what runs them, from their sources. */
async function load() {
  const conditions = ['source', ...defaultServerConditions]
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null, ws: false },
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: [/^@cotangent\//] },
    optimizeDeps: { noDiscovery: true },
  })
  return { lib: await server.ssrLoadModule('/test/helpers/coverage.ts'), close: () => server.close() }
}

const keyOf = ({ primitive, dtype }) => `${primitive} ${dtype}`

/** One line before each case and one after it, so that the process may end in between. */
async function work(kind, first) {
  const { lib } = await load()
  const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
  let at = -1
  for (const c of lib.primitiveCases.filter((each) => only.test(keyOf(each)))) {
    for (const side of lib.sides.filter((s) => lib.has(s, c))) {
      if (++at < first) continue
      const about = { at, cell: keyOf(c), side, note: c.note }
      say({ ...about, begins: true })
      try {
        await lib.checkCase(side, c, kind)
        say({ ...about, result: 'ok' })
      } catch (error) {
        const refused = lib.refusal.test(error.message) && lib.isWide(c)
        say({ ...about, result: refused ? 'refused' : 'wrong', message: error.message.slice(0, 300) })
      }
    }
  }
}

/** The results of all cases on a device; a process that ends in a case is that case's result. */
function run(kind) {
  const results = []
  for (let first = 0; ; ) {
    const child = spawnSync(process.execPath, [self, '--worker', kind, '--first', `${first}`, '--only', only.source], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines = child.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    results.push(...lines.filter((line) => line.result !== undefined))
    const last = lines.at(-1)
    if (last?.begins !== true) return results
    results.push({ ...last, result: 'wrong', message: `the process ended (${child.signal ?? child.status})` })
    first = last.at + 1
  }
}

/** Whether CUDA takes all nodes of every case. */
function place(lib, folder) {
  const models = mkdtempSync(join(tmpdir(), 'cotangent-'))
  const cases = lib.primitiveCases.filter((c) => only.test(keyOf(c)))
  const results = []
  try {
    const calls = cases.flatMap((c) => ['value', 'gradient'].flatMap((side) => (lib.has(side, c) ? [[side, c]] : [])))
    calls.forEach(([side, c], at) => {
      const about = { at, cell: keyOf(c), side, note: c.note }
      try {
        const model = lib.modelOf(side, c, 'cuda')
        if (model !== undefined) writeFileSync(join(models, `${at}.onnx`), model)
        results.push({ ...about, result: 'ok' })
      } catch (error) {
        results.push({ ...about, result: 'wrong', message: error.message })
      }
    })
    const script = join(root, 'test/python/place_models.py')
    const env = {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'stub'),
      PYTHONPATH: [join(folder, 'full'), join(folder, 'deps')].join(':'),
    }
    const python = process.env.COTANGENT_PYTHON ?? 'python3'
    const printed = execFileSync(python, [script, models], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    for (const [at, message] of Object.entries(JSON.parse(printed)))
      results[Number(at)] = { ...results[Number(at)], result: 'wrong', message }
    return results
  } finally {
    rmSync(models, { recursive: true, force: true })
  }
}

/** For each primitive the dtypes that work, are refused with a DeviceError, or are wrong. */
export function summarize(results) {
  const worst = { ok: 0, refused: 1, wrong: 2 }
  const cells = new Map()
  for (const { cell, result } of results) {
    // A cast to 64 bits that a device refuses says nothing of the dtype that it is from.
    const own = result === 'refused' && !/64$/.test(cell) ? 'ok' : result
    const known = cells.get(cell) ?? 'ok'
    cells.set(cell, worst[own] > worst[known] ? own : known)
  }
  const rows = new Map()
  for (const [cell, state] of cells) {
    const [primitive, dtype] = cell.split(' ')
    if (!rows.has(primitive)) rows.set(primitive, { ok: [], refused: [], wrong: [] })
    rows.get(primitive)[state].push(dtype)
  }
  return rows
}

function show({ ok, refused, wrong }) {
  const parts = [
    ...(refused.length === 0 ? [] : [`no ${refused.join(', ')}`]),
    ...(wrong.length === 0 ? [] : [`**wrong: ${wrong.join(', ')}**`]),
  ]
  return parts.length === 0 ? '✓' : `${ok.length > 0 ? '✓, ' : ''}${parts.join('; ')}`
}

const WIDE = 'no float64, int64, uint64'

/** docs/coverage.md. */
export function page(devices) {
  const names = [...devices[0].rows.keys()].sort()
  const count = (state) => (rows) => [...rows.values()].reduce((n, row) => n + row[state].length, 0)
  const totals = devices.map(({ name, rows }) => {
    const [ok, refused, wrong] = ['ok', 'refused', 'wrong'].map((state) => count(state)(rows))
    return `| ${name} | ${ok + refused + wrong} | ${ok} | ${refused} | ${wrong} |`
  })
  const lines = names.map((name) => {
    const dtypes = Object.values(devices[0].rows.get(name)).flat()
    const shown = devices.map(({ rows }) => show(rows.get(name) ?? { ok: [], refused: [], wrong: [] }))
    // Refused is what the device does not have at all; said once, above the table.
    const short = shown.map((text) => (text === `✓, ${WIDE}` || /^✓, no (?:float64|u?int64)(?:, u?int64)*$/.test(text) ? '32' : text)) // biome-ignore format: one line
    return `| ${name} | ${dtypes.length} | ${short.join(' | ')} |`
  })
  return `${readFileSync(new URL('coverage-head.md', import.meta.url), 'utf8').trim()}

| device | cells | equal | refused | wrong |
|---|---|---|---|---|
${totals.join('\n')}

| primitive | dtypes | ${devices.map((d) => d.name).join(' | ')} |
|---|---|${devices.map(() => '---|').join('')}
${lines.join('\n')}
`
}

async function main() {
  if (worker !== undefined) {
    await work(worker, Number(option('--first', 0)))
    process.exit(0)
  }
  const { lib, close } = await load()
  const devices = []
  for (const { kind, missing } of lib.testDevices) {
    if (missing !== undefined) console.log(`${kind} is left out: ${missing}`)
    else devices.push({ name: kind, results: run(kind) })
  }
  const stubs = process.env.COTANGENT_CUDA_STUBS
  if (stubs === undefined) console.log('cuda is left out: prepare a folder with test/python/cuda_stubs.py, and name it by COTANGENT_CUDA_STUBS') // biome-ignore format: one line
  else devices.push({ name: 'cuda (placed)', results: place(lib, stubs) })
  await close()
  for (const { name, results } of devices) {
    for (const { cell, side, note, result, message } of results)
      if (result === 'wrong') console.log(`${name}: ${cell}, ${side}, ${note}: ${message}`)
  }
  const text = page(devices.map(({ name, results }) => ({ name, rows: summarize(results) })))
  console.log(text)
  if (args.includes('--write')) writeFileSync(join(root, 'docs/coverage.md'), text)
}

if (process.argv[1] === self) await main()
