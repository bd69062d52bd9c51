import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { grad, np, vmap } from '@cotangent/autodiff'
import { checkGrads, checkJit } from '@cotangent/autodiff/testing'
import { expect, test } from 'vitest'
import '../helpers/matchers.ts'
// ── the example of CONTRIBUTING.md ──
import { abs, add, mul, plus, times } from '../../packages/autodiff/src/primitives/arithmetic.ts'
import { apply, elementwise, lowerAs } from '../../packages/autodiff/src/primitives/elementwise.ts'
import { exp, log1p, tanh } from '../../packages/autodiff/src/primitives/transcendental.ts'
import type { NDArray } from '@cotangent/autodiff'

/** ln cosh x, without overflow. */
export const logCoshPrimitive = elementwise({
  name: 'log_cosh',
  domain: 'float',
  kernel: (x) => Math.abs(x!) + Math.log1p(Math.exp(-2 * Math.abs(x!))) - Math.LN2,
  // d ln cosh x = tanh x dx
  derivatives: [(dx, [x]) => mul(dx, tanh(x!))],
  // ONNX has no such operator: the same from others.
  lower: lowerAs('log_cosh', (x) => {
    const a = abs(x)
    return plus(add(a, log1p(exp(times(a, -2)))), -Math.LN2)
  }),
})
export const logCosh = (x: NDArray): NDArray => apply(logCoshPrimitive, x)
// ── end of the example ──

const page = readFileSync(fileURLToPath(new URL('../../CONTRIBUTING.md', import.meta.url)), 'utf8')
const here = readFileSync(fileURLToPath(import.meta.url), 'utf8')

test('CONTRIBUTING shows the primitive that this file compiles', () => {
  const rule = here.slice(here.indexOf('/** ln cosh x'), here.indexOf('// ── end of the example'))
  expect(page.replaceAll(/^ {4}/gm, '')).toContain(rule.trim())
})

test('one object is enough for every transformation', async () => {
  const x = np.array([-100, 0, 1], { dtype: 'float64' })
  expect(logCosh(x).jsSync()).toBeAllclose([100 - Math.LN2, 0, Math.log(Math.cosh(1))])
  await checkGrads(logCosh, [np.array([-2, 0.5, 3], { dtype: 'float64' })], { order: 3 })
  const slope = grad((v: NDArray) => logCosh(v).sum())
  expect(slope(x).jsSync()).toBeAllclose([-1, 0, Math.tanh(1)])
  expect(vmap(grad(logCosh))(x).jsSync()).toBeAllclose([-1, 0, Math.tanh(1)])
  for (const f of [logCosh, slope]) await checkJit(f, [x.astype('float32')], { device: 'cpu' })
})
