import {
  linearize,
  type NDArray,
  np,
  random,
  treeLeaves,
  treeStructure,
  treeUnflatten,
  valueAndGrad,
  vmap,
} from '@cotangent/autodiff'
import { adam, Dense, LeakyRelu, type OptimizerState, serial } from '@cotangent/nn'
import { adamSettings, problem, regularisation, type Simulations, sizes, weightShapes } from '../hand-step/problem.ts'

const { n, d, h, s, p } = sizes
const { lambda, alpha } = regularisation

const [init, apply] = serial(Dense(h), LeakyRelu, Dense(h), LeakyRelu, Dense(h), LeakyRelu, Dense(s))
const [start, update, weightsOf] = adam(adamSettings)

type Weights = ReturnType<typeof init>[1]
type State = OptimizerState<Weights, 'm' | 'v'>

/** Simulations [n, d], and their derivatives in the parameters of the model [p, n, d]. */
export interface SimulationArrays {
  readonly fiducial: NDArray
  readonly derivative: NDArray
}

interface Measured {
  readonly fisher: NDArray
  readonly distance: NDArray
  readonly strength: NDArray
  /** [det F, det C, det C⁻¹, Λ2, r] */
  readonly row: NDArray
}

/** What the summaries of simulations tell about the parameters. */
function measure(weights: Weights, { fiducial, derivative }: SimulationArrays): Measured {
  const [x, push] = linearize((data: NDArray) => apply(weights, data), fiducial)
  const mean = vmap(push)(derivative).mean(1)
  const centred = x.sub(x.mean(0))
  const covariance = centred.T.matmul(centred).div(n - 1)
  const inverse = np.linalg.inv(covariance)
  const fisher = mean.matmul(inverse).matmul(mean.T)
  const fromIdentity = (matrix: NDArray): NDArray => np.linalg.norm(matrix.sub(np.eye(s)))
  const distance = fromIdentity(covariance).add(fromIdentity(inverse))
  const strength = distance.mul(lambda).div(distance.add(np.exp(distance.mul(-alpha))))
  const determinants = [fisher, covariance, inverse].map((matrix) => np.linalg.det(matrix))
  return { fisher, distance, strength, row: np.stack([...determinants, distance, strength]) }
}

function loss(weights: Weights, training: SimulationArrays): [loss: NDArray, row: NDArray] {
  const { fisher, distance, strength, row } = measure(weights, training)
  const [sign, logDet] = np.linalg.slogdet(fisher)
  return [strength.mul(distance).sub(sign.mul(logDet)), row]
}

/** One iteration of a fit, as a user writes it. */
export function fitStep(
  step: NDArray,
  state: State,
  training: SimulationArrays,
  validation: SimulationArrays,
): { state: State; training: NDArray; validation: NDArray } {
  const [[, row], gradient] = valueAndGrad(loss, { hasAux: true })(weightsOf(state), training)
  const next = update(step, gradient, state)
  return { state: next, training: row, validation: measure(weightsOf(next), validation).row }
}

const arraysOf = ({ fiducial, derivative }: Simulations): SimulationArrays => ({
  fiducial: np.array(fiducial).reshape([n, d]),
  derivative: np.array(derivative).reshape([p, n, d]),
})

/** What the hand-written graphs read, as the arguments of `fitStep`. */
export function fitArguments(): Parameters<typeof fitStep> {
  const [, like] = init(random.PRNGKey(0), [d])
  const arrays = problem.weights.map((values, k) => np.array(values).reshape(weightShapes[k] as number[]))
  const weights = treeUnflatten(treeStructure(like), arrays) as Weights
  return [np.array(0), start(weights), arraysOf(problem.training), arraysOf(problem.validation)]
}

/** Adam's means of gradients, in the order of the weights. */
export const momentsOf = (state: State): readonly NDArray[] => treeLeaves(state.m) as NDArray[]
