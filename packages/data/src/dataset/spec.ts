import { type DType, isDType, type NDArray, type Operand, ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import type { Bytes } from './bytes.ts'
import { isNested, type Nested } from './nested.ts'
import {
  build,
  type ElementLeaf,
  flatten,
  isElementLeaf,
  isPlainObject,
  type Structure,
  showStructure,
} from './structure.ts'

/** The shape of an element as far as it is known: `null` for a size, or for the whole shape. */
export type PartialShape = readonly (number | null)[] | null

/** What is known about an array of every element. */
export interface ArraySpec<D extends DType = DType> {
  readonly shape: PartialShape
  readonly dtype: D
}

/** Byte strings, before they are parsed. */
export interface BytesSpec {
  readonly shape: PartialShape
  readonly dtype: 'bytes'
}

/** A dataset as part of an element. */
export interface DatasetSpec {
  readonly shape: readonly []
  readonly dtype: 'dataset'
  /** The spec of its own elements; undefined where it is not known. */
  readonly elements: AnySpec | undefined
}

export type LeafSpec = ArraySpec | BytesSpec | DatasetSpec

/** A tree of leaf specs. */
export type AnySpec = LeafSpec | null | undefined | readonly AnySpec[] | { readonly [key: string]: AnySpec }

/** The tree of specs of the elements `T`. */
export type Spec<T> =
  T extends NDArray<infer D extends DType>
    ? ArraySpec<D>
    : T extends Bytes
      ? BytesSpec
      : T extends Nested
        ? DatasetSpec
        : T extends null | undefined
          ? T
          : { readonly [K in keyof T]: Spec<T[K]> }

/** The elements that a tree of specs describes. */
export type ElementOf<S> = S extends LeafSpec
  ? LeafOf<S['dtype']>
  : S extends null | undefined
    ? S
    : { -readonly [K in keyof S]: ElementOf<S[K]> }

type LeafOf<D> = [D] extends [DType]
  ? NDArray<D>
  : [D] extends ['bytes']
    ? Bytes
    : [D] extends ['dataset']
      ? Nested
      : NDArray | Bytes | Nested

/** What a generator may yield: nested lists, numbers and typed arrays stand for arrays where the spec has an array. */
export type Yielded =
  | Operand
  | Bytes
  | Uint8Array
  | Nested
  | null
  | undefined
  | readonly Yielded[]
  | { readonly [key: string]: Yielded }

export const isLeafSpec = (value: unknown): value is LeafSpec =>
  isPlainObject(value) && typeof value.dtype === 'string' && (value.shape === null || Array.isArray(value.shape))

export const flattenSpec = (
  spec: AnySpec,
  where: string,
): { structure: Structure; leaves: LeafSpec[]; paths: string[] } => flatten(spec, isLeafSpec, where)

/** That a spec given by a user is one; `name` is what messages call it. */
export function checkSpec(where: string, spec: AnySpec | undefined, name = 'elementSpec'): void {
  if (spec === undefined) return
  const { leaves, paths } = flattenSpec(spec, `${where}: ${name}`)
  leaves.forEach(({ dtype, shape }, i) => {
    const known = dtype === 'bytes' || dtype === 'dataset' || isDType(dtype)
    const sizes = shape === null || shape.every((n) => n === null || (Number.isInteger(n) && n >= 0))
    if (known && sizes) return
    throw new ValueError(
      `${paths[i]} is ${String(dtype)} of shape ${showPartialShape(shape)}; it must have a dtype such as 'float32' and a shape of whole numbers, null for a size that varies`,
    )
  })
}

/** `f` of every leaf spec. */
export function mapSpec(spec: AnySpec, f: (leaf: LeafSpec) => LeafSpec): AnySpec {
  const { structure, leaves } = flattenSpec(spec, 'spec')
  let next = 0
  return build(structure, () => f(leaves[next++] as LeafSpec)) as AnySpec
}

/** The spec of one element. */
export function specOf(element: unknown): AnySpec {
  const { structure, leaves } = flatten(element, isElementLeaf, 'element')
  let next = 0
  return build(structure, () => {
    const leaf = leaves[next++] as ElementLeaf
    if (isNested(leaf)) return { shape: [], dtype: 'dataset', elements: leaf.elementSpec }
    return { shape: leaf.shape, dtype: leaf.dtype }
  }) as AnySpec
}

/** Whether a shape is one of those that `partial` stands for. */
export const fits = (shape: PartialShape, partial: PartialShape): boolean =>
  shape === null ||
  partial === null ||
  (shape.length === partial.length && shape.every((n, i) => n === null || partial[i] === null || n === partial[i]))

/** What two specs have in common; undefined when structures, dtypes or ranks differ. */
export function commonSpec(a: AnySpec, b: AnySpec): AnySpec | undefined {
  const one = flattenSpec(a, 'spec')
  const two = flattenSpec(b, 'spec')
  if (showStructure(one.structure) !== showStructure(two.structure)) return undefined
  if (one.leaves.some((leaf, i) => leaf.dtype !== two.leaves[i]?.dtype)) return undefined
  let next = 0
  return build(one.structure, () => {
    const leaf = one.leaves[next] as LeafSpec
    const { shape: other } = two.leaves[next++] as LeafSpec
    const { shape, dtype } = leaf
    if (leaf.dtype === 'dataset') return { ...leaf, elements: undefined }
    if (shape === null || other === null || shape.length !== other.length) return { shape: null, dtype }
    return { shape: shape.map((n, i) => (n === other[i] ? n : null)), dtype }
  }) as AnySpec
}

export const showPartialShape = (shape: PartialShape): string =>
  shape === null ? '[…]' : `[${shape.map((n: unknown) => (typeof n === 'string' ? n : shown(n))).join(', ')}]`

const showLeafSpec = (spec: LeafSpec): string =>
  spec.dtype === 'dataset' ? 'dataset' : `${spec.dtype}${showPartialShape(spec.shape)}`

/** As `{a: float32[null, 3], b: int32[]}`. */
export function showSpec(spec: AnySpec): string {
  if (isLeafSpec(spec)) return showLeafSpec(spec)
  if (spec === null || spec === undefined) return 'null'
  if (Array.isArray(spec)) return `[${(spec as readonly AnySpec[]).map(showSpec).join(', ')}]`
  return `{${Object.entries(spec)
    .map(([key, child]) => `${key}: ${showSpec(child as AnySpec)}`)
    .join(', ')}}`
}
