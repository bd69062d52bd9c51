import { type NDArray, np } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Timing, worked } from '../lib/timing.ts'

const SIZE = 512
const BLOCK = 64

/** What one would write by hand: a triple loop over blocks that fit the cache. */
function plainProduct(left: Float32Array, right: Float32Array): Float32Array {
  const out = new Float32Array(SIZE * SIZE)
  for (let i0 = 0; i0 < SIZE; i0 += BLOCK) {
    for (let k0 = 0; k0 < SIZE; k0 += BLOCK) {
      for (let j0 = 0; j0 < SIZE; j0 += BLOCK) {
        for (let i = i0; i < i0 + BLOCK; i++) {
          const to = i * SIZE
          for (let k = k0; k < k0 + BLOCK; k++) {
            const x = left[to + k] as number
            const from = k * SIZE
            for (let j = j0; j < j0 + BLOCK; j++)
              out[to + j] = (out[to + j] as number) + x * (right[from + j] as number)
          }
        }
      }
    }
  }
  return out
}

const numbers = (salt: number): Float32Array =>
  Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(3.7 * i + salt))

function checkEqual(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  for (let i = 0; i < theirs.length; i++) {
    if (Math.abs((ours[i] as number) - (theirs[i] as number)) > 1e-3) {
      throw new RangeError(`matmul: number ${i} is ${ours[i]} and ${theirs[i]}`)
    }
  }
}

/** `np.matmul` outside any trace, beside a loop over Float32Arrays. */
export async function matmul({ quick }: Options): Promise<Row[]> {
  const [a, b] = [numbers(0), numbers(1)]
  const [x, y] = [a, b].map((data) => np.array(data, { shape: [SIZE, SIZE] })) as [NDArray, NDArray]
  checkEqual(np.matmul(x, y).dataSync(), plainProduct(a, b))
  // The kernel has seen other dtypes too, as in any program.
  np.matmul(x.astype('float64'), y.astype('float64'))
  np.matmul(x.astype('int32'), y.astype('int32'))
  const programs = [worked('np.matmul', () => np.matmul(x, y)), worked('blocked triple loop', () => plainProduct(a, b))]
  const timings = (await interleave(programs, { repeats: quick ? 3 : 15 })) as [Timing, Timing]
  console.log(showTimings(timings))
  return [compare(`matmul, ${SIZE}³, float32, interpreter`, ...timings)]
}
