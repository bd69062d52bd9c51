// Everything that must hold before a commit lands: `npm test` and .ci/run both run this file.
// Every step runs, whatever became of the ones before it; the last line counts them all,
// each vitest test as one and each other step as one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const temporary = mkdtempSync(join(tmpdir(), 'cotangent-check-'))
const report = join(temporary, 'vitest.json')

const run = (name, command, ...args) => {
  console.log(`\n== ${name}`)
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status === 0) return true
  console.log(`== ${name} failed (${error?.message ?? signal ?? `exit ${status}`})`)
  return false
}

const script = (name) => run(name, 'npm', 'run', '--silent', name)

/** The tests' own counts; a run that fails otherwise (a file that does not load, a crash) is one failure more. */
const vitest = () => {
  const good = run(
    'vitest',
    'node_modules/.bin/vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  )
  let counts = { passed: 0, failed: 0, skipped: 0 }
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'))
    counts = {
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    }
  } catch {
    console.log('== vitest left no report')
  }
  if (!good && counts.failed === 0) counts.failed = 1
  if (good && counts.passed === 0) counts.failed = 1
  return counts
}

const steps = [
  ['build', script('build')],
  ['typecheck', script('typecheck')],
  ['lint', script('lint')],
  ['format', script('format:check')],
]
const tests = vitest()
steps.push(['tarballs', run('tarballs', 'node', 'scripts/tarballs.mjs')])
rmSync(temporary, { recursive: true, force: true })

const failures = steps.filter(([, good]) => !good).map(([name]) => name)
const passed = tests.passed + steps.length - failures.length
const failed = tests.failed + failures.length
if (tests.failed > 0) failures.push('vitest')

console.log(failures.length > 0 ? `\nfailed: ${failures.join(', ')}` : '')
if (tests.skipped > 0)
  console.log(`${tests.skipped} skipped: optional suites, and laws of derivatives for what has none`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
