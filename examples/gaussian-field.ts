/**
 * How much does a noisy picture know about the power spectrum that it was drawn with?
 *
 * A Gaussian field on N × N pixels with the power P(k) = A k⁻ᴮ: every wave of the field has its own amplitude, drawn
 * with variance P(k). All that the field knows of A and B can be counted, one wave after the other, and a convolutional
 * network that has seen nothing but simulations is to find it.
 *
 *     npm run example -- gaussian-field --size 16
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fft, jacfwd, type Key, linalg, np, type NDArray, random, vmap } from '@cotangent/autodiff'
import { IMNN } from '@cotangent/imnn'
import {
  adam,
  AvgPool,
  Conv,
  Dense,
  elementwise,
  FanInConcat,
  FanOut,
  initializers,
  type Layer,
  named,
  parallel,
  schedules,
  serial,
} from '@cotangent/nn'
import { example } from './lib/example.ts'
import { choice, folder, whole } from './lib/flags.ts'
import { freshInformation } from './lib/information.ts'
import { UsageError } from './lib/options.ts'
import { maps } from './lib/picture.ts'
import { say, stopwatch } from './lib/report.ts'

// ── The field ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The fiducial A and B. */
export const thetaFid = [1, 0.5]

/** The power spectrum. Put another one here, and the rest follows. */
export const power = (k: NDArray, theta: NDArray): NDArray => {
  const [A, B] = theta.unstack(2)
  return A.mul(np.power(k, B.neg()))
}

/**
 * Which waves a field has. `quadrant`: those with wave numbers 2πi/N, i = 1 … N/2 − 1, along both axes, each once; they
 * are what the analytic information is usually counted with. `all`: every wave that N × N pixels hold, but the constant.
 */
export type Modes = 'quadrant' | 'all'

/** The wave numbers |k| [N, N] in the order of the Fourier transform, and which of them the field has, as 1 or 0. */
export function waves(size: number, modes: Modes): { k: NDArray; present: NDArray } {
  const along = fft.fftfreq(size).mul(2 * Math.PI)
  const [kx, ky] = [along.reshape([1, size]), along.reshape([size, 1])]
  const length = np.sqrt(kx.square().add(ky.square()))
  const inside = (k: NDArray): NDArray => np.logicalAnd(k.gt(0), k.lt(Math.PI - 1e-3))
  const present = modes === 'all' ? length.gt(0) : np.logicalAnd(inside(kx), inside(ky))
  // Where there is no wave, k = 1 keeps the powers of k finite.
  return { k: np.where(present, length, 1), present: present.astype('float32') }
}

/**
 * A simulator: white noise, one number a wave, scaled by √P(k) and transformed. Re + Im of the Fourier transform is the
 * Hartley transform: real, and a rotation, so that every number of the noise has its own wave cos(k·x) + sin(k·x).
 */
export const simulatorOf = (size: number, modes: Modes) => {
  const { k, present } = waves(size, modes)
  return (key: Key, theta: NDArray): NDArray => {
    const noise = random.normal(key, [size, size])
    const amplitudes = noise.mul(np.sqrt(power(k, theta))).mul(present)
    const transformed = fft.fft2(amplitudes)
    const field = np.real(transformed).sub(np.imag(transformed)).div(size)
    // A picture has channels; this one has one.
    return field.reshape([size, size, 1])
  }
}

/**
 * The Fisher information of a field: amplitudes are independent, and one with variance P tells ½ ∂ln P ∂ln P, so
 * F = ½ Σₖ ∂ln P(k)/∂θ ∂ln P(k)/∂θᵀ. The derivatives are had from `power` itself.
 */
export async function analyticFisher(size: number, modes: Modes) {
  const { k, present } = waves(size, modes)
  const logPower = (theta: NDArray): NDArray => np.log(power(k.astype('float64'), theta)).reshape([-1])
  const slopes = jacfwd(logPower)(np.array(thetaFid, { dtype: 'float64' }))
  const F = slopes
    .mul(present.reshape([-1, 1]))
    .T.matmul(slopes)
    .div(2)
  return { F: (await F.js()) as number[][], detF: (await linalg.det(F).js()) as number }
}

// ── The network ────────────────────────────────────────────────────────────────────────────────────────────────────
//
// An inception block: filters of several sizes look at the same picture side by side. What is known of the problem goes
// into the layers that come after. The field is periodic, so its edges are continued with the other side. Filters do not
// show where a wave is, but how strong: their answers are squared, and averaged over the picture. And powers are
// compared by ratios: the network continues with their logarithms, whose spread is the same for strong waves and weak.

const Square = elementwise(function square(x: NDArray) {
  return x.square()
})
const Log = elementwise(function log(x: NDArray) {
  return np.log(x)
})

/** Continues a picture [N, H, W, C] on every side by `width` pixels of the opposite one. */
const Periodic = (width: number): Layer<readonly []> =>
  named(`Periodic(${width})`, [
    (_, [n, h, w, c]) => [[n!, h! + 2 * width, w! + 2 * width, c!], []],
    (_, x: NDArray) => {
      const sides = [width, width] as const
      return np.pad(x, [[0, 0], sides, sides, [0, 0]], { mode: 'wrap' })
    },
  ])

/** The mean over a picture [N, H, W, C] → [N, C]. */
const GlobalAverage: Layer<readonly []> = named('GlobalAverage', [
  (_, [n, , , c]) => [[n!, c!], []],
  (_, x: NDArray) => x.mean({ axis: [1, 2] }),
])

/** The power that passes `filters` learnt filters of width × width pixels. */
const band = (filters: number, width: number, stride = 1) =>
  serial(Periodic((width - 1) / 2), Conv(filters, [width, width], { strides: [stride, stride] }), Square, GlobalAverage)

export const network = (filters: number, size = 16) =>
  serial(
    FanOut(4),
    parallel(
      band(1, 1),
      band(filters, 3),
      band(filters, 5, 2),
      // The same field, seen from afar.
      serial(AvgPool([2, 2], { strides: [2, 2] }), band(filters, 3)),
    ),
    FanInConcat(-1),
    Log,
    // Logarithms of powers vary by a tenth or so at 16 × 16, and the less the more pixels they are the mean of: with such
    // weights the summaries vary by about one from the beginning, and the first hundred iterations need not be spent on
    // that.
    Dense(2, { wInit: initializers.normal(size / 16) }),
  )

// ── Training ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The largest divisor of `n` that is at most `most`. */
const divisorOf = (n: number, most: number): number => (n % most === 0 ? most : divisorOf(n, most - 1))

const flags = {
  size: whole(16, 'pixels along a side, even', 4),
  modes: choice('quadrant', ['quadrant', 'all'], 'the waves of the field'),
  nS: whole(400, 'simulations, new ones in every iteration', 10),
  maxIterations: whole(300, 'iterations'),
  filters: whole(8, 'filters of each size'),
  seed: whole(0, 'of network and simulations', 0),
  out: folder('out/gaussian-field', 'for history.svg, history.png and fields.svg'),
}

export const gaussianField = example(
  'gaussian-field',
  'A convolutional IMNN on Gaussian fields with a power spectrum.',
  flags,
  async ({ size, modes, nS, maxIterations, filters, seed, out }) => {
    if (size % 2 === 1) throw new UsageError(`--size is ${size}; the pixels along a side must be even`)
    await mkdir(out, { recursive: true })
    const simulator = simulatorOf(size, modes)
    const analytic = await analyticFisher(size, modes)
    say(`${size} × ${size} pixels hold |F| = ${analytic.detF.toFixed(2)} about A and B`)

    const [modelKey, trainKey, testKey] = random.split(random.PRNGKey(seed), 3).unstack(3)
    // Large pictures are computed in parts, which take less memory: both ways give the same gradient.
    const inParts = size > 32 ? ({ host: 'cpu', devices: ['cpu'], nPerDevice: divisorOf(nS, 25) } as const) : {}
    const imnn = IMNN({
      nS,
      nD: nS,
      nParams: 2,
      nSummaries: 2,
      inputShape: [size, size, 1],
      thetaFid,
      simulator,
      model: network(filters, size),
      // Large steps at first, then ever smaller ones, so that the noise of each draw of simulations averages out.
      optimizer: adam({
        stepSize: schedules.exponentialDecay(3e-2, { decaySteps: maxIterations, decayRate: 0.03 }),
      }),
      keyOrState: modelKey,
      ...inParts,
    })

    const fitting = stopwatch()
    // The summaries' covariance is near one from the beginning; a strong pull towards it (lambda = 10) would only bring
    // its noise into every gradient.
    const fitted = await imnn.fit({
      lambda: 1,
      epsilon: 0.1,
      maxIterations,
      minIterations: maxIterations,
      rng: trainKey,
    })
    say(`trained ${fitted.iterations} iterations of ${nS} new fields in ${fitting()}`)

    // In training |F| is that of one draw. What the network is worth, other fields tell.
    const reached = await freshInformation(fitted, random.split(testKey, 10).unstack() as Key[])
    const share = reached.detF / analytic.detF
    say(`|F| = ${reached.detF.toFixed(2)} on fields not seen before: ${(100 * share).toFixed(0)} % of what there is`)

    const truth = np.array([0.8, 0.6])
    const observed = vmap(simulator, { inAxes: [0, null] })(random.split(random.PRNGKey(seed + 1), 200), truth)
    const estimates = (await fitted.getEstimate(observed).mean(0).js()) as number[]
    say(
      `A = 0.8, B = 0.6 is estimated as A = ${estimates[0]!.toFixed(2)}, B = ${estimates[1]!.toFixed(2)}, the mean of 200`,
    )

    const plot = fitted.plot({ expectedDetF: Number(analytic.detF.toPrecision(6)) })
    await plot.save(join(out, 'history.svg'))
    await plot.save(join(out, 'history.png'))
    const slopes = [0, 0.5, 2]
    const images = slopes.map((B) => simulator(random.PRNGKey(seed + 2), np.array([1, B])).reshape([size, size]))
    const shown = (await Promise.all(images.map((image) => image.js()))) as number[][][]
    await writeFile(
      join(out, 'fields.svg'),
      maps(
        shown,
        slopes.map((B) => `B = ${B}`),
      ),
    )
    say(`pictures are in ${out}`)
    return { fitted, analytic, reached, share, estimates }
  },
)
