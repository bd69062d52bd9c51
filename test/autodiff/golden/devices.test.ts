import { DeviceError, jit, type NDArray, vjp } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { refusal, testDevices, titleOn } from '../../helpers/test-devices.ts'
import { everything } from '../../helpers/wanted.ts'
import { decode, decodeAll, functionOf, goldenCases, type GoldenCase, goldenCotangent } from './cases.ts'

const listOf = (x: NDArray | NDArray[]): NDArray[] => (Array.isArray(x) ? x : [x])

interface Tolerances {
  readonly values: { readonly rtol: number; readonly atol: number }
  readonly derivatives: { readonly rtol: number; readonly atol: number }
}
const exact: Tolerances = { values: { rtol: 2e-5, atol: 2e-6 }, derivatives: { rtol: 1e-4, atol: 1e-5 } }
/** Transcendental functions of a GPU have fewer right digits, and what is composed of them. */
const gpu: Tolerances = { values: { rtol: 5e-4, atol: 2e-4 }, derivatives: { rtol: 1e-3, atol: 5e-4 } }

async function expectAlike(got: readonly NDArray[], expected: readonly NDArray[], tolerance: object): Promise<void> {
  expect(got.length).toBe(expected.length)
  for (const [i, x] of got.entries()) {
    expect(await x.ready()).toBeAllclose(expected[i] as NDArray, tolerance)
    expect(x.dtype).toBe(expected[i]!.dtype)
  }
}

/** The shapes of their results hang on numbers. */
const byValue: ReadonlySet<string> = new Set(['numpy.unique'])

const nameOf = (c: GoldenCase): string =>
  `${c.fn}(${c.args.map((a) => `${a.dtype}[${a.shape.join(', ')}]`).join(', ')})`

for (const device of testDevices) {
  const { kind } = device
  const tolerances = kind === 'webgpu' ? gpu : exact
  // JAX's numbers on each device; wasm and webgpu take every other case but for COTANGENT_RUNS=1000.
  const chosen = goldenCases.filter(
    (c, i) => c.error === undefined && !byValue.has(c.fn) && (everything || kind === 'cpu' || i % 2 === 0),
  )
  describe.skipIf(device.missing !== undefined)(`compiled ${titleOn(device)}, values and gradients are JAX’s`, () => {
    test.each(chosen.map((c) => [nameOf(c), c] as const))('%s', async (_, c) => {
      const f = functionOf(c)!
      const args = c.args.map(decode)
      try {
        const compiled = jit((...xs: NDArray[]) => listOf(f(...xs)), { device: kind })
        await expectAlike(compiled(...args), decodeAll(c.out!), tolerances.values)
        if (c.vjp === undefined) return
        const float = args.map((x) => x.dtype.startsWith('float'))
        const pullback = jit(
          (...primals: NDArray[]) => {
            let next = 0
            const all = (...xs: NDArray[]): NDArray[] => {
              next = 0
              return listOf(f(...args.map((x, i) => (float[i] ? xs[next++]! : x))))
            }
            const [y, back] = vjp(all, ...primals)
            return back(y.map(goldenCotangent)) as NDArray[]
          },
          { device: kind },
        )
        await expectAlike(pullback(...args.filter((__, i) => float[i])), c.vjp.map(decode), tolerances.derivatives)
      } catch (e) {
        const wide = [...c.args, ...[c.out!].flat()].some((a) => /64/.test((a as { dtype: string }).dtype))
        if (!(kind === 'webgpu' && wide && e instanceof DeviceError && refusal.test(e.message))) throw e
      }
    })
  })
}
