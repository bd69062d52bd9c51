import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fft, grad, jit, np, type NDArray, random, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import {
  analyticFisher,
  gaussianField,
  type Modes,
  network,
  power,
  simulatorOf,
  thetaFid,
  waves,
} from '../../examples/gaussian-field.ts'
import { folderFor, listening } from './run-example.ts'

const out = folderFor('field')
const close = (found: number, wanted: number, relative: number, what: string): void =>
  expect(Math.abs(found / wanted - 1), `${what}: ${found}, not ${wanted}`).toBeLessThan(relative)

describe('the information of a field', () => {
  test.each([
    [16, 99.4015],
    [32, 2620.533],
    [64, 53498.81],
    [128, 967560.53],
  ])('of %i × %i pixels is as published, |F| = %f', async (size, detF) => {
    close((await analyticFisher(size, 'quadrant')).detF, detF, 1e-5, 'det F')
  })

  test('of 128 × 128 pixels: the matrix too', async () => {
    const { F } = await analyticFisher(128, 'quadrant')
    const wanted = [
      [1984.5, -1545.0638],
      [-1545.0638, 1690.4926],
    ]
    wanted.forEach((row, i) => row.forEach((value, j) => close(F[i]![j]!, value, 1e-5, `F[${i}][${j}]`)))
  })

  // The covariance of the score, ∂ ln L / ∂θ, of fields that the simulator has made, by their likelihood.
  test.each<Modes>(['quadrant', 'all'])('is that of the fields which the simulator makes: %s', async (modes) => {
    const [size, n] = [16, 4000]
    const { k, present } = waves(size, modes)
    const theta = np.array(thetaFid)
    const fields = vmap(simulatorOf(size, modes), { inAxes: [0, null] })(random.split(random.PRNGKey(3), n), theta)
    const hartley = (field: NDArray): NDArray => {
      const transformed = fft.fft2(field.reshape([size, size]))
      return np.real(transformed).sub(np.imag(transformed)).div(size)
    }
    const amplitudes = vmap(hartley)(fields)
    // There is nothing in the field but its waves.
    const elsewhere = amplitudes.mul(np.subtract(1, present))
    expect(np.max(np.abs(elsewhere)).item()).toBeLessThan(1e-5)
    const logLikelihood = (p: NDArray, a: NDArray): NDArray => {
      const P = power(k, p)
      return np.sum(a.square().div(P).add(np.log(P)).mul(present)).mul(-0.5)
    }
    const scores = jit(vmap(grad(logLikelihood), { inAxes: [null, 0] }))(theta, amplitudes)
    const found = (await scores.T.matmul(scores).div(n).js()) as number[][]
    const { F } = await analyticFisher(size, modes)
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const)
      close(found[i]![j]!, F[i]![j]!, 0.1, `F[${i}][${j}]`)
  })

  test('fields with all waves are the same everywhere: every pixel has the same variance', () => {
    const keys = random.split(random.PRNGKey(4), 4000)
    const fields = vmap(simulatorOf(8, 'all'), { inAxes: [0, null] })(keys, np.array(thetaFid))
    const variances = np.var(fields, { axis: 0 })
    const { k, present } = waves(8, 'all')
    const wanted = power(k, np.array(thetaFid)).mul(present).mean().item()
    expect(np.max(np.abs(variances.div(wanted).sub(1))).item()).toBeLessThan(0.15)
  })
})

describe('the network', () => {
  test('does not see where a field begins: it is periodic', () => {
    const [init, apply] = network(3)
    const [shape, params] = init(random.PRNGKey(0), [-1, 16, 16, 1])
    expect(shape).toEqual([-1, 2])
    const field = simulatorOf(16, 'quadrant')(random.PRNGKey(1), np.array(thetaFid)).reshape([1, 16, 16, 1])
    const [here, there] = [field, np.roll(field, [4, 6], { axis: [1, 2] })].map((d) => apply(params, d))
    expect(np.max(np.abs(here!.sub(there!))).item()).toBeLessThan(1e-4)
    expect(np.max(np.abs(here!.sub(apply(params, np.roll(field, 1, { axis: 1 }))))).item()).toBeGreaterThan(1e-4)
  })

  test('finds more than 0.8 of what a field of 16 × 16 pixels holds', async () => {
    const { result, said } = await listening(() => gaussianField({ maxIterations: 250, nS: 300, out }))
    const { fitted, share, analytic, reached, estimates } = result
    expect(fitted.kind).toBe('SimulatorIMNN')
    expect(fitted.iterations).toBe(250)
    expect(share).toBeGreaterThan(0.8)
    expect(share).toBeLessThan(1.03)
    expect(share).toBe(reached.detF / analytic.detF)
    // The network began far below.
    const first = fitted.history.detF[0]!
    expect(first / analytic.detF).toBeLessThan(0.6)
    close(estimates[0]!, 0.8, 0.1, 'A')
    close(estimates[1]!, 0.6, 0.15, 'B')
    expect(said).toContain('hold |F| = 99.40')
    expect(readdirSync(out).sort()).toEqual(['fields.svg', 'history.png', 'history.svg'])
    expect(readFileSync(join(out, 'fields.svg'), 'utf8')).toContain('B = 0.5')
  })

  test('in parts, as large fields are: 64 × 64 pixels', async () => {
    const { result } = await listening(() => gaussianField({ size: 64, maxIterations: 2, nS: 20, filters: 2, out }))
    expect(result.fitted.kind).toBe('AggregatedSimulatorIMNN')
    expect(result.fitted.iterations).toBe(2)
    expect(result.analytic.detF).toBeGreaterThan(53498)
  })
})
