import { devices, np, type NDArray, random } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import {
  DatasetGradientIMNN,
  type IMNN,
  IMNNError,
  validateDatasetGradientIMNN,
  ValidationError,
} from '@cotangent/imnn'
import { Dense, serial } from '@cotangent/nn'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { d, dd, js, pairs, settings, smallOptions } from './small-problem.ts'

const [d24, dd24] = [d.slice([0, 24]), dd.slice([0, 24])]
const [rest, dRest] = [d.slice([24, 40]), dd.slice([24, 40])]

type Options = Parameters<typeof DatasetGradientIMNN>[0]
const make = (change: object): IMNN => DatasetGradientIMNN({ ...smallOptions(), ...change } as unknown as Options)

function caught(f: () => unknown): ValidationError<IMNN> {
  try {
    f()
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toBeInstanceOf(IMNNError)
    return error as ValidationError<IMNN>
  }
  throw new Error('nothing was thrown')
}

describe('options that cannot be used are refused at once', () => {
  test.each<[what: string, change: object, where: string, message: RegExp]>([
    ['no simulations', { nS: 0 }, 'nS', /whole number from 1, not 0/],
    ['half a parameter', { nParams: 1.5 }, 'nParams', /not 1\.5/],
    ['more derivatives than simulations', { nD: 48 }, 'nD', /48, more than nS = 40/],
    ['fewer summaries than parameters', { nSummaries: 1 }, 'nSummaries', /\|F\| is 0/],
    ['an input shape that is none', { inputShape: 10 }, 'inputShape', /list of sizes without the batch/],
    ['θ_fid of another length', { thetaFid: [0, 1, 2] }, 'thetaFid', /shape \[2\].*not \[3\]/],
    ['θ_fid that is not finite', { thetaFid: [0, NaN] }, 'thetaFid', /not finite/],
    ['n_d not divisible', { nPerDevice: 7 }, 'nD', /24 .* multiple of 7; the nearest are 21 and 28/],
    ['n_s − n_d not divisible', { nPerDevice: 12 }, 'nS - nD', /16 .* multiple of 12/],
    ['a model with another output', { model: serial(Dense(5)) }, 'model', /\[5\].*must have shape \[2\].*Dense\(2\)/],
    ['a model that is none', { model: 3 }, 'model', /pair of functions/],
    [
      'apply with another output',
      { model: [smallOptions().model[0], (_: unknown, x: NDArray) => x] },
      'model',
      /\[3, 10\]/,
    ],
    ['an init that throws', { model: [() => JSON.parse('{'), () => 0] }, 'model', /its init failed/],
    [
      'parameters of half precision',
      { model: [() => [[2], [np.zeros([10, 2], { dtype: 'float16' })]], ([w]: [NDArray], x: NDArray) => x.matmul(w)] },
      'model',
      /has parameters of float16, too coarse for a covariance and its inverse; make them float32 or float64/,
    ],
    ['an optimizer that is none', { optimizer: () => 0 }, 'optimizer', /three functions/],
    [
      'an update that forgets its state',
      { optimizer: [(p: unknown) => p, () => 3, (s: unknown) => s] },
      'optimizer',
      /update/,
    ],
    ['no key', { keyOrState: null }, 'keyOrState', /give a key/],
    ['a key of floats', { keyOrState: np.zeros([2]) }, 'keyOrState', /uint32\[2\].*float32\[2\]/],
    [
      'a host of no kind',
      { host: 'gpu' },
      'host',
      /cannot be used: devices: unknown kind of device "gpu"; kinds are js, cpu/,
    ],
    [
      'a host that is none',
      { host: 3 },
      'host',
      /is 3, neither a device, as devices\('cpu'\)\[0\], nor a kind of device, as 'cpu'/,
    ],
    [
      'a kind that is not in a list',
      { devices: 'cpu' },
      'devices',
      /must be a list of devices, as \['cpu'\], not "cpu"/,
    ],
    ['a kind of no device in the list', { devices: ['tpu'] }, 'devices[0]', /unknown kind of device "tpu"/],
    ['no devices', { devices: [] }, 'devices', /at least one device/],
    ['a device that is none', { devices: [undefined] }, 'devices[0]', /neither a device/],
    ['another number of datasets than devices', { devices: [js, js] }, 'main', /1 datasets for 2 devices/],
    ['a dataset that is not in a list', { main: pairs(d24, dd24) }, 'main', /write \[dataset\]/],
    ['something that is no dataset', { main: [3] }, 'main[0]', /not a Dataset/],
    ['no remaining simulations', { remaining: undefined }, 'remaining', /16 simulations come without derivatives/],
    ['validation without its main part', { validationMain: undefined }, 'validationMain', /both, or neither/],
    [
      'validation without its remaining part',
      { validationRemaining: undefined },
      'validationRemaining',
      /both, or neither/,
    ],
    [
      'batches of another size',
      { main: [Dataset.fromTensorSlices([d24, dd24]).batch(6, { dropRemainder: true }).repeat()] },
      'main[0][0]',
      /\[6, 10\]; \[8, 10\]/,
    ],
    ['no batches', { main: [Dataset.fromTensorSlices([d24, dd24]).repeat()] }, 'main[0][0]', /\.batch\(8\)/],
    [
      'no derivatives',
      { main: [Dataset.fromTensorSlices(d24).batch(8).repeat()] },
      'main[0]',
      /\[8, 10, 2\] is missing.*zip/,
    ],
    [
      'derivatives where none belong',
      { remaining: [pairs(rest, dRest)] },
      'remaining[0]',
      /float32\[8, 10\] is expected/,
    ],
    [
      'axes swapped',
      { main: [pairs(d24, dd24.transpose([0, 2, 1]))] },
      'main[0][1]',
      /\[8, 2, 10\]; \[8, 10, 2\].*transpose/,
    ],
    ['integers', { main: [pairs(d24.astype('int32'), dd24)] }, 'main[0][0]', /int32.*astype/],
    [
      'a dataset that ends',
      { main: [Dataset.fromTensorSlices([d24, dd24]).batch(8)] },
      'main[0]',
      /ends after 3 batches.*repeat/,
    ],
    [
      'a cycle shorter than an epoch',
      { main: [pairs(d.slice([0, 16]), dd.slice([0, 16]))] },
      'main[0]',
      /2 batches.* an epoch has 3/,
    ],
    ['a cycle longer than an epoch', { main: [pairs(d, dd)] }, 'main[0]', /5 batches.* an epoch has 3/],
  ])('%s', (_, change, where, message) => {
    const { problems } = caught(() => make(change))
    const found = problems.filter((problem) => problem.where === where)
    expect(problems.map((p) => `${p.where}: ${p.message}`).join('\n')).toContain(`${where}: `)
    expect(found.map((p) => p.message).join('\n')).toMatch(message)
  })

  test('all problems are told together, each once', () => {
    const { problems, message } = caught(() => make({ nS: -1, thetaFid: [1], model: 3, host: 'gpu', nPerDevice: 0 }))
    expect(problems.map(({ where }) => where).sort()).toEqual(['host', 'model', 'nPerDevice', 'nS', 'thetaFid'])
    for (const problem of problems) expect(message).toContain(problem.message)
  })

  test('validate… gives the problems, or the IMNN', () => {
    const bad = validateDatasetGradientIMNN({ ...smallOptions(), nPerDevice: 7 })
    expect(E.isLeft(bad) && bad.left.map(({ where }) => where)).toEqual(['nD', 'nS - nD'])
    const good = validateDatasetGradientIMNN(smallOptions())
    expect(E.isRight(good) && good.right.nS).toBe(40)
  })

  test('a device that is not there says what to install', () => {
    const elsewhere = process.platform === 'win32' ? 'coreml' : 'directml'
    expect(() => devices(elsewhere)).toThrow(elsewhere)
  })
})

/** Batches made on the fly: what they are shows only when they are read. */
async function* batches(f: (i: number) => unknown, length = Infinity): AsyncGenerator<unknown> {
  for (let i = 0; i < length; i++) yield f(i)
}
const part = (x: NDArray, i: number): NDArray => x.slice([8 * i, 8 * i + 8])
const pair = (i: number): [NDArray, NDArray] => [part(d24, i), part(dd24, i)]
const spoil = (x: NDArray, value: number): NDArray => {
  const data = x.dataSync()
  data[57] = value
  return np.array(data, { shape: x.shape })
}

describe('datasets that cannot be used are refused before the first update', () => {
  test.each<[what: string, change: object, where: string, message: RegExp]>([
    ['NaN', { main: [pairs(spoil(d24, NaN), dd24)] }, 'main[0][0], batch 0', /NaN.*\[5, 7\]/],
    [
      'infinity in derivatives',
      { validationMain: [pairs(d24, spoil(dd24, Infinity))] },
      'validationMain[0][1], batch 0',
      /infinite/,
    ],
    [
      'NaN in a later batch',
      { main: [pairs(np.concatenate([part(d24, 0), spoil(part(d24, 1), NaN), part(d24, 2)]), dd24)] },
      'main[0][0], batch 1',
      /NaN/,
    ],
    [
      'axes swapped',
      { main: [batches((i) => [part(d24, i % 3), part(dd24, i % 3).transpose([0, 2, 1])])] },
      'main[0][1], batch 0',
      /transpose/,
    ],
    ['no derivatives', { main: [batches((i) => part(d24, i % 3))] }, 'main[0], batch 0', /missing/],
    ['integers', { remaining: [batches((i) => part(rest, i % 2).astype('int32'))] }, 'remaining[0], batch 0', /int32/],
    [
      'a dataset that ends in the first epoch',
      { main: [batches(pair, 2)] },
      'main[0]',
      /ended after 2 batches.*repeat/,
    ],
    [
      'a cycle shorter than an epoch',
      { main: [batches((i) => pair(i % 2))] },
      'main[0]',
      /2 batches; an epoch has 24, 3 batches/,
    ],
    [
      'the same simulations twice',
      { remaining: [batches((i) => part(d24, i % 2))] },
      'main[0] and remaining[0]',
      /same simulations/,
    ],
    [
      'a source that fails',
      { main: [batches(() => JSON.parse('{'))] },
      'main[0], batch 0 of epoch 0',
      /could not be read/,
    ],
  ])('%s', async (_, change, where, message) => {
    const imnn = make(change)
    const steps: number[] = []
    const failed = imnn.fit({ ...settings, maxIterations: 3, onIteration: ({ iteration }) => steps.push(iteration) })
    const error = await failed.catch((reason: unknown) => reason as ValidationError<IMNN>)
    expect(error).toBeInstanceOf(ValidationError)
    const { problems } = error as ValidationError<IMNN>
    expect(problems.map((p) => p.where)).toContain(where)
    expect(problems.find((p) => p.where === where)?.message).toMatch(message)
    expect(steps).toEqual([])
    expect(imnn.iterations).toBe(0)
  })

  test('devices that read the same simulations (bug 7)', async () => {
    const main = pairs(d.slice([0, 16]), dd.slice([0, 16]))
    const remaining = [24, 32].map((i) =>
      Dataset.fromTensorSlices(d.slice([i, i + 8]))
        .batch(8)
        .repeat(),
    )
    const options = { ...smallOptions(), nS: 48, nD: 32, devices: [js, js], main: [main, main], remaining }
    const failed = DatasetGradientIMNN({ ...options, validationMain: [], validationRemaining: [] }).fit(settings)
    await expect(failed).rejects.toThrow(/main\[0\] and main\[1\]: both read 16 of the same simulations.*shard/)
  })

  test('all first batches are checked together, also by check()', async () => {
    const change = { main: [pairs(spoil(d24, NaN), dd24)], validationRemaining: [batches(() => 3)] }
    await expect(make(change).check()).rejects.toThrow(/2 problems[^]*main\[0\]\[0\][^]*validationRemaining\[0\]/)
    await expect(make({}).check()).resolves.toBeUndefined()
  })
})

describe('what shows in the second epoch stops the fit, and loses nothing', () => {
  test.each<[what: string, main: () => AsyncGenerator<unknown>, message: RegExp]>([
    ['another order', () => batches((i) => pair(i >= 3 && i < 6 ? 5 - i : i % 3)), /another order/],
    [
      'a cycle longer than an epoch',
      () => batches((i) => [part(d, i % 5), part(dd, i % 5)]),
      /5 batches; an epoch has 24/,
    ],
    [
      'simulations made anew',
      () => batches((i) => [random.normal(random.PRNGKey(i), [8, 10]), part(dd24, 0)]),
      /made anew/,
    ],
    ['a dataset that ends', () => batches((i) => pair(i % 3), 4), /ended after 4 batches/],
  ])('%s', async (_, main, message) => {
    const options = {
      ...smallOptions(),
      main: [main()],
      remaining: [Dataset.fromTensorSlices(rest.mul(2)).batch(8).repeat()],
    }
    const error = (await DatasetGradientIMNN(options as unknown as ReturnType<typeof smallOptions>)
      .fit({ ...settings, maxIterations: 3 })
      .catch((reason: unknown) => reason)) as ValidationError<IMNN>
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toMatch(message)
    expect(error.problems[0]?.where).toBe('main[0]')
    expect(error.reached?.iterations).toBe(1)
    expect(error.reached?.maxDetF).toBeGreaterThan(0)
  })
})

test('when one device’s dataset fails, no other dataset is read by two at once', async () => {
  let overlaps = 0
  const source = (k: number): AsyncIterable<unknown> => ({
    [Symbol.asyncIterator]() {
      let [reading, batch] = [false, 0]
      return {
        async next() {
          if (reading) overlaps++
          reading = true
          if (k === 0 && batch >= 4) throw new Error('the disk is gone')
          await new Promise((resolve) => setTimeout(resolve, 5 * k))
          const from = 12 * k + 4 * (batch++ % 3)
          reading = false
          return { done: false, value: [d.slice([from, from + 4]), dd.slice([from, from + 4])] }
        },
      }
    },
  })
  const devicesTwice = { nS: 24, devices: [js, js], nPerDevice: 4, memory: { groupRows: 1 } }
  const none = { remaining: undefined, validationMain: undefined, validationRemaining: undefined }
  const fit = make({ ...devicesTwice, ...none, main: [source(0), source(1)] }).fit({ ...settings, maxIterations: 3 })
  await expect(fit).rejects.toThrow('the disk is gone')
  // Whoever still reads has the time to.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(overlaps).toBe(0)
})

describe('λ and ϵ', () => {
  test.each([
    [20, 0.1, /is -6\.466, not positive: choose lambda between 0\.9091 and 10\.91 .* epsilon below 0\.05249/],
    [0.5, 0.1, /does not exist: choose lambda between .* epsilon above 1 /],
    [100, 0.5, /-7\.811/],
    [-1, 0.1, /lambda: must be a positive number, not -1/],
    [10, Number.NaN, /epsilon: must be a positive number, not NaN/],
  ])('λ = %d, ϵ = %d', async (lambda, epsilon, message) => {
    await expect(DatasetGradientIMNN(smallOptions()).fit({ lambda, epsilon })).rejects.toThrow(message)
  })

  test('other options of fit are checked with them', async () => {
    const failed = DatasetGradientIMNN(smallOptions()).fit({
      lambda: 20,
      epsilon: 0.1,
      patience: 0,
      maxIterations: 2.5,
    })
    await expect(failed).rejects.toThrow(/3 problems[^]*lambda[^]*patience[^]*maxIterations/)
  })
})
