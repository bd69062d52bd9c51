import { array, type DType, DTypeError, isFloat, NDArray, type Operand, sizeOf } from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { Bytes } from './bytes.ts'
import { isNested } from './nested.ts'
import { type AnySpec, type ArraySpec, fits, isLeafSpec, type LeafSpec, showPartialShape, showSpec } from './spec.ts'
import { type ElementLeaf, isList, isPlainObject, isTypedArray } from './structure.ts'

/** What a generator yielded, as an element of the spec it promised. */
export function conform(spec: AnySpec, value: unknown, where: string): unknown {
  if (isLeafSpec(spec)) return conformLeaf(spec, value, where)
  if (spec === null || spec === undefined) {
    if (value === null || value === undefined) return value
  } else if (Array.isArray(spec)) {
    if (isList(value) && value.length === spec.length) {
      return spec.map((child: AnySpec, i) => conform(child, value[i], `${where}[${i}]`))
    }
  } else if (isPlainObject(value)) {
    const keys = Object.keys(spec).sort()
    if (Object.keys(value).sort().join('\0') === keys.join('\0')) {
      const children = spec as { readonly [key: string]: AnySpec }
      return Object.fromEntries(keys.map((key) => [key, conform(children[key], value[key], `${where}.${key}`)]))
    }
  }
  throw new DatasetError(`${where} does not have the structure ${showSpec(spec)} that elementSpec promises`)
}

function conformLeaf(spec: LeafSpec, value: unknown, where: string): ElementLeaf {
  if (spec.dtype === 'dataset') {
    if (isNested(value)) return value
    throw new DatasetError(`${where} is not a dataset, as elementSpec promises`)
  }
  const leaf = spec.dtype === 'bytes' ? conformBytes(value, where) : conformArray(spec, value, where)
  if (!fits(leaf.shape, spec.shape)) {
    throw new DatasetError(
      `${where} has shape ${showPartialShape(leaf.shape)} where elementSpec promises ${showPartialShape(spec.shape)}`,
    )
  }
  return leaf
}

function conformBytes(value: unknown, where: string): Bytes {
  if (value instanceof Bytes) return value
  if (value instanceof Uint8Array) return Bytes.of(value)
  throw new DatasetError(`${where} is not Bytes or a Uint8Array, as elementSpec promises`)
}

function conformArray(spec: ArraySpec, value: unknown, where: string): NDArray {
  const { dtype, shape } = spec
  if (value instanceof NDArray) {
    if (value.dtype === dtype) return value
    if (!isFloat(dtype)) throw otherDType(value.dtype, dtype, where)
    return array(value, { dtype })
  }
  if (isTypedArray(value)) {
    const known = shape !== null && shape.every((n) => n !== null) ? (shape as readonly number[]) : undefined
    const options = known !== undefined && sizeOf(known) === value.length ? { shape: known } : {}
    const natural = array(value, options)
    if (natural.dtype === dtype) return natural
    if (!isFloat(dtype)) throw otherDType(natural.dtype, dtype, where)
    return array(natural, { dtype })
  }
  return array(value as Operand, { dtype })
}

const otherDType = (is: DType, promised: DType, where: string): DTypeError =>
  new DTypeError(`${where} is ${is} where elementSpec promises ${promised}; convert it with astype, or promise ${is}`)
