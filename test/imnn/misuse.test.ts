import { CotangentError, np, random } from '@cotangent/autodiff'
import * as imnnPackage from '@cotangent/imnn'
import {
  AggregatedGradientIMNN,
  alpha,
  diagnostics,
  estimates,
  fisherErrors,
  fisherStatistics,
  GradientIMNN,
  hartlap,
  IMNN,
  IMNNError,
  load,
  logDetFScatter,
  lossOf,
  moped,
  overfitting,
  plotHistory,
  refitAtEstimate,
  validateFitOptions,
  validateRegularisation,
} from '@cotangent/imnn'
import { adam, Dense, serial } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

/** What a user without a type checker might write. */
const odd = (value: unknown): never => value as never

const options = {
  nS: 8,
  nD: 4,
  nParams: 2,
  nSummaries: 2,
  inputShape: [3],
  thetaFid: [0, 1],
  model: serial(Dense(2)),
  optimizer: adam({ stepSize: 1e-3 }),
  keyOrState: random.PRNGKey(0),
  fiducial: random.normal(random.PRNGKey(1), [8, 3]),
  derivative: random.normal(random.PRNGKey(2), [4, 3, 2]),
  device: 'js' as const,
}
const imnn = GradientIMNN(options)

describe('what is of another type is refused by name, with what to write instead', () => {
  test.each<[what: string, run: () => unknown, message: RegExp]>([
    [
      'options of a fit',
      () => imnn.fit(odd(undefined)),
      /fit: options: are undefined; give them by name, as \{ lambda/,
    ],
    ['options of a fit', () => imnn.fit(odd(null)), /fit: options: are null/],
    ['a set', () => imnn.withStatistics(odd(null)), /withStatistics: options are given by name/],
    [
      'a set',
      () => imnn.getSetSummaries(odd({ set: 1 })),
      /getSetSummaries has no option set; it has w, validate, rng/,
    ],
    ['which set', () => imnn.withStatistics({ validate: odd('no') }), /validate: must be true or false, not "no"/],
    [
      'weights',
      () => imnn.withStatistics({ w: odd([]) }),
      /IMNN: w: is not like the weights: w is the tree \[\] where/,
    ],
    [
      'weights',
      () => imnn.withStatistics({ w: [[np.ones([3, 5]), np.ones([5])]] as never }),
      /w: has an array of shape \[3, 5\] where the weights have \[3, 2\]/,
    ],
    ['a plot', () => plotHistory(odd({})), /there is no history; give the `history` of what `fit` returns/],
    [
      'a picture',
      async () => (await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 1 })).plot(odd({ color: 'red' })),
      /plotHistory has no option color; it has expectedDetF, label, colour/,
    ],
    [
      'a model',
      () => IMNN({ ...options, model: odd([() => 1, () => 1]) }),
      /model: its init failed: it gave 1, not \[outputShape, params\]/,
    ],
  ])('%s', async (_, run, message) => {
    const ran = async (): Promise<unknown> => run()
    await expect(ran()).rejects.toThrow(CotangentError)
    await expect(ran()).rejects.toThrow(message)
  })
})

const statistics = { F: np.eye(2), C: np.eye(2), invC: np.eye(2), mu: np.zeros([2]), dmu: np.eye(2) }
const estimator = { ...statistics, invF: np.eye(2) }
const lists = { fiducial: [[0, 1], [1, 0], [-1, 0.5], [0, -1], [0, -0.5]], derivative: np.ones([5, 2, 1]) } // biome-ignore format: a matrix
const fitAt = async () => imnn
const [host] = [{ compile: () => 0, supports: {} }]

describe('a function says what it was given and what it takes', () => {
  test.each<[run: () => unknown, message: string]>([
    [
      () => fisherStatistics(odd(undefined), odd(null)),
      'fisherStatistics: 2 problems\n  - summaries: must be an array of numbers [nS, nSummaries], not undefined\n  - derivatives: must be an array of numbers [nParams, nD, nSummaries], not null',
    ],
    [
      () => fisherStatistics(np.ones([5, 2]), np.ones([1, 3, 4])),
      'fisherStatistics: derivatives: must have shape [nParams, nD, nSummaries], not [1, 3, 4]: nSummaries is 2 in summaries',
    ],
    [
      () => fisherStatistics(np.ones([5]), np.ones([1, 3, 1])),
      'fisherStatistics: summaries: must have shape [nS, nSummaries], not [5]',
    ],
    [
      () => fisherStatistics(np.ones([5, 2], { dtype: 'complex64' }), np.ones([1, 3, 2])),
      'fisherStatistics: summaries: must be an array of numbers [nS, nSummaries], not of complex64',
    ],
    [
      () => fisherStatistics([[1], [1, 2]] as never, np.ones([1, 3, 2])),
      'fisherStatistics: summaries: must be an array of numbers [nS, nSummaries]: array: the nested lists are ragged',
    ],
    [
      () => diagnostics(odd(null), { lambda: 10, alpha: 1 }),
      'diagnostics: statistics: must be what fisherStatistics gives, not null',
    ],
    [
      () => diagnostics({ ...statistics, C: odd('x') }, { lambda: 10, alpha: 1 }),
      'diagnostics: C: must be an array of numbers [nSummaries, nSummaries], not "x"',
    ],
    [
      () => diagnostics({ ...statistics, invC: np.eye(3) }, { lambda: 10, alpha: 1 }),
      'diagnostics: invC: must have shape [nSummaries, nSummaries], not [3, 3]: nSummaries is 2 in C',
    ],
    [
      () => diagnostics(statistics, odd(undefined)),
      'diagnostics: regularisation: must be { lambda, alpha }, not undefined',
    ],
    [
      () => diagnostics(statistics, { lambda: odd('10'), alpha: [1] }),
      'diagnostics: 2 problems\n  - lambda: must be an array of numbers [], not "10"\n  - alpha: must have shape [], not [1]',
    ],
    [() => lossOf(odd(3), { lambda2: 1, r: 1 }), 'lossOf: statistics: must be what fisherStatistics gives, not 3'],
    [() => lossOf(statistics, odd(undefined)), 'lossOf: diagnostics: must be what diagnostics gives, not undefined'],
    [() => lossOf(statistics, odd({ lambda2: 1 })), 'lossOf: r: must be an array of numbers [], not undefined'],
    [
      () => estimates([0, 1], odd(undefined), [0, 0]),
      'estimates: statistics: must be the Fisher statistics, with invF, the inverse of F, not undefined',
    ],
    [
      () => estimates([0, 1], odd(statistics), [0, 0]),
      'estimates: invF: must be an array of numbers [nParams, nParams], not undefined',
    ],
    [
      () => estimates([0, 1], estimator, np.ones([4, 3])),
      'estimates: summaries: must have shape […, nSummaries], not [4, 3]: nSummaries is 2 in dmu',
    ],
    [
      () => fisherErrors(odd(null), odd({})),
      'fisherErrors: 2 problems\n  - summaries: must be an array of numbers [nS, nSummaries], not null\n  - derivatives: must be an array of numbers [nD, nSummaries, nParams], not an object',
    ],
    [() => hartlap(odd('10'), 2), 'hartlap: nS: must be a whole number from 1, not "10"'],
    [() => hartlap(10, 1.5), 'hartlap: nSummaries: must be a whole number from 1, not 1.5'],
    [() => alpha(odd(undefined), odd(1n)), 'alpha: 2 problems\n  - lambda: must be a number, not undefined'],
    [() => logDetFScatter(odd(null)), 'logDetFScatter: options are given by name'],
    [() => logDetFScatter({ nS: odd('x'), nParams: 2 }), 'logDetFScatter: nS: must be a whole number from 1, not "x"'],
    [() => overfitting(odd(undefined), { nS: 9, nParams: 1 }), 'overfitting: history: must be the `history` of what'],
    [
      () => overfitting(odd({ detF: [1] }), { nS: 9, nParams: 1 }),
      'overfitting: history.valDetF: must be a list of numbers, not undefined',
    ],
    [() => overfitting(imnn.history, odd(undefined)), 'overfitting: options are given by name'],
    [
      () => overfitting(imnn.history, odd({ nS: 9, nParams: 1, windows: 3 })),
      'overfitting has no option windows; it has nS, nParams, nSummaries, window, sigmas',
    ],
    [() => moped(odd(undefined)), 'moped: options are given by name'],
    [
      () => moped(odd({ ...lists, thetaFid: null })),
      'moped: thetaFid: must be an array of numbers [nParams], not null',
    ],
    [() => moped({ ...lists, thetaFid: [[0]] }), 'moped: thetaFid: must have shape [nParams], not [1, 1]'],
    [
      () => moped({ ...lists, thetaFid: [0] }).getEstimate(odd(null)),
      'getEstimate: data: must be an array [2] (one simulation) or [N, 2] (a batch), not null',
    ],
    [
      () => refitAtEstimate({ data: [0, 0, 0], thetaFid: odd('x'), fitAt }),
      'refitAtEstimate: thetaFid: must be an array of numbers [nParams], not "x"',
    ],
    [
      () => refitAtEstimate({ data: [0, 0, 0], thetaFid: [0, 1], fitAt: odd(async () => 3) }),
      'refitAtEstimate: fitAt: gave 3, not a fitted IMNN',
    ],
    [
      () => refitAtEstimate({ data: [0, 0, 0], thetaFid: [0, 1], fitAt, tolerance: odd('small') }),
      'refitAtEstimate: tolerance: is "small"; it must be a positive number of standard deviations',
    ],
    [
      () => load(odd(Symbol('path')), odd({})),
      'load: 2 problems\n  - path: must be the path of a file, not Symbol(path)\n  - imnn: must be an IMNN made like the one in the file, not an object',
    ],
    [() => imnn.save(odd(Symbol('path'))), 'save: path: must be the path of a file, not Symbol(path)'],
    [() => imnn.save('', { overwrite: odd(1) }), 'save: 2 problems\n  - path: must be the path of a file, not ""'],
    [() => imnn.getSummaries(odd(undefined)), 'getSummaries: data: must be an array [3] (one simulation) or [N, 3]'],
    [
      () => imnn.getSummaries(np.ones([3], { dtype: 'complex64' })),
      'getSummaries: data: must be an array [3] (one simulation) or [N, 3] (a batch), not of complex64',
    ],
    [() => imnn.getFisherErrors(odd(null)), 'getFisherErrors: options are given by name'],
    [() => imnn.withStatistics({ rng: odd('key') }), 'withStatistics: rng: as a key must be uint32[2]'],
    [
      () => imnn.fit({ lambda: 10, epsilon: 0.1, signal: odd('stop'), onIteration: odd(3) }),
      'fit: 2 problems\n  - onIteration: must be a function, not 3\n  - signal: must be an AbortSignal, or anything whose `aborted` is true or false, not "stop"',
    ],
    [() => plotHistory(odd(null)), 'plotHistory: there is no history'],
    [
      () => plotHistory(odd({ ...line, valR: 3 })),
      'plotHistory: valR of the history must be a list of 1 numbers, or an empty one',
    ],
    [() => plotHistory(line, { colour: odd(3) }), 'plotHistory: colour must be a text, not 3'],
    [() => plotHistory(line, { width: -1 }), 'plotHistory: width must be a positive number, not -1'],
    [() => plotHistory(line, { expectedDetF: odd('50') }), 'plotHistory: expectedDetF must be a number, not "50"'],
    [() => plotHistory(line).png(odd(null)), 'png: options are given by name'],
    [() => plotHistory(line).png({ scale: 0 }), 'png: scale must be a positive number, not 0'],
    [() => plotHistory(line).save(odd(1n)), 'save: cannot save a plot as 1: the name must end in .svg, .png or .html'],
    [() => plotHistory(line).and(odd({})), 'and: takes another plot of a history, not an object'],
    [() => IMNN(odd(undefined)), 'IMNN: options: are given by name, as { nS: 1000, … }, not undefined'],
    [() => IMNN(odd(np.ones([2]))), 'IMNN: options: are given by name, as { nS: 1000, … }, not float32[2]'],
    [() => IMNN({ ...options, verbose: odd('yes') }), 'IMNN: verbose: must be true or false, not "yes"'],
    [() => IMNN({ ...options, random: odd(Math) }), 'GradientIMNN: random: must be random or legacyRandom, not a'],
    [
      () => GradientIMNN({ ...options, fiducial: np.ones([8, 3], { dtype: 'complex64' }) }),
      'GradientIMNN: fiducial: must be an array [8, 3], not of complex64',
    ],
    [
      () => GradientIMNN({ ...options, fiducial: np.full([8, 3], Number.NaN, { dtype: 'float16' }) }),
      'GradientIMNN: fiducial: holds numbers that are not finite in float32',
    ],
    [
      () => GradientIMNN({ ...options, derivative: np.full([4, 3, 2], 1e300, { dtype: 'float64' }) }),
      'GradientIMNN: derivative: holds numbers that are not finite in float32',
    ],
    [
      () => AggregatedGradientIMNN(odd({ ...options, device: undefined, host, devices: [host], nPerDevice: 4, memory: { groupRows: 0, rows: 1 } })), // biome-ignore format: one call
      'AggregatedGradientIMNN: 2 problems\n  - memory.groupRows: must be a number of simulations from 1, not 0\n  - memory.rows: is no such limit; memory has groupRows, groupBytes, residualBytes',
    ],
  ])('%s', async (run, message) => {
    const ran = async (): Promise<unknown> => run()
    const error = await ran().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CotangentError)
    expect((error as Error).message).toContain(message)
  })

  test('and the problems are a value where that is asked for', () => {
    expect(validateRegularisation(odd(Object.create(null)), 0.1)).toMatchObject({
      left: [{ where: 'lambda', message: 'must be a positive number, not an object' }],
    })
    expect(validateFitOptions({ lambda: 10, epsilon: 0.1 }, odd(null))).toMatchObject({
      left: [{ where: 'needs', message: 'must be { simulates, hasKey }, each true or false, not null' }],
    })
    expect(imnnPackage.validateIMNN(odd([]))).toMatchObject({ left: [{ where: 'options' }] })
  })
})

const line = { detF: [1], detC: [1], detInvC: [1], lambda2: [1], r: [1], valDetF: [], valDetC: [], valDetInvC: [], valLambda2: [], valR: [] } // biome-ignore format: a history

test('no exported function answers anything at all with an error of another kind', async () => {
  const things = [undefined, null, {}, [], 'x', 3, Number.NaN, true, 1n, Symbol('s'), () => 1, new Map(), Object.create(null), np.ones([2]), np.ones([5, 2], { dtype: 'int32' }), np.ones([2, 3, 4], { dtype: 'bool' }), ['a'], [[1], [1, 2]]] // biome-ignore format: a list
  const functions = Object.entries(imnnPackage).filter(([name, value]) => typeof value === 'function' && !name.endsWith('Error')) // biome-ignore format: a call
  expect(functions.length).toBeGreaterThanOrEqual(30)
  const odds: string[] = []
  for (const [name, f] of functions)
    for (const [i, a] of things.entries())
      for (const b of [things[0], things[i], things[2], things[3], things[13]]) {
        const ran = async (): Promise<unknown> => (f as (...args: unknown[]) => unknown)(a, b, a)
        const error: unknown = await ran().then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (error instanceof Error && !(error instanceof CotangentError)) odds.push(`${name}(${i}): ${error.message}`)
      }
  expect(odds).toEqual([])
  expect(IMNNError.prototype).toBeInstanceOf(CotangentError)
})
