import { ValueError, ShapeError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { asArray, isNumber, unifyDTypes } from '../numpy/operands.ts'

/** Operations on arrays as JAX's `lax` takes them: a bare number has the dtype of the arrays beside it. */

/** The operands as arrays of one shape, where they are scalars beside arrays; arrays keep their dtypes. */
export function operandsOf(operands: readonly Operand[]): NDArray[] {
  if (operands.every((x) => x instanceof NDArray && x.ndim > 0)) return operands as NDArray[]
  const given = operands.map((x) => (isNumber(x) ? x : asArray(x)))
  const beside = given.find((x): x is NDArray => !isNumber(x))
  const arrays = given.map((x) => {
    if (!isNumber(x)) return x
    return beside === undefined ? asArray(x) : unifyDTypes([beside, x])[1]!
  })
  const shape = arrays.find((x) => x.ndim > 0)?.shape
  return shape === undefined ? arrays : arrays.map((x) => (x.ndim === 0 ? broadcastTo(x, shape) : x))
}

/** The array as it is; throws a ValueError for anything else. */
export function checkArray(name: string, x: NDArray): NDArray {
  if (x instanceof NDArray) return x
  throw new ValueError(`${name}: takes an array, not ${showGiven(x)}; make one, as np.array([1, 2])`)
}

/** Throws a ShapeError for anything but a list of whole numbers. */
export function checkWhole(name: string, what: string, numbers: readonly number[]): void {
  if (Array.isArray(numbers) && numbers.every(Number.isInteger)) return
  throw new ShapeError(`${name}: ${what} must be whole numbers, not ${showGiven(numbers)}`)
}

type Arrays = readonly NDArray[]
type OfOperands<F> = F extends (...args: infer A extends Arrays) => NDArray
  ? (...args: { [K in keyof A]: Operand }) => NDArray
  : never

const originals = new WeakMap<object, (...args: never[]) => NDArray>()

/** A function of arrays as one of everything that NumPy takes. */
export function lifted<F extends (...args: never[]) => NDArray>(f: F): OfOperands<F> {
  const g = (...operands: Operand[]): NDArray => {
    for (const x of operands as readonly unknown[]) {
      if (x !== null && ['number', 'bigint', 'boolean', 'object'].includes(typeof x)) continue
      const given = x == null ? String(x) : `a ${typeof x}`
      throw new ValueError(`${f.name}: an operand is ${given}; give an array, a number or lists of numbers`)
    }
    return (f as unknown as (...args: Arrays) => NDArray)(...operandsOf(operands))
  }
  Object.defineProperty(g, 'name', { value: f.name })
  originals.set(g, f)
  return g as OfOperands<F>
}

/** What was lifted, of a function of `lax`; the function itself, of any other. */
export const originalOf = (f: unknown): unknown => (typeof f === 'function' ? (originals.get(f) ?? f) : f)
