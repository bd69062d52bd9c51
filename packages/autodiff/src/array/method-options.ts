import type { DType } from './dtype.ts'
import type { Operand } from './ndarray.ts'

/** Options of the functions of `np` that arrays have as methods. */

export interface ReduceOptions {
  /** Axis or axes to reduce, negative ones from the end. @defaultValue all */
  readonly axis?: number | readonly number[] | null | undefined
  /** Keep reduced axes with length 1. @defaultValue false */
  readonly keepdims?: boolean | undefined
}

export interface TestOptions extends ReduceOptions {
  /** The entries that take part, as booleans that broadcast to the array. @defaultValue all */
  readonly where?: Operand | undefined
}

export interface ExtremeOptions extends TestOptions {
  /** A number that takes part too; `where` and empty arrays need one. @defaultValue none */
  readonly initial?: number | bigint | undefined
}

export interface MeanOptions extends TestOptions {
  /** The dtype to compute in, and of the result. @defaultValue the array's; float32 for integers */
  readonly dtype?: DType | undefined
}

export interface SumOptions extends TestOptions {
  /** A number that takes part too. @defaultValue none */
  readonly initial?: number | bigint | undefined
  /** The dtype to compute in, and of the result. @defaultValue the array's; int32 for bool and smaller integers */
  readonly dtype?: DType | undefined
}

export interface VarianceOptions extends MeanOptions {
  /** Divide by n − ddof. @defaultValue 0 */
  readonly ddof?: number | undefined
  /** The Array API's name of `ddof`. @defaultValue ddof */
  readonly correction?: number | undefined
  /** The mean, if it is known already: with the reduced axes, of length 1. @defaultValue it is computed */
  readonly mean?: Operand | undefined
}

export interface ArgOptions {
  /** The axis to look along. @defaultValue none: the index is into the flattened array */
  readonly axis?: number | null | undefined
  /** Keep the axis with length 1. @defaultValue false */
  readonly keepdims?: boolean | undefined
}

export interface CumulativeOptions {
  /** The axis to go along. @defaultValue none: the array is flattened */
  readonly axis?: number | null | undefined
  /** The dtype to compute in, and of the result. @defaultValue the array's; int32 for bool */
  readonly dtype?: DType | undefined
}

/** What is known of indices, and what becomes of those outside. */
export interface UpdateOptions {
  /** Updates outside the array are dropped, or go to the nearest entry. @defaultValue 'drop' */
  readonly mode?: 'drop' | 'fill' | 'clip' | 'promiseInBounds'
  /** A promise that no entry is named twice. @defaultValue false */
  readonly uniqueIndices?: boolean
  /** A promise that the indices are sorted; nothing here is faster for it. @defaultValue false */
  readonly indicesAreSorted?: boolean
}

export interface GetOptions extends Omit<UpdateOptions, 'mode'> {
  /**
   * Outside the array `fill` gives `fillValue`, the others the nearest entry; `promiseInBounds` has no derivative there.
   *
   * @defaultValue 'promiseInBounds'
   */
  readonly mode?: 'fill' | 'drop' | 'clip' | 'promiseInBounds'
  /** @defaultValue NaN; the least signed, the greatest unsigned integer; true */
  readonly fillValue?: number | bigint
}
