import { allocate, type DType, isFloat, type TypedArray } from '../array/dtype.ts'

/** Columns handled at once, so that the block of the right operand stays in cache. */
const BLOCK = 256

/** `[batch, m, k] × [batch, k, n]`, all row-major. Floats accumulate in double precision, integers wrap. */
export function matmul(
  left: TypedArray,
  right: TypedArray,
  dtype: DType,
  { batch, m, k, n }: { batch: number; m: number; k: number; n: number },
): TypedArray {
  const out = allocate(dtype, batch * m * n)
  const exact = !isFloat(dtype)
  const row = new Float64Array(Math.min(n, BLOCK))
  for (let b = 0; b < batch; b++) {
    for (let j0 = 0; j0 < n; j0 += BLOCK) {
      const width = Math.min(BLOCK, n - j0)
      for (let i = 0; i < m; i++) {
        row.fill(0)
        const leftRow = (b * m + i) * k
        for (let p = 0; p < k; p++) {
          const x = left[leftRow + p] as number
          const rightRow = (b * k + p) * n + j0
          if (exact)
            for (let j = 0; j < width; j++)
              row[j] = ((row[j] as number) + Math.imul(x, right[rightRow + j] as number)) | 0
          else for (let j = 0; j < width; j++) row[j] = (row[j] as number) + x * (right[rightRow + j] as number)
        }
        const outRow = (b * m + i) * n + j0
        for (let j = 0; j < width; j++) out[outRow + j] = row[j] as number
      }
    }
  }
  return out
}
