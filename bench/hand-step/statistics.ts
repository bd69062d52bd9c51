import type { Graph } from '../lib/graph.ts'
import { regularisation, sizes } from './problem.ts'

const { n, s, p } = sizes
const { lambda, alpha } = regularisation

/** The statistics of a set of summaries, and what their gradient needs. */
interface Statistics {
  readonly centred: string
  readonly meanDerivative: string
  readonly covariance: Inverse & { readonly matrix: string }
  readonly fisher: Inverse & { readonly matrix: string }
  readonly distances: readonly [Distance, Distance]
  /** Λ2 */
  readonly distance: string
  /** exp(-α Λ2) */
  readonly decay: string
  /** Λ2 + exp(-α Λ2) */
  readonly denominator: string
  /** r */
  readonly strength: string
  /** [det F, det C, det C⁻¹, Λ2, r] */
  readonly row: string
}

interface Inverse {
  readonly inverse: string
  readonly determinant: string
}

/** A matrix's difference from the identity, and its Frobenius norm. */
interface Distance {
  readonly difference: string
  readonly norm: string
}

const transpose = (g: Graph, x: string): string => g.op('Transpose', [x], { perm: [1, 0] })
const product = (g: Graph, ...[first, ...rest]: [string, ...string[]]): string =>
  rest.reduce((x, y) => g.op('MatMul', [x, y]), first)

/** Of a 2 × 2 matrix; the determinant has shape [1]. */
function invert(g: Graph, matrix: string): Inverse {
  const [a, b, c, d] = g.ops('Split', [g.op('Reshape', [matrix, g.ints(4)])], 4, { axis: 0, num_outputs: 4 })
  const determinant = g.op('Sub', [g.op('Mul', [a!, d!]), g.op('Mul', [b!, c!])])
  const adjugate = g.op('Concat', [d!, g.op('Neg', [b!]), g.op('Neg', [c!]), a!], { axis: 0 })
  return { inverse: g.op('Reshape', [g.op('Div', [adjugate, determinant]), g.ints(2, 2)]), determinant }
}

function distanceFromIdentity(g: Graph, matrix: string): Distance {
  const difference = g.op('Sub', [matrix, g.floats([1, 0, 0, 1], [2, 2])])
  const squares = g.op('ReduceSum', [g.op('Mul', [difference, difference]), g.ints(0, 1)], { keepdims: 0 })
  return { difference, norm: g.op('Sqrt', [squares]) }
}

/** From summaries [n, s] and their derivatives [p, n, s]. */
export function statistics(g: Graph, summaries: string, tangents: string): Statistics {
  const mean = g.op('ReduceMean', [summaries, g.ints(0)], { keepdims: 1 })
  const centred = g.op('Sub', [summaries, mean])
  const matrix = g.op('Div', [g.op('Gemm', [centred, centred], { transA: 1 }), g.float(n - 1)])
  const covariance = { matrix, ...invert(g, matrix) }
  const meanDerivative = g.op('ReduceMean', [tangents, g.ints(1)], { keepdims: 0 })
  const fisherMatrix = product(g, meanDerivative, covariance.inverse, transpose(g, meanDerivative))
  const fisher = { matrix: fisherMatrix, ...invert(g, fisherMatrix) }
  const distances = [distanceFromIdentity(g, matrix), distanceFromIdentity(g, covariance.inverse)] as const
  const distance = g.op('Add', [distances[0].norm, distances[1].norm])
  const decay = g.op('Exp', [g.op('Mul', [distance, g.float(-alpha)])])
  const denominator = g.op('Add', [distance, decay])
  const strength = g.op('Div', [g.op('Mul', [distance, g.float(lambda)]), denominator])
  const inverseDeterminant = invert(g, covariance.inverse).determinant
  const scalar = (x: string): string => g.op('Reshape', [x, g.ints(1)])
  const row = g.op(
    'Concat',
    [fisher.determinant, covariance.determinant, inverseDeterminant, scalar(distance), scalar(strength)],
    { axis: 0 },
  )
  return { centred, meanDerivative, covariance, fisher, distances, distance, decay, denominator, strength, row }
}

/**
 * The cotangents of the summaries [n, s] and of their derivatives [p, n, s] for the loss -ln det F + r Λ2, in which r
 * varies with Λ2.
 */
export function lossGradient(g: Graph, at: Statistics): { summaries: string; tangents: string } {
  const { covariance, fisher, meanDerivative, distances, distance, decay, denominator, strength } = at
  const mul = (x: string, y: string): string => g.op('Mul', [x, y])
  const add = (x: string, y: string): string => g.op('Add', [x, y])
  // d(r Λ2)/dΛ2 = r + Λ2 λ e (1 + α Λ2) / (Λ2 + e)², with e = exp(-α Λ2)
  const growth = mul(mul(g.float(lambda), decay), add(g.float(1), mul(g.float(alpha), distance)))
  const slope = add(strength, g.op('Div', [mul(distance, growth), mul(denominator, denominator)]))
  const pull = ({ difference, norm }: Distance): string => mul(difference, g.op('Div', [slope, norm]))
  // -ln det F: -2 F⁻¹ M C⁻¹ for M = dμ, and -Mᵀ F⁻¹ M for C⁻¹
  const weighted = product(g, fisher.inverse, meanDerivative)
  const ofMean = mul(product(g, weighted, covariance.inverse), g.float(-2 / n))
  const ofInverse = g.op('Sub', [pull(distances[1]), product(g, transpose(g, meanDerivative), weighted)])
  const throughInverse = product(g, covariance.inverse, ofInverse, covariance.inverse)
  const ofCovariance = g.op('Sub', [pull(distances[0]), throughInverse])
  const summaries = mul(product(g, at.centred, ofCovariance), g.float(2 / (n - 1)))
  const tangents = g.op('Expand', [g.op('Unsqueeze', [ofMean, g.ints(1)]), g.ints(p, n, s)])
  return { summaries, tangents }
}
