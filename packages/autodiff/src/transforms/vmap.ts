import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { normalizeAxis, showShape } from '../array/shape.ts'
import { broadcastPrefix } from '../array/tree-prefix.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treePaths, treeUnflatten } from '../array/tree.ts'
import { broadcastAxis } from '../primitives/broadcast.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { evaluateBatched } from './batch.ts'
import { flattenArrays, nameOf, stageFunction, type TreeFunction } from './function.ts'

/** An axis, `null` for none, or a tree of them that is a prefix of the arguments' (or result's) tree. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes }

export interface VmapOptions {
  /** The axis of each argument to map over; `null` for arguments that stay as they are. @defaultValue 0 */
  readonly inAxes?: Axes
  /** Where the mapped axis comes to stand in the result. @defaultValue 0 */
  readonly outAxes?: Axes
  /** The length of the mapped axis; needed where no argument has it. @defaultValue that of the mapped axes */
  readonly axisSize?: number
}

/**
 * `f` over a batch: a function that maps `f` over an axis of its arguments, as one computation.
 *
 * @throws ShapeError when mapped axes are missing or differ in length.
 * @see JAX's `jax.vmap`
 * @example vmap(np.dot, { inAxes: [0, null] })(np.ones([5, 3]), np.ones([3])).shape // [5]
 */
export function vmap<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: Liberal<A>) => Arrays<R> {
  const name = nameOf('vmap', f)
  const { inAxes = 0, outAxes = 0, axisSize } = checkOptions(name, options, ['inAxes', 'outAxes', 'axisSize'])
  if (axisSize !== undefined && !(Number.isInteger(axisSize) && axisSize >= 0))
    throw new ValueError(`${name}: axisSize must be a whole number from 0, not ${showGiven(axisSize)}`)
  return (...args) => {
    const [leaves, def] = flattenArrays(args, `${name}: arguments`)
    const given = broadcastPrefix(inAxes, def, isAxis, `${name}: inAxes`)
    const paths = treePaths(args, 'arguments')
    const dims = given.map((axis, i) =>
      axis === null ? null : normalizeAxis(axis, leaves[i]!.ndim, `${name}: inAxes for ${paths[i]}`),
    )
    const size = batchSize(
      name,
      leaves.map((x) => x.shape),
      dims,
      paths,
      axisSize,
    )
    const avals = leaves.map((x, i) => ({ shape: x.shape.filter((_, axis) => axis !== dims[i]), dtype: x.dtype }))
    const staged = stageFunction(name, f as TreeFunction, def, avals)
    const outputs = evaluateBatched(staged.jaxpr, [...leaves, ...staged.captured], dims, size)
    const outs = broadcastPrefix(outAxes, staged.result, isAxis, `${name}: outAxes`)
    const placed = outputs.map(({ value, dim }, i) => {
      const out = outs[i] as number | null
      if (out === null) {
        if (dim === null) return value
        throw new ShapeError(
          `${name}: outAxes is null for output ${i + 1}, which differs over the batch; give it an axis`,
        )
      }
      const rank = dim === null ? value.ndim + 1 : value.ndim
      const axis = normalizeAxis(out, rank, `${name}: outAxes`)
      return dim === null ? broadcastAxis(value, axis, size) : moveAxis(value, dim, axis)
    })
    return treeUnflatten(staged.result, placed) as Arrays<R>
  }
}

/** Whether a value is an axis, or `null` for none, in `inAxes` and `outAxes`. */
export const isAxis = (value: unknown): value is number | null => value === null || typeof value === 'number'

function batchSize(
  name: string,
  shapes: readonly (readonly number[])[],
  dims: readonly (number | null)[],
  paths: readonly string[],
  given: number | undefined,
): number {
  const sizes = dims.flatMap((dim, i) =>
    dim === null ? [] : [{ size: shapes[i]![dim]!, path: paths[i]!, shape: shapes[i]!, dim }],
  )
  const [first, ...rest] = sizes
  if (first === undefined) {
    if (given !== undefined) return given
    throw new ShapeError(`${name}: no argument is mapped over; give inAxes an axis for at least 1 of them, or axisSize`)
  }
  const show = (s: typeof first): string => `axis ${s.dim} of ${s.path} (${showShape(s.shape)}) is ${s.size} long`
  const other = rest.find((s) => s.size !== first.size)
  if (other !== undefined) {
    throw new ShapeError(`${name}: mapped axes must have one length, but ${show(first)} and ${show(other)}`)
  }
  if (given !== undefined && given !== first.size)
    throw new ShapeError(`${name}: axisSize is ${given}, but ${show(first)}; leave it out, or give that`)
  return first.size
}
