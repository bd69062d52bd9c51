// Bundles each package's entry points from its sources into dist, beside the declarations that tsc puts there: few files
// load several times faster than hundreds. What several entry points use is in shared chunks, so that there is one engine.
// Other packages stay imports. `import.meta.url` stays what it would be with a file a module, dist/array/stack.js for
// src/array/stack.ts: files beside the code are found by it, and the engine's frames in the stack of an error.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The files that a package's exports name, as `onnx/index`, and modules that run in a worker. */
function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const sources = Object.values(exports).flatMap((target) => (typeof target === 'object' ? [target.source] : []))
  const workers = readdirSync(join(folder, 'src'), { recursive: true })
    .map((path) => `./src/${path.replaceAll('\\', '/')}`)
    .filter((path) => /(^|[/-])worker\.ts$/.test(path))
  const names = [...new Set([...sources, ...workers])].map((path) => path.slice('./src/'.length).replace(/\.ts$/, ''))
  return Object.fromEntries(names.map((name) => [name, join(folder, 'src', `${name}.ts`)]))
}

const PLACE = /__COTANGENT_MODULE_URL__\("([^"]+)"\)/g
const FILE = /__COTANGENT_FILE_URL__\("([^"]+)"\)/g

/** Keeps a module's URL what it is without bundling; that of a file, `new URL('./x.ts', import.meta.url)`, as bundlers know it. */
const moduleUrls = (folder) => ({
  name: 'module-urls',
  transform(code, id) {
    if (!code.includes('import.meta')) return null
    const place = posix.relative(`${folder.replaceAll('\\', '/')}/src`, id.replaceAll('\\', '/'))
    const url = `__COTANGENT_MODULE_URL__("${place.replace(/\.ts$/, '.js')}")`
    const file = (_, path) =>
      `__COTANGENT_FILE_URL__("${posix.join(posix.dirname(place), path).replace(/\.ts$/, '.js')}")`
    const changed = code
      // With whatever type the source gives it.
      .replaceAll(/\(import\.meta as [^)]*\)\.url/g, 'import.meta.url')
      .replaceAll(/new URL\('(\.[^']*)', import\.meta\.url\)/g, file)
      .replaceAll('import.meta.url', url)
    // Lines stay where they are.
    return { code: changed, map: null }
  },
  renderChunk(code, chunk) {
    if (!/__COTANGENT_(MODULE|FILE)_URL__/.test(code)) return null
    const from = posix.dirname(chunk.fileName)
    const path = (place) => posix.relative(from, place).replace(/^(?!\.)/, './')
    const bundled = code
      // Of a file that is not there: bundlers, which would look for it, do not know this form.
      .replaceAll(PLACE, (_, place) => `new URL("${path(place)}", "" + import.meta.url).href`)
      .replaceAll(FILE, (_, place) => `new URL("${path(place)}", import.meta.url)`)
    return { code: bundled, map: null }
  },
})

const isOurs = (path) => path.endsWith('.js') || path.endsWith('.js.map')

/** Leaves the declarations where they are. */
function clean(dist) {
  if (!existsSync(dist)) return
  for (const path of readdirSync(dist, { recursive: true })) if (isOurs(path)) rmSync(join(dist, path))
}

/** Bundles the package into a folder; gives the chunks. */
export async function bundle(name, dist = join(root, 'packages', name, 'dist')) {
  const folder = join(root, 'packages', name)
  const build = await rolldown({
    input: entriesOf(folder),
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id),
    platform: 'neutral',
    plugins: [moduleUrls(folder)],
    // Modules are evaluated for what they register.
    treeshake: { moduleSideEffects: true },
    onLog(level, log, handler) {
      if (level === 'warn') throw new Error(`${name}: ${log.message}`)
      handler(level, log)
    },
  })
  clean(dist)
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
  })
  await build.close()
  return output
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of ['autodiff', 'nn', 'data', 'imnn']) {
    if (process.argv.includes('--clean')) clean(join(root, 'packages', name, 'dist'))
    else await bundle(name)
  }
}
