import { lax, type NDArray, np } from '@cotangent/autodiff'
import { describe, expectTypeOf, test } from 'vitest'

interface State {
  readonly w: NDArray
  n: NDArray
}

declare const x: NDArray
declare const state: State
declare const pair: [NDArray, NDArray]

/** Only its types are looked at. */
const typed = (name: string, _: () => void): void => test(name, () => undefined)

describe('scan', () => {
  typed('keeps the type of the carry, with arrays for numbers', () => {
    const [carry, ys] = lax.scan((c, y) => [c.add(y), c], 0, x)
    expectTypeOf(carry).toEqualTypeOf<NDArray>()
    expectTypeOf(ys).toEqualTypeOf<NDArray>()
    const step = (c: NDArray, y: NDArray): [NDArray, NDArray] => [c.add(y), c]
    expectTypeOf(lax.scan(step, 0, x)[0]).toEqualTypeOf<NDArray>()
    expectTypeOf(lax.scan((c, _) => [c, null], state, x)).toEqualTypeOf<[carry: State, ys: null]>()
    expectTypeOf(lax.scan(([a, b], _) => [[b, a], null], pair, x)[0]).toEqualTypeOf<[NDArray, NDArray]>()
  })
  typed('gives the function entries of the type of xs, and stacks trees', () => {
    const [carry, ys] = lax.scan(
      (s, [p, { q }]) => {
        expectTypeOf(q).toEqualTypeOf<NDArray>()
        return [
          { w: s.w.add(p), n: 0 },
          { out: s.n, q },
        ]
      },
      state,
      [x, { q: x }],
    )
    expectTypeOf(carry).toEqualTypeOf<State>()
    expectTypeOf(ys).toEqualTypeOf<{ out: NDArray; q: NDArray }>()
  })
  typed('keeps tuples that are written out', () => {
    const [[p, n], [before]] = lax.scan(
      ([a, b], z) => [
        [a.add(z), b.add(1)],
        [a, b],
      ],
      [x, 0],
      x,
    )
    expectTypeOf(p).toEqualTypeOf<NDArray>()
    expectTypeOf(n).toEqualTypeOf<NDArray>()
    expectTypeOf(before).toEqualTypeOf<NDArray>()
  })
  typed('refuses another carry, and what is no pair', () => {
    // @ts-expect-error the carry loses n
    lax.scan((s, _) => [{ w: s.w }, null], state, x)
    // @ts-expect-error no pair
    lax.scan((s, _) => s, x, x)
    // @ts-expect-error no such option
    lax.scan((s, _) => [s, null], x, x, { steps: 3 })
    // @ts-expect-error the carry is a string
    lax.scan((_, y) => ['x', y], x, x)
  })
})

describe('loops and branches', () => {
  typed('keep the type of what is carried', () => {
    expectTypeOf(
      lax.whileLoop(
        (s) => s.n.lt(3),
        (s) => ({ ...s, n: s.n.add(1) }),
        state,
      ),
    ).toEqualTypeOf<State>()
    expectTypeOf(
      lax.whileLoop(
        (n) => n.lt(3),
        (n) => n.add(1),
        0,
      ),
    ).toEqualTypeOf<NDArray>()
    expectTypeOf(lax.foriLoop(0, 3, (i, s) => ({ w: s.w.add(i), n: s.n }), state)).toEqualTypeOf<State>()
    expectTypeOf(lax.associativeScan((s, t) => ({ w: s.w.add(t.w), n: t.n }), state)).toEqualTypeOf<State>()
    expectTypeOf(lax.map(({ w }) => w.sum(), state)).toEqualTypeOf<NDArray>()
    expectTypeOf(lax.map((r) => ({ r }), x)).toEqualTypeOf<{ r: NDArray }>()
  })
  typed('take operands of any type, and give that of the first branch', () => {
    expectTypeOf(
      lax.cond(
        true,
        (s) => s.w,
        (s) => s.n,
        state,
      ),
    ).toEqualTypeOf<NDArray>()
    expectTypeOf(
      lax.cond(
        x.gt(0),
        (s, k) => ({ a: s.w, k }),
        (s) => ({ a: s.n, k: 0 }),
        state,
        3,
      ),
    ).toEqualTypeOf<{ a: NDArray; k: NDArray }>()
    expectTypeOf(
      lax.cond(
        true,
        () => x,
        () => 0,
      ),
    ).toEqualTypeOf<NDArray>()
    expectTypeOf(lax.switch(1, [np.sin, np.cos], x)).toEqualTypeOf<NDArray>()
    expectTypeOf(lax.switch(1, [(s) => s.mul(2), (s) => s], x)).toEqualTypeOf<NDArray>()
  })
  typed('refuse other types', () => {
    lax.cond(
      true,
      (s) => s.w,
      // @ts-expect-error the branches differ
      (s) => [s.n],
      state,
    )
    lax.whileLoop(
      (n) => n.lt(3),
      // @ts-expect-error the carry is a string
      () => 'x',
      0,
    )
    // @ts-expect-error there is no such axis
    lax.associativeScan((s, t) => s.add(t), x, { axis: 'rows' })
    // @ts-expect-error the bound is a string
    lax.foriLoop(0, 'n', (_, s) => s, x)
  })
})
