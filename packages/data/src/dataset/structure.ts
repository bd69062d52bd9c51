import { array, type DType, NDArray, TreeError, type TypedArray } from '@cotangent/autodiff/array'
import { Bytes } from './bytes.ts'
import { isNested, type Nested } from './nested.ts'

/** The shape of a tree without its leaves. */
export type Structure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'none' }
  | { readonly kind: 'tuple'; readonly children: readonly Structure[] }
  | { readonly kind: 'record'; readonly keys: readonly string[]; readonly children: readonly Structure[] }

/** What the elements of a dataset are made of. */
export type ElementLeaf = NDArray | Bytes | Nested

/** The element that a tree becomes: numbers, booleans and typed arrays turn into arrays; tuples stay tuples. */
export type Element<T> = T extends NDArray | Bytes | Nested
  ? T
  : T extends number | boolean | TypedArray
    ? NDArray
    : T extends null | undefined
      ? T
      : { -readonly [K in keyof T]: Element<T[K]> }

const leaf: Structure = { kind: 'leaf' }
const none: Structure = { kind: 'none' }

export const isElementLeaf = (value: unknown): value is ElementLeaf =>
  value instanceof NDArray || value instanceof Bytes || isNested(value)

/** `Array.isArray` without `any`. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The leaves of a tree in order (object keys sorted, as in JAX) and its structure. */
export function flatten<L>(
  tree: unknown,
  isLeaf: (value: unknown) => value is L,
  where: string,
): { structure: Structure; leaves: L[]; paths: string[] } {
  const leaves: L[] = []
  const paths: string[] = []
  const walk = (value: unknown, path: string): Structure => {
    if (isLeaf(value)) {
      leaves.push(value)
      paths.push(path)
      return leaf
    }
    if (value === null || value === undefined) return none
    if (Array.isArray(value)) return { kind: 'tuple', children: value.map((child, i) => walk(child, `${path}[${i}]`)) }
    if (isPlainObject(value)) {
      const keys = Object.keys(value).sort()
      return { kind: 'record', keys, children: keys.map((key) => walk(value[key], `${path}.${key}`)) }
    }
    throw notATree(value, path)
  }
  return { structure: walk(tree, where), leaves, paths }
}

/** Appends the leaves of `tree` to `into`; false when its structure is another. The quick way through many elements. */
export function flattenAs(structure: Structure, tree: unknown, into: ElementLeaf[]): boolean {
  switch (structure.kind) {
    case 'leaf':
      if (!isElementLeaf(tree)) return false
      into.push(tree)
      return true
    case 'none':
      return tree === null || tree === undefined
    case 'tuple':
      return (
        Array.isArray(tree) &&
        tree.length === structure.children.length &&
        structure.children.every((child, i) => flattenAs(child, tree[i], into))
      )
    case 'record':
      return (
        isPlainObject(tree) &&
        Object.keys(tree).length === structure.keys.length &&
        structure.children.every((child, i) => {
          const key = structure.keys[i] as string
          return Object.hasOwn(tree, key) && flattenAs(child, tree[key], into)
        })
      )
  }
}

/** The tree of this structure, its leaves taken one after another from `next`. */
export function build(structure: Structure, next: () => unknown): unknown {
  switch (structure.kind) {
    case 'leaf':
      return next()
    case 'none':
      return null
    case 'tuple':
      return structure.children.map((child) => build(child, next))
    case 'record':
      return Object.fromEntries(structure.keys.map((key, i) => [key, build(structure.children[i] as Structure, next)]))
  }
}

/** The structure with each leaf replaced by the next structure. */
export function graft(structure: Structure, next: () => Structure): Structure {
  if (structure.kind === 'leaf') return next()
  if (structure.kind === 'none') return structure
  return { ...structure, children: structure.children.map((child) => graft(child, next)) }
}

/** Readable and canonical: `{a: *, b: [*, *]}`. Two structures are the same when their texts are. */
export function showStructure(structure: Structure): string {
  switch (structure.kind) {
    case 'leaf':
      return '*'
    case 'none':
      return 'null'
    case 'tuple':
      return `[${structure.children.map(showStructure).join(', ')}]`
    case 'record':
      return `{${structure.keys.map((key, i) => `${key}: ${showStructure(structure.children[i] as Structure)}`).join(', ')}}`
  }
}

export const sameStructure = (a: Structure, b: Structure): boolean => showStructure(a) === showStructure(b)

/** `value` as an element: its numbers, booleans and typed arrays become arrays. */
export function toElement(value: unknown, where: string): unknown {
  if (isElementLeaf(value)) return value
  if (typeof value === 'number' || typeof value === 'boolean' || isTypedArray(value)) return array<DType>(value)
  if (value === null || value === undefined) return value
  if (isList(value)) return value.map((child, i) => toElement(child, `${where}[${i}]`))
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toElement(child, `${where}.${key}`)]))
  }
  throw notATree(value, where)
}

export const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

function notATree(value: unknown, path: string): TreeError {
  if (typeof (value as { then?: unknown } | null)?.then === 'function') {
    return new TreeError(`${path} is a Promise inside an element: await it where the element is made`)
  }
  const kind = typeof value === 'object' ? ((value as object).constructor?.name ?? 'object') : typeof value
  return new TreeError(
    `${path} is a ${kind}: elements are nested arrays and plain objects of NDArrays, numbers, booleans, typed arrays and datasets`,
  )
}
