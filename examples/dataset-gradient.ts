/**
 * How much do ten numbers know about the mean and the variance that they were drawn with?
 *
 * An information maximising neural network (IMNN) learns to compress simulations to as many numbers as the model has
 * parameters, and to keep what they know: the determinant of its Fisher information, |F|, grows as it is trained. Here
 * the answer is known, |F| = 50, so one can see how close it comes.
 *
 *     npm run tutorial -- --help
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { devices, type Key, legacyRandom, np, type NDArray, random, valueAndJacfwd, vmap } from '@cotangent/autodiff'
import type { Dataset } from '@cotangent/data'
import { DatasetGradientIMNN } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { runAsScript } from './lib/main.ts'
import type { Options } from './lib/options.ts'
import { report, say, stopwatch } from './lib/report.ts'
import { type Simulations, stream } from './lib/sources.ts'

/** Runs the whole tutorial; what it makes is in `options.out`, and returned. */
export async function tutorial(options: Options) {
  const { nS, nD, nPerDevice, out } = options
  const lanes = options.device.map((kind) => devices(kind)[0])
  await mkdir(out, { recursive: true })

  // ── The model ────────────────────────────────────────────────────────────────────────────────────────────────────
  //
  // Ten numbers from a normal distribution with mean μ and variance Σ. A simulator is a pure function of a random key
  // and the parameters θ = (μ, Σ). It is written with the functions of `np` and `random`, so that it has derivatives.

  const [nParams, nSummaries, inputShape] = [2, 2, [10]]
  const rng = options.prng === 'legacy' ? legacyRandom : random

  const simulator = (key: Key, theta: NDArray): NDArray => {
    const [mu, sigma] = theta.unstack(2)
    return rng.normal(key, inputShape).mul(np.sqrt(sigma)).add(mu)
  }

  // The parameters at which the information is maximised: the fiducial ones.
  const thetaFid = np.array([0, 1])

  // The Fisher information of n such numbers is diag(n / Σ, n / 2Σ²).
  const expectedDetF = 10 * 5

  // ── The simulations ──────────────────────────────────────────────────────────────────────────────────────────────
  //
  // Keys first: one for the network, one for each simulation. `vmap` maps over the keys and not over θ (null);
  // `valueAndJacfwd` gives the simulation and its derivative in argument 1, θ, at once: [10] and [10, 2].

  const [dataKey, modelKey] = rng.split(rng.PRNGKey(options.seed), 3).unstack(3)
  const keys = rng.split(dataKey, 2 * nS)

  const simulate = vmap(simulator, { inAxes: [0, null] })
  const differentiate = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })

  // The covariance of the summaries is estimated from nS simulations; the first nD of them need derivatives.
  const makeSimulations = (from: number): Simulations => {
    const [withDerivative, derivative] = differentiate(keys.slice([from, from + nD]), thetaFid)
    if (nD === nS) return { fiducial: withDerivative, derivative }
    const without = simulate(keys.slice([from + nD, from + nS]), thetaFid)
    return { fiducial: np.concatenate([withDerivative, without]), derivative }
  }

  const simulating = stopwatch()
  const [training, validation] = [makeSimulations(0), makeSimulations(nS)]
  say(`made 2 × ${nS} simulations, 2 × ${nD} with derivatives, in ${simulating()}`)

  // ── The data ─────────────────────────────────────────────────────────────────────────────────────────────────────
  //
  // Simulations are streamed, batch after batch, and need not fit in memory. Here they come from arrays, from one .npy
  // file a simulation, or from TFRecords, which are written first: lib/sources.ts shows how.

  const streaming = stopwatch()
  const read = (simulations: Simulations, name: string) =>
    stream(options.data, simulations, { folder: join(out, options.data), name })
  const [trainingData, validationData] = [await read(training, 'training'), await read(validation, 'validation')]
  if (options.data !== 'memory') say(`wrote them to ${join(out, options.data)} in ${streaming()}`)

  // Each device gets its share of the simulations, in batches, the same in each epoch, without end. What was read once
  // is kept: leave `cache` out where that is too much for the memory.
  const perDevice = <T>(simulations: Dataset<T>): Dataset<T>[] =>
    lanes.map((_, k) => simulations.shard(lanes.length, k).batch(nPerDevice).cache().repeat())

  // ── The network ──────────────────────────────────────────────────────────────────────────────────────────────────

  const imnn = DatasetGradientIMNN({
    nS,
    nD,
    nParams,
    nSummaries,
    inputShape,
    thetaFid,
    model: serial(Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(nSummaries)),
    optimizer: adam({ stepSize: 1e-3 }),
    keyOrState: modelKey,
    random: rng,
    host: devices('cpu')[0],
    devices: lanes,
    nPerDevice,
    main: perDevice(trainingData.main),
    remaining: perDevice(trainingData.remaining),
    validationMain: perDevice(validationData.main),
    validationRemaining: perDevice(validationData.remaining),
  })

  // ── Training ─────────────────────────────────────────────────────────────────────────────────────────────────────
  //
  // The loss is −ln |F|, and a term that keeps the covariance C of the summaries near the identity: `lambda` is its
  // strength and `epsilon` how near. Training stops when |F| of the validation set has not grown for ten iterations.
  // `fit` gives a new IMNN; the old one is as it was.

  say(`training on ${lanes.map(({ name }) => name).join(', ')}`)
  const fitting = stopwatch()
  const times: number[] = []
  const fitted = await imnn.fit({
    lambda: 10,
    epsilon: 0.1,
    patience: 10,
    minIterations: 100,
    maxIterations: options.maxIterations,
    best: options.best,
    ...(options.printRate !== undefined && { printRate: options.printRate }),
    onIteration: () => times.push(fitting.seconds()),
  })

  // ── What it gives ────────────────────────────────────────────────────────────────────────────────────────────────

  // A picture of the training.
  const plot = fitted.plot({ expectedDetF })
  await plot.save(join(out, 'history.svg'))
  await plot.save(join(out, 'history.png'))
  await writeFile(join(out, 'history.json'), JSON.stringify(fitted))

  // Estimates of parameters from data that were not seen in training.
  const theta = np.array([1, 2])
  const observed = simulate(rng.split(rng.PRNGKey(1234), 5), theta)
  const estimates = fitted.getEstimate(observed)

  // The estimator as a model that any program with ONNX Runtime can use.
  await writeFile(join(out, 'compressor.onnx'), fitted.exportOnnx())

  await report({ fitted, expectedDetF, times, theta, estimates, out })
  return fitted
}

await runAsScript(import.meta.url, tutorial)
