import fc from 'fast-check'
import type { FloatDType } from '../../array/dtype.ts'
import { DTypeError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { checkOptions, showOption } from '../../array/options.ts'
import { mean, tanh } from '../../numpy/index.ts'
import { arraysOf, shapes } from './arrays.ts'
import { checkAmong, checkWhole } from './constraints.ts'
import { operations } from './operations.ts'

/** A program of a few operations on two arrays, with the arrays. It prints as its steps. */
export interface RandomProgram {
  /** Gives a number between −1 and 1, to which every operation contributes. */
  readonly f: (x: NDArray, y: NDArray) => NDArray
  readonly args: [x: NDArray, y: NDArray]
  toString(): string
}

export interface ProgramConstraints {
  /** @defaultValue 12 */
  readonly maxOperations?: number
  /** @defaultValue 'float64' */
  readonly dtype?: FloatDType
  /** The names of the operations to draw from, of those that a program's text shows. @defaultValue all */
  readonly among?: readonly string[]
}

/** One operation on earlier values: the arguments are values 0 and 1, the first step's result is value 2. */
interface Step {
  readonly operation: string
  readonly operands: readonly [number, number]
  readonly n: number
}

/** Arrays stay small: a larger one is used by its mean. */
const LARGEST = 64

function run(steps: readonly Step[], inputs: readonly NDArray[]): NDArray {
  const values = [...inputs]
  for (const { operation, operands, n } of steps) {
    const [i, j] = operands
    const [x, y] = [values[i % values.length], values[j % values.length]] as [NDArray, NDArray]
    const value = (operations[operation] as (typeof operations)[string])(x, y, n)
    values.push(value.size > LARGEST ? mean(value) : value)
  }
  return values
    .map((value) => mean(tanh(value.mul(0.5))))
    .reduce((sum, value) => sum.add(value))
    .div(values.length)
}

/** Each step as `v2 = outer(x, v1)`. */
function show(steps: readonly Step[], [x, y]: readonly NDArray[]): string {
  const names = ['x', 'y']
  const lines = steps.map(({ operation, operands: [i, j], n }) => {
    const operands = [names[i % names.length], names[j % names.length], n]
    names.push(`v${names.length}`)
    return `  ${names.at(-1)} = ${operation}(${operands.join(', ')})`
  })
  return `\n  x = ${x?.toString()}\n  y = ${y?.toString()}\n${lines.join('\n')}\n`
}

/**
 * Random well-typed programs over the operations of the library, two transformations deep where they hold `grad`,
 * `vmap` or `jit` themselves. They are smooth at their arguments, ties of intermediate results apart, and shrink to few
 * operations on small arrays.
 *
 * @throws ValueError for operations that are not there, or none; DTypeError for a dtype that is no wide float.
 * @example await fc.assert(fc.asyncProperty(programs(), ({ f, args }) => checkVjp(f, args)), { numRuns: 3 })
 */
export function programs(constraints: ProgramConstraints = {}): fc.Arbitrary<RandomProgram> {
  const all = Object.keys(operations)
  const {
    maxOperations = 12,
    dtype = 'float64',
    among = all,
  } = checkOptions('programs', constraints, ['maxOperations', 'dtype', 'among'])
  checkWhole('programs', 'maxOperations', maxOperations, 1, 1000)
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new DTypeError(`programs: dtype is ${showOption(dtype)}; it must be float32 or float64`)
  checkAmong('programs', among, all)
  const step: fc.Arbitrary<Step> = fc.record({
    operation: fc.constantFrom(...among),
    operands: fc.tuple(fc.nat({ max: maxOperations + 1 }), fc.nat({ max: maxOperations + 1 })),
    n: fc.nat({ max: 3 }),
  })
  const numbers = { min: -2, max: 2, distinct: true }
  return fc
    .tuple(
      fc.array(step, { minLength: 1, maxLength: maxOperations, size: 'max' }),
      shapes({ maxRank: 2 }),
      shapes({ maxRank: 2 }),
    )
    .chain(([steps, xShape, yShape]) =>
      fc.tuple(arraysOf(xShape, dtype, numbers), arraysOf(yShape, dtype, numbers)).map(([x, y]): RandomProgram => {
        // Moved by different amounts, so that the two never meet at a kink.
        const args: [NDArray, NDArray] = [x.add(0.0037), y.add(0.0091)]
        return { f: (a, b) => run(steps, [a, b]), args, toString: () => show(steps, args) }
      }),
    )
}
