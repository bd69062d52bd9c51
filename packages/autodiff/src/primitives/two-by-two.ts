import { array } from '../array/create.ts'
import type { DType } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { trace } from '../core/trace.ts'
import { div, mul } from './arithmetic.ts'
import { broadcastInDim, like } from './broadcast.ts'
import { eq } from './comparison.ts'
import { convert } from './convert.ts'
import { hasQuickDoubles } from './double.ts'
import { take } from './gather.ts'
import { alongAll, product } from './matrices.ts'
import { reduceAnd } from './reductions.ts'
import { reshape } from './reshape.ts'
import { sliceAxis } from './slicing.ts'

/**
 * Closed forms for 2 × 2 matrices of single precision. In doubles their products are exact, so that ad − bc is rounded
 * once and 0 for a singular matrix, as elimination finds it, in a sixth of the nodes.
 */

export const isPair = ({ shape }: Aval): boolean => shape.at(-1) === 2 && shape.at(-2) === 2

/** Whether a graph may use the closed forms for matrices of a dtype: they need doubles that hold exact products. */
export const hasClosedForm = (graph: Pick<GraphBuilder, 'target'>, x: Aval, dtype: DType): boolean =>
  hasQuickDoubles(graph) && dtype !== 'float64' && isPair(x)

/** [[d, −b], [−c, a]] */
export function adjugate(x: NDArray): NDArray {
  const flat = reshape(x, [...x.shape.slice(0, -2), 4])
  const moved = take(flat, array(Int32Array.of(3, 1, 2, 0)), flat.ndim - 1)
  const signs = array(Float64Array.of(1, -1, -1, 1), { dtype: x.dtype })
  return reshape(mul(moved, broadcastInDim(signs, flat.shape, [flat.ndim - 1])), x.shape)
}

/** ad − bc, as the first entry of the product with the adjugate: `[…, 1, 1]`. */
function determinantIn(x: NDArray, adjugated: NDArray): NDArray {
  const all = product(x, adjugated)
  return sliceAxis(sliceAxis(all, x.ndim - 1, 0, 1), x.ndim - 2, 0, 1)
}

/** ad − bc */
export const determinantOfPair = (x: NDArray): NDArray => reshape(determinantIn(x, adjugate(x)), x.shape.slice(0, -2))

/**
 * The nodes of A⁻¹ B as adj(A) B / |A|. A graph that meets a determinant that is 0 or not finite does what `general`
 * lowers to instead, whose infinities and NaN are those of elimination.
 */
export function lowerByAdjugate(
  graph: GraphBuilder,
  [a, ...rest]: readonly GraphValue[],
  output: Aval,
  apply: (adjugated: NDArray, ...rest: NDArray[]) => NDArray,
  general: () => readonly GraphValue[],
): readonly GraphValue[] {
  const inline = (inputs: readonly GraphValue[], f: (...inputs: NDArray[]) => readonly NDArray[]): GraphValue[] => {
    const { jaxpr } = trace('inverse', inputs.map((x) => x.aval), (...xs) => f(...xs)) // biome-ignore format: one line
    return graph.inline(jaxpr, inputs)
  }
  const wide = [a!, ...rest].map((x) => graph.materialize(graph.cast(x, 'float64')))
  const [adjugated, det, isRegular] = inline([wide[0]!], (x) => {
    const found = adjugate(x)
    const determinant = determinantIn(x, found)
    const ratio = div(determinant, determinant)
    return [found, determinant, reduceAnd(eq(ratio, like(ratio, 1)), range(ratio.ndim))]
  }) as [GraphValue, GraphValue, GraphValue]
  const closed = (): GraphValue[] =>
    inline([adjugated, det, ...wide.slice(1)], (m, d, ...others) => {
      const numerator = apply(m, ...others)
      return [convert(div(numerator, alongAll(reshape(d, d.shape.slice(0, -2)), numerator.shape)), output.dtype)]
    })
  return graph.nodes('If', [isRegular], [output], {
    then_branch: graph.body('If', [], closed),
    else_branch: graph.body('If', [], general),
  })
}
