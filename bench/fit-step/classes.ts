import { type Key, np, type NDArray, random } from '@cotangent/autodiff'
import { GradientIMNN, type IMNN, NumericalGradientIMNN, SimulatorIMNN } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { adamSettings, problem, type Simulations, sizes } from '../hand-step/problem.ts'
import { benchDevice } from '../lib/device.ts'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Program, timed, type Timing } from '../lib/timing.ts'
import { ourStep } from './ours.ts'

const { n, d, h, s, p } = sizes

/** What the tutorial's IMNNs have in common. */
export const tutorial = () => ({
  nS: n,
  nD: n,
  nParams: p,
  nSummaries: s,
  inputShape: [d],
  thetaFid: np.array([0, 1]),
  model: serial(Dense(h), LeakyRelu, Dense(h), LeakyRelu, Dense(h), LeakyRelu, Dense(s)),
  optimizer: adam(adamSettings),
  keyOrState: random.PRNGKey(0),
})

/** Simulations and derivatives as users have them. */
export const arraysOf = ({ fiducial, derivative }: Simulations): { d: NDArray; dd: NDArray } => ({
  d: np.array(fiducial).reshape([n, d]),
  dd: np.array(derivative).reshape([p, n, d]).transpose([1, 2, 0]),
})

const simulator = (key: Key, theta: NDArray): NDArray => {
  const [mean, variance] = theta.unstack(2)
  return random.normal(key, [d]).mul(np.sqrt(variance)).add(mean)
}

/** Iterations of a fit, without its compilation: the difference between a long fit and a short one. */
function fitting(name: string, imnn: IMNN, iterations: number): Program {
  const fit = async (maxIterations: number): Promise<number> => {
    const began = performance.now()
    await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations, rng: random.PRNGKey(1) })
    return performance.now() - began
  }
  const measure = async (): Promise<number> => {
    const short = await fit(2)
    return ((await fit(iterations + 2)) - short) / iterations
  }
  return { name, measure }
}

/** Iterations of the classes that keep all in memory, against the step by itself. */
export async function classes(options: Options): Promise<Row[]> {
  const iterations = 40
  const device = benchDevice(options)
  const [training, validation] = [arraysOf(problem.training), arraysOf(problem.validation)]
  const common = { ...tutorial(), device }
  const exact = { fiducial: training.d, derivative: training.dd }
  const validated = { ...exact, validationFiducial: validation.d, validationDerivative: validation.dd }
  const beside = np
    .zeros([n, 2, p, 1])
    .add(training.d.reshape([n, 1, 1, d]))
    .add(np.array([-0.05, 0.05]).reshape([1, 2, 1, 1]))
  const ours = ourStep(options)
  const timings = await interleave(
    [
      timed('step in memory', ours.run, iterations),
      fitting('GradientIMNN', GradientIMNN({ ...common, ...validated }), iterations),
      fitting('GradientIMNN, no validation', GradientIMNN({ ...common, ...exact }), iterations),
      fitting('SimulatorIMNN', SimulatorIMNN({ ...common, simulator }), iterations),
      fitting(
        'NumericalGradientIMNN, no validation',
        NumericalGradientIMNN({
          ...common,
          ...exact,
          derivative: beside.mul(np.array([1, 1.1]).reshape([1, 1, 2, 1])),
          deltaTheta: [0.1, 0.1],
        }),
        iterations,
      ),
    ],
    { repeats: options.quick ? 3 : 12 },
  )
  console.log(showTimings(timings))
  const [step, gradient, bare, simulated, numerical] = timings as [Timing, Timing, Timing, Timing, Timing]
  return [
    compare('GradientIMNN’s iteration against the step', gradient, step),
    compare('SimulatorIMNN’s iteration against GradientIMNN’s', simulated, gradient),
    compare('SimulatorIMNN’s iteration against GradientIMNN’s without validation', simulated, bare),
    compare('NumericalGradientIMNN’s iteration against GradientIMNN’s, without validation', numerical, bare),
  ]
}
