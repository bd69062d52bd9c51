import { grad, jit, makeJaxpr, type NDArray, profile, vmap } from '@cotangent/autodiff'
import { programs } from '@cotangent/autodiff/testing/arbitraries'
import { expect, test } from 'vitest'
import { locating } from '../../../packages/autodiff/src/core/source.ts'
import '../../helpers/matchers.ts'
import { forAll } from '../../helpers/draws.ts'

type Fn = (...args: NDArray[]) => NDArray

test('programs are the same with the user’s lines and without', async () => {
  await forAll(programs({ maxOperations: 6 }), ({ f, args }) => {
    for (const g of [f as Fn, grad((...xs: NDArray[]) => (f as Fn)(...xs).sum()) as Fn]) {
      const trace = () => makeJaxpr(g)(...(args as unknown as never[])).toString()
      expect(locating(trace)).toBe(trace())
    }
  })
})

test('donated arguments give the same numbers, and are gone', async () => {
  await forAll(
    programs({ maxOperations: 6 }),
    ({ f, args }) => {
      const copies = args.map((x) => x.reshape(x.shape).add(0))
      // Compiled too: a pass on the program may change the last digits.
      const expected = jit(f as Fn, { device: 'js' })(...copies)
      const got = jit(f as Fn, { device: 'js', donateArgnums: copies.map((_, i) => i) })(...copies)
      expect(got).toBeIdentical(expected)
      for (const x of copies) expect(() => x.jsSync()).toThrow('donated')
    },
    0.5,
  )
})

test('costs are whole and not negative; a batch costs as many times more, or the same where nothing is batched', async () => {
  await forAll(programs({ maxOperations: 6 }), ({ f, args }) => {
    const cost = jit(f as Fn)
      .lower(...(args as unknown as never[]))
      .costAnalysis()
    for (const key of ['flops', 'transcendentals', 'bytesRead', 'bytesWritten', 'peakBytes', 'outputBytes'] as const) {
      expect(cost[key]).toBeGreaterThanOrEqual(0)
      expect(Number.isInteger(cost[key])).toBe(true)
    }
    expect(cost.assumed).toEqual([])
    const stacked = args.map((x) => ({ shape: [7, ...x.shape], dtype: x.dtype }))
    const batched = jit(vmap(f as Fn) as Fn)
      .lower(...(stacked as never[]))
      .costAnalysis()
    // Batching may add operations, as a comparison of batched conditions; it never computes less.
    expect(batched.flops + batched.transcendentals).toBeGreaterThanOrEqual(cost.flops + cost.transcendentals)
    expect(batched.argumentBytes).toBe(7 * cost.argumentBytes)
    expect(batched.toString().split('\n').length).toBe(batched.primitives.length + 4 + Number(batched.hasUnknownLoops))
  })
})

test('profiles account for all of a program’s equations on the interpreter', async () => {
  await forAll(
    programs({ maxOperations: 5 }),
    async ({ f, args }) => {
      const { rows, time } = await profile(f as Fn, { device: 'js', runs: 1 })(...args)
      const all = rows.reduce((sum, row) => sum + row.time, 0)
      expect(all).toBeLessThanOrEqual(time + 0.01)
      expect(rows.every((row) => row.time >= 0 && row.kernels >= 1)).toBe(true)
    },
    0.3,
  )
})
