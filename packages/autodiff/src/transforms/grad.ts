import { showGiven } from '../array/show.ts'
import { checkOptions, checkNumbers } from '../array/options.ts'
import { isComplex, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError, TreeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { type TreeDef, treePaths, treeUnflatten } from '../array/tree.ts'
import { showAval } from '../core/jaxpr.ts'
import { full } from '../primitives/broadcast.ts'
import { nameOf, type TreeFunction, type WithAux, type WithoutAux } from './function.ts'
import { leafCotangents, leavesOf, linearizeCall } from './vjp.ts'

/** Which arguments to differentiate in: an index, or several. */
export type Argnums = number | readonly number[]

/** The arguments at `N`, with arrays for leaves: one tree for a number, a tuple for several. */
export type Selected<A extends readonly unknown[], N extends Argnums> = N extends number
  ? Arrays<A[N]>
  : { -readonly [K in keyof N]: N[K] extends number ? Arrays<A[N[K]]> : never }

export interface GradOptions<N extends Argnums = Argnums> {
  /** The argument, or arguments, to differentiate in. @defaultValue 0 */
  readonly argnums?: N
}

/** `argnums` as indices into `args`. */
export function checkArgnums(name: string, argnums: Argnums, args: readonly unknown[]): number[] {
  const given = checkNumbers(name, 'argnums', argnums)
  if (given.length === 0) throw new ValueError(`${name}: argnums is []; it names at least one argument`)
  const indices = given.map((n) => {
    if (Number.isInteger(n) && n < args.length && n >= -args.length) return n < 0 ? n + args.length : n
    throw new ValueError(
      `${name}: argnums ${showGiven(n)} names no argument; the function was called with ${args.length}`,
    )
  })
  const double = indices.find((n, i) => indices.indexOf(n) !== i)
  if (double !== undefined)
    throw new ValueError(`${name}: argnums [${given.join(', ')}] names argument ${double} twice; name each once`)
  return indices
}

/** Throws unless every leaf of the chosen arguments is a float. */
export function checkDifferentiable(
  name: string,
  args: readonly unknown[],
  chosen: (leaf: number) => boolean,
  leaves: readonly NDArray[],
): void {
  const paths = treePaths(args, 'arguments')
  leaves.forEach((x, i) => {
    if (chosen(i) && isComplex(x.dtype)) {
      throw new DTypeError(
        `${name}: ${paths[i]} is ${showAval(x)}; derivatives in complex arguments are not there (JAX's holomorphic). Make the numbers inside the function, of real arguments: ${name}((re, im) => f(lax.complex(re, im)), { argnums: [0, 1] }); or use jvp or vjp`,
      )
    }
    if (chosen(i) && !isFloat(x.dtype)) {
      throw new DTypeError(
        `${name}: ${paths[i]} is ${showAval(x)}; only floats have derivatives. Convert it with x.astype("float32"), or choose other arguments with argnums`,
      )
    }
  })
}

/** The trees of the chosen arguments out of all leaves' values. */
export function pickTrees<T>(
  def: TreeDef,
  values: readonly T[],
  argnums: Argnums,
  indices: readonly number[],
): unknown {
  const trees = treeUnflatten(def, values) as unknown[]
  return typeof argnums === 'number' ? trees[indices[0] as number] : indices.map((i) => trees[i])
}

/** The function's value, its gradient, and what it gave beside. */
function differentiate(
  name: string,
  f: TreeFunction,
  { argnums = 0, hasAux = false }: { argnums?: Argnums; hasAux?: boolean },
  args: readonly unknown[],
): { value: NDArray; gradient: unknown; aux: unknown } {
  const indices = checkArgnums(name, argnums, args)
  const chosen = leavesOf(name, args, indices)
  const call = linearizeCall(name, f, args, chosen)
  checkDifferentiable(name, args, chosen, call.leaves)
  const { staged, linearized, def } = call
  const structure = staged.result
  const scalarResult = hasAux
    ? structure.kind === 'array' && structure.children.length === 2 && structure.children[0]?.kind === 'leaf'
    : structure.kind === 'leaf'
  if (!scalarResult) {
    throw new TreeError(
      hasAux
        ? `${name}: with hasAux the function gives [value, aux], value a scalar array; it gave ${structure.text}`
        : `${name}: the function gives ${structure.kind === 'none' ? 'nothing (is there a return?)' : structure.text}; a gradient needs one scalar array. Use hasAux for more results, or jacrev`,
    )
  }
  const value = linearized.outputs[0] as NDArray
  if (value.ndim !== 0) {
    throw new ShapeError(
      `${name}: the function gives ${showAval(value)}; a gradient needs a scalar. Sum it, or use jacrev or vjp`,
    )
  }
  if (!isFloat(value.dtype))
    throw new DTypeError(
      `${name}: the function gives ${value.dtype}; ${isComplex(value.dtype) ? 'a gradient needs a real number: take np.real(y), np.imag(y) or np.abs(y), or use vjp' : 'only floats have derivatives'}`,
    )
  const seed = linearized.outputs.map((y, i) => (i === 0 ? full([], 1, y.dtype) : null))
  const gradient = pickTrees(def, leafCotangents(call, seed), argnums, indices)
  const aux = hasAux ? (treeUnflatten(structure, linearized.outputs) as unknown[])[1] : undefined
  return { value, gradient, aux }
}

/**
 * The gradient of a function with a scalar result, of the structure of the argument.
 *
 * @throws ShapeError when the result is not a scalar, DTypeError when an argument is not float, TreeError when there is
 * more than one result, TracerError when the function reads a value that is traced.
 * @see JAX's `jax.grad`
 * @example
 * grad((x) => np.sum(x.mul(x)))(np.array([1, 2])) // [2, 4]
 * grad((x, y) => x.mul(y), { argnums: [0, 1] })(2, 3) // [3, 2]
 * grad((x) => [x.mul(x), { x }], { hasAux: true })(3) // [6, { x: 3 }]
 */
export function grad<A extends readonly unknown[]>(f: (...args: A) => NDArray): (...args: Liberal<A>) => Selected<A, 0>
export function grad<A extends readonly unknown[], const N extends Argnums = 0>(
  f: (...args: A) => NDArray,
  options: GradOptions<N> & WithoutAux,
): (...args: Liberal<A>) => Selected<A, N>
export function grad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  f: (...args: A) => readonly [NDArray, X],
  options: GradOptions<N> & WithAux,
): (...args: Liberal<A>) => [gradient: Selected<A, N>, aux: Arrays<X>]
export function grad(
  f: TreeFunction,
  options: GradOptions & { readonly hasAux?: boolean } = {},
): (...args: readonly unknown[]) => unknown {
  const name = nameOf('grad', f)
  checkOptions(name, options, ['argnums', 'hasAux'])
  return (...args) => {
    const { gradient, aux } = differentiate(name, f, options, args)
    return options.hasAux === true ? [gradient, aux] : gradient
  }
}

/**
 * The value of a scalar function and its gradient together; throws what `grad` throws.
 *
 * @see JAX's `jax.value_and_grad`
 * @example valueAndGrad((x) => np.sum(x.mul(x)))(np.array([1, 2])) // [5, [2, 4]]
 */
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => NDArray,
): (...args: Liberal<A>) => [value: NDArray, gradient: Selected<A, 0>]
export function valueAndGrad<A extends readonly unknown[], const N extends Argnums = 0>(
  f: (...args: A) => NDArray,
  options: GradOptions<N> & WithoutAux,
): (...args: Liberal<A>) => [value: NDArray, gradient: Selected<A, N>]
export function valueAndGrad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  f: (...args: A) => readonly [NDArray, X],
  options: GradOptions<N> & WithAux,
): (...args: Liberal<A>) => [value: [NDArray, Arrays<X>], gradient: Selected<A, N>]
export function valueAndGrad(
  f: TreeFunction,
  options: GradOptions & { readonly hasAux?: boolean } = {},
): (...args: readonly unknown[]) => unknown {
  const name = nameOf('valueAndGrad', f)
  checkOptions(name, options, ['argnums', 'hasAux'])
  return (...args) => {
    const { value, gradient, aux } = differentiate(name, f, options, args)
    return [options.hasAux === true ? [value, aux] : value, gradient]
  }
}
