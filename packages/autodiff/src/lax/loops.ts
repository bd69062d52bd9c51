import { checkOptions } from '../array/options.ts'
import { isInteger, integerRange } from '../array/dtype.ts'
import { DTypeError, ShapeError, TreeError, ValueError } from '../array/errors.ts'
import { type NDArray, scalar } from '../array/ndarray.ts'
import type { Arrays, Leaf } from '../array/tree-types.ts'
import { arrayDef, leafDef, treeUnflatten } from '../array/tree.ts'
import { scanLoop } from '../control/scan.ts'
import { checkAlike, type Given, outputAvals } from '../control/stage.ts'
import { whileLoop as bindWhile } from '../control/while.ts'
import { showAval } from '../core/jaxpr.ts'
import { scalarValue, trace } from '../core/trace.ts'
import { plus } from '../primitives/arithmetic.ts'
import { lt } from '../primitives/comparison.ts'
import {
  evaluateJaxpr,
  flattenArrays,
  leafToArray,
  nameOf,
  stageFunction,
  type TreeFunction,
} from '../transforms/function.ts'
import { unrollOf } from './scan.ts'

const keeps = 'a carry keeps its structure, shapes and dtypes'

/**
 * `bodyFun` applied to `init` again and again, as long as `condFun` holds for what it gives. Both are traced once.
 *
 * Under `vmap` the loop goes on until it is over for every entry; those that are done stay as they are. It has
 * derivatives in forward mode only: the number of iterations, whose values reverse mode would keep, is not known.
 *
 * @throws TreeError, ShapeError or DTypeError when the condition is no scalar of bool or the carry changes its type;
 * TracerError under reverse mode (grad, vjp, jacrev).
 * @see JAX's `jax.lax.while_loop`
 * @example lax.whileLoop((x) => x.lt(10), (x) => x.mul(2), 3) // 12
 */
export function whileLoop<const T>(
  condFun: (carry: NoInfer<Arrays<T>>) => Leaf,
  bodyFun: (carry: NoInfer<Arrays<T>>) => NoInfer<Given<Arrays<T>>>,
  init: T,
): Arrays<T> {
  const where = nameOf('lax.whileLoop', bodyFun as TreeFunction)
  nameOf('lax.whileLoop: condFun', condFun as TreeFunction)
  const [start, def] = flattenArrays(init, `${where}: init`)
  const condition = stageFunction(`${where} (condFun)`, condFun as TreeFunction, arrayDef([def]), start)
  const [goes] = outputAvals(condition)
  if (condition.result.kind !== 'leaf' || goes === undefined) {
    throw new TreeError(`${where}: condFun gives ${condition.result.text}; it must give one scalar of bool`)
  }
  if (goes.shape.length > 0) {
    throw new ShapeError(`${where}: condFun gives ${showAval(goes)}; it must give a scalar: use x.all() or x.any()`)
  }
  if (goes.dtype !== 'bool') {
    throw new DTypeError(`${where}: condFun gives ${showAval(goes)}; it must give bool: compare, as in x.gt(0)`)
  }
  const body = stageFunction(where, bodyFun as TreeFunction, arrayDef([def]), start)
  checkAlike(
    where,
    'the carry',
    { def, avals: start, name: 'in init' },
    { def: body.result, avals: outputAvals(body), name: 'from bodyFun' },
    keeps,
  )
  const values = bindWhile(start, condition.captured, body.captured, condition.jaxpr, body.jaxpr)
  return treeUnflatten(def, values) as Arrays<T>
}

export interface ForiOptions {
  /** As for `scan`; for bounds that are known while tracing. @defaultValue 1 */
  readonly unroll?: number | boolean
}

/**
 * `bodyFun(i, carry)` for `i` from `lower` to before `upper`, the carry going from one to the next.
 *
 * With bounds that are known while tracing it is a `scan`, with derivatives in both modes; else a `whileLoop`.
 * `bodyFun` gets `i` as an integer scalar: int32, or the dtype of bounds that are arrays.
 *
 * @throws TreeError, ShapeError or DTypeError when a bound is no integer scalar or the carry changes its type;
 * ValueError for `unroll` with bounds that are not known.
 * @see JAX's `jax.lax.fori_loop`
 * @example lax.foriLoop(0, 5, (i, sum) => sum.add(i), 0) // 10
 */
export function foriLoop<const T>(
  lower: Leaf,
  upper: Leaf,
  bodyFun: (i: NDArray, carry: NoInfer<Arrays<T>>) => NoInfer<Given<Arrays<T>>>,
  init: T,
  options: ForiOptions = {},
): Arrays<T> {
  const where = nameOf('lax.foriLoop', bodyFun as TreeFunction)
  checkOptions(where, options, ['unroll'])
  const [first, end] = boundsOf(where, lower, upper)
  const [start, def] = flattenArrays(init, `${where}: init`)
  const staged = stageFunction(
    where,
    (i: NDArray, carry: unknown) => (bodyFun as (...args: unknown[]) => unknown)(i, carry),
    arrayDef([leafDef, def]),
    [first, ...start],
  )
  checkAlike(
    where,
    'the carry',
    { def, avals: start, name: 'in init' },
    { def: staged.result, avals: outputAvals(staged), name: 'from bodyFun' },
    keeps,
  )
  const { captured } = staged
  const n = 1 + start.length
  const step = trace(where, [first, ...start, ...captured], (i, ...values) => [
    plus(i!, 1),
    ...evaluateJaxpr(staged.jaxpr, [i!, ...values]),
  ]).jaxpr
  const [from, to] = [scalarValue(first), scalarValue(end)]
  if (from !== undefined && to !== undefined) {
    const length = Math.max(0, Number(to) - Number(from))
    const values = scanLoop([first, ...start], [], captured, {
      jaxpr: step,
      length,
      reverse: false,
      unroll: unrollOf(where, options.unroll, length),
    })
    return treeUnflatten(def, values.slice(1)) as Arrays<T>
  }
  if (options.unroll !== undefined && options.unroll !== false) {
    throw new ValueError(`${where}: unroll is for bounds that are known while tracing; these are known when it runs`)
  }
  const carry = [first, ...start]
  const below = trace(where, [...carry, end], (...values) => [lt(values[0]!, values[n]!)]).jaxpr
  return treeUnflatten(def, bindWhile(carry, [end], captured, below, step).slice(1)) as Arrays<T>
}

/** The bounds as integer scalars of one dtype. */
function boundsOf(where: string, lower: Leaf, upper: Leaf): [NDArray, NDArray] {
  const bounds = [lower, upper].map((bound, i) => {
    const name = i === 0 ? 'lower' : 'upper'
    if (typeof bound === 'number' && Number.isInteger(bound)) return bound
    const [[x], def] = flattenArrays(bound, `${where}: ${name}`)
    if (def.kind !== 'leaf' || x === undefined || x.ndim > 0) {
      throw new ShapeError(`${where}: ${name} is ${x === undefined ? def.text : showAval(x)}; it must be a scalar`)
    }
    if (!isInteger(x.dtype)) {
      throw new DTypeError(
        `${where}: ${name} is ${typeof bound === 'number' ? bound : showAval(x)}; it must be an integer: use x.astype("int32")`,
      )
    }
    return leafToArray(x)
  })
  const dtypes = [...new Set(bounds.flatMap((bound) => (typeof bound === 'number' ? [] : [bound.dtype])))]
  if (dtypes.length > 1) {
    throw new DTypeError(`${where}: lower is ${dtypes[0]} and upper is ${dtypes[1]}; they must have one dtype`)
  }
  const [dtype = 'int32'] = dtypes
  const [least, most] = integerRange(dtype)
  const beyond = bounds.findIndex((bound) => typeof bound === 'number' && (bound < least || bound > most))
  if (beyond >= 0) {
    throw new ValueError(
      `${where}: ${beyond === 0 ? 'lower' : 'upper'} is ${String(bounds[beyond])}, which ${dtype} cannot hold; it goes from ${least} to ${most}`,
    )
  }
  return bounds.map((bound) => (typeof bound === 'number' ? scalar(bound, dtype) : bound)) as [NDArray, NDArray]
}
