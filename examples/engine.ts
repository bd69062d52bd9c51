/**
 * The engine by itself, for those who know JAX: six small programs, each to be copied.
 *
 *     npm run tour
 */
import {
  checkpoint,
  customVjp,
  fft,
  grad,
  hessian,
  jit,
  lax,
  linalg,
  np,
  type NDArray,
  random,
  special,
  splitVjp,
  stats,
  treeMap,
  valueAndGrad,
  vmap,
} from '@cotangent/autodiff'
import { isScript } from './lib/main.ts'

// ── vmap, grad, hessian, jit ───────────────────────────────────────────────────────────────────────────────────────

/** Logistic regression by Newton's method: the loss of one example, vmapped, differentiated twice, compiled. */
export async function regression({ examples = 500, steps = 6 } = {}) {
  const [featureKey, labelKey] = random.split(random.PRNGKey(0)).unstack(2)
  const truth = np.array([1, -2, 0.5])
  const features = random.normal(featureKey, [examples, 3])
  const labels = random.bernoulli(labelKey, special.expit(features.matmul(truth))).astype('float32')

  const lossOfOne = (w: NDArray, x: NDArray, y: NDArray): NDArray => {
    const z = np.dot(x, w)
    return np.logaddexp(z, 0).sub(z.mul(y))
  }
  const loss = (w: NDArray): NDArray => vmap(lossOfOne, { inAxes: [null, 0, 0] })(w, features, labels).mean()
  const newton = jit((w: NDArray) => w.sub(linalg.solve(hessian(loss)(w), grad(loss)(w))))

  let w: NDArray = np.zeros([3])
  // Nothing is awaited in the loop: the next step takes the array whose numbers are on their way.
  for (let i = 0; i < steps; i++) w = newton(w)
  const slope = linalg.norm(jit(grad(loss))(w))
  return { weights: (await w.js()) as number[], slope: (await slope.js()) as number }
}

// ── scan ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A recurrent network learns to continue a sine; its steps are one `scan`, forward and backward. */
export async function recurrent({ length = 40, width = 8, steps = 200 } = {}) {
  const wave = np.sin(np.arange(length + 1).mul(0.5))
  const [inputs, targets] = [wave.slice([0, length]), wave.slice([1, length + 1])]
  const [hiddenKey, inputKey, outputKey] = random.split(random.PRNGKey(1), 3).unstack(3)
  let params: Readonly<Record<'hidden' | 'input' | 'output', NDArray>> = {
    hidden: random.normal(hiddenKey, [width, width]).div(2 * Math.sqrt(width)),
    input: random.normal(inputKey, [width]),
    output: random.normal(outputKey, [width]).div(Math.sqrt(width)),
  }

  const loss = (p: typeof params): NDArray => {
    const step = (state: NDArray, x: NDArray): [NDArray, NDArray] => {
      const next = np.tanh(p.hidden.matmul(state).add(p.input.mul(x)))
      return [next, np.dot(p.output, next)]
    }
    const [, predicted] = lax.scan(step, np.zeros([width]), inputs)
    return predicted.sub(targets).square().mean()
  }
  const update = jit((p: typeof params) => {
    const [value, slope] = valueAndGrad(loss)(p)
    return [treeMap((w: NDArray, g: NDArray) => w.sub(g.mul(0.1)), p, slope), value] as const
  })

  const losses: NDArray[] = []
  for (let i = 0; i < steps; i++) {
    const [next, value] = update(params)
    params = next
    losses.push(value)
  }
  return (await np.stack(losses).js()) as number[]
}

// ── customVjp, whileLoop ───────────────────────────────────────────────────────────────────────────────────────────

/** The x with x³ + x = a, by Newton's method: how many steps it takes is found when it runs. */
const newtonRoot = (a: NDArray): NDArray => {
  const rest = (x: NDArray): NDArray => x.mul(x).add(1).mul(x).sub(a)
  return lax.whileLoop(
    (x) => np.abs(rest(x)).gt(1e-5),
    (x) => x.sub(rest(x).div(x.square().mul(3).add(1))),
    a,
  )
}

/** A while loop has no reverse mode, but the root has a derivative, da = (3x² + 1) dx, and so have its derivatives. */
export const root: (a: NDArray | number) => NDArray = customVjp(newtonRoot, {
  forward: (a: NDArray) => {
    const x = root(a)
    return [x, x]
  },
  backward: (x: NDArray, cotangent: NDArray) => [cotangent.div(x.square().mul(3).add(1))],
})

// ── checkpoint ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** How many numbers the backward pass of twelve layers keeps: as it is, and with each third layer's input alone. */
export function memory({ size = 100 } = {}) {
  const block = (x: NDArray): NDArray => np.sin(np.sin(np.sin(x)))
  const deep = (f: typeof block) => (x: NDArray) => f(f(f(f(x))))
  const keptBy = (f: typeof block): number => {
    const x = np.ones([size])
    const [, residuals] = splitVjp(deep(f), [x]).forward(x)
    return residuals.reduce((sum, r) => sum + r.size, 0)
  }
  return { all: keptBy(block), checkpointed: keptBy(checkpoint(block)) }
}

// ── fft ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A signal is smoothed by descending |x − y|² + Σ k²|x̂ₖ|² / n, whose gradient goes through the power spectrum. The
 * least is known: x̂ₖ = ŷₖ / (1 + k²).
 */
export async function smoothing({ n = 64, steps = 300 } = {}) {
  const noise = random.normal(random.PRNGKey(2), [n])
  const y = np.sin(np.linspace(0, 2 * Math.PI, n, { endpoint: false })).add(noise.mul(0.2))
  const weight = fft.fftfreq(n).mul(8).square()

  const roughness = (x: NDArray): NDArray => np.abs(fft.fft(x)).square().mul(weight).sum().div(n)
  const loss = (x: NDArray): NDArray => x.sub(y).square().sum().add(roughness(x))
  const descend = jit((x: NDArray) => x.sub(grad(loss)(x).mul(0.05)))
  let x = y
  for (let i = 0; i < steps; i++) x = descend(x)

  const filtered = np.real(fft.ifft(fft.fft(y).div(weight.add(1))))
  return { found: (await x.js()) as number[], filtered: filtered.jsSync() as number[] }
}

// ── linalg, random, stats ──────────────────────────────────────────────────────────────────────────────────────────

/** The Fisher information that ten numbers hold about their mean and variance: diag(n/Σ, n/2Σ²), |F| = 50. */
export async function information({ draws = 2000 } = {}) {
  const theta = np.array([0, 1])
  const data = random.normal(random.PRNGKey(3), [draws, 10])
  const surprise = (p: NDArray, x: NDArray): NDArray => {
    const [mu, variance] = p.unstack(2)
    return stats.norm.logpdf(x, mu, np.sqrt(variance)).sum().neg()
  }
  const fisher = jit((p: NDArray) => vmap(hessian(surprise), { inAxes: [null, 0] })(p, data).mean({ axis: 0 }))
  const found = fisher(theta)
  return { fisher: (await found.js()) as number[][], determinant: (await linalg.det(found).js()) as number }
}

/** All of them, with what they find. */
export async function tour() {
  const { weights, slope } = await regression()
  console.log(
    `regression   weights ${weights.map((w) => w.toFixed(2)).join(', ')}; slope there ${slope.toExponential(0)}`,
  )
  const losses = await recurrent()
  console.log(`recurrent    loss ${losses[0]!.toFixed(3)} → ${losses.at(-1)!.toFixed(4)}`)
  console.log(
    `root         x³ + x = 10 at ${root(10).item().toFixed(3)}; dx/da = ${grad(root)(10).item().toFixed(4)} = 1/13`,
  )
  const { all, checkpointed } = memory()
  console.log(`memory       ${all} numbers kept, ${checkpointed} with checkpoints`)
  const { found, filtered } = await smoothing()
  const off = Math.max(...found.map((x, i) => Math.abs(x - filtered[i]!)))
  console.log(`smoothing    as the exact filter to ${off.toExponential(0)}`)
  const { determinant } = await information()
  console.log(`information  |F| = ${determinant.toFixed(1)}; 50 is exact`)
}

if (isScript(import.meta.url)) await tour()
