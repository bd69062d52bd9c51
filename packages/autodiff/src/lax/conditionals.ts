import { isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Leaf } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { cond as bindCond } from '../control/cond.ts'
import { checkAlike, outputAvals, shareCaptured, type Given } from '../control/stage.ts'
import { showAval } from '../core/jaxpr.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { ne } from '../primitives/comparison.ts'
import { asInt32 } from '../primitives/bounds.ts'
import { convert } from '../primitives/convert.ts'
import { flattenArrays, leafToArray, nameOf, stageFunction, type TreeFunction } from '../transforms/function.ts'

/** The trees of a list with arrays for leaves. */
type ArraysOfAll<A extends readonly unknown[]> = { [K in keyof A]: Arrays<A[K]> }

/**
 * `trueFun(...operands)` where `pred` holds, else `falseFun(...operands)`; only one of them runs. Under `vmap` with a
 * `pred` that differs over the batch both run, and the results are selected.
 *
 * `pred` is a scalar of bool, or a number, which holds unless it is 0. Both functions must give trees of the same
 * structure, shapes and dtypes; they may use values of the functions around them.
 *
 * @throws ShapeError when `pred` is no scalar; TreeError, ShapeError or DTypeError when the results differ.
 * @see JAX's `jax.lax.cond`
 * @example lax.cond(true, (x) => x.mul(2), (x) => x.neg(), np.array([1, 2])) // [2, 4]
 */
export function cond<const A extends readonly unknown[], R>(
  pred: Leaf,
  trueFun: (...operands: ArraysOfAll<A>) => R,
  falseFun: (...operands: ArraysOfAll<A>) => NoInfer<Given<Arrays<R>>>,
  ...operands: A
): Arrays<R> {
  const where = 'lax.cond'
  const names = ['trueFun', 'falseFun'] as const
  const functions = [trueFun, falseFun].map((f, i) => {
    nameOf(`${where}: ${names[i]}`, f as TreeFunction)
    return f as TreeFunction
  })
  const x = scalarOf(where, 'pred', pred)
  const holds = x.dtype === 'bool' ? x : ne(x, zerosLike(x))
  const [onTrue, onFalse] = functions as [TreeFunction, TreeFunction]
  return branch(where, convert(holds, 'int32'), [onFalse, onTrue], ['falseFun', 'trueFun'], operands) as Arrays<R>
}

/**
 * `branches[index](...operands)`, with `index` held within the branches; only one of them runs.
 *
 * @throws ShapeError when `index` is no scalar, DTypeError when it is no integer, ValueError without branches;
 * TreeError, ShapeError or DTypeError when the branches give different results.
 * @see JAX's `jax.lax.switch`
 * @example lax.switch(7, [np.sin, np.cos, np.exp], np.array(0)) // 1
 */
function switch_<const A extends readonly unknown[], R>(
  index: Leaf,
  branches: readonly ((...operands: ArraysOfAll<A>) => R)[],
  ...operands: A
): Arrays<R> {
  const where = 'lax.switch'
  if (!Array.isArray(branches) || branches.length === 0) {
    throw new ValueError(`${where}: branches is empty or no list; give at least 1 function`)
  }
  const names = branches.map((f, i) => {
    nameOf(`${where}: branches[${i}]`, f as TreeFunction)
    return `branches[${i}]`
  })
  const given = scalarOf(where, 'index', index)
  const whole = typeof index === 'number' && Number.isInteger(index)
  if (!whole && !isInteger(given.dtype)) {
    throw new DTypeError(`${where}: the index is ${showAval(given)}; it must be an integer: use x.astype("int32")`)
  }
  return branch(
    where,
    isInteger(given.dtype) ? asInt32(given) : convert(given, 'int32'),
    branches as TreeFunction[],
    names,
    operands,
  ) as Arrays<R>
}
export { switch_ as switch }

/** An argument as a scalar array. */
function scalarOf(where: string, name: string, value: Leaf): NDArray {
  const [[x], def] = flattenArrays(value, `${where}: ${name}`)
  if (def.kind !== 'leaf' || x === undefined) {
    throw new ShapeError(`${where}: ${name} is ${def.text}; it must be a scalar`)
  }
  if (x.ndim > 0) {
    throw new ShapeError(
      `${where}: ${name} is ${showAval(x)}; it must be a scalar. Use x.any() or x.all(), or vmap for a choice for each entry`,
    )
  }
  return leafToArray(x)
}

/** Stages the functions and applies the one that the index names. */
function branch(
  where: string,
  index: NDArray,
  functions: readonly TreeFunction[],
  names: readonly string[],
  operands: readonly unknown[],
): unknown {
  const [leaves, def] = flattenArrays(operands, `${where}: operands`)
  const staged = functions.map((f, i) => stageFunction(`${where} (${names[i]})`, f, def, leaves))
  const [first] = staged
  staged.forEach((s, i) =>
    checkAlike(
      where,
      'the result',
      { def: first!.result, avals: outputAvals(first!), name: `from ${names[0]}` },
      { def: s.result, avals: outputAvals(s), name: `from ${names[i]}` },
      'all branches must give the same structure, shapes and dtypes',
    ),
  )
  const { jaxprs, captured } = shareCaptured(staged)
  return treeUnflatten(first!.result, bindCond(index, [...leaves, ...captured], jaxprs))
}
