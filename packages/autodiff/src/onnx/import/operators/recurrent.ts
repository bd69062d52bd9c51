import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'
import { sigmoid } from './activations.ts'

/** The weights of one direction. */
interface Weights {
  /** [gates · hidden, inputs] and [gates · hidden, hidden]. */
  readonly w: NDArray
  readonly r: NDArray
  readonly wb: NDArray
  readonly rb: NDArray
}

type Step = (states: NDArray[], x: NDArray, weights: Weights) => NDArray[]

const gatesOf = (x: NDArray, count: number): NDArray[] => np.split(x, count, { axis: -1 })

/** Gates in ONNX's order: input, output, forget, cell. */
const lstmStep: Step = ([h, c], x, { w, r, wb, rb }) => {
  const [i, o, f, g] = gatesOf(x.matmul(w.T).add(h!.matmul(r.T)).add(wb.add(rb)), 4) as [
    NDArray,
    NDArray,
    NDArray,
    NDArray,
  ]
  const cell = sigmoid(f)
    .mul(c!)
    .add(sigmoid(i).mul(np.tanh(g)))
  return [sigmoid(o).mul(np.tanh(cell)), cell]
}

/** Gates: update, reset, hidden. */
const gruStep =
  (resetAfter: boolean): Step =>
  ([h], x, { w, r, wb, rb }) => {
    const [xz, xr, xh] = gatesOf(x.matmul(w.T).add(wb), 3) as [NDArray, NDArray, NDArray]
    const [rz, rr, rh] = np.split(r, 3, { axis: 0 }) as [NDArray, NDArray, NDArray]
    const [bz, br, bh] = gatesOf(rb, 3) as [NDArray, NDArray, NDArray]
    const z = sigmoid(xz.add(h!.matmul(rz.T)).add(bz))
    const reset = sigmoid(xr.add(h!.matmul(rr.T)).add(br))
    const hidden = resetAfter ? reset.mul(h!.matmul(rh.T).add(bh)) : reset.mul(h!).matmul(rh.T).add(bh)
    return [np.tanh(xh.add(hidden)).mul(z.neg().add(1)).add(z.mul(h!))]
  }

const rnnStep: Step = ([h], x, { w, r, wb, rb }) => [np.tanh(x.matmul(w.T).add(h!.matmul(r.T)).add(wb.add(rb)))]

/** Refuses what the usual exporters do not write. */
function checkPlain(node: Node, usual: readonly string[], directions: number): void {
  const given = node.strings('activations')
  const expected = range(directions).flatMap(() => usual)
  if (given !== undefined && given.join() !== expected.join())
    throw node.error(`its activations are ${given.join(', ')}; only ${expected.join(', ')} are supported`)
  if (node.inputs[4] !== undefined) throw node.error('it has sequence_lens, which are not supported')
  if (node.inputs[7] !== undefined) throw node.error('it has peepholes, which are not supported')
  node.expect('layout', 0)
  node.expect('input_forget', 0)
  if (node.float('clip', 0) !== 0) throw node.error('it clips, which is not supported')
}

const recurrent =
  (gates: number, states: number, usual: readonly string[], stepOf: (node: Node) => Step): Operator =>
  (node) => {
    const [x, w, r] = [node.input(0), node.input(1), node.input(2)]
    if (x.ndim !== 3 || w.ndim !== 3 || r.ndim !== 3) throw node.error('its operands need three axes')
    const direction = node.string('direction', 'forward')
    const directions = direction === 'bidirectional' ? 2 : 1
    checkPlain(node, usual, directions)
    const [batch, hidden] = [x.shape[1]!, r.shape[2]!]
    const bias = node.inputs[3] ?? np.zeros([directions, 2 * gates * hidden], { dtype: x.dtype })
    const zeros = np.zeros([directions, batch, hidden], { dtype: x.dtype })
    const initial = range(states).map((i) => node.inputs[5 + i] ?? zeros)
    const step = stepOf(node)
    const runs = range(directions).map((d) => {
      const weights: Weights = {
        w: w.at(d),
        r: r.at(d),
        wb: bias.slice(d, [0, gates * hidden]),
        rb: bias.slice(d, [gates * hidden, 2 * gates * hidden]),
      }
      const reverse = direction === 'reverse' || d === 1
      const [last, ys] = lax.scan(
        (carry: NDArray[], xt: NDArray) => {
          const next = step(carry, xt, weights)
          return [next, next[0]!] as const
        },
        initial.map((s) => s.at(d)),
        x,
        { reverse },
      )
      return { last: last as NDArray[], ys: ys as NDArray }
    })
    const outputs = np.stack(
      runs.map(({ ys }) => ys),
      { axis: 1 },
    )
    const finals = range(states).map((i) => np.stack(runs.map(({ last }) => last[i]!)))
    return [outputs, ...finals].slice(0, node.wanted)
  }

export const recurrentLayers: Readonly<Record<string, Operator>> = {
  GRU: recurrent(3, 1, ['Sigmoid', 'Tanh'], (node) => gruStep(node.int('linear_before_reset', 0) === 1)),
  LSTM: recurrent(4, 2, ['Sigmoid', 'Tanh', 'Tanh'], () => lstmStep),
  RNN: recurrent(1, 1, ['Tanh'], () => rnnStep),
}
