import { grad, jit, lax, type NDArray, np, vmap } from '@cotangent/autodiff'
import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'

type Operation = (x: NDArray, y: NDArray, n: number) => NDArray

const ravel = (x: NDArray): NDArray => x.reshape([-1])
const axisOf = (x: NDArray, n: number): number => (x.ndim === 0 ? 0 : n % x.ndim)
/** At least one axis. */
const lined = (x: NDArray): NDArray => (x.ndim === 0 ? x.reshape([1]) : x)
/** Not so large that products of it overflow. */
const held = (x: NDArray): NDArray => np.tanh(x).mul(2)

/** `f` of operands of one shape: their sums where they do not broadcast. */
const together =
  (f: (x: NDArray, y: NDArray) => NDArray): Operation =>
  (x, y) => {
    const rank = Math.min(x.ndim, y.ndim)
    const fits = x.shape.slice(x.ndim - rank).every((n, i) => {
      const m = y.shape[y.ndim - rank + i]
      return n === m || n === 1 || m === 1
    })
    return fits ? f(x, y) : f(x, np.sum(y))
  }

/** What programs are made of. Each entry is differentiable wherever its operands are not at a kink. */
const operations: Readonly<Record<string, Operation>> = {
  sin: (x) => np.sin(x),
  tanh: (x) => np.tanh(x),
  exp: (x) => np.exp(np.tanh(x)),
  logOnePlusSquare: (x) => np.log1p(x.square()),
  root: (x) => np.sqrt(x.square().add(1)),
  cube: (x) => np.power(held(x), 3),
  power: together((x, y) => np.power(x.square().add(1), np.tanh(y))),
  add: together((x, y) => x.add(y)),
  sub: together((x, y) => x.sub(y)),
  mul: together((x, y) => held(x).mul(held(y))),
  div: together((x, y) => x.div(np.sin(y).add(2))),
  maximum: together((x, y) => np.maximum(x, y)),
  leaky: (x) => np.where(x.gt(0.1), x, x.mul(0.3)),
  abs: (x) => x.abs(),
  where: together((x, y) => np.where(x.gt(y), x.mul(y), x.sub(y))),
  sum: (x, _, n) => np.sum(lined(x), { axis: axisOf(lined(x), n), keepdims: n % 2 === 0 }),
  mean: (x) => x.mean(),
  max: (x, _, n) => np.max(lined(x), { axis: axisOf(lined(x), n) }),
  prod: (x, _, n) => np.prod(held(lined(x)), { axis: axisOf(lined(x), n) }),
  cumsum: (x, _, n) => np.cumsum(lined(x), { axis: axisOf(lined(x), n) }),
  transpose: (x) => x.T,
  ravel,
  expand: (x, _, n) => np.expandDims(x, n % (x.ndim + 1)),
  flip: (x) => np.flip(x),
  head: (x) => lined(x).slice([0, 1]),
  stride: (x) => lined(x).slice([null, null, 2]),
  gather: (x) => np.take(lined(x), np.array([0, -1, 0], { dtype: 'int32' }), { axis: 0 }),
  gatherByValue: (x) => {
    const index = np.argmax(ravel(x)).reshape([1])
    return np.take(ravel(x), index)
  },
  concatenate: (x, y) => np.concatenate([ravel(x).slice([0, 3]), ravel(y).slice([0, 3])]),
  stack: (x) => np.stack([x, np.cos(x)], { axis: -1 }),
  inner: (x, y) => np.dot(ravel(x).slice([0, 1]), ravel(held(y)).slice([0, 1])),
  outer: (x, y) => np.outer(ravel(x).slice([0, 2]), ravel(held(y)).slice([0, 2])),
  gram: (x) => {
    const rows = held(x).reshape([lined(x).shape[0]!, -1])
    return rows.matmul(rows.T)
  },
  compiled: (x, y) => jit((z: NDArray) => np.sin(z).mul(np.sum(y)), { device: 'js' })(x),
  scan: (x, y, n) => {
    const start = np.mean(np.tanh(y))
    const [last, ys] = lax.scan(
      (c, row) => [np.tanh(c.mul(0.5).add(row.mean())), row.mul(c).add(start)],
      start,
      lined(x),
      { reverse: n % 2 === 0, unroll: 1 + (n % 3) },
    )
    return ys.add(last)
  },
  nestedScan: (x, y) => {
    const rows = held(lined(x))
    const outer = (c: NDArray, row: NDArray): [NDArray, NDArray] => {
      const inner = lax.scan((d, v) => [np.sin(d.add(v.mean()).mul(c)), null], np.mean(row), rows)[0]
      return [inner, row.mul(c)]
    }
    return lax.scan(outer, np.mean(held(y)), rows)[1]
  },
  cond: (x, y, n) =>
    lax.cond(
      (n % 2 === 0 ? x : y).sum().gt(0.2),
      (z, w) => np.sin(z).mul(w),
      (z, w) => z.mul(0.5).sub(w.mul(w)),
      x,
      np.mean(held(y)),
    ),
  loop: (x, y, n) => lax.foriLoop(0, n, (i, z) => np.tanh(z.add(np.mean(y)).mul(i.add(1).mul(0.5))), x),
  whileOfCounts: (x, _, n) =>
    // Its count has no derivative, but under vmap it differs between the entries.
    x.mul(
      lax.whileLoop(
        (k) => k.lt(n + 2),
        (k) => k.add(1),
        np.argmax(ravel(x)),
      ),
    ),
  products: (x) => lax.associativeScan((a, b) => a.mul(b), held(lined(x))),
  innerGrad: (x, y) => grad((z: NDArray) => np.sum(np.sin(z.mul(np.mean(y))).mul(z)))(x),
  innerVmap: (x, y) => vmap((row: NDArray) => row.mul(np.sum(np.cos(y))).sub(row.sum()))(lined(x)),
}
const names = Object.keys(operations)

interface Step {
  readonly operation: string
  readonly operands: readonly [number, number]
  readonly n: number
}

/** A program of a few operations on two arrays, with the arrays. `f` gives a number between −1 and 1. */
export interface RandomProgram {
  readonly text: string
  readonly f: (x: NDArray, y: NDArray) => NDArray
  readonly args: [NDArray, NDArray]
}

function run(steps: readonly Step[], inputs: readonly NDArray[]): NDArray {
  const values = [...inputs]
  for (const { operation, operands, n } of steps) {
    const [i, j] = operands
    const value = operations[operation]!(values[i % values.length]!, values[j % values.length]!, n)
    // Arrays stay small: a large one is used by its sum.
    values.push(value.size > 64 ? np.mean(value) : value)
  }
  return values
    .map((value) => np.mean(np.tanh(value.mul(0.5))))
    .reduce((sum, value) => sum.add(value))
    .div(values.length)
}

const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.constantFrom(...names),
  operands: fc.tuple(fc.nat({ max: 13 }), fc.nat({ max: 13 })),
  n: fc.nat({ max: 3 }),
})

/** Programs of up to 12 operations, in float64. */
export const randomPrograms: fc.Arbitrary<RandomProgram> = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 12 }), shapes({ maxRank: 2 }), shapes({ maxRank: 2 }))
  .chain(([steps, xShape, yShape]) =>
    fc
      .tuple(
        arraysOf(xShape, 'float64', { min: -2, max: 2, distinct: true }),
        arraysOf(yShape, 'float64', { min: -2, max: 2, distinct: true }),
      )
      .map(([x, y]) => ({
        text: steps.map((s) => `${s.operation}(${s.operands.join()}; ${s.n})`).join(' '),
        f: (a: NDArray, b: NDArray) => run(steps, [a, b]),
        // Moved by different amounts, so that the two never meet at a kink.
        args: [x.add(0.0037), y.add(0.0091)] as [NDArray, NDArray],
      })),
  )
