import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The interpreter that tests compare with: COTANGENT_PYTHON, where python3 is not the one with the packages. */
export const python = process.env['COTANGENT_PYTHON'] ?? 'python3'

/** The path of a script in test/python. */
export const pythonScript = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url))

/** Whether Python has all of these packages; where it lacks one, says that tests are skipped. */
export function pythonHas(...packages: readonly string[]): boolean {
  const code = `import importlib.util as u; print(*[p for p in ${JSON.stringify(packages)} if u.find_spec(p) is None])`
  const { status, stdout, error } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  const lacks = status === 0 ? stdout.trim() : (error?.message ?? `exit ${status}`)
  if (lacks !== '') console.log(`skipped: ${python} lacks ${lacks} (COTANGENT_PYTHON names another interpreter)`)
  return lacks === ''
}
