import { type NDArray, np } from '@cotangent/autodiff'
import { type DType, isFloat } from '@cotangent/autodiff/array'
import { integers } from '../dtypes.ts'

/** A call of a primitive on one dtype, with operands that hold every value where devices are known to differ. */
export interface PrimitiveCase {
  /** The primitive's own name. */
  readonly primitive: string
  /** What is special about the operands or parameters. */
  readonly note: string
  readonly dtype: DType
  readonly f: (...operands: NDArray[]) => NDArray | NDArray[]
  readonly operands: readonly NDArray[]
  /** Operands where it is smooth, for gradients; none where it has no derivative. */
  readonly smooth?: readonly NDArray[]
}

export { all, halves, wideFloats as floats, integers, wideNumbers as numbers } from '../dtypes.ts'

const floatEdges = [
  NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3.7, 0.1, -0.3, 0.999, -0.97, 1.0001, 1e-7,
  -1e-7, 1e-30, 7.25, -7.25, 20, -20, 50, -50, 1000, -1000, 123456.75, 2147483647, -2147483648, 3e9, -3e9, 5e9, 1e20,
  -1e20, 1e30, -1e30,
] // biome-ignore format: a list of numbers
export const edges: Readonly<Record<DType, readonly number[]>> = {
  float32: floatEdges,
  float64: [...floatEdges, 1e100, -1e100, 1e-200],
  int32: [0, 1, -1, 2, -2, 3, 7, -7, 10, 31, 32, 33, -31, -32, 65536, 46341, 2147483647, -2147483647, -2147483648],
  uint32: [0, 1, 2, 3, 7, 10, 31, 32, 33, 65536, 46341, 2147483647, 2147483648, 2147483649, 4294967294, 4294967295],
  bool: [0, 1, 1, 0, 1],
  int8: [0, 1, -1, 2, -2, 3, 7, -7, 8, 9, -9, 16, 100, 127, -127, -128],
  int16: [0, 1, -1, 2, -3, 7, -7, 15, 16, 17, 182, -256, 32767, -32767, -32768],
  int64: [0, 1, -1, 2, -3, 7, -7, 31, 63, 64, 65, 3037000500, 2 ** 53, -(2 ** 53), 2 ** 62, 2 ** 63, -(2 ** 63)],
  uint8: [0, 1, 2, 3, 7, 8, 9, 16, 127, 128, 200, 255],
  uint16: [0, 1, 2, 7, 15, 16, 17, 256, 32767, 32768, 65535],
  uint64: [0, 1, 2, 7, 63, 64, 65, 4294967296, 2 ** 53, 2 ** 63, 2 ** 64],
  float16: floatEdges,
  bfloat16: floatEdges,
  complex64: [],
}

/** An array of these numbers, exactly (integers beyond float32 too). */
export const arrayOf = (values: readonly number[], dtype: DType, shape: readonly number[] = [values.length]): NDArray =>
  np.array(Float64Array.from(values), { dtype, shape: [...shape] })

export const edgesOf = (dtype: DType): NDArray => arrayOf(edges[dtype], dtype)
/** Every pair of edge values. */
export function pairsOf(dtype: DType, keep: (x: number, y: number) => boolean = () => true): [NDArray, NDArray] {
  const pairs = edges[dtype].flatMap((x) => edges[dtype].flatMap((y) => (keep(x, y) ? [[x, y] as const] : [])))
  const of = (side: 0 | 1): NDArray =>
    arrayOf(
      pairs.map((pair) => pair[side]),
      dtype,
    )
  return [of(0), of(1)]
}

/** Unremarkable numbers, none equal, for a shape. */
export function plain(shape: readonly number[], dtype: DType, salt = 0): NDArray {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: n }, (_, i) => Math.sin(3.7 * i + salt + 0.3) * 2.5)
  if (dtype === 'bool')
    return arrayOf(
      values.map((v) => Number(v > 0)),
      dtype,
      shape,
    )
  if (integers.includes(dtype)) {
    const whole = (v: number): number => Math.trunc((dtype.startsWith('u') ? Math.abs(v) : v) * 7)
    return arrayOf(values.map(whole), dtype, shape)
  }
  return arrayOf(values, dtype, shape)
}

/** Numbers between `low` and `high`. */
export const between = (low: number, high: number, dtype: DType): NDArray =>
  arrayOf(
    Array.from({ length: 12 }, (_, i) => low + ((high - low) * ((i * 7) % 12) + 0.4) / 12),
    dtype,
  )

export type Call = PrimitiveCase['f']
/** Collects cases: one for each dtype. */
export interface CaseList {
  readonly cases: PrimitiveCase[]
  readonly add: (
    primitive: string,
    dtypes: readonly DType[],
    f: Call,
    operands: (dtype: DType) => readonly NDArray[],
    note?: string,
    smooth?: (dtype: DType) => readonly NDArray[],
  ) => void
}

export function caseList(): CaseList {
  const cases: PrimitiveCase[] = []
  const add: CaseList['add'] = (primitive, dtypes, f, operands, note = '', smooth) => {
    for (const dtype of dtypes) {
      const away = isFloat(dtype) ? smooth?.(dtype) : undefined
      cases.push({ primitive, note, dtype, f, operands: operands(dtype), ...(away && { smooth: away }) })
    }
  }
  return { cases, add }
}
