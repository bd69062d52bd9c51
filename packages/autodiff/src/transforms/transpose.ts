import { isDifferentiable } from '../array/dtype.ts'
import { DTypeError, TracerError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treePaths, treeUnflatten } from '../array/tree.ts'
import { type Atom, type Jaxpr, memoize, showAval, Var } from '../core/jaxpr.ts'
import { drop, maskKey, masksOf, pick, spread } from '../core/masks.ts'
import { Linear, type Tangent, Undefined } from '../core/primitive.ts'
import { from } from '../core/context.ts'
import { bind, trace } from '../core/trace.ts'
import { add } from '../primitives/arithmetic.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { flattenArrays, nameOf, stageFunction, type TreeFunction } from './function.ts'
import { checkTangents } from './jvp.ts'

/**
 * Runs a Jaxpr backwards: from the cotangents of its outputs to those of the inputs that are `null` in `args`, in
 * which it is linear. The other inputs have their values in `args`.
 */
export function evaluateTransposed(
  jaxpr: Jaxpr,
  args: readonly (NDArray | null)[],
  cotangents: readonly Tangent[],
): Tangent[] {
  const values = new Map<Var, NDArray>()
  jaxpr.inputs.forEach((v, i) => {
    const value = args[i]
    if (value != null) values.set(v, value)
  })
  const valueOf = (atom: Atom): NDArray | undefined => (atom instanceof Var ? values.get(atom) : atom.value)
  // What does not depend on the linear inputs is computed first.
  const linear = jaxpr.equations.filter((equation) => {
    const inputs = equation.inputs.map(valueOf)
    if (inputs.some((x) => x === undefined)) return true
    const outputs = from(equation.source, () => bind(equation.primitive, inputs as NDArray[], equation.params))
    equation.outputs.forEach((v, i) => values.set(v, outputs[i] as NDArray))
    return false
  })
  const gathered = new Map<Var, NDArray>()
  const give = (atom: Atom, ct: Tangent | undefined): void => {
    if (ct == null || !(atom instanceof Var) || values.has(atom)) return
    const before = gathered.get(atom)
    gathered.set(atom, before === undefined ? ct : add(before, ct))
  }
  jaxpr.outputs.forEach((atom, i) => give(atom, cotangents[i]))
  for (const { primitive, inputs, outputs, params, source } of linear.toReversed()) {
    const cts = outputs.map((v) => gathered.get(v) ?? null)
    if (cts.every((ct) => ct === null)) continue
    if (primitive.transpose instanceof Undefined) {
      throw new TracerError(
        `linearTranspose: ${primitive.name} cannot be transposed: ${primitive.transpose.reason}; the function must be linear in its arguments`,
      )
    }
    const operands = inputs.map((atom) => valueOf(atom) ?? new Linear(atom.aval))
    const { transpose } = primitive
    from(source, () => {
      const given = transpose(cts, operands, params)
      inputs.forEach((atom, i) => give(atom, given[i]))
    })
  }
  return jaxpr.inputs.map((v, i) => (args[i] == null ? (gathered.get(v) ?? null) : null))
}

export interface TransposedJaxpr {
  /** From the known inputs, and then the non-zero cotangents, to the non-zero cotangents of the linear inputs. */
  readonly jaxpr: Jaxpr
  /** For each linear input, whether its cotangent is not a symbolic zero. */
  readonly mask: readonly boolean[]
}

/**
 * A transposed Jaxpr as a Jaxpr: linear in the inputs `linear[i]`, with cotangents for the outputs `nonzero[i]`. Those
 * of the inputs `wanted[i]` are there in any case.
 */
export const transposeOfJaxpr: (
  jaxpr: Jaxpr,
  linear: readonly boolean[],
  nonzero: readonly boolean[],
  wanted?: readonly boolean[],
) => TransposedJaxpr = (jaxpr, linear, nonzero, wanted = []) => transposeMemo(jaxpr, maskKey(linear, nonzero, wanted))

const transposeMemo = memoize((jaxpr: Jaxpr, key: string): TransposedJaxpr => {
  const [linear, nonzero, wanted] = masksOf(key) as [boolean[], boolean[], boolean[]]
  const known = drop(jaxpr.inputs, linear).map((v) => v.aval)
  const cts = pick(jaxpr.outputs, nonzero).map((v) => v.aval)
  let mask: boolean[] = []
  const { jaxpr: transposed } = trace('transpose', [...known, ...cts], (...inputs) => {
    const args = spread(
      inputs,
      linear.map((is) => !is),
    )
    const given = spread(inputs.slice(known.length), nonzero)
    const all = evaluateTransposed(jaxpr, args, given).map((ct, i) =>
      ct === null && wanted[i] === true ? zerosLike((jaxpr.inputs[i] as Var).aval) : ct,
    )
    const out = pick(all, linear)
    mask = out.map((ct) => ct !== null)
    return out.flatMap((ct) => (ct === null ? [] : [ct]))
  })
  return { jaxpr: transposed, mask }
})

/**
 * The transpose of a function that is linear in its arguments: from a cotangent of its result to those of the
 * arguments, which `example` (arrays, or anything of their shapes) stands for.
 *
 * @throws TracerError when the function is not linear.
 * @see JAX's `jax.linear_transpose`
 * @example linearTranspose((x) => x.mul(3), np.zeros([2]))(np.array([1, 2])) // [[3, 6]]
 */
export function linearTranspose<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...example: Liberal<A>
): (cotangent: Arrays<R>) => Arrays<A> {
  const name = nameOf('linearTranspose', f)
  const [leaves, def] = flattenArrays(example, `${name}: arguments`)
  const paths = treePaths(example, 'arguments')
  leaves.forEach((x, i) => {
    if (!isDifferentiable(x.dtype))
      throw new DTypeError(
        `${name}: ${paths[i]} is ${showAval(x)}; only functions of floats have a transpose. Close over what is not`,
      )
  })
  return (cotangent) => {
    const staged = stageFunction(name, f as TreeFunction, def, leaves)
    const [cts, ctDef] = flattenArrays(cotangent, `${name}: cotangent`)
    if (ctDef.text !== staged.result.text) {
      throw new TreeError(
        `${name}: the cotangent ${ctDef.text} does not have the structure of the result ${staged.result.text}`,
      )
    }
    checkTangents(
      name,
      'cotangent',
      cts,
      staged.jaxpr.outputs.map((atom) => atom.aval),
    )
    const out = evaluateTransposed(staged.jaxpr, [...leaves.map(() => null), ...staged.captured], cts)
    return treeUnflatten(
      def,
      leaves.map((x, i) => out[i] ?? zerosLike(x)),
    ) as Arrays<A>
  }
}
