import type { NDArray } from '../array/ndarray.ts'
import { add, div, max, min, mul, plus, sub } from '../primitives/arithmetic.ts'
import { like } from '../primitives/broadcast.ts'
import { lt, select } from '../primitives/comparison.ts'
import { lgamma, stirlingRest } from '../primitives/gamma.ts'
import { log, log1p } from '../primitives/transcendental.ts'

/** From here on differences of lgamma would lose digits. */
const LARGE = 10

/** ln B(a, b), by Stirling's formula where an operand is large. */
export function betalnOf(a: NDArray, b: NDArray): NDArray {
  const [small, large] = [min(a, b), max(a, b)]
  const near = lt(large, like(large, LARGE))
  const [inner, outer] = [select(near, large, like(large, 1)), select(near, like(large, LARGE), large)]
  const direct = sub(lgamma(inner), lgamma(add(small, inner)))
  const together = add(small, outer)
  const gap = add(mul(plus(outer, -0.5), log1p(div(small, outer))), mul(small, plus(log(together), -1)))
  const far = sub(sub(stirlingRest(outer), stirlingRest(together)), gap)
  return add(lgamma(small), select(near, direct, far))
}
