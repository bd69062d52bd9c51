import { checkOptions } from '../array/options.ts'
import { isComplex, isDifferentiable, isFloat } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal, MapLeaves } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { showAval } from '../core/jaxpr.ts'
import { pick, spread } from '../core/masks.ts'
import type { Tangent } from '../core/primitive.ts'
import { trace } from '../core/trace.ts'
import { identity } from '../primitives/matrices.ts'
import { pad, sliceAxis } from '../primitives/slicing.ts'
import { full, zerosLike } from '../primitives/broadcast.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'
import { evaluateBatched } from './batch.ts'
import { nameOf, splitAux, type TreeFunction, type WithAux, type WithoutAux } from './function.ts'
import { type Argnums, checkArgnums, checkDifferentiable, type GradOptions, pickTrees, type Selected } from './grad.ts'
import { leavesOf, type LinearizedCall, linearizeCall, pullBack } from './vjp.ts'

/** The Jacobian of a result `R` in the arguments at `N`: for each leaf of the result a tree like the argument. */
export type Jacobian<R, A extends readonly unknown[], N extends Argnums> = MapLeaves<R, Selected<A, N>>

type Options = { argnums?: Argnums; hasAux?: boolean }

/** A linearized call whose results are to have a Jacobian. */
interface Prepared {
  readonly call: LinearizedCall
  readonly indices: readonly number[]
  readonly outputs: readonly NDArray[]
}

function prepare(name: string, f: TreeFunction, { argnums = 0 }: Options, args: readonly unknown[]): Prepared {
  const indices = checkArgnums(name, argnums, args)
  const chosen = leavesOf(name, args, indices)
  const call = linearizeCall(name, f, args, chosen)
  checkDifferentiable(name, args, chosen, call.leaves)
  return { call, indices, outputs: call.linearized.outputs }
}

/**
 * All basis vectors of arrays of these abstract values at once: for each array `[total, …shape]`, one unit vector a
 * row, total being the number of elements in all of them.
 */
function basis(arrays: readonly NDArray[]): { total: number; vectors: NDArray[] } {
  const total = arrays.reduce((sum, x) => sum + x.size, 0)
  let offset = 0
  const vectors = arrays.map((x) => {
    const n = x.size
    const unit = identity([n, n], x.dtype)
    const rows = pad(unit, full([], 0, x.dtype), { low: [offset, 0], high: [total - offset - n, 0], interior: [0, 0] })
    offset += n
    return reshape(rows, [total, ...x.shape])
  })
  return { total, vectors }
}

/** The entries of axis `axis` that belong to each of the arrays, with their shapes. */
function unravel(x: NDArray, axis: number, arrays: readonly NDArray[]): NDArray[] {
  let offset = 0
  return arrays.map((part) => {
    const rows = sliceAxis(x, axis, offset, offset + part.size)
    offset += part.size
    return reshape(rows, [...x.shape.slice(0, axis), ...part.shape, ...x.shape.slice(axis + 1)])
  })
}

/** For each output leaf the Jacobians in all leaves; `null` for leaves that are not differentiated in. */
function forwardJacobian({ call }: Prepared, outputs: readonly NDArray[]): (NDArray | null)[][] {
  const { linear, residuals, mask } = call.linearized
  const active = pick(call.leaves, call.active)
  const { total, vectors } = basis(active)
  const dims = [...residuals.map(() => null), ...vectors.map(() => 0)]
  const tangents = evaluateBatched(linear, [...residuals, ...vectors], dims, total)
  const ofOutputs = spread(tangents, mask)
  return outputs.map((y, i) => {
    const tangent = ofOutputs[i]
    if (tangent == null || tangent.dim === null)
      return spread(
        active.map((x) => zerosLike({ shape: [...y.shape, ...x.shape], dtype: y.dtype })),
        call.active,
      )
    return spread(unravel(moveAxis(tangent.value, tangent.dim, y.ndim), y.ndim, active), call.active)
  })
}

function reverseJacobian({ call }: Prepared, outputs: readonly NDArray[]): (NDArray | null)[][] {
  const active = pick(call.leaves, call.active)
  const float = outputs.filter((y) => isFloat(y.dtype))
  const { total, vectors } = basis(float)
  const { linearized } = call
  // The pullback as a Jaxpr of cotangents, to be run over the whole basis at once.
  let found: boolean[] = []
  const pullback = trace('jacrev', float, (...cts) => {
    const all: readonly Tangent[] = spread(
      cts,
      outputs.map((y) => isFloat(y.dtype)),
    )
    const given = pullBack(linearized, [...all, ...linearized.outputs.slice(outputs.length).map(() => null)])
    found = given.map((ct) => ct !== null)
    return given.flatMap((ct) => (ct === null ? [] : [ct]))
  })
  const dims = [...vectors.map(() => 0), ...pullback.captured.map(() => null)]
  const rows = evaluateBatched(pullback.jaxpr, [...vectors, ...pullback.captured], dims, total)
  const ofLeaves = spread(rows, found)
  const columns = active.map((x, i) => {
    const row = ofLeaves[i]
    if (row == null || row.dim === null)
      return float.map((y) => zerosLike({ shape: [...y.shape, ...x.shape], dtype: x.dtype }))
    return unravel(moveAxis(row.value, row.dim, 0), 0, float)
  })
  return float.map((_, y) =>
    spread(
      columns.map((column) => column[y] as NDArray),
      call.active,
    ),
  )
}

type Mode = (prepared: Prepared, outputs: readonly NDArray[]) => (NDArray | null)[][]

function jacobian(
  name: string,
  mode: Mode,
  f: TreeFunction,
  options: Options,
  args: readonly unknown[],
): { value: unknown; jacobian: unknown; aux: unknown } {
  const prepared = prepare(name, f, options, args)
  const { call, indices } = prepared
  const { result } = call.staged
  const values = treeUnflatten(result, prepared.outputs)
  const { value: def } = splitAux(name, options.hasAux === true, result)
  const outputs = prepared.outputs.slice(0, def.leaves)
  outputs.forEach((y) => {
    if (isComplex(y.dtype) && mode === reverseJacobian)
      throw new DTypeError(
        `${name}: the function gives ${showAval(y)}; reverse mode needs real results: take np.real(y), np.imag(y) or np.abs(y), or use jacfwd`,
      )
    if (!isDifferentiable(y.dtype))
      throw new DTypeError(
        `${name}: the function gives ${showAval(y)}; only floats have derivatives. Use hasAux for other results`,
      )
  })
  const { argnums = 0 } = options
  const leaves = mode(prepared, outputs).map((row) => pickTrees(call.def, row, argnums, indices))
  const [value, aux] = options.hasAux === true ? (values as [unknown, unknown]) : [values, undefined]
  return { value, jacobian: treeUnflatten(def, leaves), aux }
}

type JacobianOf<A extends readonly unknown[], R, N extends Argnums> = (...args: Liberal<A>) => Jacobian<R, A, N>
type ValueAndJacobianOf<A extends readonly unknown[], R, N extends Argnums> = (
  ...args: Liberal<A>
) => [value: Arrays<R>, jacobian: Jacobian<R, A, N>]

/** A transformation to Jacobians: leaf `y` of the result and leaf `x` of the argument give shape `[…y, …x]`. */
export interface JacobianTransform {
  <A extends readonly unknown[], R>(f: TreeFunction<A, R>): JacobianOf<A, R, 0>
  <A extends readonly unknown[], R, const N extends Argnums = 0>(
    f: TreeFunction<A, R>,
    options: GradOptions<N> & WithoutAux,
  ): JacobianOf<A, R, N>
  <A extends readonly unknown[], R, X, const N extends Argnums = 0>(
    f: TreeFunction<A, readonly [R, X]>,
    options: GradOptions<N> & WithAux,
  ): (...args: Liberal<A>) => [jacobian: Jacobian<R, A, N>, aux: Arrays<X>]
}

/** The same, with the function's value, which is computed once. */
export interface ValueAndJacobianTransform {
  <A extends readonly unknown[], R>(f: TreeFunction<A, R>): ValueAndJacobianOf<A, R, 0>
  <A extends readonly unknown[], R, const N extends Argnums = 0>(
    f: TreeFunction<A, R>,
    options: GradOptions<N> & WithoutAux,
  ): ValueAndJacobianOf<A, R, N>
  <A extends readonly unknown[], R, X, const N extends Argnums = 0>(
    f: TreeFunction<A, readonly [R, X]>,
    options: GradOptions<N> & WithAux,
  ): (...args: Liberal<A>) => [value: [Arrays<R>, Arrays<X>], jacobian: Jacobian<R, A, N>]
}

const jacobianTransform = (name: string, mode: Mode): JacobianTransform =>
  ((f: TreeFunction, options: Options = {}) => {
    const where = nameOf(name, f)
    checkOptions(where, options, ['argnums', 'hasAux'])
    return (...args: readonly unknown[]) => {
      const { jacobian: J, aux } = jacobian(where, mode, f, options, args)
      return options.hasAux === true ? [J, aux] : J
    }
  }) as JacobianTransform

const valueAndJacobianTransform = (name: string, mode: Mode): ValueAndJacobianTransform =>
  ((f: TreeFunction, options: Options = {}) => {
    const where = nameOf(name, f)
    checkOptions(where, options, ['argnums', 'hasAux'])
    return (...args: readonly unknown[]) => {
      const { value, jacobian: J, aux } = jacobian(where, mode, f, options, args)
      return [options.hasAux === true ? [value, aux] : value, J]
    }
  }) as ValueAndJacobianTransform

/**
 * The Jacobian by forward mode: all basis tangents in one batched pass. Cheap where there are fewer inputs than
 * outputs. For each leaf of the result [R…] and each of the argument [A…] there is a block [R…, A…].
 *
 * @throws DTypeError when an argument is not float, ValueError when `argnums` names none.
 * @see JAX's `jax.jacfwd`
 * @example jacfwd((x) => x.mul(x))(np.array([1, 2])) // [[2, 0], [0, 4]]
 */
export const jacfwd: JacobianTransform = jacobianTransform('jacfwd', forwardJacobian)

/**
 * The Jacobian by reverse mode: all basis cotangents in one batched pass. Cheap where there are fewer outputs than
 * inputs. Shapes and errors are those of `jacfwd`.
 *
 * @see JAX's `jax.jacrev`
 * @example jacrev((x) => np.sum(x.mul(x)))(np.array([1, 2])) // [2, 4]
 */
export const jacrev: JacobianTransform = jacobianTransform('jacrev', reverseJacobian)

/**
 * The value and the Jacobian by forward mode; the function is evaluated once. The original's `value_and_jacfwd`.
 *
 * @example valueAndJacfwd((x) => x.mul(x))(np.array([1, 2])) // [[1, 4], [[2, 0], [0, 4]]]
 */
export const valueAndJacfwd: ValueAndJacobianTransform = valueAndJacobianTransform('valueAndJacfwd', forwardJacobian)

/**
 * The value and the Jacobian by reverse mode; the function is evaluated once.
 *
 * @example valueAndJacrev((x) => np.sum(x.mul(x)))(np.array([1, 2])) // [5, [2, 4]]
 */
export const valueAndJacrev: ValueAndJacobianTransform = valueAndJacobianTransform('valueAndJacrev', reverseJacobian)

/**
 * The second derivatives of a scalar function, [A…, A…] for an argument [A…]: forward over reverse.
 *
 * @throws DTypeError when an argument is not float.
 * @see JAX's `jax.hessian`
 * @example hessian((x) => np.sum(x.mul(x).mul(x)))(np.array([1, 2])) // [[6, 0], [0, 12]]
 */
export function hessian<A extends readonly unknown[], const N extends Argnums = 0>(
  f: (...args: A) => NDArray,
  options?: GradOptions<N> & WithoutAux,
): (...args: Liberal<A>) => Jacobian<Selected<A, N>, A, N>
export function hessian<A extends readonly unknown[], X, const N extends Argnums = 0>(
  f: (...args: A) => readonly [NDArray, X],
  options: GradOptions<N> & WithAux,
): (...args: Liberal<A>) => [hessian: Jacobian<Selected<A, N>, A, N>, aux: Arrays<X>]
export function hessian(f: TreeFunction, options: Options = {}): (...args: readonly unknown[]) => unknown {
  const name = nameOf('hessian', f)
  checkOptions(name, options, ['argnums', 'hasAux'])
  const inner = (...args: readonly unknown[]): unknown => {
    const { jacobian: J, aux } = jacobian(name, reverseJacobian, f, options, args)
    return options.hasAux === true ? [J, aux] : J
  }
  return (...args) => {
    const { jacobian: H, aux } = jacobian(name, forwardJacobian, inner as TreeFunction, options, args)
    return options.hasAux === true ? [H, aux] : H
  }
}
