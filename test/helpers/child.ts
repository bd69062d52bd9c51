import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A script bundled from the sources, for child processes. */
export interface Script {
  run(...args: readonly string[]): Promise<Ended>
  remove(): void
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Bundles a module that imports the packages by their names; `minify` as users' bundlers do. */
export async function scriptOf(
  source: string,
  { minify = false, flags = [] as readonly string[] } = {},
): Promise<Script> {
  // Within the repository, so that the runtimes are found from there.
  const base = join(root, 'node_modules', '.cache')
  mkdirSync(base, { recursive: true })
  const folder = mkdtempSync(join(base, 'cotangent-child-'))
  const entry = join(root, 'test', 'child.js')
  const build = await rolldown({
    input: entry,
    platform: 'node',
    external: [/^onnxruntime-/, /^node:/],
    resolve: { conditionNames: ['source', 'import', 'default'] },
    plugins: [
      { name: 'child', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? source : null) },
    ],
    logLevel: 'silent',
  })
  await build.write({ dir: folder, format: 'esm', entryFileNames: 'main.mjs', minify })
  await build.close()
  return {
    run: (...args) =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [...flags, join(folder, 'main.mjs'), ...args])
        let [stdout, stderr] = ['', '']
        child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
        child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
