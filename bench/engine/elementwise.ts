import { jit, type NDArray, np } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Timing, worked } from '../lib/timing.ts'
import { expectClose } from './check.ts'

const SIZE = 1 << 20

const chain = (x: NDArray): NDArray =>
  np
    .tanh(x.mul(2).add(1))
    .mul(x)
    .sub(np.exp(x.mul(x).neg()))

/** The same as one loop over a Float32Array. */
function fused(x: Float32Array): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const v = x[i] as number
    out[i] = Math.tanh(v * 2 + 1) * v - Math.exp(-v * v)
  }
  return out
}

const polynomial = (x: NDArray): NDArray => x.mul(2).add(1).mul(x).sub(0.5)

function fusedPolynomial(x: Float32Array): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = ((x[i] as number) * 2 + 1) * (x[i] as number) - 0.5
  return out
}

/** Chains of elementwise operations on a million numbers, in the interpreter, against one loop written by hand. */
export async function elementwise({ quick }: Options): Promise<Row[]> {
  const data = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i))
  const x = np.array(data)
  const rows: Row[] = []
  for (const [name, ours, theirs] of [
    ['tanh(2x + 1)·x − exp(−x²)', chain, fused],
    ['(2x + 1)·x − ½', polynomial, fusedPolynomial],
  ] as const) {
    expectClose(ours(x).dataSync(), theirs(data), 1e-6)
    const compiled = jit(ours, { device: 'js' })
    const timings = await interleave(
      [
        worked('operation by operation', () => ours(x)),
        worked('jit, device js', () => compiled(x)),
        worked('one loop', () => theirs(data)),
      ],
      { repeats: quick ? 5 : 30 },
    )
    console.log(`${name}\n${showTimings(timings)}`)
    const [eager, program, loop] = timings as [Timing, Timing, Timing]
    rows.push(
      compare(`elementwise chain, ${name}`, eager, loop),
      compare(`elementwise chain, ${name}, by jit, device js`, program, loop),
    )
  }
  return rows
}
