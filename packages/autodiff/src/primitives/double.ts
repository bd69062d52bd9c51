import type { GraphBuilder } from '../core/lowering.ts'
import type { NDArray } from '../array/ndarray.ts'
import { convert } from './convert.ts'
import { lowerAs, type Lowering } from './elementwise.ts'

/**
 * Lowers to what `f` lowers to in float64, whatever the operands' dtype: the results of float32 are then rounded once,
 * as the interpreter's are. WebGPU has no float64.
 */
export const lowerInDouble =
  (name: string, f: (...inputs: NDArray[]) => NDArray): Lowering =>
  (graph, inputs, output) =>
    graph.target === 'webgpu' || output.dtype === 'float64'
      ? (lowerAs(name, f) as Exclude<Lowering, string>)(graph, inputs, output)
      : (
          lowerAs(name, (...xs) => convert(f(...xs.map((x) => convert(x, 'float64'))), output.dtype)) as Exclude<
            Lowering,
            string
          >
        )(graph, inputs, output)

/** Whether the device computes in float64 at about the speed of float32. */
export const hasQuickDoubles = ({ target }: Pick<GraphBuilder, 'target'>): boolean =>
  target === 'cpu' || target === 'wasm'
