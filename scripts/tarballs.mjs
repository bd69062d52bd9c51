// Packs every package, looks at the tarballs with publint and attw, and installs them in an empty
// project, where the consumer files of test/tarballs must type-check (library declarations included)
// and run. ONNX Runtime is not installed there: the pure engine must do without.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = ['autodiff', 'nn', 'data', 'imnn'].map((name) => join(root, 'packages', name))
const bin = (name) => join(root, 'node_modules', '.bin', name)
const temporary = mkdtempSync(join(tmpdir(), 'cotangent-tarballs-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))

const failures = []

/** Runs a command; says what it did only when it fails. */
const run = (what, cwd, command, ...args) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  const good = status === 0
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}`)
  if (!good) {
    console.log([error?.message, stdout, stderr].filter(Boolean).join('\n'))
    failures.push(what)
  }
  return { good, stdout }
}

const install = (...specs) =>
  run(
    `install ${specs.map((spec) => spec.split('/').at(-1)).join(' ')}`,
    temporary,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    ...specs,
  ).good

const consume = (name) => {
  copyFileSync(join(root, 'test', 'tarballs', name), join(temporary, name))
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: [],
    strict: true,
    skipLibCheck: false,
  }
  writeFileSync(join(temporary, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }))
  if (!run(`type-check ${name}`, temporary, bin('tsc'), '-p', '.').good) return
  run(`run ${name}`, temporary, process.execPath, name.replace(/\.ts$/, '.js'))
}

const tarballs = packages.map((folder) => {
  if (!existsSync(join(folder, 'dist', 'index.js'))) throw new Error(`${folder} is not built: npm run build`)
  const name = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name
  const { good, stdout } = run(`pack ${name}`, folder, 'npm', 'pack', '--json', '--pack-destination', temporary)
  if (!good) process.exit(1)
  const [{ filename }] = Object.values(JSON.parse(stdout))
  const tarball = join(temporary, filename)
  const files = Object.values(JSON.parse(stdout))[0].files.map(({ path }) => path)
  for (const file of ['LICENSE', 'README.md']) if (!files.includes(file)) failures.push(`${name} has no ${file}`)
  run(`publint ${name}`, temporary, bin('publint'), 'run', '--strict', tarball)
  run(`attw ${name}`, temporary, bin('attw'), '--profile', 'esm-only', tarball)
  return tarball
})

writeFileSync(join(temporary, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
// nn needs the engine alone.
if (install(...tarballs.slice(0, 2))) consume('nn.ts')
if (install(...tarballs)) {
  if (existsSync(join(temporary, 'node_modules', 'onnxruntime-node'))) failures.push('onnxruntime-node came along')
  consume('consumer.ts')
  consume('primitives.ts')
  if (install('fast-check')) consume('testing.ts')
}

if (failures.length > 0) {
  console.log(`\n${failures.length} failed: ${failures.join(', ')}`)
  process.exitCode = 1
}
