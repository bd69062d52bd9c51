import { readFileSync } from 'node:fs'
import { np } from '@cotangent/autodiff'
import { type CorrectionSizes, fisherErrors, hartlap, moped, percival } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

type Matrix = readonly (readonly number[])[]

interface Case {
  readonly summaries: Matrix
  readonly derivatives: readonly Matrix[]
  readonly F: Matrix
  readonly errorF: Matrix
  readonly detF: number
  readonly errorDetF: number
  readonly hartlap: number
  readonly correctedF: Matrix
  readonly correctedDetF: number
  readonly thetaFid: readonly number[]
  readonly data: Matrix
  readonly score: Matrix
  readonly estimate: Matrix
}
const file = new URL('../fixtures/imnn/uncertainty.json', import.meta.url)
const { cases, scatters } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: readonly Case[]
  /** By how much estimates of 400000 covariances scatter more than F says. */
  scatters: readonly (CorrectionSizes & { readonly inflation: number })[]
}
const double = (x: unknown) => np.array(x as number[], { dtype: 'float64' })
const ratio = (found: number, wanted: number): number => Math.abs(found / wanted - 1)

describe.each(cases.map((given, i) => ({ i, ...given })))('case $i: as in NumPy', (given) => {
  const x = double(given.summaries)
  const dx = double(given.derivatives)

  test('F, |F| and their errors', () => {
    const found = fisherErrors(x, dx)
    expect(found.F).toBeAllclose(double(given.F), { rtol: 1e-10 })
    // Differentiated numerically in the fixture.
    expect(found.errorF).toBeAllclose(double(given.errorF), { rtol: 1e-6 })
    expect(ratio(found.detF, given.detF)).toBeLessThan(1e-10)
    expect(ratio(found.errorDetF, given.errorDetF)).toBeLessThan(1e-6)
  })

  test('Hartlap’s correction', () => {
    const found = fisherErrors(x, dx)
    expect(ratio(hartlap(given.summaries.length, given.summaries[0]!.length), given.hartlap)).toBeLessThan(1e-14)
    expect(ratio(found.hartlap, given.hartlap)).toBeLessThan(1e-14)
    expect(found.correctedF).toBeAllclose(double(given.correctedF), { rtol: 1e-10 })
    expect(ratio(found.correctedDetF, given.correctedDetF)).toBeLessThan(1e-10)
  })

  test('score compression, and its estimates', () => {
    const compress = moped({ thetaFid: double(given.thetaFid), fiducial: x, derivative: dx })
    const data = double(given.data)
    expect(compress.F).toBeAllclose(double(given.F), { rtol: 1e-10 })
    expect(compress.getSummaries(data)).toBeAllclose(double(given.score), { rtol: 1e-9 })
    expect(compress.getEstimate(data)).toBeAllclose(double(given.estimate), { rtol: 1e-9 })
  })
})

test.each(scatters)(
  'with C of $nS simulations of $nSummaries summaries, Percival’s correction is how far estimates scatter',
  ({ inflation, ...sizes }) => {
    // Of second order in the errors of C.
    expect(ratio(percival(sizes) / hartlap(sizes.nS, sizes.nSummaries), inflation)).toBeLessThan(0.01)
  },
)
