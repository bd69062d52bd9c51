import { readFileSync } from 'node:fs'
import { devices, type Key, legacyRandom, np, type NDArray, valueAndJacfwd, vmap } from '@cotangent/autodiff'
import {
  AggregatedGradientIMNN,
  AggregatedNumericalGradientIMNN,
  AggregatedSimulatorIMNN,
  GradientIMNN,
  type IMNN,
  NumericalGradientIMNN,
  SimulatorIMNN,
} from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial, Tanh } from '@cotangent/nn'
import { describe, test } from 'vitest'
import { expectRows, type RecordedRows } from './recorded-rows.ts'

interface Case extends RecordedRows {
  readonly kind: 'gradient' | 'numerical' | 'simulator'
  readonly seed: number
  readonly n_s: number
  readonly n_d: number
  readonly summaries: number
  readonly lam: number
  readonly eps: number
  readonly validation: boolean
}
const file = new URL('../fixtures/imnn/histories.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] }

const simulator = (key: Key, theta: NDArray): NDArray => {
  const [mean, variance] = theta.unstack(2)
  return legacyRandom.normal(key, [8]).mul(np.sqrt(variance)).add(mean)
}
const thetaFid = np.array([0.5, 2])
const deltaTheta = np.array([0.2, 0.3])

function problem(given: Case) {
  const { n_s: nS, n_d: nD, summaries: nSummaries, validation } = given
  const [rng, modelKey, fitKey] = legacyRandom.split(legacyRandom.PRNGKey(given.seed), 3).unstack(3)
  const keys = legacyRandom.split(rng, 2 * nS)
  const simulate = vmap(simulator, { inAxes: [0, null] })
  const side = (k: Key, sign: number): NDArray => {
    const at = (p: number): NDArray =>
      thetaFid.add(
        np
          .eye(2)
          .at(p)
          .mul(deltaTheta)
          .mul(sign / 2),
      )
    return np.stack(
      [0, 1].map((p) => simulate(k, at(p))),
      { axis: 1 },
    )
  }
  const set = (from: number): [NDArray, NDArray] => {
    const [all, some] = [keys.slice([from, from + nS]), keys.slice([from, from + nD])]
    const exact = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })
    const derivative =
      given.kind === 'numerical'
        ? np.stack([side(some, -1), side(some, 1)], { axis: 1 })
        : (exact(some, thetaFid) as [NDArray, NDArray])[1]
    return [simulate(all, thetaFid), derivative]
  }
  const common = {
    nS,
    nD,
    nParams: 2,
    nSummaries,
    inputShape: [8],
    thetaFid,
    model: serial(Dense(32), Tanh, Dense(32), LeakyRelu, Dense(nSummaries)),
    optimizer: adam({ stepSize: 2e-3 }),
    keyOrState: modelKey,
    random: legacyRandom,
  }
  const [[fiducial, derivative], [validationFiducial, validationDerivative]] = [set(0), set(nS)]
  const arrays = { fiducial, derivative, ...(validation && { validationFiducial, validationDerivative }) }
  return { common, arrays, fitKey }
}

const [cpu] = devices('cpu')
const [js] = devices('js')

/** The IMNNs of a case: at once, and in parts on two devices. */
function imnns(given: Case): readonly IMNN[] {
  const { common, arrays } = problem(given)
  const parts = { host: js, devices: [js, js], nPerDevice: 20, memory: { groupRows: 40 } }
  switch (given.kind) {
    case 'gradient':
      return [
        GradientIMNN({ ...common, ...arrays, device: cpu }),
        AggregatedGradientIMNN({ ...common, ...arrays, ...parts, nPerDevice: 10 }),
      ]
    case 'numerical':
      return [
        NumericalGradientIMNN({ ...common, ...arrays, deltaTheta, device: cpu }),
        AggregatedNumericalGradientIMNN({ ...common, ...arrays, deltaTheta, ...parts }),
      ]
    case 'simulator':
      return [
        SimulatorIMNN({ ...common, simulator, device: cpu }),
        AggregatedSimulatorIMNN({ ...common, simulator, ...parts }),
      ]
  }
}

describe.each(cases)('$kind, n_s $n_s, n_d $n_d, $summaries summaries, λ $lam, ϵ $eps: as in JAX', (given) => {
  test.each(['at once', 'in parts'])('%s', async (how) => {
    const [whole, parts] = imnns(given) as [IMNN, IMNN]
    const { fitKey } = problem(given)
    const options = { lambda: given.lam, epsilon: given.eps, maxIterations: 25, rng: fitKey }
    expectRows((await (how === 'at once' ? whole : parts).fit(options)).history, given, 20)
  })
})
