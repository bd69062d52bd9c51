import fc from 'fast-check'
import { array } from '../../array/create.ts'
import { checkDType, type DType, dtypes, type FloatDType, isComplex } from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { checkOptions } from '../../array/options.ts'
import { range, type Shape, sizeOf } from '../../array/shape.ts'
import { complex } from '../../primitives/complex.ts'
import {
  checkAmong,
  checkElements,
  checkShapes,
  checkSize,
  checkWhole,
  elementNames,
  hasEdges,
  shapeNames,
} from './constraints.ts'

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

const usual = { minRank: 0, maxRank: 3, minLength: 1, maxLength: 3 }

/**
 * Shapes, shrinking to fewer and shorter axes.
 *
 * @throws ValueError for constraints that no shape, or only one beyond all memory, satisfies.
 */
export const shapes = (constraints: ShapeConstraints = {}): fc.Arbitrary<number[]> => shapesFor('shapes', constraints)

function shapesFor(name: string, constraints: ShapeConstraints, most = usual.maxRank): fc.Arbitrary<number[]> {
  const { minRank, maxRank, minLength, maxLength } = checkShapes(name, constraints, { ...usual, maxRank: most })
  return fc.array(fc.integer({ min: minLength, max: maxLength }), { minLength: minRank, maxLength: maxRank })
}

/** `count` shapes that broadcast together: axes are dropped from the front of a common shape, or are 1. */
export function broadcastableShapes(count: number, constraints: ShapeConstraints = {}): fc.Arbitrary<number[][]> {
  checkWhole('broadcastableShapes', 'the count', count, 0, 100)
  return shapesFor('broadcastableShapes', constraints).chain((shape) =>
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
}

/** Element types, float32 first. */
export const anyDType = (among: readonly DType[] = dtypes): fc.Arbitrary<DType> =>
  fc.constantFrom(...checkAmong('anyDType', among, dtypes))
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

const edgesOf = (dtype: FloatDType): number[] =>
  dtype === 'float32'
    ? [NaN, Infinity, -Infinity, -0, 0, 3.4028234663852886e38, 1.401298464324817e-45]
    : [NaN, Infinity, -Infinity, -0, 0, Number.MAX_VALUE, Number.MIN_VALUE]

function elements(name: string, dtype: DType, constraints: ElementConstraints, size: number): fc.Arbitrary<number> {
  const { low, high, step, awayFromZero } = checkElements(name, dtype, constraints, size)
  if (dtype === 'bool') return fc.integer({ min: 0, max: 1 })
  const number = fc
    .integer({ min: low, max: high })
    .map((n) => n * step)
    .filter((x) => Math.abs(x) >= awayFromZero)
  return hasEdges(dtype, constraints)
    ? fc.oneof(
        { weight: 3, arbitrary: number },
        { weight: 1, arbitrary: fc.constantFrom(...edgesOf(dtype as FloatDType)) },
      )
    : number
}

/**
 * Arrays of one shape and dtype.
 *
 * @throws ShapeError or DTypeError for what is none, ValueError for constraints that no number satisfies, or fewer than
 * the array holds where they are to be distinct.
 */
export const arraysOf = <D extends DType>(
  shape: Shape,
  dtype: D,
  constraints: ElementConstraints = {},
): fc.Arbitrary<NDArray<D>> => arraysFor('arraysOf', shape, dtype, constraints)

function arraysFor<D extends DType>(
  name: string,
  shape: Shape,
  dtype: D,
  constraints: ElementConstraints,
): fc.Arbitrary<NDArray<D>> {
  const size = sizeOf(checkSize(name, shape))
  checkElements(name, dtype, constraints, size)
  if (isComplex(dtype)) {
    const part = arraysFor(name, shape, 'float32', constraints)
    return fc.tuple(part, part).map(([re, im]) => complex(re, im) as NDArray<D>)
  }
  const length = { minLength: size, maxLength: size }
  const element = elements(name, dtype, constraints, size)
  const values =
    constraints.distinct === true && dtype !== 'bool' ? fc.uniqueArray(element, length) : fc.array(element, length)
  return values.map((numbers) => {
    return array(Float64Array.from(numbers), { shape, dtype })
  })
}

/** Arrays of any shape within the constraints. */
export const arrays = <D extends DType = 'float32'>(
  constraints: ShapeConstraints & ElementConstraints & { readonly dtype?: D } = {},
): fc.Arbitrary<NDArray<D>> => arraysWithin('arrays', constraints)

/** The same for another function that takes such constraints. */
export function arraysWithin<D extends DType = 'float32'>(
  name: string,
  constraints: ShapeConstraints & ElementConstraints & { readonly dtype?: D },
  most: number = usual.maxRank,
): fc.Arbitrary<NDArray<D>> {
  const { dtype = 'float32' as D } = checkOptions(name, constraints, [...shapeNames, ...elementNames, 'dtype'])
  checkDType(dtype, name)
  const within = pick(constraints, elementNames)
  checkElements(name, dtype, within)
  return shapesFor(name, pick(constraints, shapeNames), most).chain((shape) => arraysFor(name, shape, dtype, within))
}

const pick = <O extends object, K extends keyof O>(options: O, names: readonly K[]): Pick<O, K> =>
  Object.fromEntries(names.filter((key) => Object.hasOwn(options, key)).map((key) => [key, options[key]])) as Pick<O, K>
