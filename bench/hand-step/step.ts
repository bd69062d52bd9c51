import type { Tensor } from 'onnxruntime-node'
import { Graph } from '../lib/graph.ts'
import { createSession, type SessionSettings, tensor } from '../lib/session.ts'
import { corrections, type Moments, update } from './adam.ts'
import { type Network, separate, stacked } from './network.ts'
import { problem, type Simulations, sizes, weightShapes } from './problem.ts'
import { lossGradient, statistics } from './statistics.ts'

const { n, d, p } = sizes

/** The forms the step is written in. The fastest of them on the machine at hand is what we are measured against. */
const forms: Readonly<Record<string, Network>> = {
  stacked,
  separate: separate(false),
  'separate, LeakyRelu': separate(true),
}

/**
 * One iteration of a fit in memory, as a graph: the gradient of the loss with its regularisation, Adam's update, and
 * the statistics of the training set at the old weights and of the validation set at the new ones.
 */
function handGraph(network: Network): Graph {
  const g = new Graph()
  const inputs = (name: string): string[] => weightShapes.map((shape, k) => g.input(`${name}${k}`, shape))
  const [weights, firsts, seconds] = [inputs('w'), inputs('m'), inputs('v')]
  const simulations = (name: string): [string, string] => [
    g.input(`${name}_fiducial`, [n, d]),
    g.input(`${name}_derivative`, [p, n, d]),
  ]
  const training = network(g, weights, ...simulations('training'))
  const at = statistics(g, training.summaries, training.tangents)
  const cotangents = lossGradient(g, at)
  const gradients = training.backward(cotangents.summaries, cotangents.tangents)
  const correction = corrections(g, g.input('step', []))
  const moments = weights.map((weight, k): Moments => {
    const before = { weight, first: firsts[k] as string, second: seconds[k] as string }
    return update(g, before, gradients[k] as string, correction)
  })
  const next = moments.map((m) => m.weight)
  const validation = network(g, next, ...simulations('validation'))
  g.output('training', at.row, [5])
  g.output('validation', statistics(g, validation.summaries, validation.tangents).row, [5])
  // ONNX Runtime orders the nodes backwards from what nobody reads, the last such node first. These copies make it
  // finish a layer's gradient and update before it goes on, while the activations are in the cache: 6 % of the step.
  moments.forEach((m, k) => {
    const shape = weightShapes[k] as readonly number[]
    g.output(`new_m${k}`, m.first, shape)
    g.output(`new_v${k}`, m.second, shape)
    g.output(`new_w${k}`, g.op('Identity', [m.weight]), shape)
  })
  return g
}

/** What the step reads at its first iteration. */
function handFeeds(): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = { step: tensor(new Float32Array(1), []) }
  problem.weights.forEach((weight, k) => {
    const shape = weightShapes[k] as readonly number[]
    feeds[`w${k}`] = tensor(weight, shape)
    feeds[`m${k}`] = tensor(new Float32Array(weight.length), shape)
    feeds[`v${k}`] = tensor(new Float32Array(weight.length), shape)
  })
  const give = (name: string, { fiducial, derivative }: Simulations): void => {
    feeds[`${name}_fiducial`] = tensor(fiducial, [n, d])
    feeds[`${name}_derivative`] = tensor(derivative, [p, n, d])
  }
  give('training', problem.training)
  give('validation', problem.validation)
  return feeds
}

export interface HandStep {
  readonly name: string
  readonly nodes: number
  /** Runs the step; its outputs by name. */
  run(): Promise<Record<string, Float32Array>>
}

export async function handSteps(settings: SessionSettings): Promise<HandStep[]> {
  const feeds = handFeeds()
  const steps = Object.entries(forms).map(async ([name, network]) => {
    const graph = handGraph(network)
    const session = await createSession(graph.toBytes(), settings)
    const run = async (): Promise<Record<string, Float32Array>> =>
      Object.fromEntries(
        Object.entries(await session.run(feeds)).map(([output, value]) => [output, value.data as Float32Array]),
      )
    return { name: `by hand, ${name}${settings.spin === true ? ', waiting busily' : ''}`, nodes: graph.size, run }
  })
  return Promise.all(steps)
}
