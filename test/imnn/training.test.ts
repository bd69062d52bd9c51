import { type NDArray, np, treeLeaves } from '@cotangent/autodiff'
import {
  DatasetGradientIMNN,
  type IMNN,
  type IterationStatistics,
  TrainingError,
  ValidationError,
} from '@cotangent/imnn'
import { adam, Dense, serial } from '@cotangent/nn'
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { d, dd, pairs, settings, simulations, small, smallOptions } from './small-problem.ts'

const leaves = (tree: unknown): number[][] => (treeLeaves(tree) as NDArray[]).map((x) => [...x.dataSync()])
const rule = { ...settings, patience: 5, minIterations: 10, maxIterations: 6 }

describe('a fit', () => {
  type Small = ReturnType<typeof smallOptions>
  let fresh: ReturnType<typeof DatasetGradientIMNN<ReturnType<Small['model'][0]>[1]>>
  let fitted: typeof fresh
  const seen: IterationStatistics[] = []
  beforeAll(async () => {
    fresh = DatasetGradientIMNN(smallOptions())
    fitted = await fresh.fit({ ...rule, onIteration: (statistics) => seen.push(statistics) })
  })

  test('gives a new IMNN; the old one stays as it was', () => {
    expect(fresh.iterations).toBe(0)
    expect(fresh.maxDetF).toBe(0)
    expect(leaves(fresh.w)).toEqual(leaves(fresh.initialW))
    expect(() => fresh.F).toThrow(/no Fisher statistics yet: call fit/)
    expect(fitted.iterations).toBe(6)
    expect(leaves(fitted.initialW)).toEqual(leaves(fresh.w))
    expect(leaves(fitted.w)).not.toEqual(leaves(fresh.w))
    expect(() => (fitted.history.detF as number[]).push(1)).toThrow(TypeError)
  })

  test('weights keep their type', () => {
    expectTypeOf(fitted.w[0][0]).toEqualTypeOf<NDArray>()
    expect(fitted.w[2][1].shape).toEqual([2])
  })

  test('tells each iteration, and writes it down', () => {
    expect(seen.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5, 6])
    expect(seen.map(({ training }) => training.detF)).toEqual(fitted.history.detF)
    expect(seen.map(({ detF }) => detF)).toEqual(fitted.history.valDetF)
    expect(seen.map(({ lambda2 }) => lambda2)).toEqual(fitted.history.valLambda2)
    expect(fitted.maxDetF).toBe(Math.max(...fitted.history.valDetF))
    expect(JSON.parse(JSON.stringify(fitted))).toEqual({
      history: fitted.history,
      maxDetF: fitted.maxDetF,
      iterations: 6,
    })
  })

  test('the statistics are those of the validation set at the best weights (bug 16: documented)', async () => {
    expect(np.linalg.det(fitted.F).item()).toBeCloseTo(fitted.maxDetF, 4)
    expect(np.matmul(fitted.F, fitted.invF)).toBeAllclose(np.eye(2), { atol: 1e-4 })
    expect(np.matmul(fitted.dmu.T, np.matmul(fitted.invC, fitted.dmu))).toBeAllclose(fitted.F, { rtol: 1e-4 })
    const summaries = await fitted.getSetSummaries({ validate: true })
    expect(summaries.summaries.shape).toEqual([40, 2])
    expect(summaries.derivatives.shape).toEqual([24, 2, 2])
    expect(summaries.summaries.mean(0)).toBeAllclose(fitted.mu, { atol: 1e-5 })
    expect(summaries.derivatives.mean(0)).toBeAllclose(fitted.dmu, { atol: 1e-5 })
    expect(summaries.summaries).toBeAllclose(fitted.getSummaries(simulations.validation.d), { atol: 1e-5 })
    const training = await fitted.withStatistics({ validate: false, w: fitted.finalW })
    expect(leaves(training.w)).toEqual(leaves(fitted.finalW))
    expect(training.F).not.toBeAllclose(fitted.F)
    await expect(
      DatasetGradientIMNN({ ...smallOptions(), validationMain: [], validationRemaining: [] }).withStatistics({
        validate: true,
      }),
    ).rejects.toThrow(/no validation set/)
    const other = fitted.withStatistics({ w: { w: fitted.w } as unknown as typeof fitted.w })
    await expect(other).rejects.toThrow(ValidationError)
  })

  test('best or last weights', async () => {
    const last = await fresh.fit({ ...rule, best: false })
    expect(leaves(last.w)).toEqual(leaves(last.finalW))
    expect(leaves(fitted.w)).toEqual(leaves(fitted.bestW))
    expect(leaves(last.finalW)).toEqual(leaves(fitted.finalW))
    expect(leaves(last.bestW)).toEqual(leaves(fitted.bestW))
  })

  test('going on gives what a single fit would have given (bug 4: the optimizer’s steps are counted on)', async () => {
    const whole = await fresh.fit({ ...rule, maxIterations: 10 })
    const first = await fresh.fit({ ...rule, maxIterations: 4 })
    const second = await first.fit({ ...rule, maxIterations: 6 })
    expect(second.history).toEqual(whole.history)
    expect(leaves(second.finalW)).toEqual(leaves(whole.finalW))
    expect(leaves(second.bestW)).toEqual(leaves(whole.bestW))
    const asOriginal = await first.fit({ ...rule, maxIterations: 6, compatibility: 'imnn-0.3.2' })
    expect(asOriginal.history.detF[4]).toBe(whole.history.detF[4])
    expect(asOriginal.history.detF[5]).not.toBe(whole.history.detF[5])
  })

  test('a state of the optimizer can be gone on from', async () => {
    const other = DatasetGradientIMNN({ ...smallOptions(), keyOrState: fitted.state })
    expect(leaves(other.w)).toEqual(leaves(fitted.finalW))
  })

  test('printRate may change from fit to fit (bug 15)', async () => {
    const again = await (await fitted.fit({ ...rule, maxIterations: 1 })).fit({
      ...rule,
      maxIterations: 1,
      printRate: 1,
    })
    expect(again.iterations).toBe(8)
  })

  test('an AbortSignal ends it after the iteration under way, with what was reached', async () => {
    const controller = new AbortController()
    const onIteration = ({ iteration }: IterationStatistics): void => void (iteration === 3 && controller.abort())
    const stopped = await fresh.fit({ ...rule, onIteration, signal: controller.signal })
    expect(stopped.history.detF).toEqual(fitted.history.detF.slice(0, 3))
    expect(stopped.F.shape).toEqual([2, 2])
  })

  test('λ and ϵ may change from fit to fit', async () => {
    const weaker = await fitted.fit({ lambda: 5, epsilon: 0.05, maxIterations: 1 })
    expect(weaker.history.r.at(-1)).toBeLessThan(5.01)
    expect(fitted.history.r.at(-1)).toBeGreaterThan(9)
  })
})

test('without validation the best weights are those that had the best |F| (bug 3)', async () => {
  const options = { ...smallOptions(), validationMain: [], validationRemaining: [] }
  const imnn = DatasetGradientIMNN(options)
  // |F| falls from the first iteration on, so the first weights are the best.
  const fitted = await imnn.fit({ ...rule, maxIterations: 3 })
  expect(fitted.history.valDetF).toEqual([])
  const best = fitted.history.detF.indexOf(Math.max(...fitted.history.detF))
  const upToBest = best === 0 ? imnn : await imnn.fit({ ...rule, maxIterations: best })
  expect(leaves(fitted.bestW)).toEqual(leaves(upToBest.finalW))
  expect(np.linalg.det(fitted.F).item()).toBeCloseTo(fitted.maxDetF, 4)
  const original = await imnn.fit({ ...rule, maxIterations: 3, compatibility: 'imnn-0.3.2' })
  const oneLater = await imnn.fit({ ...rule, maxIterations: best + 1 })
  expect(leaves(original.bestW)).toEqual(leaves(oneLater.finalW))
})

test('an optimizer of one’s own (bug 9)', async () => {
  const init = (w: unknown): unknown => ({ w })
  const update = (_: NDArray, g: unknown, { w }: { w: unknown }): unknown => ({
    w: zip(w, g, (x, slope) => x.sub(slope.mul(1e-5))),
  })
  const getParams = ({ w }: { w: unknown }): unknown => w
  const imnn = DatasetGradientIMNN({ ...smallOptions(), optimizer: [init, update, getParams] })
  const fitted = await imnn.fit({ ...rule, maxIterations: 2 })
  expect(fitted.history.detF[1]).not.toBe(fitted.history.detF[0])
  expect(Object.keys(fitted.state)).toEqual(['w'])
})
const zip = (a: unknown, b: unknown, f: (x: NDArray, y: NDArray) => NDArray): unknown =>
  Array.isArray(a) ? a.map((x, i) => zip(x, (b as unknown[])[i], f)) : f(a as NDArray, b as NDArray)

describe('one simulation or a batch is told by inputShape (bug 5)', () => {
  let fitted: IMNN
  let flat: IMNN
  const image = (x: NDArray): NDArray => x.reshape([x.shape[0] as number, 5, 2, ...x.shape.slice(2)])
  const [init, apply] = small
  beforeAll(async () => {
    const { training, validation } = simulations
    const options = { ...smallOptions(), validationMain: [], validationRemaining: [] }
    flat = await DatasetGradientIMNN({ ...options, nD: 40, main: [pairs(d, dd)], remaining: [] }).fit({
      ...rule,
      maxIterations: 2,
    })
    const model = [
      (key: Parameters<typeof init>[0], _: unknown, o: Parameters<typeof init>[2]) => init(key, [10], o),
      (w: Parameters<typeof apply>[0], x: NDArray) => apply(w, x.reshape([-1, 10])),
    ] as unknown as typeof small
    fitted = await DatasetGradientIMNN({
      ...options,
      nD: 40,
      model,
      inputShape: [5, 2],
      main: [pairs(image(training.d), image(training.dd))],
      remaining: [],
    }).fit({ ...rule, maxIterations: 2 })
    expect(validation.d.shape).toEqual([40, 10])
  })

  test('images train as the same numbers in a row do', () => {
    expect(fitted.history.detF).toBeAllclose(flat.history.detF, { rtol: 1e-5 })
    expect(fitted.F).toBeAllclose(flat.F, { rtol: 1e-4 })
  })

  test('shapes of estimates', async () => {
    const rows = await flat.getEstimate(d.slice([0, 3])).ready()
    expect(rows.shape).toEqual([3, 2])
    expect(flat.getEstimate(d.at(1))).toBeAllclose(rows.at(1), { rtol: 1e-5 })
    expect(fitted.getEstimate(image(d).at(1))).toBeAllclose(rows.at(1), { rtol: 1e-3 })
    expect(fitted.getEstimate(image(d).slice([0, 3]))).toBeAllclose(rows, { rtol: 1e-3 })
    expect(fitted.getEstimate(image(d).reshape([4, 10, 5, 2])).shape).toEqual([4, 10, 2])
    expect(flat.getEstimate(d.at(0).jsSync() as number[]).shape).toEqual([2])
    expect(() => fitted.getEstimate(d)).toThrow(
      /data: must have shape \[5, 2\] \(one simulation\) or \[N, 5, 2\] \(a batch\), not \[40, 10\]/,
    )
  })

  test('θ̂ = θ_fid + F⁻¹ dμᵀ C⁻¹ (x − μ)', () => {
    const x = flat.getSummaries(d).sub(flat.mu)
    const byHand = np.matmul(x, np.matmul(flat.invC, np.matmul(flat.dmu, flat.invF))).add([0, 1])
    expect(flat.getEstimate(d)).toBeAllclose(byHand, { rtol: 1e-4, atol: 1e-5 })
    expect(flat.getEstimate(d).mean(0)).toBeAllclose([0, 1], { atol: 1e-4 })
  })
})

describe('when |F| is lost (bug 10)', () => {
  /** Gives NaN for the weights from the third update on. */
  const [init, update, getParams] = adam({ stepSize: 1e-3 })
  const breaking = [
    init,
    (i: NDArray, g: never, state: never) => {
      const next = update(i, g, state)
      return { ...next, params: treeMapAll(next.params, (x) => np.where(i.gt(1.5), Number.NaN, x)) }
    },
    getParams,
  ] as const
  const treeMapAll = (tree: unknown, f: (x: NDArray) => NDArray): unknown => zip(tree, tree, f)

  test('training stops with an error that carries all that was reached', async () => {
    const good = await DatasetGradientIMNN(smallOptions()).fit({ ...rule, maxIterations: 2 })
    const imnn = DatasetGradientIMNN({ ...smallOptions(), optimizer: breaking })
    const error = (await imnn.fit(rule).catch((reason: unknown) => reason)) as TrainingError<IMNN>
    expect(error).toBeInstanceOf(TrainingError)
    expect(error.message).toMatch(/iteration 3: \|F\| of the validation set is NaN after the update/)
    const { reached } = error
    expect(reached?.history).toEqual(good.history)
    expect(reached?.maxDetF).toBe(good.maxDetF)
    expect(leaves(reached?.bestW)).toEqual(leaves(good.bestW))
    expect(leaves(reached?.finalW)).toEqual(leaves(good.finalW))
    expect(reached?.F).toBeAllclose(good.F)
    const again = (await reached!.fit(rule).catch((reason: unknown) => reason)) as TrainingError<IMNN>
    expect(again.message).toMatch(/iteration 1:/)
    expect(again.reached?.history).toEqual(good.history)
  })

  test('summaries that are copies of each other have no information to begin with', async () => {
    const twice = serial(Dense(1))
    const model = [
      (key: Parameters<(typeof twice)[0]>[0]) => [[2], twice[0](key, [10])[1]],
      (w: Parameters<(typeof twice)[1]>[0], x: NDArray) =>
        np.concatenate([twice[1](w, x), twice[1](w, x)], { axis: -1 }),
    ] as unknown as typeof twice
    const failed = DatasetGradientIMNN({ ...smallOptions(), model }).fit(rule)
    await expect(failed).rejects.toThrow(/iteration 1: \|F\| of the training set is (NaN|0|-)/)
  })

  test('an error in onIteration ends the fit and loses nothing', async () => {
    const onIteration = ({ iteration }: IterationStatistics): void => {
      if (iteration === 2) throw new Error('no more paper')
    }
    const error = (await DatasetGradientIMNN(smallOptions())
      .fit({ ...rule, onIteration })
      .catch((reason: unknown) => reason)) as TrainingError<IMNN>
    expect(error).toBeInstanceOf(TrainingError)
    expect(error.message).toMatch(/broke off after 2 iterations: no more paper/)
    expect(error.reached?.iterations).toBe(2)
  })
})

describe('sources', () => {
  const part = (x: NDArray, i: number): NDArray => x.slice([8 * i, 8 * i + 8])
  async function* forever(first: number, count: number, f: (i: number) => unknown): AsyncGenerator<unknown> {
    for (let i = 0; ; i++) yield f(first + (i % count))
  }
  const generated = () => {
    const main = forever(0, 3, (i) => [part(d, i), part(dd, i)])
    const remaining = forever(3, 2, (i) => part(d, i))
    return { ...smallOptions(), main: [main], remaining: [remaining] } as unknown as ReturnType<typeof smallOptions>
  }

  test('a generator can be read once: fits go on where the last one stopped', async () => {
    const twice = async (imnn: IMNN): Promise<IMNN> => (await imnn.fit({ ...rule, maxIterations: 3 })).fit(rule)
    const [one, other] = [
      await twice(DatasetGradientIMNN(smallOptions())),
      await twice(DatasetGradientIMNN(generated())),
    ]
    expect(other.history).toEqual(one.history)
  })

  test('float64 data are computed with in the dtype of the weights', async () => {
    const wide = {
      ...smallOptions(),
      main: [pairs(d.slice([0, 24]).astype('float64'), dd.slice([0, 24]).astype('float64'))],
    }
    const [one, other] = [
      await DatasetGradientIMNN(wide).fit(rule),
      await DatasetGradientIMNN(smallOptions()).fit(rule),
    ]
    expect(one.history).toEqual(other.history)
  })

  test('remaining datasets are not read when there is nothing remaining', async () => {
    const unread: AsyncIterable<NDArray> = {
      [Symbol.asyncIterator]: () => {
        throw new Error('read')
      },
    }
    const options = { ...smallOptions(), nD: 40, main: [pairs(d, dd)], remaining: [unread] }
    const fitted = await DatasetGradientIMNN({ ...options, validationMain: [], validationRemaining: [] }).fit(rule)
    expect(fitted.iterations).toBe(6)
    expect(() => DatasetGradientIMNN({ ...options, validationMain: [pairs(d, dd)], validationRemaining: [] })).toThrow(
      /validationRemaining: is missing/,
    )
  })
})
