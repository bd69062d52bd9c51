import {
  devices,
  grad,
  type Key,
  np,
  type NDArray,
  random,
  treeLeaves,
  treeMap,
  vmap,
  valueAndJacfwd,
} from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import {
  AggregatedGradientIMNN,
  AggregatedNumericalGradientIMNN,
  AggregatedSimulatorIMNN,
  DatasetGradientIMNN,
  DatasetNumericalGradientIMNN,
  GradientIMNN,
  type IMNN,
  NumericalGradientIMNN,
  SimulatorIMNN,
} from '@cotangent/imnn'
import { Conv, Dense, Flatten, serial, sgd, Tanh } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { fisherStatistics, diagnostics, lossOf } from '../../packages/imnn/src/information/statistics.ts'

const [js] = devices('js')
const wide = <T>(tree: T): T => treeMap((x: NDArray) => x.astype('float64'), tree as never) as T

/** Images of two channels, 3 by 4: two parameters move a pattern and the noise. */
const inputShape = [3, 4, 2]
const [nS, nD, nParams, nSummaries] = [24, 16, 2, 3]
const pattern = np.sin(np.arange(24).mul(0.7)).reshape(inputShape).astype('float64')
const simulator = (key: Key, theta: NDArray): NDArray => {
  const [a, b] = theta.unstack(2)
  const noise = random.normal(key, inputShape).astype('float64')
  return pattern.mul(a).add(noise.mul(np.exp(b.mul(0.3).mul(pattern))))
}
const thetaFid = np.array([1, 0.5], { dtype: 'float64' })
const keys = random.split(random.PRNGKey(5), nS)
const simulate = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })
const [fiducial, allDerivatives] = simulate(keys, thetaFid) as [NDArray, NDArray]
const derivative = allDerivatives.slice([0, nD])

const deltaTheta = np.array([0.2, 0.1], { dtype: 'float64' })
const side = (sign: number): NDArray =>
  np.stack(
    [0, 1].map((p) =>
      vmap(simulator, { inAxes: [0, null] })(
        keys.slice([0, nD]),
        thetaFid.add(
          np
            .eye(2, { dtype: 'float64' })
            .at(p)
            .mul(deltaTheta)
            .mul(sign / 2),
        ),
      ),
    ),
    { axis: 1 },
  )
const beside = np.stack([side(-1), side(1)], { axis: 1 })

// A convolution sees rows, columns and channels apart, so that no two axes can be mistaken for one another.
const model = serial(Conv(3, [2, 2]), Tanh, Flatten, Dense(4), Tanh, Dense(nSummaries))
const [, params] = model[0](random.PRNGKey(3), [-1, ...inputShape])
const w = wide(params)
const apply = (leaves: typeof w, x: NDArray): NDArray => model[1](leaves, x)

const optimizer = sgd({ stepSize: 1 })
const common = {
  nS,
  nD,
  nParams,
  nSummaries,
  inputShape,
  thetaFid,
  model,
  optimizer,
  keyOrState: optimizer[0](w) as object,
}
const inParts = (lanes: number, groupRows = 8) => ({
  host: js,
  devices: Array.from({ length: lanes }, () => js),
  nPerDevice: 2,
  memory: { groupRows },
})

/** With plain gradient descent of step 1, an iteration changes the weights by the gradient. */
async function gradientOf(imnn: IMNN, rng?: Key): Promise<NDArray[]> {
  const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 1, ...(rng && { rng }) })
  const [before, after] = [treeLeaves(imnn.w), treeLeaves(fitted.finalW)] as [NDArray[], NDArray[]]
  return before.map((x, i) => x.sub(after[i]!))
}

const loss = (x: NDArray, dx: NDArray): NDArray => {
  const statistics = fisherStatistics(x, dx)
  return lossOf(statistics, diagnostics(statistics, { lambda: 10, alpha: 0.9531017980432489 }))
}
/** The loss by the definition: one Jacobian a simulation, contracted pixel by pixel. */
function exactLoss(leaves: typeof w, contract: (jacobian: NDArray, dd: NDArray) => NDArray): NDArray {
  const one = (d: NDArray): NDArray => apply(leaves, d.reshape([1, ...inputShape])).at(0)
  const [, jacobians] = vmap(valueAndJacfwd(one))(fiducial.slice([0, nD])) as [NDArray, NDArray]
  return loss(apply(leaves, fiducial), contract(jacobians, derivative))
}
const right = (jacobian: NDArray, dd: NDArray): NDArray => np.einsum('nsijk,nijkp->pns', jacobian, dd)
const numericalLoss = (leaves: typeof w): NDArray => {
  const x = apply(leaves, beside.reshape([nD * 2 * nParams, ...inputShape])).reshape([nD, 2, nParams, nSummaries])
  const [below, above] = x.transpose([1, 2, 0, 3]).unstack(2)
  return loss(apply(leaves, fiducial), above.sub(below).div(deltaTheta.reshape([2, 1, 1])))
}

const largest = (arrays: readonly NDArray[]): number => Math.max(...arrays.map((x) => x.abs().max().item()))
function expectSame(found: readonly NDArray[], wanted: readonly NDArray[], relative: number): void {
  expect(found.map((x) => x.shape)).toEqual(wanted.map((x) => x.shape))
  expect(largest(found.map((x, i) => x.sub(wanted[i]!))) / largest(wanted)).toBeLessThan(relative)
}

/** Differences of the loss in some entries of every array of weights. */
function expectDifferences(f: (leaves: typeof w) => NDArray, gradient: readonly NDArray[]): void {
  const leaves = treeLeaves(w) as NDArray[]
  leaves.forEach((leaf, l) => {
    for (const entry of [0, leaf.size - 1]) {
      const at = (step: number): number => {
        const nudge = np.where(np.arange(leaf.size).eq(entry).reshape(leaf.shape), step, 0).astype('float64')
        let i = 0
        return f(treeMap((x: NDArray) => (i++ === l ? x.add(nudge) : x), w as never) as typeof w).item()
      }
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5
      const found = gradient[l]!.reshape([-1]).at(entry).item()
      expect(Math.abs(found - slope), `array ${l}, entry ${entry}`).toBeLessThan(1e-6 * largest(gradient) + 1e-6)
    }
  })
}

const blocks = (x: NDArray, lanes: number): NDArray[] => {
  const share = (x.shape[0] as number) / lanes
  return Array.from({ length: lanes }, (_, k) => x.slice([k * share, (k + 1) * share]))
}
const endless = <T>(tree: T) => Dataset.fromTensorSlices(tree).batch(2).repeat()

describe('images with channels, fewer derivatives than simulations, more summaries than parameters', () => {
  const expected = grad((leaves: typeof w) => exactLoss(leaves, right))(w)
  const wanted = treeLeaves(expected) as NDArray[]

  test('GradientIMNN: as by the definition, and as differences of the loss', async () => {
    const found = await gradientOf(GradientIMNN({ ...common, fiducial, derivative, device: js }))
    expectSame(found, wanted, 1e-10)
    expectDifferences((leaves) => exactLoss(leaves, right), found)
  })

  test('with the axes of images reversed, as in the original, it is another gradient (bug 1)', async () => {
    const shape = [3, 3]
    const [square, slopes] = [fiducial.slice(null, null, [0, 3], 0), derivative.slice(null, null, [0, 3], 0)]
    const plain = serial(Flatten, Dense(4), Tanh, Dense(nSummaries))
    const weights = wide(plain[0](random.PRNGKey(3), [-1, ...shape])[1])
    const lossBy = (contraction: string) => (leaves: typeof weights) => {
      const one = (d: NDArray): NDArray => plain[1](leaves, d.reshape([1, ...shape])).at(0)
      const [, jacobians] = vmap(valueAndJacfwd(one))(square.slice([0, nD])) as [NDArray, NDArray]
      return loss(plain[1](leaves, square), np.einsum(contraction, jacobians, slopes))
    }
    const options = { model: plain, keyOrState: optimizer[0](weights) as object, inputShape: shape }
    const imnn = GradientIMNN({ ...common, ...options, fiducial: square, derivative: slopes, device: js })
    const found = await gradientOf(imnn)
    expectSame(found, treeLeaves(grad(lossBy('nsij,nijp->pns'))(weights)) as NDArray[], 1e-10)
    const original = treeLeaves(grad(lossBy('nsji,nijp->pns'))(weights)) as NDArray[]
    expect(largest(original.map((x, i) => x.sub(found[i]!))) / largest(found)).toBeGreaterThan(0.01)
  })

  test.each([
    [1, 8],
    [2, 8],
    [4, 8],
    [1, 1000],
    [2, 2],
  ])('in parts on %i device(s), in groups of %i', async (lanes, groupRows) => {
    const parts = inParts(lanes, groupRows)
    expectSame(await gradientOf(AggregatedGradientIMNN({ ...common, ...parts, fiducial, derivative })), wanted, 1e-10)
    const main = blocks(fiducial.slice([0, nD]), lanes).map((d, k) =>
      endless([d, blocks(derivative, lanes)[k]!] as const),
    )
    const remaining = blocks(fiducial.slice([nD, nS]), lanes).map(endless)
    expectSame(await gradientOf(DatasetGradientIMNN({ ...common, ...parts, main, remaining })), wanted, 1e-10)
  })

  test('SimulatorIMNN: the same gradient as with these simulations given', async () => {
    const rng = random.PRNGKey(11)
    const [, train] = random.split(rng, 3).unstack(3)
    const [d, dd] = simulate(random.split(train, nS), thetaFid) as [NDArray, NDArray]
    const given = await gradientOf(GradientIMNN({ ...common, fiducial: d, derivative: dd.slice([0, nD]), device: js }))
    expectSame(await gradientOf(SimulatorIMNN({ ...common, simulator, device: js }), rng), given, 1e-10)
    for (const lanes of [1, 2, 4]) {
      const imnn = AggregatedSimulatorIMNN({ ...common, ...inParts(lanes), simulator })
      expectSame(await gradientOf(imnn, rng), given, 1e-10)
    }
  })

  test('NumericalGradientIMNN: as by the definition, as differences of the loss, in parts and from datasets', async () => {
    const reference = treeLeaves(grad(numericalLoss)(w)) as NDArray[]
    const arrays = { fiducial, derivative: beside, deltaTheta }
    const found = await gradientOf(NumericalGradientIMNN({ ...common, ...arrays, device: js }))
    expectSame(found, reference, 1e-10)
    expectDifferences(numericalLoss, found)
    const rows = beside.reshape([nD * 2 * nParams, ...inputShape])
    for (const lanes of [1, 2, 4]) {
      const parts = inParts(lanes)
      expectSame(
        await gradientOf(AggregatedNumericalGradientIMNN({ ...common, ...parts, ...arrays })),
        reference,
        1e-10,
      )
      const fromDatasets = DatasetNumericalGradientIMNN({
        ...common,
        ...parts,
        deltaTheta,
        fiducial: blocks(fiducial, lanes).map(endless),
        derivative: blocks(rows, lanes).map(endless),
      })
      expectSame(await gradientOf(fromDatasets), reference, 1e-10)
    }
    // The step is small, so that differences are near the exact derivatives.
    expectSame(found, wanted, 0.05)
  })
})

describe('the derivative of the mean instead of those of the simulations', () => {
  // Additive noise: the parameters move the mean alone, so that all derivatives are the same.
  const additive = (key: Key, theta: NDArray): NDArray => {
    const [a, b] = theta.unstack(2)
    return pattern
      .mul(a)
      .add(np.cos(pattern.mul(3)).mul(b))
      .add(random.normal(key, inputShape).astype('float64'))
  }
  const [d, dd] = vmap(valueAndJacfwd(additive, { argnums: 1 }), { inAxes: [0, null] })(keys, thetaFid) as [
    NDArray,
    NDArray,
  ]
  const each = { fiducial: d, derivative: dd.slice([0, nD]) }
  const mean = { fiducial: d, derivative: dd.mean(0) }

  test('is the same where noise is additive, in memory, in parts and as differences of means', async () => {
    const wanted = await gradientOf(GradientIMNN({ ...common, ...each, device: js }))
    const found = await gradientOf(GradientIMNN({ ...common, ...mean, device: js }))
    expectSame(found, wanted, 1e-10)
    const ends = [-0.5, 0.5].map((sign) =>
      np.stack([0, 1].map((p) => dd.mean(0).slice(null, null, null, p).mul(deltaTheta.at(p)).mul(sign).add(d.mean(0)))),
    )
    const differences = { fiducial: d, derivative: np.stack(ends), deltaTheta }
    expectSame(await gradientOf(NumericalGradientIMNN({ ...common, ...differences, device: js })), wanted, 1e-10)
    for (const lanes of [1, 2]) {
      const parts = inParts(lanes)
      expectSame(await gradientOf(AggregatedGradientIMNN({ ...common, ...parts, ...mean })), wanted, 1e-10)
      const numerical = AggregatedNumericalGradientIMNN({ ...common, ...parts, ...differences })
      expectSame(await gradientOf(numerical), wanted, 1e-10)
      const main = blocks(d.slice([0, nD]), lanes).map(endless)
      const remaining = blocks(d.slice([nD, nS]), lanes).map(endless)
      const options = { ...common, ...parts, main, remaining, meanDerivative: mean.derivative }
      expectSame(await gradientOf(DatasetGradientIMNN(options)), wanted, 1e-10)
    }
  })

  test('validation derivatives must be of the same kind', () => {
    const validation = { validationFiducial: d, validationDerivative: each.derivative }
    expect(() => GradientIMNN({ ...common, ...mean, ...validation, device: js })).toThrow(
      /validationDerivative: and derivative must be of one kind/,
    )
  })
})
