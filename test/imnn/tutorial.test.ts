import { python, pythonScript } from '../helpers/python.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { legacyRandom, np } from '@cotangent/autodiff'
import type { History, HistoryJson } from '@cotangent/imnn'
import * as ort from 'onnxruntime-node'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { tutorial } from '../../examples/dataset-gradient.ts'
import { type DataSource, defaults, help, type Options, parseOptions, UsageError } from '../../examples/lib/options.ts'
import golden from '../fixtures/imnn/tutorial.json' with { type: 'json' }

const folder = mkdtempSync(join(tmpdir(), 'cotangent-tutorial-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = async (name: string, options: Partial<Options>) => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  const out = join(folder, name)
  const fitted = await tutorial({ ...defaults, printRate: undefined, ...options, out })
  log.mockRestore()
  return { fitted, out, said: lines.join('\n') }
}

const sources: readonly DataSource[] = ['memory', 'npy', 'tfrecord']

describe('as published', () => {
  const runs = new Map<DataSource, Awaited<ReturnType<typeof run>>>()

  test.each(sources)('from %s: the first 20 iterations are those of the original', async (data) => {
    const done = await run(data, { data, maxIterations: 20 })
    runs.set(data, done)
    const { history, iterations, maxDetF } = JSON.parse(
      readFileSync(join(done.out, 'history.json'), 'utf8'),
    ) as HistoryJson
    expect(iterations).toBe(20)
    expect(maxDetF).toBe(Math.max(...history.valDetF))
    for (const key of Object.keys(golden.history) as (keyof History)[]) {
      history[key].forEach((value, i) => {
        const wanted = golden.history[key][i]!
        const deviation = Math.abs(value / wanted - 1)
        expect(deviation, `${key} of iteration ${i}: ${value}, not ${wanted}`).toBeLessThan(i < 3 ? 1e-4 : 1e-3)
      })
    }
  })

  test('the histories from all sources are the same to the last bit', () => {
    expect(runs.size).toBe(3)
    for (const data of sources) expect(runs.get(data)!.fitted.history).toEqual(runs.get('memory')!.fitted.history)
  })

  test('it says what it does and writes what it promises', () => {
    const { out, said } = runs.get('memory')!
    expect(readdirSync(out).sort()).toEqual(['compressor.onnx', 'history.json', 'history.png', 'history.svg'])
    for (const words of ['2 × 1000 simulations', 'validation', 'of 50', 'iterations', 'compiling', 'each iteration'])
      expect(said).toContain(words)
    expect(readFileSync(join(out, 'history.svg'), 'utf8')).toContain('expected |F| = 50')
    expect(readFileSync(join(out, 'history.png')).subarray(1, 4).toString()).toBe('PNG')
  })

  test('compressor.onnx gives in ONNX Runtime what getEstimate gives', async () => {
    const { out, fitted } = runs.get('memory')!
    const session = await ort.InferenceSession.create(join(out, 'compressor.onnx'))
    expect([session.inputNames, session.outputNames]).toEqual([['data'], ['summaries', 'estimates']])
    const data = observed()
    const feeds = { data: new ort.Tensor('float32', data.dataSync(), data.shape) }
    const { summaries, estimates } = await session.run(feeds)
    expect(summaries!.dims).toEqual([5, 2])
    expect(estimates!.dims).toEqual([5, 2])
    close(summaries!.data as Float32Array, await fitted.getSummaries(data).data())
    close(estimates!.data as Float32Array, await fitted.getEstimate(data).data())
    await session.release()
  })

  test('Python reads compressor.onnx', async ({ skip }) => {
    const { out, fitted } = runs.get('memory')!
    const data = observed()
    const [summaries, estimates] = [fitted.getSummaries(data), fitted.getEstimate(data)]
    const expected = { data: await data.js(), summaries: await summaries.js(), estimates: await estimates.js() }
    writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected))
    const script = pythonScript('check_compressor.py')
    const { status, stdout, stderr, error } = spawnSync(
      python,
      [script, join(out, 'compressor.onnx'), join(folder, 'expected.json')],
      { encoding: 'utf8' },
    )
    if (error !== undefined || status === 77) {
      console.log(`compressor.onnx is not checked with Python: ${error?.message ?? stdout.trim()}`)
      skip()
    }
    expect(`${status} ${stderr}`).toBe('0 ')
  })
})

describe('other ways', () => {
  const small: Partial<Options> = { nS: 400, nD: 200, maxIterations: 5 }

  test('fewer derivatives than simulations: all sources agree to the last bit', async () => {
    const histories: History[] = []
    for (const data of sources) histories.push((await run(`small-${data}`, { ...small, data })).fitted.history)
    expect(histories[1]).toEqual(histories[0])
    expect(histories[2]).toEqual(histories[0])
  })

  test('two lanes give what one gives, to rounding', async () => {
    const one = await run('one', small)
    const two = await run('two', { ...small, device: ['cpu', 'cpu'] })
    for (const key of ['detC', 'detInvC', 'lambda2'] as const)
      close(two.fitted.history[key], one.fitted.history[key], 2e-4)
    // The covariance is all but singular at first: in float32 |F| is right to some thousandths then.
    for (const key of ['detF', 'valDetF'] as const) close(two.fitted.history[key], one.fitted.history[key], 5e-3)
  })

  test('the present layout of random numbers, other seeds, the last weights', async () => {
    const { fitted } = await run('partitionable', { ...small, prng: 'partitionable', best: false })
    const other = await run('seed', { ...small, seed: 11 })
    expect(fitted.history.detF).not.toEqual(other.fitted.history.detF)
    expect(await fitted.w[0][0].data()).toEqual(await fitted.finalW[0][0].data())
  })
})

describe('the command line', () => {
  test('everything has a default', () => {
    expect(parseOptions([])).toEqual(defaults)
  })

  test('every option is understood', () => {
    const line =
      '--data npy --device cpu,webgpu --seed 3 --prng partitionable --n-d 500 --no-best --max-iterations 7 --out here'
    expect(parseOptions(line.split(' '))).toEqual({
      ...defaults,
      data: 'npy',
      device: ['cpu', 'webgpu'],
      seed: 3,
      prng: 'partitionable',
      nD: 500,
      best: false,
      maxIterations: 7,
      out: 'here',
    })
    expect(parseOptions(['--help'])).toBeUndefined()
    for (const [name] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(name)
  })

  test.each([
    ['--data csv', /--data is "csv"; it can be memory, npy, tfrecord/],
    ['--device cpu,tpu', /--device is "tpu"/],
    ['--prng old', /--prng/],
    ['--seed -1', /seed/],
    ['--seed=1.5', /--seed is "1.5"; it must be a whole number/],
    ['--max-iterations 0', /--max-iterations/],
    ['--n-d many', /--n-d/],
    ['--n-d 2000', /more than the 1000 simulations/],
    ['--colour red', /--colour/],
    ['extra', /extra/],
  ])('%s is refused by name', (line, message) => {
    expect(() => parseOptions(line.split(' '))).toThrow(UsageError)
    expect(() => parseOptions(line.split(' '))).toThrow(message)
  })
})

/** Five simulations at θ = (1, 2) that no training has seen. */
const observed = () => {
  const keys = legacyRandom.split(legacyRandom.PRNGKey(1234), 5).unstack()
  return np.stack(keys.map((key) => legacyRandom.normal(key, [10]).mul(Math.sqrt(2)).add(1)))
}

const close = (found: ArrayLike<number>, wanted: ArrayLike<number>, relative = 1e-4): void => {
  expect(found.length).toBe(wanted.length)
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(found[i]! - wanted[i]!), `entry ${i}: ${found[i]}, not ${wanted[i]}`).toBeLessThanOrEqual(
      relative * Math.abs(wanted[i]!) + 1e-6,
    )
}
