import { lax, np, type NDArray, vmap } from '@cotangent/autodiff'

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

/** The control-flow lambdas of make_numerics.py. */
export const controlCases: Readonly<Record<string, Fn>> = {
  'lax.scan': (c, xs) => [...lax.scan((carry, x) => [np.tanh(carry.mul(x).add(1)), carry.mul(x)], c!, xs!)],
  'lax.scan reverse': (c, xs) => [
    ...lax.scan((carry, x) => [carry.add(x.mul(carry)), carry], c!, xs!, { reverse: true }),
  ],
  'lax.scan length 0': (c, xs) => [...lax.scan((carry, x) => [carry.add(x), carry], c!, xs!)],
  'lax.fori_loop': (x) => lax.foriLoop(0, 5, (_, y) => y.mul(1.1).add(np.sin(y)), x!),
  'lax.while_loop': (x) => [
    ...lax.whileLoop(
      ([, y]) => y.sum().lt(50),
      ([n, y]) => [n.add(1), y.mul(1.5).add(1)],
      [0, x!],
    ),
  ],
  'lax.cond': (p, x) =>
    lax.cond(
      p!.gt(0),
      (q) => q.pow(2),
      (q) => np.sin(q),
      x!,
    ),
  'lax.switch clamp': (i, x) => lax.switch(i!, [np.sin, np.cos, np.exp], x!),
  'vmap(cond)': (p, x) =>
    vmap((a: NDArray, b: NDArray) =>
      lax.cond(
        a.gt(0),
        (q) => np.exp(q),
        (q) => np.log(q),
        b,
      ),
    )(p!, x!),
  'vmap(while)': (x) =>
    vmap((y: NDArray) =>
      lax.whileLoop(
        (z) => z.lt(10),
        (z) => z.mul(2),
        y,
      ),
    )(x!),
  'lax.map': (x) => lax.map((row) => row.sum().mul(row), x!),
  'lax.associative_scan': (x) => lax.associativeScan((a, b) => a.mul(b), x!),
}
