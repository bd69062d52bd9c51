import type { Abstract } from '../../array/tree-types.ts'
import { nameOf, type TreeFunction } from '../../transforms/function.ts'
import { withStatics } from '../../transforms/jit/programs.ts'
import { type ExportOptions, toOnnx } from './to-onnx.ts'

/**
 * `f` as the bytes of an .onnx model (opset 21), with everything it captures inside. `specs` give the shapes and dtypes
 * of the arguments: arrays like them, or structs (`shapeDtypeStruct`, a plain `{ shape, dtype }`). The static arguments of
 * a function of `jit` are given as they are, and are part of the model.
 *
 * Sizes may be left open (`dynamicAxes`, `dynamicBatch`). Such a function is traced for two choices of sizes, and refused
 * where the programs differ, because it computes with a size; so what is exported is right for every size.
 *
 * @throws ValueError when names are missing, double or unknown, or when an axis cannot be left open; ShapeError when an
 * input has no such axis; ModelError for arrays that do not fit into a file.
 * @example
 * const data = { shape: [1, 10], dtype: 'float32' }
 * const options = { names: { 'arguments[0]': 'data' }, dynamicAxes: { data: { 0: 'batch' } } }
 * const model = importOnnx(exportOnnx((x) => np.tanh(x), [data], options))
 * model.inputs[0].shape // ['batch', 10]
 */
export function exportOnnx<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  specs: Abstract<A>,
  options: ExportOptions = {},
): Uint8Array {
  const name = nameOf('exportOnnx', f)
  const args = specs as unknown as readonly unknown[]
  const programs = Array.isArray(args) ? withStatics.get(f) : undefined
  if (programs === undefined) return toOnnx(name, f as TreeFunction, args, options)
  const { traced, given, program } = programs.lower(args)
  return toOnnx(name, traced, given, options, program.staged)
}
