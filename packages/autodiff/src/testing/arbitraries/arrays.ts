import fc from 'fast-check'
import { array } from '../../array/create.ts'
import { type DType, dtypes, type FloatDType, isComplex, isFloat, isInteger, isSigned } from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { range, type Shape, sizeOf } from '../../array/shape.ts'
import { complex } from '../../primitives/complex.ts'

export interface ShapeConstraints {
  /** @defaultValue 0 */
  readonly minRank?: number
  /** @defaultValue 3 */
  readonly maxRank?: number
  /** The least length of an axis; 0 makes arrays without elements too. @defaultValue 1 */
  readonly minLength?: number
  /** @defaultValue 3 */
  readonly maxLength?: number
}

/** Shapes, shrinking to fewer and shorter axes. */
export const shapes = ({
  minRank = 0,
  maxRank = 3,
  minLength = 1,
  maxLength = 3,
}: ShapeConstraints = {}): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: minLength, max: maxLength }), { minLength: minRank, maxLength: maxRank })

/** `count` shapes that broadcast together: axes are dropped from the front of a common shape, or are 1. */
export const broadcastableShapes = (count: number, constraints: ShapeConstraints = {}): fc.Arbitrary<number[][]> =>
  shapes(constraints).chain((shape) =>
    fc.tuple(
      ...range(count).map(() =>
        fc
          .tuple(
            fc.integer({ min: 0, max: shape.length }),
            fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
          )
          .map(([dropped, ones]) => shape.map((n, i) => (ones[i] === true ? 1 : n)).slice(dropped)),
      ),
    ),
  )

/** Element types, float32 first. */
export const anyDType = (among: readonly DType[] = dtypes): fc.Arbitrary<DType> => fc.constantFrom(...among)
/** float32 or float64. */
export const floatDType = (): fc.Arbitrary<FloatDType> => fc.constantFrom('float32', 'float64')

export interface ElementConstraints {
  /** @defaultValue -4 (0 for unsigned integers) */
  readonly min?: number
  /** @defaultValue 4 */
  readonly max?: number
  /** Numbers nearer to 0 than this are left out: away from poles and kinks. @defaultValue 0 */
  readonly awayFromZero?: number
  /** NaN, infinities, −0 and numbers at the ends of the dtype's range too, for floats. @defaultValue false */
  readonly edges?: boolean
  /** No number twice, for what has kinks at ties. @defaultValue false */
  readonly distinct?: boolean
}

/** Floats are multiples of this, so that they are exact in every float dtype and print short. */
const GRID = 1 / 64

const edgesOf = (dtype: FloatDType): number[] =>
  dtype === 'float32'
    ? [NaN, Infinity, -Infinity, -0, 0, 3.4028234663852886e38, 1.401298464324817e-45]
    : [NaN, Infinity, -Infinity, -0, 0, Number.MAX_VALUE, Number.MIN_VALUE]

function elements(dtype: DType, constraints: ElementConstraints): fc.Arbitrary<number> {
  if (dtype === 'bool') return fc.integer({ min: 0, max: 1 })
  const { min = isInteger(dtype) && !isSigned(dtype) ? 0 : -4, max = 4, awayFromZero = 0 } = constraints
  const step = isInteger(dtype) ? 1 : GRID
  const number = fc
    .integer({ min: Math.ceil(min / step), max: Math.floor(max / step) })
    .map((n) => n * step)
    .filter((x) => Math.abs(x) >= awayFromZero)
  return isFloat(dtype) && constraints.edges === true
    ? fc.oneof({ weight: 3, arbitrary: number }, { weight: 1, arbitrary: fc.constantFrom(...edgesOf(dtype)) })
    : number
}

/** Arrays of one shape and dtype. */
export function arraysOf<D extends DType>(
  shape: Shape,
  dtype: D,
  constraints: ElementConstraints = {},
): fc.Arbitrary<NDArray<D>> {
  if (isComplex(dtype)) {
    const part = arraysOf(shape, 'float32', constraints)
    return fc.tuple(part, part).map(([re, im]) => complex(re, im) as NDArray<D>)
  }
  const length = { minLength: sizeOf(shape), maxLength: sizeOf(shape) }
  const element = elements(dtype, constraints)
  const values = constraints.distinct === true ? fc.uniqueArray(element, length) : fc.array(element, length)
  return values.map((numbers) => {
    return array(Float64Array.from(numbers), { shape, dtype })
  })
}

/** Arrays of any shape within the constraints. */
export const arrays = <D extends DType = 'float32'>({
  dtype = 'float32' as D,
  ...constraints
}: ShapeConstraints & ElementConstraints & { readonly dtype?: D } = {}): fc.Arbitrary<NDArray<D>> =>
  shapes(constraints).chain((shape) => arraysOf(shape, dtype, constraints))
