// A user's first file, type-checked and run against the packed tarballs by scripts/tarballs.mjs. ONNX Runtime is not
// installed beside them.
import {
  DeviceError,
  devices,
  fft,
  grad,
  jit,
  type Key,
  lax,
  legacyRandom,
  linalg,
  NDArray,
  np,
  random,
  special,
  stats,
  valueAndJacfwd,
  vmap,
} from '@cotangent/autodiff'
import { array, treeMap } from '@cotangent/autodiff/array'
import { exportOnnx } from '@cotangent/autodiff/onnx'
import { Dataset, readNpy, writeNpy } from '@cotangent/data'
import { alpha, DatasetGradientIMNN } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'

function check(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`)
}

// autodiff, the interpreter, and what needs the runtime
const slope = grad((x: NDArray) => x.mul(x).sum())
check('grad', slope(np.array([1, 2])).jsSync(), [2, 4])
check('jit on the interpreter', jit(slope, { device: 'js' })(np.array([3])).jsSync(), [6])
const sums = (x: NDArray): NDArray =>
  lax.scan((total: NDArray, y: NDArray) => [total.add(y), total.mul(y)], 0, x)[1].sum()
check('scan', grad(sums)(np.array([1, 2, 3])).jsSync(), [5, 4, 3])
check(
  'linalg',
  linalg
    .det([
      [2, 0],
      [0, 3],
    ])
    .jsSync(),
  6,
)
check('fft', fft.rfft([1, 2, 3, 4]).at(0).jsSync(), { re: 10, im: 0 })
check('special', special.gammaln(1).jsSync(), 0)
check('stats', stats.norm.cdf(0).jsSync(), 0.5)
check('keys', random.split(random.PRNGKey(10), 3).at(0).jsSync(), [383913478, 485898927])
check(
  'tree',
  treeMap((x: NDArray) => x.shape, { a: array([1, 2]) }),
  { a: [2] },
)
check('model', exportOnnx((x: NDArray) => np.tanh(x), [np.zeros([1, 2])]).length > 100, true)
try {
  jit(slope)(np.array([1]))
  throw new Error('jit ran without a runtime')
} catch (error) {
  if (!(error instanceof DeviceError) || !error.message.includes('npm install onnxruntime-node')) throw error
}

// data
check('npy', readNpy(writeNpy(array([[1, 2]]))).jsSync(), [[1, 2]])

// imnn, with nn's model and optimizer
const simulator = (key: Key, theta: NDArray): NDArray => {
  const [mu, sigma] = theta.unstack(2)
  return random.normal(key, [4]).mul(np.sqrt(sigma)).add(mu)
}
const thetaFid = np.array([0, 1])
const keys = random.split(random.PRNGKey(1), 40)
const [fiducial, derivative] = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })(keys, thetaFid)
const main = Dataset.fromTensorSlices([fiducial, derivative] as const)
  .batch(20)
  .repeat()
const imnn = DatasetGradientIMNN({
  nS: 40,
  nD: 40,
  nParams: 2,
  nSummaries: 2,
  inputShape: [4],
  thetaFid,
  model: serial(Dense(8), LeakyRelu, Dense(2)),
  optimizer: adam({ stepSize: 1e-3 }),
  keyOrState: legacyRandom.PRNGKey(2),
  host: devices('js')[0],
  devices: devices('js'),
  nPerDevice: 20,
  main: [main],
  remaining: [],
})
const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, patience: 1, minIterations: 1, maxIterations: 3 })
check('history', fitted.history.detF.length, 3)
check('estimate', fitted.getEstimate(fiducial.at(0)).shape, [2])
check('alpha', Math.round(alpha(10, 0.1) * 1e6), 953102)
