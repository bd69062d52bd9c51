import { checkDType, type DType, integerRange, isComplex, isFloat, isInteger, isSigned } from '../../array/dtype.ts'
import { ShapeError, ValueError } from '../../array/errors.ts'
import { checkOptions, showOption } from '../../array/options.ts'
import { checkShape, type Shape, showShape, sizeOf } from '../../array/shape.ts'
import type { ElementConstraints, ShapeConstraints } from './arrays.ts'

/** Random arrays with more elements are a mistake: they would take all memory. */
const LARGEST = 2 ** 22
const DEEPEST = 32

export const shapeNames = ['minRank', 'maxRank', 'minLength', 'maxLength'] as const
export const elementNames = ['min', 'max', 'awayFromZero', 'edges', 'distinct'] as const

export function checkWhole(name: string, what: string, n: number, low: number, high: number): number {
  if (!Number.isInteger(n) || n < low || n > high)
    throw new ValueError(`${name}: ${what} is ${showOption(n)}; it must be a whole number from ${low} to ${high}`)
  return n
}

export function checkFlag(name: string, what: string, flag: boolean | undefined): boolean {
  if (flag !== undefined && typeof flag !== 'boolean')
    throw new ValueError(`${name}: ${what} is ${showOption(flag)}; it must be true or false`)
  return flag === true
}

/** A list of at least one of what `known` has. */
export function checkAmong<T extends string>(name: string, among: readonly T[], known: readonly T[]): readonly T[] {
  if (!Array.isArray(among) || among.length === 0)
    throw new ValueError(`${name}: among is ${showOption(among)}; it must be a list of at least one name`)
  const odd = among.findIndex((one) => !known.includes(one))
  if (odd >= 0) throw new ValueError(`${name}: among has ${showOption(among[odd])}; the names are ${known.join(', ')}`)
  return among
}

/** Lengths and numbers of axes, with what is not said. */
export function checkShapes(
  name: string,
  constraints: ShapeConstraints,
  most: Required<ShapeConstraints>,
): Required<ShapeConstraints> {
  const given = checkOptions(name, constraints, shapeNames)
  const { minRank = most.minRank, minLength = most.minLength } = given
  const { maxRank = Math.max(minRank, most.maxRank), maxLength = Math.max(minLength, most.maxLength) } = given
  checkWhole(name, 'maxRank', maxRank, 0, DEEPEST)
  checkWhole(name, 'minRank', minRank, 0, maxRank)
  checkWhole(name, 'maxLength', maxLength, 0, LARGEST)
  checkWhole(name, 'minLength', minLength, 0, maxLength)
  if (maxLength ** maxRank > LARGEST) {
    throw new ValueError(
      `${name}: ${maxRank} axes of ${maxLength} make more than ${LARGEST} elements; give a smaller maxRank or maxLength`,
    )
  }
  return { minRank, maxRank, minLength, maxLength }
}

export function checkSize(name: string, shape: Shape): Shape {
  if (sizeOf(checkShape(shape, name)) > LARGEST)
    throw new ShapeError(`${name}: the shape ${showShape(shape)} has more than ${LARGEST} elements`)
  return shape
}

/** Whole steps between which numbers are drawn. */
export interface Steps {
  readonly low: number
  readonly high: number
  readonly step: number
  readonly awayFromZero: number
}

/** Floats are multiples of this, so that they are exact in every float dtype and print short. */
const GRID = 1 / 64

/** The numbers that `size` elements are drawn from; throws where there are none, or too few. */
export function checkElements(name: string, dtype: DType, constraints: ElementConstraints, size = 0): Steps {
  const given = checkOptions(name, constraints, elementNames)
  checkDType(dtype, name)
  const whole = isInteger(dtype) || dtype === 'bool'
  const [least, most] = isInteger(dtype) ? integerRange(dtype) : [-(2 ** 40), 2 ** 40]
  const { min = whole && !isSigned(dtype) ? 0 : -4, max = 4, awayFromZero = 0 } = given
  for (const [what, n] of Object.entries({ min, max, awayFromZero })) {
    if (typeof n !== 'number' || !Number.isFinite(n))
      throw new ValueError(`${name}: ${what} is ${showOption(n)}; it must be a finite number`)
  }
  checkFlag(name, 'edges', given.edges)
  const step = whole ? 1 : GRID
  const [low, high] = [Math.ceil(Math.max(min, Number(least)) / step), Math.floor(Math.min(max, Number(most)) / step)]
  // How many there are, those near 0 apart.
  const near = Math.ceil(awayFromZero / step) - 1
  const left = Math.max(0, high - low + 1) - Math.max(0, Math.min(high, near) - Math.max(low, -near) + 1)
  if (left < 1)
    throw new ValueError(`${name}: there is no ${dtype} from ${min} to ${max} that is ${awayFromZero} away from 0`)
  if (checkFlag(name, 'distinct', given.distinct) && !isComplex(dtype) && dtype !== 'bool' && left < size)
    throw new ValueError(`${name}: there are ${left} numbers of ${dtype} from ${min} to ${max} for ${size} elements`)
  return { low, high, step, awayFromZero }
}

export const hasEdges = (dtype: DType, { edges }: ElementConstraints): boolean => isFloat(dtype) && edges === true
