import { grad, jit, type NDArray, vmap } from '@cotangent/autodiff'
import { test } from 'vitest'
import { expectSame } from '../helpers/device-law.ts'
import { randomPrograms } from './laws/random-programs.ts'
import { forAll } from './laws/runs.ts'

const both = { argnums: [0, 1] } as const

test.each(['float32', 'float64'] as const)('random programs in %s and their gradients, compiled', async (dtype) => {
  await forAll(randomPrograms, async ({ f, args }) => {
    const [x, y] = args.map((a) => a.astype(dtype)) as [NDArray, NDArray]
    const value = jit(f)(x, y)
    const gradients = jit(grad(f, both))(x, y)
    const outside = grad(jit(f), both)(x, y)
    expectSame(await value.ready(), f(x, y), [], 10)
    for (const [i, expected] of grad(f, both)(x, y).entries()) {
      expectSame(await gradients[i as 0 | 1].ready(), expected, [], 50)
      expectSame(await outside[i as 0 | 1].ready(), expected, [], 50)
    }
  })
})

test('random programs under vmap, compiled', async () => {
  await forAll(
    randomPrograms,
    async ({ f, args: [x, y] }) => {
      const g = vmap(grad(f), { inAxes: [null, 0] })
      const batch = y.reshape([1, ...y.shape]).mul(1)
      expectSame(await jit(g)(x, batch).ready(), g(x, batch), [], 50)
    },
    0.4,
  )
})
