import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { additiveNoise, analyticF as noisyF } from '../../examples/additive-noise.ts'
import { UsageError } from '../../examples/lib/options.ts'
import { kinds, meanAndVariance } from '../../examples/mean-and-variance.ts'
import { examples, runNamed } from '../../examples/run.ts'
import { analyticF, slope } from '../../examples/slope.ts'
import { folderFor, listening } from './run-example.ts'

describe('the mean and variance by all eight', () => {
  const out = folderFor('eight')
  const small = { nS: 200, nPerDevice: 50, maxIterations: 150, out }

  test('each trains, and those on the same simulations agree', async () => {
    const { result, said } = await listening(() => meanAndVariance(small))
    expect(result.map(({ fitted }) => fitted.kind)).toEqual(kinds)
    expect(readdirSync(out).sort()).toEqual(kinds.map((kind) => `${kind}.svg`).sort())
    const [simulated, inParts, ...others] = result
    const [exact, numerical] = [others.slice(0, 3), others.slice(3)]
    for (const family of [[simulated!, inParts!], exact, numerical])
      for (const { kind, fitted } of family) {
        const [found, wanted] = [fitted.history.detF, family[0]!.fitted.history.detF]
        // Later on, what differs in the last bits has grown.
        for (let i = 0; i < 20; i++)
          expect(Math.abs(found[i]! / wanted[i]! - 1), `${kind}, iteration ${i}`).toBeLessThan(1e-2)
      }
    for (const { kind, fitted, estimate } of result) {
      expect(fitted.maxDetF, kind).toBeGreaterThan(5 * fitted.history.detF[0]!)
      expect(Math.abs(estimate[0]! - 0.5), kind).toBeLessThan(0.3)
      expect(said).toContain(kind)
    }
  })

  test('one of them by its name', async () => {
    const { said } = await listening(() =>
      runNamed(['mean-and-variance', '--class', 'GradientIMNN', '--n-s', '50', '--max-iterations', '3', '--out', out]),
    )
    expect(said).toMatch(/^GradientIMNN .* 3 iterations/)
  })
})

describe('a slope, by an IMNN and by regression', () => {
  test('at the fiducial slope the IMNN tells far more than regression; far from it, less than there', async () => {
    const out = folderFor('slope')
    const { result, said } = await listening(() => slope({ out }))
    expect(analyticF).toBeCloseTo(3350.17, 1)
    const [at, near, far] = result.imnn
    const [regressionAt] = result.regression
    expect(at!.information / analyticF).toBeGreaterThan(0.8)
    // No estimate has more than there is, but for the noise of 2000 lines.
    for (const { information } of [...result.imnn, ...result.regression])
      expect(information / analyticF).toBeLessThan(1.1)
    expect(Math.abs(at!.bias)).toBeLessThan(0.01)
    expect(at!.deviation).toBeLessThan(1.2 / Math.sqrt(analyticF))
    expect(near!.information / analyticF).toBeGreaterThan(0.7)
    expect(Math.abs(far!.bias)).toBeGreaterThan(5 * Math.abs(at!.bias))
    expect(regressionAt!.information).toBeLessThan(0.5 * at!.information)
    expect(Math.abs(regressionAt!.bias)).toBeLessThan(0.5)
    expect(readdirSync(out).sort()).toEqual(['estimates.svg', 'history.png', 'history.svg'])
    expect(said).toContain('F = 3350.2')
  })
})

describe('additive noise', () => {
  test('added once it is learnt by heart; added anew the network is better, and knows how good it is', async () => {
    const out = folderFor('noise')
    const { result } = await listening(() => additiveNoise({ out }))
    const { fixed, anew } = result
    expect(noisyF).toBeCloseTo(770.1, 1)
    // Far more than there is, which cannot be.
    expect(fixed.believed / noisyF).toBeGreaterThan(1.5)
    expect(fixed.found).toBeLessThan(0.75 * noisyF)
    expect(anew.found).toBeGreaterThan(1.1 * fixed.found)
    expect(anew.found).toBeLessThan(1.2 * noisyF)
    expect(anew.believed - anew.found).toBeLessThan(0.25 * (fixed.believed - fixed.found))
  })
})

describe('the command line', () => {
  test('lists the examples, and the options of each', async () => {
    const list = (await runNamed([]))!
    for (const { name, about } of examples) {
      expect(list).toContain(name)
      expect(list).toContain(about)
      const help = (await runNamed([name, '--help']))!
      expect(help).toContain(`npm run example -- ${name}`)
      expect(help).toMatch(/--max-iterations +.*\(default \d+\)/)
    }
  })

  test.each([
    [['fields'], /no example "fields"; there are mean-and-variance, gaussian-field/],
    [['gaussian-field', '--size', 'large'], /--size is "large"; it must be a whole number from 4 on/],
    [['gaussian-field', '--size', '15'], /--size is 15; the pixels along a side must be even/],
    [['gaussian-field', '--modes', 'some'], /--modes is "some"; it can be quadrant, all/],
    [['gaussian-field', '--out='], /--out is ""; it names no folder/],
    [['slope', '--colour', 'red'], /--colour/],
    [['mean-and-variance', '--class', 'IMNN'], /--class is "IMNN"; it can be all, SimulatorIMNN/],
  ])('%j is refused', async (args, message) => {
    await expect(runNamed(args)).rejects.toThrow(UsageError)
    await expect(runNamed(args)).rejects.toThrow(message)
  })
})
