import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devices, legacyRandom, type NDArray, treeLeaves } from '@cotangent/autodiff'
import { CheckpointError, type FitOptions, GradientIMNN, type IMNN, type Kind, load } from '@cotangent/imnn'
import { adam, momentum, readSafetensors, writeSafetensors } from '@cotangent/nn'
import { rolldown } from 'rolldown'
import { afterAll, describe, expect, test } from 'vitest'
import { kinds, smallOf } from './all-classes.ts'
import { d, dd, smallOptions } from './small-problem.ts'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-checkpoint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string): string => join(folder, name)
const [js] = devices('js')
const [cpu] = devices('cpu')

/** Bytes, so that not even the sign of a zero or a NaN goes unseen. */
const bytes = (tree: unknown): string =>
  (treeLeaves(tree) as NDArray[]).map((x) => Buffer.from(new Uint8Array(x.dataSync().buffer)).toString('hex')).join()

/** Everything that a fit gives. */
async function everything(imnn: IMNN) {
  const { initialW, w, finalW, bestW, state, F, C, invC, mu, dmu, invF, history, maxDetF, unfinished } = imnn
  const trees = [initialW, w, finalW, bestW, state, F, C, invC, mu, dmu, invF]
  await Promise.all(treeLeaves(trees).map((x) => (x as NDArray).ready()))
  return { trees: trees.map(bytes), history, maxDetF, unfinished }
}

const rule: FitOptions = { lambda: 10, epsilon: 0.1, patience: 7, minIterations: 3, maxIterations: 60 }
const rng = legacyRandom.PRNGKey(7)

describe.each(kinds)('%s', (kind) => {
  test('is saved and loaded to the last bit, and goes on as if it had never stopped', async () => {
    const path = file(`${kind}.safetensors`)
    const [first, second] = [{ ...rule, maxIterations: 5, best: true, rng }, { ...rule, maxIterations: 6 }]
    const five = await smallOf(kind, js).fit(first)
    await five.save(path)
    // The first weights of the IMNN that loads are others, and of no account.
    const loaded = await load(path, smallOf(kind, js))
    expect(await everything(loaded)).toEqual(await everything(five))
    expect(await everything(await loaded.fit(second))).toEqual(await everything(await five.fit(second)))
  })

  test('a fit that a signal ended goes on from a file with its iterations and its patience', async () => {
    const path = file(`${kind}-ended.safetensors`)
    const whole = await smallOf(kind, js).fit({ ...rule, rng })
    for (const at of [1, 4, 6]) {
      const signal = { aborted: false }
      const onIteration = ({ iteration }: { iteration: number }): void => void (signal.aborted ||= iteration === at)
      const stopped = await smallOf(kind, js).fit({ ...rule, rng, signal, onIteration, checkpoint: { path, overwrite: true } })
      expect(stopped.iterations).toBe(at)
      expect(stopped.unfinished?.iterations).toBe(at)
      const loaded = await load(path, smallOf(kind, js))
      expect(await everything(loaded)).toEqual(await everything(stopped))
      // The key that is given is the one of the fit that is gone on with: not begun with again.
      expect(await everything(await loaded.fit({ ...rule, rng }))).toEqual(await everything(whole))
    }
  })
})

/** The program that fits, in one file that Node runs; beside the test, where its packages are. */
const script = once(async () => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('./children/fit.ts', import.meta.url)),
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    external: /^(?!@cotangent\/|[./]|\0)/,
  })
  const target = fileURLToPath(new URL(`./children/fit-${process.pid}.mjs`, import.meta.url))
  await bundle.write({ file: target, codeSplitting: false })
  await bundle.close()
  return target
})
function once<T>(f: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= f())
}
afterAll(async () => rmSync(await script(), { force: true }))

/** Runs a fit in a process of its own, and does something to it once it has come to an iteration. */
async function child(kind: Kind, path: string, maxIterations: number, at: number, act: (pid: number) => void) {
  const args = [await script(), kind, path, String(maxIterations)]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err, acted] = ['', '', false]
  running.stderr.on('data', (text) => (err += text))
  const ended = new Promise<string | number | null>((resolve) =>
    running.on('close', (code, signal) => resolve(signal ?? code)),
  )
  running.stdout.on('data', (text) => {
    out += text
    if (acted || !out.includes(`iteration ${at}\n`)) return
    acted = true
    act(running.pid!)
  })
  return { ended: await ended, out, err }
}

describe('a process that is killed', () => {
  test.each(kinds)('%s: is gone on with to the last bit', async (kind) => {
    const path = file(`${kind}-killed.safetensors`)
    const whole = await smallOf(kind, cpu).fit({ ...rule, rng, maxIterations: 2000, patience: 500 })
    const at = 3 + Math.floor(Math.random() * 20)
    const { ended } = await child(kind, path, 2000, at, (pid) => process.kill(pid, 'SIGKILL'))
    expect(`killed at ${at}: ${ended}`).toBe(`killed at ${at}: SIGKILL`)
    const loaded = await load(path, smallOf(kind, cpu))
    expect(loaded.iterations).toBeLessThan(whole.iterations)
    const again = await loaded.fit({ ...rule, rng, maxIterations: 2000, patience: 500 })
    expect(await everything(again)).toEqual(await everything(whole))
  })
})
