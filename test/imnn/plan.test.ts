import { devices, np, random } from '@cotangent/autodiff'
import { Dense, serial, Tanh } from '@cotangent/nn'
import { expect, test } from 'vitest'
import { makePlan } from '../../packages/imnn/src/feed/plan.ts'
import { type Apply, type Group, summarise } from '../../packages/imnn/src/information/summaries.ts'
import { Lane } from '../../packages/imnn/src/training/lane.ts'

const none = { batches: 0, rowBytes: 0 }
const MiB = 2 ** 20

test('the tutorial is one group, and an iteration one program', () => {
  const plan = makePlan(1, 100, { batches: 10, rowBytes: 6200 }, none)
  expect(plan).toEqual({ main: [10], remaining: [], whole: true, keepsResiduals: false })
})

test('with two lanes the two passes are apart', () => {
  expect(makePlan(2, 100, { batches: 5, rowBytes: 6200 }, none)).toMatchObject({ main: [5], whole: false })
})

test('many simulations make groups of two sizes at most, as few as can be', () => {
  const plan = makePlan(1, 100, { batches: 187, rowBytes: 6200 }, { batches: 3, rowBytes: 1000 })
  expect(plan).toEqual({ main: [63, 62, 62], remaining: [3], whole: false, keepsResiduals: false })
})

test('simulations that need much memory come in groups as small as their batches, and nothing is kept', () => {
  const plan = makePlan(1, 10, { batches: 4, rowBytes: 100 * MiB }, none)
  expect(plan).toEqual({ main: [1, 1, 1, 1], remaining: [], whole: false, keepsResiduals: false })
})

test('the policy can be chosen', () => {
  const main = { batches: 10, rowBytes: MiB }
  expect(makePlan(1, 10, main, none, { groupRows: 30 }).main).toEqual([3, 3, 2, 2])
  expect(makePlan(1, 10, main, none, { groupBytes: 25 * MiB }).main).toEqual([2, 2, 2, 2, 2])
  expect(makePlan(1, 10, main, none, { residualBytes: 100 * MiB }).keepsResiduals).toBe(true)
  expect(makePlan(1, 10, main, none, { residualBytes: 99 * MiB }).keepsResiduals).toBe(false)
})

test('what a simulation needs does not hang on a batch being as long as a layer is wide', () => {
  const [init, apply] = serial(Dense(8), Tanh, Dense(8), Tanh, Dense(2))
  const [, params] = init(random.PRNGKey(0), [5])
  const [first, , second, , third] = params
  const network: Apply = ([a, b, c, d, e, f], x) => apply([[a!, b!], [], [c!, d!], [], [e!, f!]], x)
  const lane = new Lane(devices('js')[0], (w, group) => summarise(network, w, group as unknown as Group))
  const bytes = (rows: number): number =>
    lane.rowBytes([...first, ...second, ...third], rows, (n) => [np.zeros([n, 5]), np.zeros([2, n, 5])])
  expect(bytes(7)).toBeGreaterThan(0)
  for (const rows of [1, 5, 8]) expect(bytes(rows)).toBe(bytes(7))
})
