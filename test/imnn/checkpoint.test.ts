import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devices, legacyRandom, type NDArray, np, treeLeaves } from '@cotangent/autodiff'
import {
  CheckpointError,
  type FitOptions,
  GradientIMNN,
  type IMNN,
  type Kind,
  load,
  TrainingError,
} from '@cotangent/imnn'
import { momentum, readSafetensors, writeSafetensors } from '@cotangent/nn'
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
    const [first, second] = [
      { ...rule, maxIterations: 5, best: true, rng },
      { ...rule, maxIterations: 6 },
    ]
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
      const stopped = await smallOf(kind, js).fit({
        ...rule,
        rng,
        signal,
        onIteration,
        checkpoint: { path, overwrite: true },
      })
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

  test('by Ctrl-C: the fit ends after its iteration and is kept; the second Ctrl-C ends the process', async () => {
    const path = file('interrupted.safetensors')
    const { ended, out, err } = await child('GradientIMNN', path, 100_000, 4, (pid) => {
      process.kill(pid, 'SIGINT')
      // The fit takes its time to end; until then the signal would end the process before it has told.
      setTimeout(() => process.kill(pid, 'SIGINT'), 1500)
    })
    expect(ended).toBe('SIGINT')
    expect(err).toContain('fit: ends after this iteration; Ctrl-C again ends the process')
    const reached = JSON.parse(/reached (.*)/.exec(out)![1]!) as { iterations: number }
    const loaded = await load(path, smallOf('GradientIMNN', cpu))
    expect(loaded.unfinished).toEqual(reached)
    expect(loaded.iterations).toBe(reached.iterations)
  })
})

describe('Ctrl-C is listened for', () => {
  test('only while a fit runs, and not at all if told so', async () => {
    const before = process.listenerCount('SIGINT')
    const counts: number[] = []
    const onIteration = (): void => void counts.push(process.listenerCount('SIGINT') - before)
    const two = { ...rule, maxIterations: 2, onIteration }
    await smallOf('GradientIMNN', js).fit(two)
    await smallOf('GradientIMNN', js).fit({ ...two, interruptible: false })
    const failing = smallOf('GradientIMNN', js).fit({
      ...two,
      onIteration: () => {
        throw new Error('no more paper')
      },
    })
    await expect(failing).rejects.toThrow('no more paper')
    expect(counts).toEqual([1, 1, 0, 0])
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})

describe('a checkpoint that cannot be used', () => {
  const options = () => {
    const { main: _, remaining: __, validationMain: ___, validationRemaining: ____, ...rest } = smallOptions()
    const { host: _1, devices: _2, nPerDevice: _3, ...common } = rest
    return { ...common, fiducial: d, derivative: dd.slice([0, 24]), device: js }
  }
  const make = (more: object = {}): IMNN => GradientIMNN({ ...options(), ...more })
  const written = async (name: string): Promise<string> => {
    const fitted = await make().fit({ ...rule, maxIterations: 2 })
    await fitted.save(file(name), { overwrite: true })
    return file(name)
  }

  test('is refused with what differs', async () => {
    const path = await written('good.safetensors')
    const refusals: [IMNN, RegExp][] = [
      [
        make({ optimizer: momentum({ stepSize: 0.1, mass: 0.9 }) }),
        /another IMNN[\s\S]*state.* has no place in this IMNN/,
      ],
      [make({ thetaFid: [0, 2] }), /thetaFid: is \[0, 1\] in the file and \[0, 2\] in this IMNN/],
      [smallOf('GradientIMNN', js, { hidden: 9 }), /bestW\.0\.0: is float32\[10,8\] in the file and float32\[10,9\]/],
      [smallOf('SimulatorIMNN', js), /kind: is "GradientIMNN" in the file and "SimulatorIMNN" in this IMNN/],
    ]
    for (const [imnn, message] of refusals) {
      const error = await load(path, imnn).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(CheckpointError)
      expect(
        (error as Error).message.replaceAll(', ', ',').replaceAll('[0,1]', '[0, 1]').replaceAll('[0,2]', '[0, 2]'),
      ).toMatch(message)
    }
    await expect(load(file('nothing'), make())).rejects.toThrow(/there is no file/)
  })

  test('is refused when any of its bytes is another, or it is cut off', async () => {
    const path = await written('damaged.safetensors')
    const good = readFileSync(path)
    for (let i = 0; i < 60; i++) {
      const at = Math.floor((good.length * i) / 60)
      const bad = Buffer.from(good)
      bad[at] = bad[at]! ^ 0x11
      for (const content of [bad, good.subarray(0, at)]) {
        writeFileSync(path, content)
        await expect(load(path, make()), `byte ${at}`).rejects.toBeInstanceOf(CheckpointError)
      }
    }
    writeFileSync(path, writeSafetensors({}, { other: 'x' }))
    await expect(load(path, make())).rejects.toThrow(/no checkpoint of an IMNN/)
  })

  test('is not overwritten, nor is one with more iterations; and no part of a file is left behind', async () => {
    const path = await written('kept.safetensors')
    const before = readFileSync(path)
    const short = await make().fit({ ...rule, maxIterations: 1 })
    await expect(short.save(path)).rejects.toThrow(/has 2 iterations, and this IMNN 1\. It is not overwritten: load\(/)
    await expect(make().fit({ ...rule, checkpoint: path })).rejects.toThrow(/It is not overwritten/)
    await expect(make({ thetaFid: [0, 2] }).save(path)).rejects.toThrow(/another IMNN[\s\S]*It is not overwritten/)
    await expect(short.save(join(path, 'in', 'a file'))).rejects.toThrow(/cannot be read: ENOTDIR/)
    await short.save(join(folder, 'a', 'new', 'folder'))
    await short.save(join(folder, 'other'))
    expect(readFileSync(join(folder, 'a', 'new', 'folder'))).toEqual(readFileSync(join(folder, 'other')))
    expect(readFileSync(path)).toEqual(before)
    await short.save(path, { overwrite: true })
    expect((await load(path, make())).iterations).toBe(1)
    // A process that was killed while it wrote had no time to clean up.
    const left = readdirSync(folder).filter((name) => name.includes('partial') && !name.includes('killed'))
    expect(left).toEqual([])
  })

  test('is refused when it is not whole, though its checksum is right', async () => {
    const path = await written('whole.safetensors')
    const { tensors, metadata } = readSafetensors(readFileSync(path))
    const words = JSON.parse(metadata['cotangent']!) as object
    const write = (changed: object, arrays: Readonly<Record<string, NDArray | undefined>>): void => {
      const all = Object.fromEntries(
        Object.entries({ ...tensors, ...arrays }).filter(([, x]) => x !== undefined),
      ) as never
      const cotangent = JSON.stringify({ ...words, ...changed })
      const sha256 = createHash('sha256').update(writeSafetensors(all, { cotangent })).digest('hex')
      writeFileSync(path, writeSafetensors(all, { cotangent, sha256 }))
    }
    const column = (n: number) => np.zeros([n], { dtype: 'float64' })
    const damages: [words: object, arrays: Readonly<Record<string, NDArray | undefined>>, message: RegExp][] = [
      [{ version: 2 }, {}, /of version 2, and this package reads version 1; use the version of the package that wrote/],
      [{ sizes: undefined }, {}, /is no whole checkpoint: sizes: is undefined, which no fit comes to/],
      [{ steps: 'x' }, {}, /steps: is "x", which no fit comes to/],
      [{ steps: -1, maxDetF: null }, {}, /2 problems[^]*steps: is -1[^]*maxDetF: is null/],
      [{ inUse: 'other' }, {}, /inUse: is "other"/],
      [{ unfinished: { iterations: 1, patience: 0 } }, {}, /unfinished: is an object/],
      [{}, { 'history.detF': undefined }, /history\.detF: is not in the file/],
      [{}, { 'history.r': column(1) }, /history\.r: is float64\[1\], not float64\[2\]/],
      [{}, { 'history.valR': np.zeros([2]) }, /history\.valR: is float32\[2\], not float64\[0\]/],
      [{}, { 'statistics.C': undefined }, /statistics\.C: is not in the file/],
      [{}, { 'statistics.mu': np.zeros([3]) }, /statistics\.mu: is float32\[3\], not float32\[2\]/],
      [{}, { rng: np.zeros([2]) }, /rng: is float32\[2\], not uint32\[2\]/],
    ]
    for (const [changed, arrays, message] of damages) {
      write(changed, arrays)
      const error = await load(path, make()).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(CheckpointError)
      expect((error as Error).message).toMatch(message)
    }
    write({}, {})
    expect((await load(path, make())).iterations).toBe(2)
  })

  test('may be written by several fits at once: it is that of one of them', async () => {
    const path = file('several.safetensors')
    const checkpoint = { path, every: 1, overwrite: true }
    const fits = await Promise.all([1, 2, 3].map(() => make().fit({ ...rule, maxIterations: 3, checkpoint })))
    expect((await load(path, make())).history).toEqual(fits[0]!.history)
  })

  test('that cannot be written any more ends the fit, and what was reached is not lost', async () => {
    const path = join(folder, 'vanishing', 'run.safetensors')
    const onIteration = ({ iteration }: { iteration: number }): void => {
      if (iteration !== 3) return
      rmSync(join(folder, 'vanishing'), { recursive: true })
      writeFileSync(join(folder, 'vanishing'), '')
    }
    const error = await make()
      .fit({ ...rule, checkpoint: { path, every: 1 }, onIteration })
      .catch((reason: unknown) => reason as TrainingError<IMNN>)
    expect(error).toBeInstanceOf(TrainingError)
    expect((error as Error).message).toMatch(
      /^the fit broke off after 3 iterations: the checkpoint .* cannot be written/,
    )
    expect((error as TrainingError<IMNN>).reached?.history.detF).toHaveLength(3)
  })

  test('has the history in double precision, as any reader of safetensors sees it', async () => {
    const path = await written('history.safetensors')
    const { tensors } = readSafetensors(readFileSync(path))
    const { history } = await load(path, make())
    expect(tensors['history.detF']!.dtype).toBe('float64')
    expect([...tensors['history.detF']!.dataSync()]).toEqual(history.detF)
  })
})
