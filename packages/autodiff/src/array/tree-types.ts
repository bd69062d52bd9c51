import type { BigArray, DType, TypedArray } from './dtype.ts'
import type { NDArray, Operand } from './ndarray.ts'
import type { Shape } from './shape.ts'

/** What counts as one value in a tree. */
export type Leaf = NDArray | number | bigint | boolean | TypedArray | BigArray

/** Nested arrays, plain objects and registered classes of leaves; `null` and `undefined` are empty trees. */
export type Tree = Leaf | null | undefined | readonly Tree[] | { readonly [key: string]: Tree }

/**
 * An object with methods: an instance of a class (`registerTreeNode`), whose type says nothing of its leaves. And a
 * function, which is no tree, but may stand where a transformation passes arguments on.
 */
type Instance<T> = T extends readonly unknown[]
  ? never
  : T extends (...args: never) => unknown
    ? T
    : true extends { [K in keyof T]: T[K] extends (...args: never) => unknown ? true : never }[keyof T]
      ? T
      : never

/**
 * The tree `T` with every leaf replaced by `L`; tuples stay tuples, objects keep their keys, and instances of classes
 * with methods keep their type. An `Operand`, as the functions of `np` take, is one leaf.
 */
export type MapLeaves<T, L> = Tree extends T
  ? T
  : Operand extends T
    ? L
    : T extends Leaf
      ? L
      : T extends null | undefined | Instance<T>
        ? T
        : { [K in keyof T]: Tree extends T[K] ? T[K] : Operand extends T[K] ? L : MapLeaves<T[K], L> }

/** The tree `T` with every leaf an array. */
export type Arrays<T> = Tree extends T ? T : Operand extends T ? NDArray : MapLeaves<T, NDArray>

/** What may be passed where a function takes `T`: numbers, booleans and typed arrays stand for arrays. */
export type Liberal<T> = Tree extends T
  ? T
  : Operand extends T
    ? T
    : T extends NDArray
      ? Leaf
      : T extends Leaf | null | undefined | Instance<T>
        ? T
        : { [K in keyof T]: Tree extends T[K] ? T[K] : Operand extends T[K] ? Leaf : Liberal<T[K]> }

/** What may be passed where a function takes `T` and only shapes and dtypes matter: structs stand for arrays too. */
export type Abstract<T> = Tree extends T
  ? T
  : Operand extends T
    ? T
    : T extends NDArray
      ? Leaf | Struct
      : T extends Leaf | null | undefined | Instance<T>
        ? T
        : { [K in keyof T]: Tree extends T[K] ? T[K] : Operand extends T[K] ? Leaf | Struct : Abstract<T[K]> }

type Struct = { readonly shape: Shape; readonly dtype: DType }
