import { grad } from '@cotangent/autodiff'
import { expect, test, vi } from 'vitest'
import { information, memory, recurrent, regression, root, smoothing, tour } from '../../examples/engine.ts'
import '../helpers/matchers.ts'

test('Newton’s method finds the weights that made the labels', async () => {
  const { weights, slope } = await regression({ examples: 300 })
  expect(slope).toBeLessThan(1e-6)
  weights.forEach((w, i) => expect(Math.abs(w - [1, -2, 0.5][i]!)).toBeLessThan(0.6))
})

test('the recurrent network learns', async () => {
  const losses = await recurrent({ length: 20, steps: 60 })
  expect(losses).toHaveLength(60)
  expect(losses[59]!).toBeLessThan(losses[0]! / 10)
})

test('the root has the derivative of the implicit function', () => {
  expect(root(10).item()).toBeCloseTo(2, 5)
  expect(grad(root)(10).item()).toBeCloseTo(1 / 13, 6)
  expect(grad(grad(root))(10).item()).toBeCloseTo(-12 / 13 ** 3, 6)
})

test('checkpoints keep a third', () => {
  expect(memory({ size: 10 })).toEqual({ all: 120, checkpointed: 40 })
})

test('descent through the spectrum ends where the exact filter does', async () => {
  const { found, filtered } = await smoothing({ n: 32 })
  expect(found).toBeAllclose(filtered, { rtol: 1e-4, atol: 1e-4 })
})

test('the mean curvature of the likelihood is the Fisher information', async () => {
  const { fisher, determinant } = await information({ draws: 500 })
  expect(fisher[0]![0]!).toBeCloseTo(10, 5)
  expect(fisher[0]![1]!).toBeCloseTo(fisher[1]![0]!, 5)
  expect(Math.abs(determinant - 50)).toBeLessThan(5)
})

test('the whole tour says what it found', async () => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  await tour()
  log.mockRestore()
  expect(lines.map((line) => line.split(' ')[0])).toEqual([
    'regression',
    'recurrent',
    'root',
    'memory',
    'smoothing',
    'information',
  ])
})
