import { type DType, type NDArray, np } from '@cotangent/autodiff'

/** The mean of numbers that come one after the other, of which `decay` is kept: decay · past + (1 − decay) · x. */
export const mixed =
  (decay: number) =>
  (x: NDArray, past: NDArray): NDArray =>
    x.mul(1 - decay).add(past.mul(decay))

/**
 * What the mean of `count` numbers that began at 0 is divided by: 1 − decay^count. In float32 or wider, for 0.999 is 1
 * in bfloat16.
 */
export function correction(decay: number, count: number | NDArray, dtype: DType): number | NDArray {
  const wide = dtype === 'float64' ? 'float64' : 'float32'
  if (typeof count !== 'number') {
    return np.subtract(1, np.power(np.full([], decay, { dtype: wide }), count.astype(wide))).astype(dtype)
  }
  const round = wide === 'float32' ? Math.fround : (x: number): number => x
  return 1 - round(round(decay) ** count)
}
