import { type ArrayTuple, type NDArray, np, type Shape, ShapeError, TreeError, ValueError } from '@cotangent/autodiff'
import { shapesEqual, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkCount, checkInputs, checkShape, showShapes } from './checks.ts'
import { plainLayer } from './describe.ts'
import type { Layer } from './layer.ts'

/** More branches than any network has. */
const MOST_COPIES = 2 ** 16

/** The shapes in a list that there must be, at least one. */
function listOf<T>(name: string, what: string, list: unknown, check: (name: string, one: unknown) => T): T[] {
  if (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'object')) {
    return list.map((one) => check(name, one))
  }
  throw new TreeError(`${name}: the ${what} must be a list, as parallel(…) gives it, not ${showShapes(list)}`)
}

/**
 * Its inputs `num` times, as a list.
 *
 * @throws ValueError when `num` counts nothing.
 * @see JAX's `stax.FanOut`
 * @example FanOut(2)[0](random.PRNGKey(0), [5])[0] // [[5], [5]]
 */
export function FanOut<const N extends number>(num: N): Layer<readonly [], NDArray, ArrayTuple<N>> {
  const name = `FanOut(${showGiven(num)})`
  checkCount(name, 'the number of copies', num, MOST_COPIES)
  const copies = (x: unknown): never => Array.from({ length: num }, () => x) as never
  return plainLayer<NDArray, ArrayTuple<N>>(name, copies, copies)
}

/**
 * The sum of a list of arrays of one shape.
 *
 * @throws ShapeError when the shapes differ; TreeError when there is no list.
 * @see JAX's `stax.FanInSum`
 * @example
 * const [, apply] = FanInSum
 * apply([], [np.array([1, 2]), np.array([3, 4])]) // [4, 6]
 */
export const FanInSum: Layer<readonly [], readonly NDArray[]> = plainLayer(
  'FanInSum',
  (inputShapes) => sameShape(listOf('FanInSum', 'input shapes', inputShapes, checkShape)),
  (inputs) => {
    const arrays = listOf('FanInSum', 'inputs', inputs, checkInputs)
    sameShape(arrays.map(({ shape }) => shape))
    return arrays.reduce((sum, x) => sum.add(x))
  },
)

function sameShape(shapes: readonly Shape[]): Shape {
  const first = shapes[0]!
  if (shapes.every((shape) => shapesEqual(shape, first))) return first
  throw new ShapeError(
    `FanInSum: the shapes ${shapes.map(showShape).join(' and ')} differ; only equal ones can be added`,
  )
}

/**
 * A list of arrays joined along an axis.
 *
 * @param axis The axis, negative ones from the end; -1 by default.
 * @throws ShapeError when other axes differ; TreeError when there is no list.
 * @see JAX's `stax.FanInConcat`
 * @example
 * const [init] = FanInConcat()
 * init(random.PRNGKey(0), [[-1, 3], [-1, 4]])[0] // [-1, 7]
 */
export function FanInConcat(axis = -1): Layer<readonly [], readonly NDArray[]> {
  const name = `FanInConcat(${showGiven(axis)})`
  if (!Number.isInteger(axis)) throw new ValueError(`${name}: the axis must be a whole number`)
  const joined = (shapes: readonly Shape[]): Shape => {
    const first = shapes[0]!
    const at = axis < 0 ? axis + first.length : axis
    const sizes = shapes.map((shape) => shape[at])
    const alike = shapes.every(
      (shape) => shape.length === first.length && shape.every((n, i) => i === at || n === first[i]),
    )
    if (!alike || sizes.includes(undefined)) {
      throw new ShapeError(
        `${name}: the shapes ${shapes.map(showShape).join(' and ')} must be the same but for axis ${axis}, along which they are joined`,
      )
    }
    if (sizes.includes(-1)) {
      throw new ShapeError(`${name}: in ${shapes.map(showShape).join(' and ')} the sizes of axis ${axis} must be known`)
    }
    return first.map((n, i) => (i === at ? sizes.reduce<number>((sum, size) => sum + size!, 0) : n))
  }
  return plainLayer(
    name,
    (inputShapes) => joined(listOf(name, 'input shapes', inputShapes, checkShape)),
    (inputs) => {
      const arrays = listOf(name, 'inputs', inputs, checkInputs)
      joined(arrays.map(({ shape }) => shape))
      return np.concatenate(arrays, { axis })
    },
  )
}
