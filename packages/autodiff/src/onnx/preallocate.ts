import type { DType, TypedArray } from '../array/dtype.ts'
import type { TensorInfo } from './backend.ts'
import type { Runtime, RuntimeTensor } from './runtime.ts'

/**
 * Memory for large outputs. Where there is none, that is an error here; the runtime's binding for Node would end the
 * process. (Its text is part of what a worker is started with: it names nothing outside itself.)
 */
export function preallocated(
  { Tensor }: Runtime,
  outputs: readonly (TensorInfo & { readonly name: string })[],
): Record<string, RuntimeTensor | null> | undefined {
  const kinds: Partial<Record<DType, { new (length: number): TypedArray; BYTES_PER_ELEMENT: number }>> = {
    float32: Float32Array,
    float64: Float64Array,
    int8: Int8Array,
    int16: Int16Array,
    int32: Int32Array,
    uint8: Uint8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
    bool: Uint8Array,
  }
  let found: Record<string, RuntimeTensor | null> | undefined
  for (const { name, dtype, shape } of outputs) {
    const kind = kinds[dtype]
    const length = shape.reduce((a, b) => a * b, 1)
    if (kind === undefined || length * kind.BYTES_PER_ELEMENT < 1 << 24) continue
    if (found === undefined) {
      found = {}
      for (const each of outputs) found[each.name] = null
    }
    found[name] = new Tensor(dtype, new kind(length), shape)
  }
  return found
}
