import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'
import { exponentialUnit, hardSigmoid, leaky, relu, sigmoid, softplus, softsign } from './activations.ts'

/** The weights of one direction. */
interface Weights {
  /** [gates · hidden, inputs] and [gates · hidden, hidden]. */
  readonly w: NDArray
  readonly r: NDArray
  readonly wb: NDArray
  readonly rb: NDArray
  /** How the gates of an LSTM see the cell: input, output, forget, each [hidden]. */
  readonly peepholes?: readonly NDArray[]
}

/** The functions of a step, in the operator's order: of the gates, of the new values, of what goes out. */
type Functions = readonly ((x: NDArray) => NDArray)[]

type Step = (states: NDArray[], x: NDArray, weights: Weights, functions: Functions) => NDArray[]

const gatesOf = (x: NDArray, count: number): NDArray[] => np.split(x, count, { axis: -1 })

/** Gates in ONNX's order: input, output, forget, cell. */
const lstmStep: Step = ([h, c], x, { w, r, wb, rb, peepholes }, [gate, value, out]) => {
  const peep = (y: NDArray, i: number, cell: NDArray): NDArray =>
    peepholes === undefined ? y : y.add(peepholes[i]!.mul(cell))
  const [i, o, f, g] = gatesOf(x.matmul(w.T).add(h!.matmul(r.T)).add(wb.add(rb)), 4) as [
    NDArray,
    NDArray,
    NDArray,
    NDArray,
  ]
  const cell = gate!(peep(f, 2, c!))
    .mul(c!)
    .add(gate!(peep(i, 0, c!)).mul(value!(g)))
  return [gate!(peep(o, 1, cell)).mul(out!(cell)), cell]
}

/** Gates: update, reset, hidden. */
const gruStep =
  (resetAfter: boolean): Step =>
  ([h], x, { w, r, wb, rb }, [gate, value]) => {
    const [xz, xr, xh] = gatesOf(x.matmul(w.T).add(wb), 3) as [NDArray, NDArray, NDArray]
    const [rz, rr, rh] = np.split(r, 3, { axis: 0 }) as [NDArray, NDArray, NDArray]
    const [bz, br, bh] = gatesOf(rb, 3) as [NDArray, NDArray, NDArray]
    const z = gate!(xz.add(h!.matmul(rz.T)).add(bz))
    const reset = gate!(xr.add(h!.matmul(rr.T)).add(br))
    const hidden = resetAfter ? reset.mul(h!.matmul(rh.T).add(bh)) : reset.mul(h!).matmul(rh.T).add(bh)
    return [value!(xh.add(hidden)).mul(z.neg().add(1)).add(z.mul(h!))]
  }

const rnnStep: Step = ([h], x, { w, r, wb, rb }, [value]) => [value!(x.matmul(w.T).add(h!.matmul(r.T)).add(wb.add(rb)))]

/** A function with the numbers that it takes, and what they are where a model does not say. */
interface Activation {
  readonly alpha?: number
  readonly beta?: number
  apply(x: NDArray, alpha: number, beta: number): NDArray
}

const activations: Readonly<Record<string, Activation>> = {
  Affine: { alpha: 1, beta: 0, apply: (x, alpha, beta) => x.mul(alpha).add(beta) },
  Elu: { alpha: 1, apply: exponentialUnit },
  HardSigmoid: { alpha: 0.2, beta: 0.5, apply: hardSigmoid },
  LeakyRelu: { alpha: 0.01, apply: leaky },
  Relu: { apply: relu },
  Sigmoid: { apply: sigmoid },
  Softplus: { apply: softplus },
  Softsign: { apply: softsign },
  Tanh: { apply: np.tanh },
}

/** The functions of each direction. The numbers that they take are lists of their own, for those that take one. */
function functionsOf(node: Node, usual: readonly string[], directions: number): Functions[] {
  const names = node.strings('activations') ?? range(directions).flatMap(() => usual)
  if (names.length !== directions * usual.length)
    throw node.error(`its activations are ${names.join(', ')}; it needs ${directions * usual.length}`)
  const numbers = {
    alpha: [...(node.floats('activation_alpha') ?? [])],
    beta: [...(node.floats('activation_beta') ?? [])],
  }
  const functions = names.map((name) => {
    if (!Object.hasOwn(activations, name)) throw node.error(`the activation ${name} is not supported`)
    const activation = activations[name]!
    const [alpha, beta] = (['alpha', 'beta'] as const).map((key) =>
      activation[key] === undefined ? 0 : (numbers[key].shift() ?? activation[key]),
    ) as [number, number]
    return (x: NDArray): NDArray => activation.apply(x, alpha, beta)
  })
  return range(directions).map((d) => functions.slice(d * usual.length, (d + 1) * usual.length))
}

/** Refuses what the usual exporters do not write. */
function checkPlain(node: Node): void {
  node.expect('input_forget', 0)
  if (node.float('clip', 0) !== 0) throw node.error('it clips, which is not supported')
}

const recurrent =
  (gates: number, states: number, usual: readonly string[], stepOf: (node: Node) => Step): Operator =>
  (node) => {
    const [given, w, r] = [node.input(0), node.input(1), node.input(2)]
    // Time first, or the batch.
    const batchFirst = node.int('layout', 0) === 1
    const turned = (v: NDArray): NDArray => (batchFirst ? np.swapaxes(v, 0, 1) : v)
    const x = turned(given)
    if (x.ndim !== 3 || w.ndim !== 3 || r.ndim !== 3) throw node.error('its operands need three axes')
    const direction = node.string('direction', 'forward')
    const directions = direction === 'bidirectional' ? 2 : 1
    checkPlain(node)
    const functions = functionsOf(node, usual, directions)
    const [batch, hidden] = [x.shape[1]!, r.shape[2]!]
    const bias = node.inputs[3] ?? np.zeros([directions, 2 * gates * hidden], { dtype: x.dtype })
    const zeros = np.zeros([directions, batch, hidden], { dtype: x.dtype })
    const initial = range(states).map((i) => {
      const state = node.inputs[5 + i]
      return state === undefined ? zeros : turned(state)
    })
    const lengths = node.inputs[4]?.astype('int32')
    const step = stepOf(node)
    const runs = range(directions).map((d) => {
      const peepholes = node.inputs[7]?.at(d)
      const weights: Weights = {
        ...(peepholes === undefined ? {} : { peepholes: np.split(peepholes, 3) }),
        w: w.at(d),
        r: r.at(d),
        wb: bias.slice(d, [0, gates * hidden]),
        rb: bias.slice(d, [gates * hidden, 2 * gates * hidden]),
      }
      const reverse = direction === 'reverse' || d === 1
      const [last, ys] = lax.scan(
        (carry: NDArray[], [xt, t]: [NDArray, NDArray]) => {
          const next = step(carry, xt, weights, functions[d]!)
          // Behind its end a sequence keeps its states, and gives zeros.
          const within = lengths?.gt(t).reshape([-1, 1])
          if (within === undefined) return [next, next[0]!] as const
          const states = next.map((value, i) => np.where(within, value, carry[i]!))
          return [states, np.where(within, next[0]!, np.zerosLike(next[0]!))] as const
        },
        initial.map((s) => s.at(d)),
        [x, np.arange(x.shape[0]!).astype('int32')] as [NDArray, NDArray],
        { reverse },
      )
      return { last: last as NDArray[], ys: ys as NDArray }
    })
    const outputs = np.stack(
      runs.map(({ ys }) => ys),
      { axis: 1 },
    )
    const finals = range(states).map((i) => np.stack(runs.map(({ last }) => last[i]!)))
    // [time, directions, batch, hidden], or [batch, time, directions, hidden].
    const all = batchFirst ? outputs.transpose([2, 0, 1, 3]) : outputs
    return [all, ...finals.map(turned)].slice(0, node.wanted)
  }

export const recurrentLayers: Readonly<Record<string, Operator>> = {
  GRU: recurrent(3, 1, ['Sigmoid', 'Tanh'], (node) => gruStep(node.int('linear_before_reset', 0) === 1)),
  LSTM: recurrent(4, 2, ['Sigmoid', 'Tanh', 'Tanh'], () => lstmStep),
  RNN: recurrent(1, 1, ['Tanh'], () => rnnStep),
}
