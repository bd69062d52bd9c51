import { checkOptions, checkList } from '../array/options.ts'
import { TreeError } from '../array/errors.ts'
import { isDifferentiable } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { showAval } from '../core/jaxpr.ts'
import { pick, spread } from '../core/masks.ts'
import { full, zerosLike } from '../primitives/broadcast.ts'
import { evaluateJaxpr, flattenArrays, nameOf, stageFunction, type TreeFunction } from './function.ts'
import { type Argnums, checkArgnums, checkDifferentiable, type GradOptions, pickTrees, type Selected } from './grad.ts'
import { checkTangents } from './jvp.ts'
import { linearizeJaxpr } from './linearize.ts'
import { evaluateTransposed } from './transpose.ts'
import { leavesOf } from './vjp.ts'

/** The two halves of reverse mode, as functions of arrays that compile apart. */
export interface SplitVjp<A extends readonly unknown[], R, N extends Argnums> {
  /** The function's result, and what the backward half needs of the forward half. */
  readonly forward: (...args: Liberal<A>) => [output: Arrays<R>, residuals: NDArray[]]
  /** From the residuals and a cotangent of the result to the cotangents of the arguments at `argnums`. */
  readonly backward: (residuals: readonly NDArray[], cotangent: Liberal<Arrays<R>>) => Selected<A, N>
}

/**
 * Reverse mode in two functions, for arguments of the shapes and dtypes of `example`: where `vjp` closes over what the
 * forward half computed, here it is a value, so that `jit` can compile the halves apart and other work can come
 * between them.
 *
 * Residuals that are arguments themselves are passed through, not copied.
 *
 * @throws TreeError when the halves are called with other structures or shapes, or `f` uses values of an outer trace.
 * @example
 * const [w, x] = [np.ones([3, 2]), np.ones([5, 3])]
 * const { forward, backward } = splitVjp((w, x) => np.tanh(x.matmul(w)), [w, x])
 * const [y, residuals] = jit(forward)(w, x)
 * jit(backward)(residuals, np.ones([5, 2])).shape // [3, 2]
 */
export function splitVjp<A extends readonly unknown[], R, const N extends Argnums = 0>(
  f: (...args: A) => R,
  example: Liberal<A>,
  options: GradOptions<N> = {},
): SplitVjp<A, R, N> {
  const name = nameOf('splitVjp', f)
  checkOptions(name, options, ['argnums'])
  const argnums: Argnums = options.argnums ?? 0
  checkList(name, 'example', example as readonly unknown[])
  const [leaves, def] = flattenArrays(example, `${name}: example`)
  const indices = checkArgnums(name, argnums, example)
  const chosen = leavesOf(name, example, indices)
  checkDifferentiable(name, example, chosen, leaves)
  const staged = stageFunction(name, f as TreeFunction, def, leaves)
  if (staged.captured.length > 0) {
    throw new TreeError(
      `${name}: the function uses ${staged.captured.length} traced values of an enclosing function; pass them as arguments`,
    )
  }
  const active = leaves.map((x, i) => isDifferentiable(x.dtype) && chosen(i))
  const { forward, linear, mask } = linearizeJaxpr(staged.jaxpr, active)
  const residualCount = forward.outputs.length - mask.length
  const shapes = leaves.map(showAval).join(', ')

  return {
    forward(...args) {
      const [given, givenDef] = flattenArrays(args, `${name}: arguments`)
      if (givenDef.text !== def.text || given.map(showAval).join(', ') !== shapes) {
        throw new TreeError(
          `${name}: made for ${def.text} of ${shapes}, called with ${givenDef.text} of ${given.map(showAval).join(', ')}; make another for other arguments`,
        )
      }
      const values = evaluateJaxpr(forward, given)
      return [treeUnflatten(staged.result, values.slice(0, mask.length)) as Arrays<R>, values.slice(mask.length)]
    },
    backward(residuals, cotangent) {
      const [cts, ctDef] = flattenArrays(cotangent, `${name}: cotangent`)
      if (ctDef.text !== staged.result.text) {
        throw new TreeError(
          `${name}: the cotangent ${ctDef.text} does not have the structure of the result ${staged.result.text}`,
        )
      }
      if (residuals.length !== residualCount) {
        throw new TreeError(
          `${name}: ${residuals.length} residuals were given, forward makes ${residualCount}; pass on all that it gave`,
        )
      }
      checkTangents(
        name,
        'cotangent',
        cts,
        staged.jaxpr.outputs.map((atom) => atom.aval),
      )
      const tangents = linear.inputs.length - residualCount
      const args = [...residuals, ...new Array<null>(tangents).fill(null)]
      const found = evaluateTransposed(linear, args, pick(cts, mask)).slice(residualCount)
      const all = spread(found, active).map(
        (ct, i) => ct ?? (chosen(i) ? zerosLike(leaves[i] as NDArray) : full([], 0, 'float32')),
      )
      return pickTrees(def, all, argnums, indices) as Selected<A, N>
    },
  }
}
