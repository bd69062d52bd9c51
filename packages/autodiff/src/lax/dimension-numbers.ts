import { checkOptions } from '../array/options.ts'
import { showGiven } from '../array/show.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { range, type Shape, showShape, checkAxisList, checkShape } from '../array/shape.ts'

/**
 * Which axes are which. Of the operand and of the result: batch, features, then the spatial ones; of the kernel:
 * features out, features in, then the spatial ones.
 */
export interface ConvDimensionNumbers {
  readonly lhsSpec: readonly number[]
  readonly rhsSpec: readonly number[]
  readonly outSpec: readonly number[]
}

/** A letter an axis: `N` batch, `C` features, `O` and `I` features out and in, any other for a spatial axis. */
export type DimensionStrings = readonly [lhs: string, rhs: string, out: string]

export type DimensionNumbers = DimensionStrings | ConvDimensionNumbers

const names = ['lhs', 'rhs', 'out'] as const
const letters = ['NC', 'OI', 'NC'] as const

/**
 * The axes that strings of letters name; without any, those of `['NCHW', 'OIHW', 'NCHW']`. Strides and dilations follow
 * the order of the spatial letters in the kernel's string.
 *
 * @throws ShapeError when the operands have different ranks; ValueError when the strings do not fit them or each other.
 * @see JAX's `jax.lax.conv_dimension_numbers`
 * @example
 * lax.convDimensionNumbers([1, 8, 8, 3], [3, 3, 3, 16], ['NHWC', 'HWIO', 'NHWC']).lhsSpec // [0, 3, 1, 2]
 */
export function convDimensionNumbers(lhs: Shape, rhs: Shape, numbers?: DimensionNumbers): ConvDimensionNumbers {
  for (const shape of [lhs, rhs]) checkShape(shape, 'convDimensionNumbers')
  if (lhs.length !== rhs.length || lhs.length < 2) {
    throw new ShapeError(
      `convDimensionNumbers: the operand ${showShape(lhs)} and the kernel ${showShape(rhs)} must have equally many axes: two, and the spatial ones`,
    )
  }
  const rank = lhs.length
  if (numbers === undefined) return { lhsSpec: range(rank), rhsSpec: range(rank), outSpec: range(rank) }
  if (!Array.isArray(numbers)) return checkPermutations(numbers as ConvDimensionNumbers, rank)
  const strings = numbers as readonly string[]
  if (strings.length !== 3) {
    throw new ValueError(`convDimensionNumbers: ${strings.length} strings, there must be 3: operand, kernel, result`)
  }
  strings.forEach((spec, i) => checkSpec(spec, i, rank))
  const [lhsSpec, rhsSpec, outSpec] = strings.map((spec, i) => {
    const spatial = strings[1]!.split('').filter((letter) => !letters[1].includes(letter))
    const [first, second] = letters[i] as string
    const axes = [first!, second!, ...spatial].map((letter) => spec.indexOf(letter))
    if (axes.includes(-1)) {
      throw new ValueError(
        `convDimensionNumbers: "${strings.join('", "')}" name different spatial axes; use the same letters in all three`,
      )
    }
    return axes
  }) as [number[], number[], number[]]
  return { lhsSpec, rhsSpec, outSpec }
}

function checkSpec(spec: string, i: number, rank: number): void {
  const where = `convDimensionNumbers: the string ${showGiven(spec)} of ${names[i]}`
  if (typeof spec !== 'string' || spec.length !== rank) {
    throw new ValueError(`${where} must have one letter for each of ${rank} axes`)
  }
  if (new Set(spec).size !== rank)
    throw new ValueError(`${where} names a letter twice; each axis has a letter of its own`)
  const [first, second] = letters[i] as string
  if (!spec.includes(first!) || !spec.includes(second!)) {
    throw new ValueError(`${where} must have the letters "${first}" and "${second}"`)
  }
}

function checkPermutations(numbers: ConvDimensionNumbers, rank: number): ConvDimensionNumbers {
  checkOptions('convDimensionNumbers', numbers, ['lhsSpec', 'rhsSpec', 'outSpec'])
  for (const name of ['lhsSpec', 'rhsSpec', 'outSpec'] as const) {
    const spec = checkAxisList(numbers[name], `convDimensionNumbers: ${name}`)
    const sorted = [...spec].sort((a, b) => a - b)
    if (sorted.length !== rank || sorted.some((axis, i) => axis !== i)) {
      throw new ValueError(
        `convDimensionNumbers: ${name} is ${showShape(spec)}, it must name each of ${rank} axes once`,
      )
    }
  }
  return numbers
}
