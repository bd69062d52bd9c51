import type { DType } from './dtype.ts'
import { CotangentError } from './errors.ts'
import type {
  ArgOptions,
  CumulativeOptions,
  ExtremeOptions,
  GetOptions,
  MeanOptions,
  ReduceOptions,
  SumOptions,
  TestOptions,
  UpdateOptions,
  VarianceOptions,
} from './method-options.ts'
import type { NDArray, Operand } from './ndarray.ts'
import type { Shape } from './shape.ts'

/** Among indices: a new axis of length 1, as NumPy's `np.newaxis`. */
export const newaxis: unique symbol = Symbol('newaxis')

/** The entries of an axis from `start` to before `stop`, every `step`-th; `null` is an open end. */
export type IndexRange = readonly [start: number | null, stop: number | null, step?: number | null]

/**
 * One argument of `x.slice`: an entry, a range, all of an axis, all axes that are left (`'...'`), a new axis, an array
 * of indices, or a mask.
 */
export type Index = number | IndexRange | null | '...' | typeof newaxis | NDArray

/** Where `x.set` and its like work: one index, or a list of them. A range is given in a list: `[[0, 2]]`. */
export type IndexPlace = Exclude<Index, IndexRange> | readonly Index[]

type Unary = (x: NDArray) => NDArray
type Binary = (x: NDArray, y: Operand) => NDArray
type Compare = (x: NDArray, y: Operand) => NDArray<'bool'>
type Reduce<O = ReduceOptions> = (x: NDArray, options: O) => NDArray
type Update = (x: NDArray, index: IndexPlace, value: Operand, options?: UpdateOptions) => NDArray
type Test = (x: NDArray, options: TestOptions) => NDArray<'bool'>

/**
 * What the methods of NDArray call. Arrays alone (this folder) know no arithmetic, so that packages which only carry
 * numbers about need not load the engine; the numpy layer installs it.
 */
export interface ArrayOperations {
  readonly add: Binary
  readonly sub: Binary
  readonly mul: Binary
  readonly div: Binary
  readonly mod: Binary
  readonly pow: Binary
  readonly matmul: Binary
  readonly dot: Binary
  readonly neg: Unary
  readonly abs: Unary
  readonly exp: Unary
  readonly log: Unary
  readonly sqrt: Unary
  readonly square: Unary
  readonly eq: Compare
  readonly ne: Compare
  readonly lt: Compare
  readonly le: Compare
  readonly gt: Compare
  readonly ge: Compare
  readonly sum: Reduce<SumOptions>
  readonly mean: Reduce<MeanOptions>
  readonly prod: Reduce<SumOptions>
  readonly max: Reduce<ExtremeOptions>
  readonly min: Reduce<ExtremeOptions>
  readonly all: Test
  readonly any: Test
  readonly var: (x: NDArray, options: VarianceOptions) => NDArray
  readonly std: (x: NDArray, options: VarianceOptions) => NDArray
  readonly ptp: Reduce
  readonly argmax: (x: NDArray, options: ArgOptions) => NDArray<'int32'>
  readonly argmin: (x: NDArray, options: ArgOptions) => NDArray<'int32'>
  readonly cumsum: (x: NDArray, options: CumulativeOptions) => NDArray
  readonly clip: (x: NDArray, low: Operand | null, high: Operand | null) => NDArray
  readonly round: Unary
  readonly swapaxes: (x: NDArray, axis1: number, axis2: number) => NDArray
  readonly repeat: (x: NDArray, repeats: Operand, options: { axis?: number }) => NDArray
  readonly trace: (x: NDArray, options: { offset: number }) => NDArray
  readonly diagonal: (x: NDArray, options: { offset: number }) => NDArray
  readonly copy: Unary
  readonly reshape: (x: NDArray, shape: Shape) => NDArray
  readonly transpose: (x: NDArray, axes?: readonly number[]) => NDArray
  readonly squeeze: (x: NDArray, axis?: number | readonly number[]) => NDArray
  readonly astype: (x: NDArray, dtype: DType) => NDArray
  readonly slice: (x: NDArray, index: readonly Index[]) => NDArray
  readonly get: (x: NDArray, index: IndexPlace, options?: GetOptions) => NDArray
  readonly set: Update
  readonly addAt: Update
  readonly subAt: Update
  readonly mulAt: Update
  readonly divAt: Update
  readonly powAt: Update
  readonly minAt: Update
  readonly maxAt: Update
  readonly unstack: (x: NDArray, length?: number) => NDArray[]
}

let installed: ArrayOperations | undefined

export function installOperations(table: ArrayOperations): void {
  installed = table
}

export function operations(): ArrayOperations {
  if (installed === undefined) {
    throw new CotangentError(
      "array methods that compute need the engine: import '@cotangent/autodiff' once in your program",
    )
  }
  return installed
}
