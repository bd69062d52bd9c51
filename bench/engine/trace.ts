import { grad, hessian, jit, jvp, makeJaxpr, type NDArray, np, vmap } from '@cotangent/autodiff'
import type { Options } from '../lib/options.ts'
import { type Row, row } from '../lib/rows.ts'
import { median } from '../lib/timing.ts'

type Fn = (x: NDArray) => NDArray

/** Programs of about `n` operations: one after the other, side by side, and of products. */
const programs: Readonly<Record<string, (n: number) => Fn>> = {
  chain: (n) => (x) => {
    let y = x
    for (let i = 0; i < n; i += 2) y = np.sin(y).mul(1.0001)
    return y.sum()
  },
  wide: (n) => (x) => {
    const terms = Array.from({ length: n / 2 }, (_, i) => x.mul(i + 1))
    return terms.reduce((sum, term) => sum.add(term)).sum()
  },
  products: (n) => (x) => {
    let y = np.outer(x, x)
    for (let i = 0; i < n; i++) y = y.matmul(y)
    return y.sum()
  },
}

const x = np.ones([4])

/** What is done with a program. None compiles: that is ONNX Runtime’s time, not ours. */
const transformations: Readonly<Record<string, (f: Fn) => unknown>> = {
  trace: (f) => makeJaxpr(f)(x),
  jvp: (f) => makeJaxpr((y: NDArray) => jvp(f, [y], [y])[1])(x),
  grad: (f) => makeJaxpr(grad(f))(x),
  hessian: (f) => makeJaxpr(hessian(f))(x),
  vmap: (f) => makeJaxpr(vmap(f))(np.ones([3, 4])),
  'jit on the interpreter': (f) => jit(f, { device: 'js' })(x),
  'lower and encode': (f) => jit(f).lower(x).toOnnx(),
}

/** Microseconds of this process an operation; the clock would count what else the machine does. */
function cost(transform: (f: Fn) => unknown, make: (n: number) => Fn, n: number): number {
  const before = process.cpuUsage()
  transform(make(n))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / n
}

/** Tracing and transforming programs of 1 000, 10 000 and 30 000 operations: what an operation costs may not grow. */
export async function tracing({ quick }: Options): Promise<Row[]> {
  const sizes = quick ? [1000, 4000] : [1000, 10_000, 30_000]
  const rows: Row[] = []
  for (const [program, make] of Object.entries(programs)) {
    for (const [name, transform] of Object.entries(transformations)) {
      cost(transform, make, 1000)
      const costs = sizes.map((n) => median(Array.from({ length: quick ? 1 : 3 }, () => cost(transform, make, n))))
      console.log(
        `  ${program}, ${name}: ${costs.map((c) => c.toFixed(1)).join(', ')} µs an operation at ${sizes.join(', ')}`,
      )
      rows.push(row(`${program}: ${name}, longest; theirs is the shortest`, costs.at(-1)!, costs[0]!, 'µs/op'))
    }
  }
  return rows
}
