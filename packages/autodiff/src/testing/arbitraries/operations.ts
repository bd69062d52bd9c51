import '../../interpreter/device.ts'
import type { NDArray } from '../../array/ndarray.ts'
import * as lax from '../../lax/index.ts'
import { cholesky } from '../../linalg/index.ts'
import * as np from '../../numpy/index.ts'
import { erf, logsumexp } from '../../special/index.ts'
import { checkpoint } from '../../transforms/checkpoint.ts'
import { grad } from '../../transforms/grad.ts'
import { jit } from '../../transforms/jit/jit.ts'
import { vmap } from '../../transforms/vmap.ts'
import { functionOperations } from './operations-functions.ts'
import { matrixOperations } from './operations-matrices.ts'
import { structureOperations } from './operations-structure.ts'
import { transformOperations } from './operations-transforms.ts'
import { axisOf, flat, held, lined, type Operations, together } from './operation.ts'

/** Arithmetic, shapes, reductions, indexing, and the transformations and loops that programs hold. */
const everyday: Operations = {
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
  ravel: flat,
  expand: (x, _, n) => np.expandDims(x, n % (x.ndim + 1)),
  flip: (x) => np.flip(x),
  head: (x) => lined(x).slice([0, 1]),
  stride: (x) => lined(x).slice([null, null, 2]),
  gather: (x) => np.take(lined(x), np.array([0, -1, 0], { dtype: 'int32' }), { axis: 0 }),
  gatherByValue: (x) => np.take(flat(x), np.argmax(flat(x)).reshape([1])),
  concatenate: (x, y) => np.concatenate([flat(x).slice([0, 3]), flat(y).slice([0, 3])]),
  stack: (x) => np.stack([x, np.cos(x)], { axis: -1 }),
  inner: (x, y) => np.dot(flat(x).slice([0, 1]), flat(held(y)).slice([0, 1])),
  outer: (x, y) => np.outer(flat(x).slice([0, 2]), flat(held(y)).slice([0, 2])),
  gram: (x) => {
    const rows = held(x).reshape([lined(x).shape[0] as number, -1])
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
  // Its count has no derivative, but under vmap it differs between the entries.
  whileOfCounts: (x, _, n) =>
    x.mul(
      lax.whileLoop(
        (k) => k.lt(n + 2),
        (k) => k.add(1),
        np.argmax(flat(x)),
      ),
    ),
  products: (x) => lax.associativeScan((a, b) => a.mul(b), held(lined(x))),
  sort: (x, _, n) => np.sort(lined(x), { axis: axisOf(lined(x), n) }),
  cumprod: (x, _, n) => np.cumprod(held(lined(x)), { axis: axisOf(lined(x), n) }),
  set: (x, y) => flat(x).set(0, np.mean(y)),
  addAt: (x, y) => flat(x).addAt(np.array([0, -1, 0], { dtype: 'int32' }), np.mean(held(y))),
  dynamicSlice: (x) => lax.dynamicSliceInDim(flat(x), np.argmin(flat(x)), 1),
  convolve: (x, y) => np.convolve(flat(held(x)).slice([0, 4]), flat(held(y)).slice([0, 3])),
  einsum: (x, y) =>
    np.einsum('i,j,i->j', flat(held(x)).slice([0, 2]), flat(held(y)).slice([0, 2]), flat(held(x)).slice([0, 2])),
  cholesky: (x) => {
    const rows = held(flat(x).slice([0, 3]))
    return cholesky(np.outer(rows, rows).add(np.eye(rows.size, { dtype: rows.dtype })))
  },
  logsumexp: (x, _, n) => logsumexp(lined(x), { axis: axisOf(lined(x), n) }),
  erf: (x) => erf(x),
  checkpoint: (x, y) => checkpoint((z: NDArray) => np.sin(np.sin(z).mul(np.mean(y))))(x),
  innerGrad: (x, y) => grad((z: NDArray) => np.sum(np.sin(z.mul(np.mean(y))).mul(z)))(x),
  innerVmap: (x, y) => vmap((row: NDArray) => row.mul(np.sum(np.cos(y))).sub(row.sum()))(lined(x)),
}

/** All operations by the names that a program's text shows. */
export const operations: Operations = {
  ...everyday,
  ...functionOperations,
  ...structureOperations,
  ...matrixOperations,
  ...transformOperations,
}
