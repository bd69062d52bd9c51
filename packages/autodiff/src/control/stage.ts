import { DTypeError, ShapeError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual } from '../array/shape.ts'
import type { Leaf, Liberal, Tree } from '../array/tree-types.ts'
import { type TreeDef, treePaths, treeUnflatten } from '../array/tree.ts'
import { type Aval, type Jaxpr, showAval, Var } from '../core/jaxpr.ts'
import type { StagedFunction } from '../transforms/function.ts'

/** What a function may give for a tree of arrays `T`: numbers and typed arrays for leaves, and lists that are read-only. */
export type Given<T> = Fixed<Liberal<T>>
type Fixed<T> = Tree extends T ? T : T extends Leaf | null | undefined ? T : { readonly [K in keyof T]: Fixed<T[K]> }

/** Functions staged together, with the same inputs: the values that any of them reads of enclosing traces. */
export interface StagedTogether {
  readonly jaxprs: readonly Jaxpr[]
  /** The values that are the last inputs of every Jaxpr. */
  readonly captured: readonly NDArray[]
}

/** Gives each Jaxpr the captured values of all as its last inputs. */
export function shareCaptured(staged: readonly StagedFunction[]): StagedTogether {
  const captured = [...new Set(staged.flatMap((s) => s.captured))]
  const jaxprs = staged.map(({ jaxpr, captured: own }): Jaxpr => {
    const arguments_ = jaxpr.inputs.slice(0, jaxpr.inputs.length - own.length)
    const variables = new Map(own.map((x, i) => [x, jaxpr.inputs[arguments_.length + i] as Var]))
    return { ...jaxpr, inputs: [...arguments_, ...captured.map((x) => variables.get(x) ?? new Var(x))] }
  })
  return { jaxprs, captured }
}

/** A tree of arrays in a comparison: its structure, its leaves, and what it is called. */
export interface Described {
  readonly def: TreeDef
  readonly avals: readonly Aval[]
  readonly name: string
}

/** Throws unless two trees have one structure, and leaves of the same shapes and dtypes. */
export function checkAlike(where: string, root: string, expected: Described, got: Described, remedy: string): void {
  if (expected.def.text !== got.def.text) {
    throw new TreeError(
      `${where}: ${root} is ${expected.def.text} ${expected.name} and ${got.def.text} ${got.name}; ${remedy}`,
    )
  }
  const paths = treePaths(
    treeUnflatten<number>(
      expected.def,
      expected.avals.map(() => 0),
    ),
    root,
  )
  expected.avals.forEach((aval, i) => {
    const other = got.avals[i] as Aval
    const both = `${where}: ${paths[i]} is ${showAval(aval)} ${expected.name} and ${showAval(other)} ${got.name}`
    if (!shapesEqual(aval.shape, other.shape)) throw new ShapeError(`${both}; ${remedy}`)
    if (aval.dtype !== other.dtype) {
      throw new DTypeError(
        `${both}; ${remedy}. Convert with x.astype("${aval.dtype}"), or start from another dtype: a bare number is float32, np.array(0, { dtype: "${other.dtype}" }) is ${other.dtype}`,
      )
    }
  })
}

/** The avals of a Jaxpr's outputs. */
export const outputAvals = ({ jaxpr }: Pick<StagedFunction, 'jaxpr'>): Aval[] => jaxpr.outputs.map((atom) => atom.aval)
