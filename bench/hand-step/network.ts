import type { Graph } from '../lib/graph.ts'
import { sizes, slope } from './problem.ts'

const { n, d, h, s, p } = sizes
const layers = [0, 1, 2, 3] as const
const last = 3

/** The network applied to simulations and to the tangents of their parameters. */
export interface Applied {
  /** [n, s] */
  readonly summaries: string
  /** [p, n, s] */
  readonly tangents: string
  /** From the cotangents of both to those of the weights. */
  backward(summaries: string, tangents: string): string[]
}

/** One way to write the network. The inputs' layout is its own. */
export type Network = (g: Graph, weights: readonly string[], fiducial: string, derivative: string) => Applied

const inputsOf = (layer: number): number => (layer === 0 ? d : h)
const outputsOf = (layer: number): number => (layer === last ? s : h)

const slopes = (g: Graph, x: string): string =>
  g.op('Where', [g.op('Greater', [x, g.float(0)]), g.float(1), g.float(slope)])

/** `t` [p·n, k], times the slopes [n, k] of each simulation. */
function timesSlopes(g: Graph, t: string, mask: string): string {
  const apart = g.op('Mul', [g.op('Reshape', [t, g.ints(p, n, h)]), mask])
  return g.op('Reshape', [apart, g.ints(p * n, h)])
}

/** Values and tangents in products of their own: [n, k] and [p·n, k]. `leaky` uses LeakyRelu for the values. */
export const separate =
  (leaky: boolean): Network =>
  (g, weights, fiducial, derivative) => {
    const weight = (layer: number): string => weights[2 * layer] as string
    const values = [fiducial]
    const tangents = [g.op('Reshape', [derivative, g.ints(p * n, d)])]
    const masks: string[] = []
    for (const layer of layers) {
      const x = g.op('Gemm', [values[layer]!, weight(layer), weights[2 * layer + 1]!])
      const t = g.op('MatMul', [tangents[layer]!, weight(layer)])
      if (layer === last) {
        values.push(x)
        tangents.push(t)
      } else {
        const mask = slopes(g, x)
        masks.push(mask)
        values.push(leaky ? g.op('LeakyRelu', [x]) : g.op('Mul', [x, mask]))
        tangents.push(timesSlopes(g, t, mask))
      }
    }
    const backward = (ofSummaries: string, ofTangents: string): string[] => {
      let x = ofSummaries
      let t = g.op('Reshape', [ofTangents, g.ints(p * n, s)])
      return layers
        .toReversed()
        .map((layer) => {
          if (layer < last) {
            x = g.op('Mul', [x, masks[layer]!])
            t = timesSlopes(g, t, masks[layer]!)
          }
          const ofValues = g.op('Gemm', [values[layer]!, x], { transA: 1 })
          const ofWeight = g.op('Gemm', [tangents[layer]!, t, ofValues], { transA: 1 })
          const ofBias = g.op('ReduceSum', [x, g.ints(0)], { keepdims: 0 })
          if (layer > 0) {
            x = g.op('Gemm', [x, weight(layer)], { transB: 1 })
            t = g.op('Gemm', [t, weight(layer)], { transB: 1 })
          }
          return [ofWeight, ofBias]
        })
        .toReversed()
        .flat()
    }
    const summaries = values[last + 1] as string
    return { summaries, tangents: g.op('Reshape', [tangents[last + 1]!, g.ints(p, n, s)]), backward }
  }

/** Values and tangents stacked in one product: [1 + p, n, k]; biases reach the values by a selector. */
export const stacked: Network = (g, weights, fiducial, derivative) => {
  const weight = (layer: number): string => weights[2 * layer] as string
  const rows = (1 + p) * n
  const selector = g.floats([1, 0, 0], [1 + p, 1, 1])
  const first = (x: string): string => g.op('Slice', [x, g.ints(0), g.ints(1), g.ints(0)])
  const squeeze = (x: string): string => g.op('Squeeze', [x, g.ints(0)])
  const unsqueeze = (x: string): string => g.op('Unsqueeze', [x, g.ints(0)])
  const values = [g.op('Concat', [unsqueeze(fiducial), derivative], { axis: 0 })]
  const masks: string[] = []
  for (const layer of layers) {
    const bias = g.op('Mul', [selector, weights[2 * layer + 1]!])
    const x = g.op('Add', [g.op('MatMul', [values[layer]!, weight(layer)]), bias])
    if (layer < last) masks.push(slopes(g, first(x)))
    values.push(layer < last ? g.op('Mul', [x, masks[layer]!]) : x)
  }
  const backward = (ofSummaries: string, ofTangents: string): string[] => {
    let x = g.op('Concat', [unsqueeze(ofSummaries), ofTangents], { axis: 0 })
    return layers
      .toReversed()
      .map((layer) => {
        if (layer < last) x = g.op('Mul', [x, masks[layer]!])
        const flat = g.op('Reshape', [x, g.ints(rows, outputsOf(layer))])
        const inputs = g.op('Reshape', [values[layer]!, g.ints(rows, inputsOf(layer))])
        const ofWeight = g.op('Gemm', [inputs, flat], { transA: 1 })
        const ofBias = g.op('ReduceSum', [squeeze(first(x)), g.ints(0)], { keepdims: 0 })
        if (layer > 0) {
          const back = g.op('Gemm', [flat, weight(layer)], { transB: 1 })
          x = g.op('Reshape', [back, g.ints(1 + p, n, inputsOf(layer))])
        }
        return [ofWeight, ofBias]
      })
      .toReversed()
      .flat()
  }
  const out = values[last + 1] as string
  const tangents = g.op('Slice', [out, g.ints(1), g.ints(1 + p), g.ints(0)])
  return { summaries: squeeze(first(out)), tangents, backward }
}
