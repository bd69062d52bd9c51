import { devices, legacyRandom, type NDArray, np, treeLeaves } from '@cotangent/autodiff'
import { alpha, GradientIMNN, type IMNN, type IterationStatistics, SimulatorIMNN, TrainingError } from '@cotangent/imnn'
import { adam } from '@cotangent/nn'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { common as smallProblem, settings, simulations } from './small-problem.ts'
import { gaussianSimulator } from './tutorial-data.ts'
import { draws } from '../helpers/draws.ts'

const numbers = (tree: unknown): number[][] => (treeLeaves(tree) as NDArray[]).map((x) => [...x.dataSync()])

const common = { ...smallProblem(), optimizer: adam({ stepSize: 0.02 }) }
const arrays = (validates: boolean) => {
  const { training, validation } = simulations
  const judging = { validationFiducial: validation.d, validationDerivative: validation.dd.slice([0, 24]) }
  return { fiducial: training.d, derivative: training.dd.slice([0, 24]), ...(validates && judging) }
}
const gradient = (device: 'js' | 'cpu' | 'wasm', validates: boolean, stepSize = 0.02) =>
  GradientIMNN({ ...common, ...arrays(validates), optimizer: adam({ stepSize }), device: devices(device)[0] })
const rng = legacyRandom.PRNGKey(7)
const simulator = (device: 'js' | 'cpu' | 'wasm') =>
  SimulatorIMNN({ ...common, simulator: gaussianSimulator(legacyRandom), device: devices(device)[0] })

/** Everything that a fit gives. */
async function reached(fitted: IMNN) {
  const { w, finalW, bestW, state, history, maxDetF, iterations } = fitted
  const all = [w, finalW, bestW, state, fitted.F, fitted.C, fitted.mu]
  return { numbers: all.map(numbers), history, maxDetF, iterations }
}

describe.each(['js', 'cpu', 'wasm'] as const)('several iterations a call, on %s', (device) => {
  const kinds: readonly (readonly [string, () => IMNN])[] = [
    ['GradientIMNN with validation', () => gradient(device, true, 0.2)],
    ['GradientIMNN without', () => gradient(device, false, 0.2)],
    ['SimulatorIMNN', () => simulator(device)],
  ]

  test.each(kinds)('%s: stops where one iteration a call does, with the same weights and history', async (_, make) => {
    const imnn = make()
    const rule = { ...settings, patience: 3, minIterations: 3, maxIterations: 60, rng, best: true }
    const one = await reached(await imnn.fit({ ...rule, iterationsPerCall: 1 }))
    // The rule, not the number of iterations, has ended it, and within a call.
    expect(one.iterations).toBeLessThan(60)
    for (const iterationsPerCall of [2, 3, 7, 60])
      expect(await reached(await imnn.fit({ ...rule, iterationsPerCall }))).toEqual(one)
  })

  test('a second fit goes on as one fit would have', async () => {
    const rule = { ...settings, patience: 100, best: false }
    for (const imnn of [gradient(device, true), simulator(device)]) {
      const whole = await imnn.fit({ ...rule, maxIterations: 13, rng })
      const first = await imnn.fit({ ...rule, maxIterations: 5, rng })
      // The key goes on by itself, and so do statistics: they are of the key that was given.
      expect(await reached(await first.fit({ ...rule, maxIterations: 8 }))).toEqual(await reached(whole))
    }
  })

  test('a signal raised at an iteration ends the fit there, in the midst of a call', async () => {
    const imnn = gradient(device, true)
    const rule = { ...settings, maxIterations: 20, iterationsPerCall: 20 }
    // The first calls are short, until their time is known.
    for (const at of [1, 5, 9]) {
      const seen: number[] = []
      const signal = { aborted: false }
      const onIteration = ({ iteration }: IterationStatistics): void => {
        seen.push(iteration)
        if (iteration === at) signal.aborted = true
      }
      const stopped = await imnn.fit({ ...rule, onIteration, signal })
      const wanted = await imnn.fit({ ...rule, maxIterations: at })
      expect(seen.at(-1)).toBe(at)
      expect(await reached(stopped)).toEqual(await reached(wanted))
    }
  })

  test('what onIteration throws ends the fit there, and nothing is lost', async () => {
    const imnn = gradient(device, false)
    const onIteration = ({ iteration }: IterationStatistics): void => {
      if (iteration === 6) throw new Error('no more paper')
    }
    const rule = { ...settings, maxIterations: 20 }
    const error = (await imnn.fit({ ...rule, onIteration }).catch((reason: unknown) => reason)) as TrainingError<IMNN>
    expect(error.message).toMatch(/broke off after 6 iterations: no more paper/)
    expect(await reached(error.reached!)).toEqual(await reached(await imnn.fit({ ...rule, maxIterations: 6 })))
  })

  test('when |F| is lost, what was before that iteration is given, whatever the call (bug 10)', async () => {
    const [init, update, getParams] = adam({ stepSize: 1e-3 })
    const broken = (i: NDArray, g: never, state: never) => {
      const next = update(i, g, state) as unknown as { params: unknown }
      return { ...next, params: mapLeaves(next.params, (x) => np.where(i.gt(4.5), Number.NaN, x)) }
    }
    const optimizer = [init, broken, getParams] as unknown as typeof common.optimizer
    const make = () => GradientIMNN({ ...common, ...arrays(false), optimizer, device: devices(device)[0] })
    const good = await GradientIMNN({
      ...common,
      ...arrays(false),
      optimizer: adam({ stepSize: 1e-3 }),
      device: devices(device)[0],
    }).fit({ ...settings, maxIterations: 6 })
    const errors: TrainingError<IMNN>[] = []
    for (const iterationsPerCall of [1, 20]) {
      const failed = make().fit({ ...settings, maxIterations: 20, iterationsPerCall })
      errors.push((await failed.catch((reason: unknown) => reason)) as TrainingError<IMNN>)
    }
    const [one, many] = errors as [TrainingError<IMNN>, TrainingError<IMNN>]
    expect(one).toBeInstanceOf(TrainingError)
    expect(one.message).toMatch(/iteration 7: \|F\| of the training set is NaN before the update/)
    expect(many.message).toBe(one.message)
    // The sixth update makes the weights NaN; without a validation set that shows in the seventh iteration.
    expect(many.reached!.history.detF).toEqual(good.history.detF)
    expect(many.reached!.history).toEqual(one.reached!.history)
    expect(numbers(many.reached!.bestW)).toEqual(numbers(one.reached!.bestW))
    expect(numbers(many.reached!.bestW)).toEqual(numbers(good.bestW))
  })
})

const mapLeaves = (tree: unknown, f: (x: NDArray) => NDArray): unknown =>
  Array.isArray(tree) ? tree.map((x) => mapLeaves(x, f)) : f(tree as NDArray)

describe.each(['js', 'cpu'] as const)('|F| that is lost within a call, on %s', (device) => {
  const [init, update, getParams] = adam({ stepSize: 0.02 })
  const losing = (after: number) => {
    const broken = (i: NDArray, g: never, state: never) => {
      const next = update(i, g, state) as unknown as { params: unknown }
      return { ...next, params: mapLeaves(next.params, (x) => np.where(i.gt(after - 0.5), Number.NaN, x)) }
    }
    const optimizer = [init, broken, getParams] as unknown as typeof common.optimizer
    const on = { ...common, optimizer, device: devices(device)[0] }
    return [
      GradientIMNN({ ...on, ...arrays(true) }),
      GradientIMNN({ ...on, ...arrays(false) }),
      SimulatorIMNN({ ...on, simulator: gaussianSimulator(legacyRandom) }),
    ]
  }
  /** How a fit ends: what it has reached, and the message if it failed. */
  const endOf = async (fit: Promise<IMNN>) => {
    const end = await fit.then(
      (fitted) => ({ fitted, message: undefined }),
      (reason: unknown) => ({ fitted: (reason as TrainingError<IMNN>).reached, message: (reason as Error).message }),
    )
    const { fitted } = end
    return { message: end.message, reached: fitted && (await reached(fitted)) }
  }

  // The first calls of a fit are short: iterations 1, 2, 3 … are the first and the last of calls, and in their midst.
  test.each([0, 1, 4, 9])('after %i updates: what is reached is the same whatever the call', async (after) => {
    for (const imnn of losing(after)) {
      const rule = { ...settings, patience: 100, maxIterations: 16, best: false, rng }
      const ends = []
      for (const iterationsPerCall of [1, 3, 16]) ends.push(await endOf(imnn.fit({ ...rule, iterationsPerCall })))
      expect(ends[0]!.message).toMatch(/is NaN/)
      expect(ends[1]).toEqual(ends[0])
      expect(ends[2]).toEqual(ends[0])
    }
  })

  test.each(['throws', 'stops'] as const)('a listener that %s at each iteration before has its say', async (how) => {
    for (const imnn of losing(5)) {
      for (const at of [4, 5, 6, 7]) {
        const ends = []
        for (const iterationsPerCall of [1, 16]) {
          const signal = { aborted: false }
          const onIteration = ({ iteration }: IterationStatistics): void => {
            if (iteration !== at) return
            if (how === 'throws') throw new Error('no more paper')
            signal.aborted = true
          }
          const rule = { ...settings, patience: 100, maxIterations: 16, best: false, rng }
          ends.push(await endOf(imnn.fit({ ...rule, iterationsPerCall, onIteration, signal })))
        }
        expect(ends[1]).toEqual(ends[0])
      }
    }
  })
})

test('any rule ends a fit at the same iteration, however many a call makes', async () => {
  const imnn = gradient('js', true)
  type Counts = typeof counts extends fc.Arbitrary<infer T> ? T : never
  const counts = fc.record({
    patience: fc.integer({ min: 1, max: 6 }),
    minIterations: fc.integer({ min: 0, max: 12 }),
    maxIterations: fc.integer({ min: 1, max: 25 }),
    iterationsPerCall: fc.integer({ min: 2, max: 30 }),
    compatibility: fc.constantFrom(undefined, 'imnn-0.3.2' as const),
  })
  const same = async ({ compatibility, ...rule }: Counts): Promise<void> => {
    const options = { ...settings, ...rule, ...(compatibility && { compatibility }) }
    const many = await imnn.fit(options)
    const one = await imnn.fit({ ...options, iterationsPerCall: 1 })
    expect(await reached(many)).toEqual(await reached(one))
  }
  await fc.assert(fc.asyncProperty(counts, same), draws(15))
})

test('without validation the best weights are those that had the best |F|; with the original’s rule one later (bug 3)', async () => {
  const imnn = gradient('js', false)
  const rule = { ...settings, maxIterations: 8 }
  const fitted = await imnn.fit(rule)
  const best = fitted.history.detF.indexOf(fitted.maxDetF)
  expect(best).toBeGreaterThan(0)
  expect(np.linalg.det(fitted.F).item() / fitted.maxDetF).toBeCloseTo(1, 3)
  expect(numbers(fitted.bestW)).toEqual(numbers((await imnn.fit({ ...rule, maxIterations: best })).finalW))
  const original = await imnn.fit({ ...rule, compatibility: 'imnn-0.3.2' })
  expect(numbers(original.bestW)).toEqual(numbers((await imnn.fit({ ...rule, maxIterations: best + 1 })).finalW))
})

test('what waits for the event loop has its turn while a fit goes on', async () => {
  const controller = new AbortController()
  let waits = false
  const onIteration = (): void => {
    if (!waits) setTimeout(() => controller.abort(), 0)
    waits = true
  }
  const rule = { ...settings, patience: 1e6, maxIterations: 1e6 }
  const fitted = await gradient('js', true).fit({ ...rule, onIteration, signal: controller.signal })
  expect(fitted.iterations).toBeLessThan(1e6)
  expect(fitted.F.shape).toEqual([2, 2])
})

test('a second fit counts the optimizer’s steps on; with the original’s rule from 0 again (bug 4)', async () => {
  const first = await gradient('js', true).fit({ ...settings, maxIterations: 4 })
  const whole = await gradient('js', true).fit({ ...settings, maxIterations: 8 })
  const second = await first.fit({ ...settings, maxIterations: 4 })
  expect(second.history).toEqual(whole.history)
  const original = await first.fit({ ...settings, maxIterations: 4, compatibility: 'imnn-0.3.2' })
  expect(original.history.detF[4]).toBe(whole.history.detF[4])
  expect(original.history.detF[5]).not.toBe(whole.history.detF[5])
})

test('r has a plus, where the documentation of the original has a minus (bug 14)', async () => {
  const fitted = await gradient('js', false, 0.05).fit({ ...settings, maxIterations: 120, patience: 1000 })
  const [a, { lambda2, r }] = [alpha(10, 0.1), fitted.history]
  // Only near unit covariance do the two differ.
  const near = lambda2.indexOf(Math.min(...lambda2))
  const [distance, strength] = [lambda2[near]!, r[near]!]
  const by = (sign: number): number => (10 * distance) / (distance + sign * Math.exp(-a * distance))
  expect(strength / by(1)).toBeCloseTo(1, 5)
  expect(Math.abs(strength / by(-1) - 1)).toBeGreaterThan(0.01)
})

test('a device without a loop of its own makes one iteration a call, with the same numbers', async () => {
  const [js] = devices('js')
  const calls: number[] = []
  const compile: typeof js.compile = (jaxpr) => {
    const executable = js.compile(jaxpr)
    const run: typeof executable.run = (inputs) => (calls.push(inputs.length), executable.run(inputs))
    return Object.assign(Object.create(executable) as typeof executable, { run })
  }
  const supports = { ...js.supports, loops: false }
  const device = Object.assign(Object.create(js) as typeof js, { supports, compile })
  const options = { ...common, ...arrays(true) }
  const rule = { ...settings, maxIterations: 9 }
  const found = await GradientIMNN({ ...options, device }).fit(rule)
  const wanted = await GradientIMNN({ ...options, device: js }).fit(rule)
  expect(await reached(found)).toEqual(await reached(wanted))
  // Nine iterations, and the statistics.
  expect(calls).toHaveLength(10)
})

describe('simulators', () => {
  test('need a key at their first fit, and go on from it at the next', async () => {
    const imnn = simulator('js')
    await expect(imnn.fit({ ...settings, maxIterations: 1 })).rejects.toThrow(/rng: is missing: simulations are made/)
    await expect(imnn.withStatistics()).rejects.toThrow(/rng: is missing: no fit has been given a key yet/)
    const wrong = imnn.fit({ ...settings, rng: np.zeros([2]) as never })
    await expect(wrong).rejects.toThrow(/rng: as a key must be uint32\[2\].*float32\[2\]/)
    await expect(imnn.withStatistics({ rng: np.zeros([2]) as never })).rejects.toThrow(/rng: as a key/)
    const validate = imnn.withStatistics({ rng, validate: true })
    await expect(validate).rejects.toThrow(/no validation set/)
    expect((await imnn.withStatistics({ rng })).F.shape).toEqual([2, 2])
  })

  test('use the last weights unless told otherwise (bug 17)', async () => {
    const rule = { ...settings, maxIterations: 12, rng }
    const fitted = await simulator('js').fit(rule)
    expect(numbers(fitted.w)).toEqual(numbers(fitted.finalW))
    expect(numbers((await simulator('js').fit({ ...rule, best: true })).w)).toEqual(numbers(fitted.bestW))
    expect(numbers(fitted.finalW)).not.toEqual(numbers(fitted.bestW))
  })

  test('make other simulations in every iteration, the same for the same key', async () => {
    const still = SimulatorIMNN({
      ...common,
      optimizer: [(w: unknown) => w, (_: unknown, __: unknown, w: unknown) => w, (w: unknown) => w] as never,
      simulator: gaussianSimulator(legacyRandom),
      device: 'js',
    })
    const { history } = await still.fit({ ...settings, maxIterations: 4, rng })
    expect(new Set(history.detF).size).toBe(4)
    expect((await still.fit({ ...settings, maxIterations: 4, rng })).history).toEqual(history)
    // split(rng, 3): the second key makes the simulations of this iteration.
    const [, train] = legacyRandom.split(rng, 3).unstack(3)
    const first = await still.withStatistics({ rng: train })
    expect(np.linalg.det(first.F).item()).toBeAllclose(history.detF[0]!, { rtol: 1e-4 })
  })
})
