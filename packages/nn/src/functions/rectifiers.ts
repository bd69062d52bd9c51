import { customJvp, type NDArray, np, type Operand } from '@cotangent/autodiff'

/** Functions that are linear in pieces. Their derivatives at the kinks are those of `jax.nn`. */

const nanLike = (x: NDArray): number => (x.dtype.includes('float') ? NaN : 0)

/** `low` below, `high` above, and `middle` for NaN: constants, which have no derivative. */
const bound = (x: NDArray, low: number, high: number, middle: number): NDArray =>
  np.where(x.le(low), low, np.where(x.ge(high), high, middle))

// Chosen, not multiplied by 0 or 1: what is infinite behind a unit at rest, as in √relu(x), must not become NaN.
const rectified = customJvp((x: NDArray) => np.maximum(x, 0), {
  jvps: [(tangent, _, x) => np.where(np.greater(x, 0), tangent, 0)],
})

/**
 * The larger of x and 0; its derivative at 0 is 0.
 *
 * @example relu([-1, 2]) // [0, 2]
 */
export const relu = (x: Operand): NDArray => rectified(np.asarray(x))
/** x held between 0 and 6; its derivative on the bounds is 0. */
export const relu6 = (x: Operand): NDArray => {
  const a = np.asarray(x)
  const inside = np.logicalAnd(a.gt(0), a.lt(6))
  return np.where(inside, a, bound(a, 0, 6, nanLike(a)))
}

/**
 * x, and `negativeSlope` times x for negative x.
 *
 * @example leakyRelu([-1, 2], 0.5) // [-0.5, 2]
 */
export const leakyRelu = (x: Operand, negativeSlope: Operand = 0.01): NDArray => {
  const a = np.asarray(x)
  return np.where(a.ge(0), a, np.multiply(a, negativeSlope))
}
/** x held between −1 and 1; its derivative on the bounds is 1. */
export const hardTanh = (x: Operand): NDArray => {
  const a = np.asarray(x)
  return np.where(a.gt(1), 1, np.where(a.lt(-1), -1, a))
}
/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: Operand): NDArray => relu6(np.add(x, 3)).div(6)
/** x times `hardSigmoid`. */
export const hardSilu = (x: Operand): NDArray => np.multiply(x, hardSigmoid(x))
/** Another name of `hardSilu`. */
export const hardSwish: (x: Operand) => NDArray = hardSilu
/** 0 below −1, x above 1, and (x + 1)² / 4 between. */
export const sparsePlus = (x: Operand): NDArray => {
  const a = np.asarray(x)
  const middle = np.square(a.add(1)).div(4)
  return np.where(a.le(-1), 0, np.where(a.ge(1), a, middle))
}
/** The derivative of `sparsePlus`: (x + 1) / 2 between 0 and 1. */
export const sparseSigmoid = (x: Operand): NDArray => np.clip(np.add(x, 1), 0, 2).mul(0.5)
