import { readFileSync } from 'node:fs'
import { type Key, legacyRandom, type NDArray, treeLeaves } from '@cotangent/autodiff'
import { IMNN, type IMNNOptions, type Kind, type OptimizerTriple } from '@cotangent/imnn'
import { adagrad, adam, adamax, momentum, nesterov, rmsprop, rmspropMomentum, schedules, sgd } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { optionsOf, problem, type RampCase, type Way } from './ramp-problem.ts'
import { expectRows, type RecordedRows } from './recorded-rows.ts'

type Numbers = number | readonly Numbers[]

/** Fits of the Python package, and what it has after them. */
interface Case extends Omit<RampCase, 'kind' | 'model' | 'optimizer'>, RecordedRows {
  readonly name: Kind
  readonly optimizer: keyof typeof optimizers
  readonly lam: number
  readonly eps: number
  readonly best: boolean
  readonly fits: readonly {
    readonly patience: number
    readonly min_iterations: number
    readonly max_iterations: number
  }[]
  /** After how many iterations in all each fit ended. */
  readonly ends: readonly number[]
  readonly maxDetF: number
  readonly target: number[]
  readonly F: Numbers
  readonly invF: Numbers
  readonly C: Numbers
  readonly invC: Numbers
  /** Less the last bias. */
  readonly mu: Numbers
  readonly dmu: Numbers
  readonly estimate: Numbers
  /** Sums of the absolute values of each array of weights but the last bias: it moves nothing, and what moves it is rounding. */
  readonly w: Numbers
  readonly initialW: Numbers
  readonly finalW: Numbers
  readonly bestW: Numbers
}
const file = new URL('../fixtures/imnn/original.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] }

const optimizers = {
  sgd: sgd({ stepSize: 1e-4 }),
  momentum: momentum({ stepSize: 1e-4, mass: 0.9 }),
  nesterov: nesterov({ stepSize: 1e-4, mass: 0.9 }),
  adagrad: adagrad({ stepSize: 1e-2 }),
  rmsprop: rmsprop({ stepSize: 1e-3 }),
  rmspropMomentum: rmspropMomentum({ stepSize: 1e-3 }),
  adam: adam({ stepSize: 2e-3 }),
  adamDecay: adam({ stepSize: schedules.exponentialDecay(5e-3, { decaySteps: 10, decayRate: 0.7 }) }),
  adamax: adamax({ stepSize: 2e-3 }),
} satisfies Record<string, OptimizerTriple>

const rampOf = (given: Case): RampCase => ({
  ...given,
  kind: given.name.includes('Simulator') ? 'simulator' : given.name.includes('Numerical') ? 'numerical' : 'gradient',
  model: given.shape.length > 1 ? 'flat' : 'dense',
  optimizer: optimizers[given.optimizer],
})

const wayOf = ({ name }: Case): Way =>
  name.startsWith('Dataset') ? 'from datasets' : name.startsWith('Aggregated') ? 'in parts' : 'at once'

/** That numbers are those recorded, to 0.5 % of the largest of them. */
async function expectNumbers(name: string, found: NDArray, wanted: Numbers): Promise<void> {
  const [a, b] = [(await found.js()) as Numbers, wanted].map((x) => [x].flat(3 as 0) as unknown as number[])
  const largest = Math.max(...b!.map(Math.abs))
  expect(a, name).toHaveLength(b!.length)
  a!.forEach((x, i) => {
    expect(Math.abs(x - b![i]!) / largest, `${name}: ${x}, not ${b![i]}`).toBeLessThan(5e-3)
  })
}

const leavesOf = (w: object): NDArray[] => treeLeaves(w) as NDArray[]

/** Of all arrays but the last, the bias. */
const sizesOf = (w: object): Promise<number[]> =>
  Promise.all(
    leavesOf(w)
      .slice(0, -1)
      .map(async (x) => Number(await x.abs().sum().js())),
  )

describe.each(cases)('$name with $optimizer, $summaries summaries, n_s $n_s, n_d $n_d, best $best', (given) => {
  test('history, end, weights, statistics and estimates are those of the Python package', async () => {
    const ramp = rampOf(given)
    let imnn = IMNN(optionsOf(ramp, wayOf(given)) as IMNNOptions<never>)
    expect(imnn.kind).toBe(given.name)
    let key = problem(ramp).fitKey
    for (const [
      i,
      { patience, min_iterations: minIterations, max_iterations: maxIterations },
    ] of given.fits.entries()) {
      const [next, rng] = legacyRandom.split(key).unstack(2) as [Key, Key]
      key = next
      imnn = await imnn.fit({
        lambda: given.lam,
        epsilon: given.eps,
        patience,
        minIterations,
        maxIterations,
        best: given.best,
        compatibility: 'imnn-0.3.2',
        ...(ramp.kind === 'simulator' && { rng }),
      })
      expect(imnn.iterations).toBe(given.ends[i])
    }
    const { history } = imnn
    expectRows(first(20, history), given)
    expect(Math.abs(imnn.maxDetF / given.maxDetF - 1)).toBeLessThan(5e-3)
    for (const name of ['w', 'initialW', 'finalW', 'bestW'] as const)
      (await sizesOf(imnn[name])).forEach((size, i) =>
        expect(size / (given[name] as number[])[i]!, name).toBeCloseTo(1, 2),
      )
    // The package's aggregated simulators judge with another key (bug 8).
    if (given.name === 'AggregatedSimulatorIMNN') return
    for (const name of ['F', 'invF', 'C', 'invC', 'dmu'] as const) await expectNumbers(name, imnn[name], given[name])
    await expectNumbers('mu', imnn.mu.sub(leavesOf(imnn.w).at(-1)!), given.mu)
    await expectNumbers('estimate', imnn.getEstimate(given.target), given.estimate)
  })
})

const first = <T extends object>(n: number, history: T): T =>
  Object.fromEntries(
    Object.entries(history).map(([name, values]: [string, number[]]) => [name, values.slice(0, n)]),
  ) as T
