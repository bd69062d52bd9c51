import { allocate, type DType, isFloat, type TypedArray } from '../array/dtype.ts'

export interface MatmulSizes {
  readonly batch: number
  readonly m: number
  readonly k: number
  readonly n: number
}

/** Columns and rows of the right operand handled at once, so that they stay in cache. */
const COLUMNS = 256
const ROWS = 64
/** Products of fewer multiplications are not worth any preparation. */
const SMALL = 1024
/** Results with fewer columns are sums over rows instead of sums of rows. */
const NARROW = 6
/** With fewer rows than this each number of the right operand is used too seldom to be copied first. */
const FLAT = 4

/** `[batch, m, k] × [batch, k, n]`, all row-major. Floats accumulate in double precision, integers wrap. */
export function matmul(left: TypedArray, right: TypedArray, dtype: DType, { batch, m, k, n }: MatmulSizes): TypedArray {
  const out = allocate(dtype, batch * m * n)
  const float = isFloat(dtype)
  const multiply = float ? floatsOf(m, k, n) : integers
  for (let b = 0; b < batch; b++) {
    const [x, y] =
      batch === 1
        ? [left, right]
        : [left.subarray(b * m * k, (b + 1) * m * k), right.subarray(b * k * n, (b + 1) * k * n)]
    multiply(x, y, batch === 1 ? out : out.subarray(b * m * n, (b + 1) * m * n), m, k, n)
  }
  return out
}

type Multiply = (left: TypedArray, right: TypedArray, out: TypedArray, m: number, k: number, n: number) => void

const floatsOf = (m: number, k: number, n: number): Multiply => {
  if (m * k * n <= SMALL) return small
  if (n < NARROW) return narrow
  return m < FLAT ? flat : blocked
}

/** Number by number. */
const small: Multiply = (left, right, out, m, k, n) => {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let p = 0; p < k; p++) sum += (left[i * k + p] as number) * (right[p * n + j] as number)
      out[i * n + j] = sum
    }
  }
}

/** Row by row. */
const flat: Multiply = (left, right, out, m, k, n) => {
  const row = new Float64Array(n)
  for (let i = 0; i < m; i++) {
    row.fill(0)
    for (let p = 0; p < k; p++) {
      const x = left[i * k + p] as number
      for (let j = 0, from = p * n; j < n; j++) row[j] = (row[j] as number) + x * (right[from + j] as number)
    }
    out.set(row, i * n)
  }
}

const integers: Multiply = (left, right, out, m, k, n) => {
  const row = new Int32Array(n)
  for (let i = 0; i < m; i++) {
    row.fill(0)
    for (let p = 0; p < k; p++) {
      const x = left[i * k + p] as number
      for (let j = 0; j < n; j++) row[j] = ((row[j] as number) + Math.imul(x, right[p * n + j] as number)) | 0
    }
    out.set(row, i * n)
  }
}

/** For each row of the left operand its products with the few columns of the right one. */
const narrow: Multiply = (left, right, out, m, k, n) => {
  const columns = new Float64Array(n * k)
  for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) columns[j * k + p] = right[p * n + j] as number
  const row = new Float64Array(k)
  for (let i = 0; i < m; i++) {
    row.set(left.subarray(i * k, (i + 1) * k))
    for (let j = 0; j < n; j++) out[i * n + j] = dotProduct(row, columns, j * k)
  }
}

function dotProduct(row: Float64Array, columns: Float64Array, from: number): number {
  const k = row.length
  let [a, b, c, d] = [0, 0, 0, 0]
  let p = 0
  for (; p + 3 < k; p += 4) {
    a += (row[p] as number) * (columns[from + p] as number)
    b += (row[p + 1] as number) * (columns[from + p + 1] as number)
    c += (row[p + 2] as number) * (columns[from + p + 2] as number)
    d += (row[p + 3] as number) * (columns[from + p + 3] as number)
  }
  for (; p < k; p++) a += (row[p] as number) * (columns[from + p] as number)
  return a + b + (c + d)
}

/**
 * Block by block of the right operand, copied to double precision, so that the innermost loop sees one type of array
 * and no conversions; it adds four rows of the block to two rows of the result.
 */
const blocked: Multiply = (left, right, out, m, k, n) => {
  const columns = Math.min(COLUMNS, n)
  const sums = new Float64Array(m * columns)
  const block = new Float64Array(ROWS * columns)
  const factors = new Float64Array(m * ROWS)
  for (let j0 = 0; j0 < n; j0 += columns) {
    const width = Math.min(columns, n - j0)
    sums.fill(0)
    for (let p0 = 0; p0 < k; p0 += ROWS) {
      const height = Math.min(ROWS, k - p0)
      for (let p = 0; p < height; p++) {
        const from = (p0 + p) * n + j0
        block.set(right.subarray(from, from + width), p * width)
      }
      for (let i = 0; i < m; i++) factors.set(left.subarray(i * k + p0, i * k + p0 + height), i * height)
      let i = 0
      for (; i + 1 < m; i += 2) addRows(sums, i * width, factors, i * height, block, height, width)
      if (i < m) addRow(sums, i * width, factors, i * height, block, height, width)
    }
    for (let i = 0; i < m; i++) out.set(sums.subarray(i * width, (i + 1) * width), i * n + j0)
  }
}

/** Two rows of sums, plus a block weighted by two rows of factors. */
function addRows(
  sums: Float64Array,
  to: number,
  factors: Float64Array,
  at: number,
  block: Float64Array,
  height: number,
  width: number,
): void {
  const next = to + width
  let p = 0
  for (; p + 3 < height; p += 4) {
    const [a0, a1, a2, a3] = [factors[at + p]!, factors[at + p + 1]!, factors[at + p + 2]!, factors[at + p + 3]!]
    const q = at + height + p
    const [b0, b1, b2, b3] = [factors[q]!, factors[q + 1]!, factors[q + 2]!, factors[q + 3]!]
    const r0 = p * width
    const r1 = r0 + width
    const r2 = r1 + width
    const r3 = r2 + width
    for (let j = 0; j < width; j++) {
      const x0 = block[r0 + j]!
      const x1 = block[r1 + j]!
      const x2 = block[r2 + j]!
      const x3 = block[r3 + j]!
      sums[to + j] = sums[to + j]! + (a0 * x0 + a1 * x1 + (a2 * x2 + a3 * x3))
      sums[next + j] = sums[next + j]! + (b0 * x0 + b1 * x1 + (b2 * x2 + b3 * x3))
    }
  }
  for (; p < height; p++) {
    const [a, b] = [factors[at + p]!, factors[at + height + p]!]
    const from = p * width
    for (let j = 0; j < width; j++) {
      const x = block[from + j]!
      sums[to + j] = sums[to + j]! + a * x
      sums[next + j] = sums[next + j]! + b * x
    }
  }
}

/** One row of sums, plus a block weighted by a row of factors. */
function addRow(
  sums: Float64Array,
  to: number,
  factors: Float64Array,
  at: number,
  block: Float64Array,
  height: number,
  width: number,
): void {
  for (let p = 0; p < height; p++) {
    const a = factors[at + p]!
    const from = p * width
    for (let j = 0; j < width; j++) sums[to + j] = sums[to + j]! + a * block[from + j]!
  }
}
