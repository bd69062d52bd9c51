import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devices, type Key, legacyRandom, np, type NDArray, treeLeaves } from '@cotangent/autodiff'
import { type IMNN, load, TrainingError } from '@cotangent/imnn'
import { Dense, schedules, serial, sgd } from '@cotangent/nn'
import { afterAll, describe, expect, test } from 'vitest'
import { kinds, smallOf } from './all-classes.ts'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-lost-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const rng = legacyRandom.PRNGKey(7)
const rule = { lambda: 10, epsilon: 0.1, patience: 50, maxIterations: 20, rng }
const numbers = (tree: unknown): unknown[] => (treeLeaves(tree) as NDArray[]).map((x) => x.jsSync())
const failureOf = (fit: Promise<IMNN>): Promise<TrainingError<IMNN>> =>
  fit.then(
    () => expect.unreachable('the fit should have failed'),
    (reason: unknown) => reason as TrainingError<IMNN>,
  )

const small = sgd({ stepSize: 1e-4 })
/** Three small steps, and then one that leaves nothing of the weights; they stay finite. */
const leaping = sgd({ stepSize: schedules.piecewiseConstant([2], [1e-4, 1e18]) })
const dense = serial(Dense(2))
/** A network whose summaries are the same whatever it sees. */
const blind = [
  (...args: Parameters<(typeof dense)[0]>) => {
    const [shape, w] = dense[0](...args)
    return [shape, w.map(([kernel, bias]) => [kernel.mul(0), bias])]
  },
  dense[1],
] as unknown as typeof dense

describe.each(kinds)('%s, when |F| is lost', (kind) => {
  const simulates = kind.endsWith('SimulatorIMNN')

  test.each(['js', 'cpu'] as const)(
    'has on %s the weights before the update that lost it, and goes on from them',
    async (place) => {
      const [device] = devices(place)
      const make = (optimizer: typeof small): IMNN => smallOf(kind, device, { more: { optimizer } })
      const path = join(folder, `${kind}-${place}.safetensors`)
      const error = await failureOf(make(leaping).fit({ ...rule, checkpoint: { path, every: 1 } }))
      expect(error).toBeInstanceOf(TrainingError)
      const where = simulates ? 'iteration 5: |F| of the training set' : 'iteration 4: |F| of the validation set'
      expect(error.message).toContain(where)
      expect(error.message).toContain('The property `reached` of this error is the IMNN before |F| was lost')

      // Where nothing validates, the fourth iteration has told its |F| before its update turns out to be bad.
      const told = simulates ? 4 : 3
      const [three, good] = [3, told].map((maxIterations) => make(small).fit({ ...rule, maxIterations }))
      const reached = error.reached!
      expect(reached.history).toEqual((await good!).history)
      expect(reached.maxDetF).toBe((await good!).maxDetF)
      expect(numbers(reached.bestW)).toEqual(numbers((await good!).bestW))
      for (const name of ['w', 'finalW', 'state'] as const)
        expect(numbers(name === 'w' && !simulates ? reached.finalW : reached[name])).toEqual(
          numbers((await three!)[name === 'w' && !simulates ? 'finalW' : name]),
        )
      expect(reached.unfinished).toBeUndefined()
      expect(numbers(reached.F).flat(2).every(Number.isFinite)).toBe(true)

      const loaded = await load(path, make(small))
      expect(loaded.history).toEqual(reached.history)
      expect(numbers(loaded.state)).toEqual(numbers(reached.state))
      const again = await loaded.fit({ ...rule, maxIterations: 2 })
      expect(again.iterations).toBe(told + 2)
      expect(again.history.detF.every((detF) => detF > 0)).toBe(true)
    },
  )

  test('says what is wrong with summaries that do not vary', async () => {
    const [js] = devices('js')
    const error = await failureOf(smallOf(kind, js, { more: { model: blind } }).fit(rule))
    expect(error.message).toMatch(
      /^iteration 1: \|F\| of the training set is NaN before the update \(\|C\| is 0\).* do not vary, or not independently/,
    )
    expect(error.reached?.iterations).toBe(0)
  })
})

test.each(['SimulatorIMNN', 'AggregatedSimulatorIMNN'] as const)(
  '%s: simulations that are not numbers are told of, and cost nothing',
  async (kind) => {
    const [js] = devices('js')
    const simulator = (key: Key, theta: NDArray): NDArray => {
      const noise = legacyRandom.normal(key, [10])
      // About one simulation in three hundred; none of the first two iterations.
      return np.where(noise.max().gt(3.4), Number.NaN, noise.mul(np.sqrt(theta.at(1))).add(theta.at(0)))
    }
    const make = (): IMNN => smallOf(kind, js, { more: { simulator } })
    const other = { rng: legacyRandom.PRNGKey(9) }
    const error = await failureOf(make().fit({ ...rule, ...other, maxIterations: 1000 }))
    expect(error.message).toMatch(
      /\|F\| of the training set is NaN .*\(\|C\| is NaN\).* or a look at the data may help/,
    )
    const { iterations } = error.reached!
    expect(iterations).toBeGreaterThan(1)
    const good = await make().fit({ ...rule, ...other, maxIterations: iterations })
    expect(error.reached!.history).toEqual(good.history)
    const again = await error.reached!.fit({ ...rule, maxIterations: 1, rng: legacyRandom.PRNGKey(8) })
    expect(again.iterations).toBe(iterations + 1)
  },
)
