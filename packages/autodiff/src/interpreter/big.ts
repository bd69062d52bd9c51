import { allocate, type BigArray, type BigDType, type TypedArray } from '../array/dtype.ts'

/** Products of 64-bit integers, which wrap. Their BigInt arrays go by the type of number arrays. */

const bigs = (data: TypedArray): BigArray => data as unknown as BigArray
const numbers = (data: BigArray): TypedArray => data as unknown as TypedArray

/** A product in 64 bits; signed, storing it in an unsigned array keeps its bits. */
export const bigProduct = ((a: bigint, b: bigint) => BigInt.asIntN(64, a * b)) as unknown as (
  a: number,
  b: number,
) => number

/** `[batch, m, k] × [batch, k, n]`, all row-major. */
export function bigMatmul(
  left: TypedArray,
  right: TypedArray,
  dtype: BigDType,
  { batch, m, k, n }: { batch: number; m: number; k: number; n: number },
): TypedArray {
  const [a, b] = [bigs(left), bigs(right)]
  const out = allocate(dtype, batch * m * n) as BigArray
  for (let row = 0; row < batch * m; row++) {
    const matrix = Math.floor(row / m) * k * n
    for (let j = 0; j < n; j++) {
      let sum = 0n
      for (let i = 0; i < k; i++) sum += (a[row * k + i] as bigint) * (b[matrix + i * n + j] as bigint)
      out[row * n + j] = sum
    }
  }
  return numbers(out)
}
