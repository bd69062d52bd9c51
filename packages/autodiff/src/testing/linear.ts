import type { NDArray } from '../array/ndarray.ts'
import type { TreeFunction } from '../transforms/function.ts'
import { linearTranspose } from '../transforms/transpose.ts'
import { directions, flatten, innerProduct, checkSettings } from './functions.ts'
import { expectClose, LawError, type Tolerance, toleranceFor } from './numbers.ts'

export interface LinearOptions {
  /** @defaultValue some thousand roundings of the dtype */
  readonly tolerance?: Tolerance
  /** Chooses the points and the factors. @defaultValue 1 */
  readonly seed?: number
}

/**
 * Checks that `f` is linear: f(a·x + b·y) = a·f(x) + b·f(y) at points of the shapes of `args`, and that `linearTranspose`
 * gives its transpose: ⟨f(x), u⟩ = ⟨x, fᵀ(u)⟩. Leaves that are not floats are held fixed.
 *
 * @throws LawError with the numbers that differ; what `linearTranspose` throws where it finds something not linear.
 * @example await checkLinear((x) => np.cumsum(x.mul(2)), [np.zeros([4])])
 */
export async function checkLinear(
  f: TreeFunction,
  args: readonly unknown[],
  options: LinearOptions = {},
): Promise<void> {
  const { tolerance, seed = 1 } = checkSettings('checkLinear', options, ['tolerance', 'seed'])
  const { call, point } = flatten('checkLinear', f, args)
  const x = directions(point, seed)
  const y = directions(point, seed + 1)
  const [a, b] = [1.5, -0.75]
  const sum = (xs: readonly NDArray[], ys: readonly NDArray[]): NDArray[] =>
    xs.map((v, i) => v.mul(a).add((ys[i] as NDArray).mul(b)))
  const [fx, fy] = [call(...x), call(...y)]
  const bound = tolerance ?? toleranceFor([...point, ...fx], 4000)
  await expectClose('checkLinear: f(ax + by) and a·f(x) + b·f(y)', call(...sum(x, y)), sum(fx, fy), bound)
  const u = directions(fx, seed + 2)
  const transposed = linearTranspose(call, ...point)(u)
  const left = await innerProduct(fx, u)
  const right = await innerProduct(x, transposed)
  if (!(Math.abs(left - right) <= bound.atol + bound.rtol * Math.abs(right)))
    throw new LawError(`checkLinear: ⟨f(x), u⟩ is ${left} and ⟨x, fᵀ(u)⟩ is ${right}`)
}
