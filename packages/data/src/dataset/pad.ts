import {
  allocate,
  array,
  type DType,
  elementWidth,
  fromHost,
  hostData,
  isInteger,
  NDArray,
  type Operand,
  type Shape,
  sizeOf,
  type TypedArray,
  ValueError,
} from '@cotangent/autodiff/array'
import { DatasetError } from '../errors.ts'
import { allocateBytes, Bytes } from './bytes.ts'
import { type PartialShape, showPartialShape } from './spec.ts'

/** One number of the dtype, as it is stored. */
export function paddingOf(value: Operand, dtype: DType, path: string): TypedArray {
  const x = array(value, value instanceof NDArray ? {} : { dtype })
  if (typeof value === 'number' && isInteger(dtype) && Number(hostData(x)[0]) !== value)
    throw new ValueError(`${path} is ${dtype}, which cannot hold the padding value ${value}`)
  if (x.size !== 1 || x.dtype !== dtype) {
    throw new ValueError(
      `${path} is ${dtype}; its padding value must be a scalar of that dtype, not ${x.dtype}[${x.shape.join(', ')}]`,
    )
  }
  return hostData(x)
}

/** Arrays of one rank and dtype, each padded at its ends, stacked along a new first axis; `path` is what messages call them. */
export function padColumn(
  parts: readonly (NDArray | Bytes)[],
  wanted: PartialShape,
  value: Operand,
  path: string,
): NDArray | Bytes {
  const first = parts[0] as NDArray | Bytes
  const shape = first.shape.map((_, k) => parts.reduce((most, part) => Math.max(most, part.shape[k] ?? 0), 0))
  parts.forEach((part, index) => {
    const is = `element ${index}, ${part.dtype}${showPartialShape(part.shape)}`
    if (part.dtype !== first.dtype)
      throw new DatasetError(`${path}: ${is}: the first is ${first.dtype}; elements of one batch must have one dtype`)
    if (part.shape.length !== first.shape.length)
      throw new DatasetError(
        `${path}: ${is}: the first has ${first.shape.length} axes; elements of one batch must have as many`,
      )
    if (
      wanted !== null &&
      (wanted.length !== part.shape.length || wanted.some((n, k) => n !== null && (part.shape[k] as number) > n))
    )
      throw new DatasetError(`${path}: ${is} is larger than the padded shape ${showPartialShape(wanted)}`)
  })
  const padded = shape.map((n, k) => wanted?.[k] ?? n)
  const whole = [parts.length, ...padded]
  if (first instanceof Bytes) return padBytes(parts as readonly Bytes[], padded, whole)
  const width = elementWidth(first.dtype)
  const store = allocate(first.dtype, sizeOf(whole))
  const fill = paddingOf(value, first.dtype, path)
  if (fill.some((word) => Number(word) !== 0 || Object.is(word, -0)))
    for (let i = 0; i < store.length; i++) store[i] = fill[i % width] as number
  parts.forEach((part, index) => {
    const data = hostData(part as NDArray)
    eachRow(part.shape, padded, (from, to, count) =>
      store.set(data.subarray(from * width, (from + count) * width), (index * sizeOf(padded) + to) * width),
    )
  })
  return fromHost(store, whole, first.dtype)
}

function padBytes(parts: readonly Bytes[], padded: Shape, whole: Shape): Bytes {
  const store = allocateBytes(sizeOf(whole))
  store.buffers.fill(new Uint8Array(0))
  parts.forEach((part, index) => {
    eachRow(part.shape, padded, (from, to, count) => {
      for (let i = 0; i < count; i++) {
        const at = index * sizeOf(padded) + to + i
        store.buffers[at] = part.item(from + i)
        store.ends[at] = part.item(from + i).length
      }
    })
  })
  return new Bytes(store, 0, whole)
}

/** Visits the rows of the last axis of `shape` with where each begins in it, and in `padded`. */
function eachRow(shape: Shape, padded: Shape, visit: (from: number, to: number, count: number) => void): void {
  if (sizeOf(shape) === 0) return
  const rank = shape.length
  const count = shape[rank - 1] ?? 1
  const rows = sizeOf(shape) / count
  for (let row = 0; row < rows; row++) {
    let rest = row
    let to = 0
    let stride = padded[rank - 1] ?? 1
    for (let k = rank - 2; k >= 0; k--) {
      const n = shape[k] as number
      to += (rest % n) * stride
      rest = Math.floor(rest / n)
      stride *= padded[k] as number
    }
    visit(row * count, to, count)
  }
}
