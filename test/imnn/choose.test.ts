import { devices, legacyRandom, np, type NDArray, treeLeaves } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import {
  AggregatedGradientIMNN,
  AggregatedNumericalGradientIMNN,
  AggregatedSimulatorIMNN,
  DatasetGradientIMNN,
  DatasetNumericalGradientIMNN,
  GradientIMNN,
  IMNN,
  IMNNError,
  type IterationStatistics,
  NumericalGradientIMNN,
  SimulatorIMNN,
  validateGradientIMNN,
  validateIMNN,
  ValidationError,
} from '@cotangent/imnn'
import * as E from 'fp-ts/lib/Either.js'
import { Dense, serial } from '@cotangent/nn'
import { describe, expect, test, vi } from 'vitest'
import { d, dd, js, pairs, settings, simulations, smallOptions } from './small-problem.ts'
import { gaussianSimulator, simulateBeside } from './tutorial-data.ts'

const { main, remaining, validationMain, validationRemaining, host, nPerDevice, ...common } = smallOptions()
const { devices: lanes, ...plain } = common
const inParts = { host, devices: lanes, nPerDevice }
const simulator = gaussianSimulator(legacyRandom)
const arrays = { fiducial: d, derivative: dd.slice([0, 24]) }
const validation = {
  validationFiducial: simulations.validation.d,
  validationDerivative: simulations.validation.dd.slice([0, 24]),
}
const beside = simulateBeside(legacyRandom, simulations.keys.slice([0, 24]), [0.1, 0.1])
const numerical = { fiducial: d, derivative: beside, deltaTheta: [0.1, 0.1] }
const rows = (x: NDArray) => [
  Dataset.fromTensorSlices(x.reshape([-1, 10]))
    .batch(8)
    .repeat(),
]
const datasets = { fiducial: rows(d), derivative: rows(beside), deltaTheta: [0.1, 0.1] }

type Anything = Parameters<typeof IMNN>[0]
const choose = (options: object): IMNN => IMNN(options as unknown as Anything)

function problemsOf(f: () => unknown): string[] {
  try {
    f()
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toBeInstanceOf(IMNNError)
    return (error as ValidationError).problems.map(({ where, message }) => `${where}: ${message}`)
  }
  throw new Error('nothing was thrown')
}

const rng = legacyRandom.PRNGKey(1)
/** A kind, and options that ask for it. */
const kinds: readonly (readonly [kind: string, options: object])[] = [
  ['SimulatorIMNN', { ...plain, simulator }],
  ['AggregatedSimulatorIMNN', { ...plain, ...inParts, simulator }],
  ['GradientIMNN', { ...plain, ...arrays, ...validation }],
  ['GradientIMNN', { ...plain, ...arrays, device: js, main: undefined, cache: null }],
  ['AggregatedGradientIMNN', { ...plain, ...inParts, ...arrays, cache: true, prefetch: 2 }],
  ['NumericalGradientIMNN', { ...plain, ...numerical }],
  ['AggregatedNumericalGradientIMNN', { ...plain, ...inParts, ...numerical }],
  ['DatasetGradientIMNN', { ...plain, ...inParts, main, remaining, validationMain, validationRemaining }],
  ['DatasetNumericalGradientIMNN', { ...plain, ...inParts, ...datasets }],
]

describe('IMNN(…) chooses by what is given', () => {
  test.each(kinds)('%s', async (kind, options) => {
    const imnn = choose({ ...options })
    expect(imnn.kind).toBe(kind)
    const fitted = await imnn.fit({ ...settings, maxIterations: 2, rng })
    expect(fitted.kind).toBe(kind)
    expect(fitted.history.detF).toHaveLength(2)
    expect(fitted.history.valDetF).toHaveLength(
      kind === 'DatasetGradientIMNN' || 'validationFiducial' in options ? 2 : 0,
    )
    expect(fitted.getEstimate(d).shape).toEqual([40, 2])
  })

  test.each(kinds)('%s: a fit can be ended at any iteration, and goes on as if it had not been', async (_, options) => {
    const imnn = choose({ ...options })
    const rule = { ...settings, best: false, maxIterations: 5 }
    const seen: number[] = []
    const whole = await imnn.fit({ ...rule, rng, onIteration: ({ iteration }) => seen.push(iteration) })
    expect(seen).toEqual([1, 2, 3, 4, 5])
    const signal = { aborted: false }
    const onIteration = ({ iteration }: IterationStatistics): void => {
      signal.aborted = iteration === 3
    }
    const stopped = await imnn.fit({ ...rule, rng, onIteration, signal })
    expect(stopped.history.detF).toEqual(whole.history.detF.slice(0, 3))
    const goneOn = await stopped.fit({ ...rule, maxIterations: 2 })
    expect(goneOn.history).toEqual(whole.history)
    expect(await goneOn.F.js()).toEqual(await whole.F.js())
    const numbers = async (tree: unknown) => Promise.all((treeLeaves(tree) as NDArray[]).map((x) => x.js()))
    expect(await numbers(goneOn.finalW)).toEqual(await numbers(whole.finalW))
    expect(await numbers(goneOn.state)).toEqual(await numbers(whole.state))
  })

  test('and says which, if asked', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    choose({ ...plain, simulator })
    expect(log).not.toHaveBeenCalled()
    choose({ ...plain, simulator, verbose: true })
    expect(log).toHaveBeenCalledExactlyOnceWith('IMNN: SimulatorIMNN')
    log.mockRestore()
  })

  test.each<[what: string, options: object, ...problems: RegExp[]]>([
    ['nothing to train on', {}, /simulator: is missing: .*give simulator, or fiducial and derivative, or main/],
    ['a host alone', { simulator, host }, /devices: is missing: .*all three or none/, /nPerDevice: is missing/],
    ['no host', { ...arrays, devices: lanes, nPerDevice: 8 }, /^host: is missing/],
    ['no batch size', { ...arrays, host, devices: lanes }, /^nPerDevice: is missing/],
    [
      'a cache on one device',
      { ...arrays, cache: true },
      /^cache: cannot be given here: it is for what is computed in parts/,
    ],
    ['prefetch on one device', { ...numerical, prefetch: 2 }, /^prefetch: cannot be given here/],
    [
      'a device beside devices',
      { ...arrays, ...inParts, device: js },
      /^device: cannot be given here: host and devices say/,
    ],
    [
      'a simulator and simulations',
      { simulator, ...arrays },
      /fiducial: cannot be given here: simulator makes/,
      /derivative: cannot/,
    ],
    [
      'a simulator and datasets',
      { simulator, ...inParts, main, remaining },
      /main: cannot be given here/,
      /remaining: cannot/,
    ],
    [
      'a simulator and validation',
      { simulator, ...validation },
      /validationFiducial: cannot/,
      /validationDerivative: cannot/,
    ],
    ['a simulator and a distance', { simulator, deltaTheta: [1, 1] }, /^deltaTheta: cannot be given here/],
    [
      'a simulator and a cache',
      { simulator, ...inParts, cache: true },
      /^cache: cannot be given here: simulator makes/,
    ],
    ['derivatives without simulations', { derivative: dd }, /^fiducial: is missing: derivative is given/],
    ['simulations without derivatives', { fiducial: d }, /^derivative: is missing: fiducial is given/],
    ['half of the validation', { ...arrays, validationFiducial: d }, /^validationDerivative: is missing/],
    ['the other half', { ...arrays, validationDerivative: dd }, /^validationFiducial: is missing/],
    [
      'arrays and datasets',
      { ...arrays, ...inParts, main },
      /^main: cannot be given here: fiducial and derivative hold/,
    ],
    [
      'datasets without devices',
      { main, remaining },
      /^host: is missing: datasets are read in parts/,
      /^devices/,
      /^nPerDevice/,
    ],
    ['remaining without main', { ...inParts, remaining }, /^main: is missing/],
    ['main without remaining', { ...inParts, main }, /^remaining: is missing: nS − nD = 16/],
    [
      'datasets and a distance',
      { ...inParts, main, remaining, deltaTheta: [1, 1] },
      /^deltaTheta: cannot be given here/,
    ],
    ['datasets and a cache', { ...inParts, main, remaining, cache: true }, /^cache: cannot be given here/],
    [
      'datasets and validation arrays',
      { ...inParts, main, remaining, ...validation },
      /validationFiducial: cannot/,
      /validationDerivative/,
    ],
    [
      'half of the validation datasets',
      { ...inParts, main, remaining, validationMain },
      /^validationRemaining: is missing/,
    ],
    [
      'a list and an array',
      { ...inParts, ...datasets, fiducial: d },
      /^fiducial: must be a list of datasets as derivative is/,
    ],
    [
      'a list to validate an array',
      { ...arrays, ...validation, validationFiducial: rows(d) },
      /must be a list of datasets/,
    ],
    [
      'lists without a distance',
      { ...inParts, ...datasets, deltaTheta: undefined },
      /^deltaTheta: is missing: .*main and remaining/,
    ],
    ['lists without devices', datasets, /^host: is missing: datasets are read in parts/],
    ['lists and a cache', { ...inParts, ...datasets, cache: true }, /^cache: cannot be given here: datasets have/],
  ])('%s is refused', (_, options, ...wanted) => {
    const found = problemsOf(() => choose({ ...plain, ...options }))
    for (const message of wanted)
      expect(
        found.some((problem) => message.test(problem)),
        found.join('\n'),
      ).toBe(true)
  })

  test('as a value too', () => {
    const made = validateIMNN({ ...plain, simulator, device: js })
    expect(E.isRight(made) && made.right.kind).toBe('SimulatorIMNN')
    const refused = validateIMNN({ ...plain, ...arrays, simulator } as never)
    expect(E.isLeft(refused) && refused.left.map(({ where }) => where)).toEqual(['fiducial', 'derivative'])
  })

  test('options that there are not are told, with those that there are', () => {
    const misspelt = { ...plain, ...arrays, validationFiducal: d }
    const message = /^validationFiducal: is no option of (IMNN|GradientIMNN); it has nS, .*validationFiducial/
    expect(problemsOf(() => choose(misspelt))).toEqual([expect.stringMatching(message)])
    expect(problemsOf(() => GradientIMNN(misspelt as never))).toEqual([expect.stringMatching(message)])
    const elsewhere = { ...plain, ...inParts, main, remaining, device: js } as never
    expect(problemsOf(() => DatasetGradientIMNN(elsewhere))).toEqual([
      expect.stringMatching(/^device: is no option of DatasetGradientIMNN/),
    ])
  })

  test.each([
    AggregatedGradientIMNN,
    AggregatedNumericalGradientIMNN,
    AggregatedSimulatorIMNN,
    DatasetGradientIMNN,
    DatasetNumericalGradientIMNN,
    GradientIMNN,
    NumericalGradientIMNN,
    SimulatorIMNN,
  ])('$name without options is refused in words', (make) => {
    for (const options of [undefined, null, 3, [d]])
      expect(problemsOf(() => (make as (given: unknown) => unknown)(options))).toEqual([
        expect.stringMatching(/^options: are given by name, as \{ nS: 1000, … \}, not /),
      ])
    expect(problemsOf(() => (make as (given: unknown) => unknown)({})).length).toBeGreaterThan(5)
  })

  test.each([undefined, null, 3, {}])('IMNN(%s) is refused in words', (options) => {
    expect(() => choose(options as unknown as object)).toThrow(ValidationError)
  })
})

describe('arrays that do not fit are refused', () => {
  const make = (change: object): string =>
    problemsOf(() => GradientIMNN({ ...plain, ...arrays, ...change } as never)).join('\n')
  const makeNumerical = (change: object): string =>
    problemsOf(() => NumericalGradientIMNN({ ...plain, ...numerical, ...change } as never)).join('\n')

  test.each<[what: string, change: object, message: RegExp]>([
    ['too few simulations', { fiducial: d.slice([0, 39]) }, /fiducial: must have shape \[40, 10\], not \[39, 10\]/],
    [
      'one derivative too many',
      { derivative: dd.slice([0, 25]) },
      /must have shape \[24, 10, 2\] or \[10, 2\], not \[25, 10, 2\]/,
    ],
    ['parameters first', { derivative: dd.slice([0, 24]).transpose([2, 0, 1]) }, /derivative: must have shape/],
    ['NaN', { fiducial: np.where(d.gt(1), Number.NaN, d) }, /fiducial: holds numbers that are not finite/],
    ['text', { fiducial: 'simulations' }, /fiducial: must be an array \[40, 10\]/],
    ['a dataset', { fiducial: pairs(d, dd) }, /fiducial: must be an array .*Dataset IMNNs/],
    ['no simulations', { fiducial: undefined }, /fiducial: is missing/],
    ['no derivatives', { derivative: null }, /derivative: is missing/],
    [
      'a validation set of another size',
      { ...validation, validationFiducial: d.slice([0, 30]) },
      /validationFiducial: must have shape/,
    ],
    [
      'half a validation set',
      { validationFiducial: d },
      /validationDerivative: is missing: validationFiducial is given/,
    ],
    ['a device that is none', { device: 'gpu' }, /device: cannot be used: .*gpu/],
    ['a device of another kind', { device: 3 }, /device: is 3/],
    [
      'fewer summaries than parameters',
      { nSummaries: 1, model: serial(Dense(1)) },
      /nSummaries: is 1 for 2 parameters/,
    ],
  ])('%s', (_, change, message) => {
    expect(make(change)).toMatch(message)
  })

  test.each<[what: string, change: object, message: RegExp]>([
    ['no distance', { deltaTheta: undefined }, /deltaTheta: is missing: .*whole distance/],
    ['one distance for two parameters', { deltaTheta: [0.1] }, /deltaTheta: must have shape \[2\]/],
    ['no distance at all', { deltaTheta: [0.1, 0] }, /deltaTheta: must be finite and not 0/],
    [
      'exact derivatives',
      { derivative: dd.slice([0, 24]) },
      /must have shape \[24, 2, 2, 10\] or \[2, 2, 10\], not \[24, 10, 2\]/,
    ],
  ])('numerical: %s', (_, change, message) => {
    expect(makeNumerical(change)).toMatch(message)
  })

  test('all problems are told together, and as a value', () => {
    const options = { ...plain, ...arrays, nS: 0, thetaFid: [1], device: 'nowhere' }
    const checked = validateGradientIMNN(options as never)
    const where = E.isLeft(checked) ? checked.left.map((problem) => problem.where) : []
    expect(where).toEqual(expect.arrayContaining(['nS', 'thetaFid', 'device']))
    expect(new Set(where).size).toBe(where.length)
  })
})

test('a derivative of the mean of another shape, or beside derivatives, is refused', () => {
  const make = (change: object): string =>
    problemsOf(() => DatasetGradientIMNN({ ...plain, ...inParts, main, remaining, ...change } as never)).join('\n')
  expect(make({ meanDerivative: dd })).toMatch(/meanDerivative: must have shape \[10, 2\], not \[40, 10, 2\]/)
  expect(make({ meanDerivative: dd.mean(0) })).toMatch(/main\[0\]: .*float32\[8, 10\] is expected/)
})

describe('simulators that do not fit are refused', () => {
  test.each<[what: string, simulator: unknown, message: RegExp]>([
    ['none', undefined, /simulator: must be a function \(key, theta\)/],
    ['another shape', (key: never) => legacyRandom.normal(key, [9]), /makes shape \[9\] where inputShape is \[10\]/],
    ['whole numbers', (key: never) => legacyRandom.randint(key, [10], 0, 5), /makes int32, which has no derivatives/],
    ['a list', (key: never) => [legacyRandom.normal(key, [10])], /must give one array/],
    ['an error', () => JSON.parse('{'), /it failed for a key and thetaFid/],
  ])('%s', (_, broken, message) => {
    expect(problemsOf(() => SimulatorIMNN({ ...plain, simulator: broken } as never)).join('\n')).toMatch(message)
    expect(
      problemsOf(() => AggregatedSimulatorIMNN({ ...plain, ...inParts, simulator: broken } as never)).join('\n'),
    ).toMatch(message)
  })
})

describe('batches that do not divide are refused', () => {
  test.each<[what: string, make: () => unknown, message: RegExp]>([
    [
      'simulators',
      () => AggregatedSimulatorIMNN({ ...plain, ...inParts, nPerDevice: 7, simulator }),
      /nD: 24 .* batches of 7/,
    ],
    ['gradients', () => AggregatedGradientIMNN({ ...plain, ...inParts, nPerDevice: 16, ...arrays }), /nD: 24 .* of 16/],
    [
      'numerical gradients',
      () => AggregatedNumericalGradientIMNN({ ...plain, ...inParts, nPerDevice: 9, ...numerical }),
      /nS: 40 simulations do not divide[^]*2 nParams nD: 96 simulations do not divide/,
    ],
    [
      'numerical datasets on two devices',
      () =>
        DatasetNumericalGradientIMNN({ ...plain, ...inParts, devices: [js, js], nPerDevice: 16, ...datasets } as never),
      /fiducial: has 1 datasets for 2 devices[^]*derivative: has 1/,
    ],
    [
      'prefetch of nothing',
      () => AggregatedGradientIMNN({ ...plain, ...inParts, ...arrays, prefetch: 0 }),
      /prefetch: must be/,
    ],
    [
      'a cache of a size',
      () => AggregatedGradientIMNN({ ...plain, ...inParts, ...arrays, cache: 3 as never }),
      /cache: must be true/,
    ],
  ])('%s', (_, make, message) => {
    expect(problemsOf(make).join('\n')).toMatch(message)
  })
})

test('simulations are streamed from a generator while they are made, and kept for the epochs to come', async () => {
  const made: number[] = []
  const simulate = (from: number, to: number) =>
    async function* () {
      for (let i = from; i < to; i++) {
        made.push(i)
        await new Promise((resolve) => setTimeout(resolve, 1))
        yield i < 24 ? [d.at(i), dd.at(i)] : d.at(i)
      }
    }
  const stream = (from: number, to: number) => [Dataset.fromGenerator(simulate(from, to)).batch(8).cache().repeat()]
  const streamed = { ...plain, ...inParts, main: stream(0, 24), remaining: stream(24, 40) }
  const fitted = await choose(streamed).fit({ ...settings, maxIterations: 4 })
  const wanted = await GradientIMNN({ ...plain, ...arrays, device: devices('js')[0] }).fit({
    ...settings,
    maxIterations: 4,
  })
  fitted.history.detF.forEach((x, i) => expect(x / wanted.history.detF[i]!).toBeCloseTo(1, 3))
  expect(made.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
})
