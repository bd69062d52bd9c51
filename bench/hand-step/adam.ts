import type { Graph } from '../lib/graph.ts'
import { adamSettings } from './problem.ts'

const { stepSize, b1, b2, eps } = adamSettings

/** Adam's state of one array. */
export interface Moments {
  readonly weight: string
  readonly first: string
  readonly second: string
}

/** Adam's corrections at `step`, counted from 0. */
export function corrections(g: Graph, step: string): { first: string; second: string } {
  const count = g.op('Add', [step, g.float(1)])
  const correction = (b: number): string => g.op('Sub', [g.float(1), g.op('Pow', [g.float(b), count])])
  return { first: correction(b1), second: correction(b2) }
}

export function update(
  g: Graph,
  { weight, first, second }: Moments,
  gradient: string,
  correction: { readonly first: string; readonly second: string },
): Moments {
  const mix = (b: number, before: string, now: string): string =>
    g.op('Add', [g.op('Mul', [before, g.float(b)]), g.op('Mul', [now, g.float(1 - b)])])
  const mean = mix(b1, first, gradient)
  const square = mix(b2, second, g.op('Mul', [gradient, gradient]))
  const scale = g.op('Add', [g.op('Sqrt', [g.op('Div', [square, correction.second])]), g.float(eps)])
  const change = g.op('Div', [g.op('Mul', [g.op('Div', [mean, correction.first]), g.float(stepSize)]), scale])
  return { weight: g.op('Sub', [weight, change]), first: mean, second: square }
}
