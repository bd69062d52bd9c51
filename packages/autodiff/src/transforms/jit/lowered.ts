import type { Arrays, Liberal } from '../../array/tree-types.ts'
import type { TreeDef } from '../../array/tree.ts'
import type { Aval, Jaxpr } from '../../core/jaxpr.ts'
import type { CostAnalysis } from '../../cost/analysis.ts'
import type { ExportOptions } from '../../onnx/export/to-onnx.ts'

/** Milliseconds that compiling took, part by part; `undefined` what has not been done yet. */
export interface CompilationTimes {
  /** Making a Jaxpr of the function. */
  readonly trace: number
  /** Making a graph of the Jaxpr, and bytes of the graph. */
  readonly lower: number | undefined
  /** What the runtime does with the bytes. 0 where the device has none, or had the program already. */
  readonly session: number | undefined
}

/** A function compiled for arguments of some shapes and dtypes. It takes no others. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: Liberal<A>): Arrays<R>
  readonly compilationTimes: CompilationTimes
}

/** A function traced for arguments of some shapes and dtypes. */
export interface Lowered<A extends readonly unknown[] = readonly never[], R = unknown> {
  readonly jaxpr: Jaxpr
  /** The shapes and dtypes of the arguments' leaves, in order. */
  readonly inputs: readonly Aval[]
  readonly arguments: TreeDef
  readonly result: TreeDef
  /** What tracing took, and what compiling did if it is done. */
  readonly compilationTimes: CompilationTimes
  /** Operations and bytes, without running anything. */
  costAnalysis(): CostAnalysis
  /**
   * Compiles for the device now, so that the first call does not wait; the function itself then has the program too.
   *
   * @throws DeviceError when the device is not there or refuses the program.
   */
  compile(): Promise<Compiled<A, R>>
  /** The program as the bytes of a self-contained .onnx model: see `exportOnnx`. */
  toOnnx(options?: ExportOptions): Uint8Array
  toString(): string
}
