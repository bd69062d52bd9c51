import { grad, jit, type NDArray, np, random } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { compare, type Row, showTimings } from '../lib/rows.ts'
import { interleave, type Timing, worked } from '../lib/timing.ts'

const BATCH = 256
const WIDTHS = [10, 128, 128, 1] as const

type Weights = { w: NDArray; b: NDArray }[]

const loss = (weights: Weights, x: NDArray): NDArray =>
  weights
    .reduce((h, { w, b }, i) => (i < weights.length - 1 ? np.tanh(h.matmul(w).add(b)) : h.matmul(w).add(b)), x)
    .square()
    .mean()

/** A three-layer network and its gradient in the interpreter. */
export async function network({ quick }: Options): Promise<Row[]> {
  const key = random.PRNGKey(3)
  const weights = WIDTHS.slice(1).map((n, i) => ({
    w: random.normal(random.foldIn(key, i), [WIDTHS[i]!, n]).mul(WIDTHS[i]! ** -0.5),
    b: np.zeros([n]),
  }))
  const x = random.normal(random.foldIn(key, 9), [BATCH, WIDTHS[0]])
  const gradient = grad(loss)
  const [f, g] = [jit(loss, { device: 'js' }), jit(grad(loss), { device: 'js' })]
  const timings = await interleave(
    [
      worked('gradient, traced each time', () => gradient(weights, x)),
      worked('function, operation by operation', () => loss(weights, x)),
      worked('gradient, jit', () => g(weights, x)),
      worked('function, jit', () => f(weights, x)),
    ],
    { repeats: quick ? 5 : 30 },
  )
  console.log(showTimings(timings))
  const [eagerGrad, eager, compiledGrad, compiled] = timings as [Timing, Timing, Timing, Timing]
  return [
    compare('gradient of a 3-layer network / the network', eagerGrad, eager),
    compare('gradient of a 3-layer network / the network, by jit, device js', compiledGrad, compiled),
  ]
}
