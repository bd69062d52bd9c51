import { random } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Timing, worked } from '../lib/timing.ts'
import { expectClose } from './check.ts'

const SIZE = 1_000_000

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]

/** Giles's polynomials for erf⁻¹(x)/x, highest power first. */
const CENTRAL = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]
const TAIL = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
]

/** Normal numbers in one plain loop: a block of Threefry-2x32, a uniform number, the inverse of erf. */
function plainNormals(key: readonly [number, number], n: number): Float32Array {
  const out = new Float32Array(n)
  const keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda]
  const low = Math.fround(2 ** -24 - 1)
  for (let i = 0; i < n; i++) {
    let x = keys[0]! | 0
    let y = (i + keys[1]!) | 0
    for (let group = 0; group < 5; group++) {
      for (let r = 0; r < 4; r++) {
        const by = ROTATIONS[(group % 2) * 4 + r]!
        x = (x + y) | 0
        y = x ^ ((y << by) | (y >>> (32 - by)))
      }
      x = (x + keys[(group + 1) % 3]!) | 0
      y = (y + keys[(group + 2) % 3]! + group + 1) | 0
    }
    const u = Math.fround(Math.fround(((x ^ y) >>> 9) * 2 ** -23 * 2) + low)
    const w = -Math.log1p(-u * u)
    const central = w < 5
    const t = central ? w - 2.5 : Math.sqrt(w) - 3
    const coefficients = central ? CENTRAL : TAIL
    let p = coefficients[0]!
    for (let k = 1; k < 9; k++) p = p * t + coefficients[k]!
    out[i] = Math.SQRT2 * Math.fround(u * p)
  }
  return out
}

/** A million normal numbers in the interpreter against the plain loop. */
export async function normals({ quick }: Options): Promise<Row[]> {
  const key = random.PRNGKey(7)
  expectClose(random.normal(key, [SIZE]).dataSync(), plainNormals([0, 7], SIZE), 1e-5)
  const timings = await interleave(
    [worked('random.normal', () => random.normal(key, [SIZE])), worked('one loop', () => plainNormals([0, 7], SIZE))],
    { repeats: quick ? 5 : 30 },
  )
  console.log(showTimings(timings))
  const [ours, theirs] = timings as [Timing, Timing]
  return [compare('1M normals, interpreter', ours, theirs)]
}
