import { writeFile } from 'node:fs/promises'
import * as autodiff from '@cotangent/autodiff'
import { devices, type Key, type NDArray, np, random, valueAndJacfwd, vmap } from '@cotangent/autodiff'
import * as onnx from '@cotangent/autodiff/onnx'
import * as primitives from '@cotangent/autodiff/primitives'
import * as testing from '@cotangent/autodiff/testing'
import * as arbitraries from '@cotangent/autodiff/testing/arbitraries'
import * as data from '@cotangent/data'
import { Dataset, saveNpy, TFRecords } from '@cotangent/data'
import * as imnnPackage from '@cotangent/imnn'
import { DatasetGradientIMNN } from '@cotangent/imnn'
import * as nn from '@cotangent/nn'
import { adam, Dense } from '@cotangent/nn'
import fc from 'fast-check'

/** What an example may import. */
export const publicNames = {
  fc,
  ...primitives,
  ...autodiff,
  ...onnx,
  ...testing,
  ...arbitraries,
  ...data,
  ...nn,
  ...imnnPackage,
  writeFile,
}

const key = random.PRNGKey(0)

/** A hundred simulations [100, 10] of a mean and a variance, and their derivatives [100, 10, 2]. */
const simulator = (k: Key, theta: NDArray): NDArray => {
  const [mu, sigma] = theta.unstack(2)
  return random.normal(k, [10]).mul(np.sqrt(sigma)).add(mu)
}
const simulate = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })
const [simulations, derivatives] = simulate(random.split(key, 100), np.array([0, 1]))

const imnn = DatasetGradientIMNN({
  nS: 100,
  nD: 100,
  nParams: 2,
  nSummaries: 2,
  inputShape: [10],
  thetaFid: np.array([0, 1]),
  model: Dense(2),
  optimizer: adam({ stepSize: 1e-3 }),
  keyOrState: key,
  host: devices('cpu')[0],
  devices: devices('cpu'),
  nPerDevice: 100,
  main: [Dataset.fromTensorSlices([simulations, derivatives]).batch(100).repeat()],
})
const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 2 })

/** What an example may take as there already: what a reader would have of their own. */
export const given = { key, simulations, derivatives, imnn, fitted }

/** The files that examples read, written to the working directory. */
export async function writeFiles(): Promise<void> {
  for (const i of [0, 1]) {
    await saveNpy(`simulations/fiducial_${i}.npy`, simulations.at(i))
    await saveNpy(`simulations/derivative_${i}.npy`, derivatives.at(i))
  }
  await new TFRecords().writeRecord({ nSims: 4, getSimulation: (seed) => simulations.at(seed), directory: 'data' })
}
