import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { devices, grad, jit, np, vmap } from '@cotangent/autodiff'
import { expect, test } from 'vitest'
// ── the example of CONTRIBUTING.md ──
import { div, mul } from '../../packages/autodiff/src/primitives/arithmetic.ts'
import { select, lt } from '../../packages/autodiff/src/primitives/comparison.ts'
import { apply, elementwise, lowerAs } from '../../packages/autodiff/src/primitives/elementwise.ts'
import { full, zerosLike } from '../../packages/autodiff/src/primitives/broadcast.ts'
import { pow } from '../../packages/autodiff/src/primitives/transcendental.ts'
import type { NDArray } from '@cotangent/autodiff'

/** The real cube root. */
export const cbrtPrimitive = elementwise({
  name: 'cbrt',
  domain: 'float',
  kernel: (x) => Math.cbrt(x!),
  // d ∛x = dx / (3 ∛x²)
  derivatives: [(dx, [x], y) => div(dx, mul(full(x!.shape, 3, x!.dtype), mul(y, y)))],
  // ONNX has no cube root: a power of |x| with the sign put back.
  lower: lowerAs('cbrt', (x) => {
    const third = full(x.shape, 1 / 3, x.dtype)
    const negative = lt(x, zerosLike(x))
    const root = pow(select(negative, x.neg(), x), third)
    return select(negative, root.neg(), root)
  }),
})
export const cbrt = (x: NDArray): NDArray => apply(cbrtPrimitive, x)
// ── end of the example ──

const page = readFileSync(fileURLToPath(new URL('../../CONTRIBUTING.md', import.meta.url)), 'utf8')
const here = readFileSync(fileURLToPath(import.meta.url), 'utf8')

test('CONTRIBUTING shows the primitive that this file compiles', () => {
  const rule = here.slice(here.indexOf('/** The real cube root. */'), here.indexOf('// ── end of the example'))
  expect(page.replaceAll(/^ {4}/gm, '')).toContain(rule.trim())
})

test('one object is enough for every transformation', async () => {
  const x = np.array([-8, 1, 27])
  expect(cbrt(x).jsSync()).toEqual([-2, 1, 3])
  const slope = grad((v: NDArray) => cbrt(v).sum())
  expect(slope(x).dataSync()).toEqual(Float32Array.of(1 / 12, 1 / 3, 1 / 27))
  expect(vmap(grad(cbrt))(x).dataSync()).toEqual(Float32Array.of(1 / 12, 1 / 3, 1 / 27))
  const compiled = await jit(slope, { device: devices('cpu')[0] })(x).data()
  compiled.forEach((value, i) => expect(value).toBeCloseTo([1 / 12, 1 / 3, 1 / 27][i] as number, 6))
})
