import type { NDArray } from '../../array/ndarray.ts'
import * as lax from '../../lax/index.ts'
import * as np from '../../numpy/index.ts'
import { random } from '../../random/index.ts'
import { customJvp } from '../../transforms/custom-jvp.ts'
import { checkpoint, checkpointPolicies } from '../../transforms/checkpoint.ts'
import { hessian, jacfwd, jacrev } from '../../transforms/jacobian.ts'
import { jvp } from '../../transforms/jvp.ts'
import { linearize } from '../../transforms/linearize.ts'
import { optimizationBarrier } from '../../transforms/optimization-barrier.ts'
import { stopGradient } from '../../transforms/stop-gradient.ts'
import { linearTranspose } from '../../transforms/transpose.ts'
import { vjp } from '../../transforms/vjp.ts'
import { vmap } from '../../transforms/vmap.ts'
import { axisOf, few, flat, held, lined, type Operations } from './operation.ts'

const bent = (z: NDArray): NDArray => np.sin(z).mul(np.tanh(z.mul(0.5)))

const ownJvp = customJvp((z: NDArray, w: NDArray) => np.sin(z).mul(w), {
  jvp: ([z, w], [dz, dw]) => [np.sin(z).mul(w), np.cos(z).mul(dz).mul(w).add(np.sin(z).mul(dw))],
})

/** Transformations, control flow and rules of derivatives inside the program. */
export const transformOperations: Operations = {
  ownJvp: (x, y) => ownJvp(x, np.mean(held(y))),
  innerJvp: (x, y) => jvp(bent, [x], [np.broadcastTo(np.mean(y), x.shape)])[1],
  innerVjp: (x, y) => vjp(bent, x)[1](np.broadcastTo(np.mean(y), x.shape))[0],
  innerJacobian: (x, y, n) => (n % 2 === 0 ? jacfwd : jacrev)((z: NDArray) => np.sin(z.mul(np.mean(y))))(few(x, 2)),
  innerHessian: (x, y) => hessian((z: NDArray) => np.sum(np.sin(z).mul(z.sum())).mul(np.mean(held(y))))(few(x, 2)),
  innerLinearize: (x, y) => linearize((z: NDArray) => np.tanh(z).mul(z), x)[1](x.mul(np.mean(held(y)))),
  innerTranspose: (x) => linearTranspose((z: NDArray) => np.cumsum(flat(z)).mul(0.5), x)(flat(x))[0],
  innerSteps: (x, y) => vmap((z: NDArray) => jvp(bent, [z], [np.mean(y)])[1])(flat(x)),
  innerBatches: (x, y) =>
    vmap((row: NDArray, w: NDArray) => np.outer(row, w).sum(), { inAxes: [axisOf(lined(x), 1), null] })(
      lined(x).ndim === 1 ? lined(x).reshape([-1, 1]).T : lined(x),
      few(y, 2),
    ),
  saved: (x) => checkpoint(bent, { policy: checkpointPolicies.everythingSaveable })(x),
  stopped: (x, y) => x.add(stopGradient(np.mean(x)).mul(0)).add(np.mean(y)),
  barrier: (x, y) => {
    const [a, b] = optimizationBarrier([x, y] as const)
    return a.mul(np.tanh(np.mean(b)))
  },
  switch: (x, y, n) =>
    lax.switch(
      np.argmax(flat(x)).add(n),
      [(z, w) => z.mul(w), (z, w) => np.sin(z).add(w), (z) => np.cos(z), (z, w) => z.sub(w.mul(w))],
      x,
      np.mean(held(y)),
    ),
  map: (x, y) => lax.map((row: NDArray) => np.sin(row).mul(np.mean(y)), lined(x)),
  loopOfState: (x, y, n) =>
    lax.foriLoop(0, n, (i, [a, b]) => [np.tanh(a.add(b)), b.mul(0.5).add(i.mul(0.1))] as [NDArray, NDArray], [
      x,
      np.mean(y),
    ] as [NDArray, NDArray])[0],
  scanOfPairs: (x, y) => {
    const rows = held(lined(x))
    const [[, total]] = lax.scan(
      ([a, s]: [NDArray, NDArray], row: NDArray): [[NDArray, NDArray], null] => [
        [np.sin(a.add(row.sum())), s.add(a.mul(row.mean()))],
        null,
      ],
      [np.mean(held(y)), np.zerosLike(np.mean(y))] as [NDArray, NDArray],
      rows,
    )
    return total
  },
  condInScan: (x, y) =>
    lax.scan(
      (c: NDArray, row: NDArray): [NDArray, NDArray] => {
        const next = lax.cond(
          row.sum().gt(0.3),
          (a: NDArray, r: NDArray) => np.sin(a).add(r.mean()),
          (a: NDArray, r: NDArray) => a.mul(0.5).sub(r.mean()),
          c,
          row,
        )
        return [next, row.mul(next)]
      },
      np.mean(held(y)),
      held(lined(x)),
    )[1],
  affineScan: (x) => {
    const rows = held(lined(x)).mul(0.5)
    const [, b] = lax.associativeScan(
      ([a1, b1]: [NDArray, NDArray], [a2, b2]: [NDArray, NDArray]): [NDArray, NDArray] => [
        a1.mul(a2),
        b1.mul(a2).add(b2),
      ],
      [rows, np.cos(rows)] as [NDArray, NDArray],
    )
    return b
  },
  noise: (x) => x.add(random.normal(random.PRNGKey(3), x.shape, { dtype: x.dtype as 'float64' }).mul(0.25)),
}
