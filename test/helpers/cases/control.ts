import { lax, type NDArray, np } from '@cotangent/autodiff'
import { type DType, isFloat } from '@cotangent/autodiff/array'
import { all, arrayOf, caseList, floats, numbers, plain } from './operands.ts'

const { cases, add } = caseList()
/** Control flow on operands of every dtype. */
export const controlCases = cases

const index = (value: number): NDArray => arrayOf([value], 'int32', [])
/** Something with a derivative, or the operand itself. */
const bend = (x: NDArray): NDArray => (isFloat(x.dtype) ? np.tanh(x) : x)

// ── cond ───────────────────────────────────────────────────────────────────

for (const [note, i] of [
  ['below', -3],
  ['first', 0],
  ['second', 1],
  ['last', 2],
  ['beyond', 2147483647],
] as const) {
  add(
    'cond',
    all,
    (x, y, k) =>
      lax.switch(
        k!,
        [
          (a, b) => [a, bend(b)],
          (a, b) => [b, a],
          // An operand twice, and an array of the program.
          (a) => [a, np.zeros(a.shape, { dtype: a.dtype })],
        ],
        x!,
        y!,
      ) as NDArray[],
    (d) => [plain([2, 3], d), plain([2, 3], d, 1), index(i)],
    note,
    (d) => [plain([2, 3], d), plain([2, 3], d, 1), index(i)],
  )
}
add(
  'cond',
  floats,
  (x, k) =>
    lax.cond(
      k!,
      (a) =>
        lax.cond(
          a.sum().gt(0),
          (b) => np.exp(b),
          (b) => b.mul(b),
          a,
        ),
      (a) =>
        a
          .matmul(a.T)
          .sum(0)
          .slice([0, 2])
          .add(a.sum())
          .mul(np.ones([3, 2])),
      x!,
    ),
  (d) => [plain([3, 2], d), index(1)],
  'nested, and a captured value',
  (d) => [plain([3, 2], d), index(0)],
)

// ── while ──────────────────────────────────────────────────────────────────

for (const steps of [0, 1, 4]) {
  add(
    'while',
    all,
    (x, n) =>
      lax.whileLoop(
        ([i]) => i.lt(n!),
        ([i, y, z]) => [i.add(1), z, bend(y)],
        [0, x!, np.flip(x!)].map((v, k) => (k === 0 ? np.zeros([], { dtype: 'int32' }) : v)) as [
          NDArray,
          NDArray,
          NDArray,
        ],
      ) as NDArray[],
    (d) => [plain([3], d), index(steps)],
    `${steps} iterations, two values in turn`,
  )
}
add(
  'while',
  floats,
  (x, step) =>
    lax.whileLoop(
      (y) => y.lt(100).all(),
      (y) => y.mul(2).add(step!),
      x!,
    ),
  (d) => [arrayOf([1, 3, 11], d), arrayOf([1, 0.5, 2], d)],
  'until a value is large',
)

// ── scan ───────────────────────────────────────────────────────────────────

for (const length of [0, 1, 4]) {
  for (const reverse of [false, true]) {
    const note = `${length} steps${reverse ? ' backwards' : ''}`
    add(
      'scan',
      all,
      (c, xs) => {
        const [last, ys] = lax.scan((carry, x) => [bend(x), [carry, x, carry]], c!, xs!, { reverse })
        return [last, ...ys]
      },
      (d) => [plain([2], d), plain([length, 2], d, 1)],
      note,
      (d) => [plain([2], d), plain([length, 2], d, 1)],
    )
    add(
      'scan',
      numbers,
      (c, w) => {
        const [last, ys] = lax.scan((carry) => [bend(carry.mul(w!)).add(w!), carry], c!, null, { length, reverse })
        return [last, ys]
      },
      (d) => [plain([2], d), plain([2], d, 1)],
      `${note}, nothing scanned`,
      (d) => [plain([2], d), plain([2], d, 1)],
    )
  }
}
for (const unroll of [2, 3, 5, true]) {
  add(
    'scan',
    floats,
    (c, xs) => {
      const [last, ys] = lax.scan((carry, x) => [np.tanh(carry.add(x)), carry.mul(x)], c!, xs!, {
        unroll,
        reverse: unroll !== 3,
      })
      return [last, ys]
    },
    (d) => [plain([2], d), plain([5, 2], d, 1)],
    `unrolled by ${unroll}`,
    (d) => [plain([2], d), plain([5, 2], d, 1)],
  )
}
add(
  'scan',
  floats,
  (h, w, xs) => {
    // Products, whose sums may become one node, in a loop in a loop.
    const [last, ys] = lax.scan(
      (carry, x) => {
        const next = np.tanh(carry.matmul(w!).add(x))
        const inner = lax.foriLoop(0, 2, (i, s) => s.mul(0.5).add(x.mul(i)), x)
        return [next, inner.add(next.sum())]
      },
      h!,
      xs!,
    )
    return [last, ys]
  },
  (d) => [plain([2, 3], d), plain([3, 3], d, 1), plain([4, 2, 3], d, 2)],
  'a recurrent network',
  (d) => [plain([2, 3], d), plain([3, 3], d, 1), plain([4, 2, 3], d, 2)],
)
const constant = (d: DType): NDArray => plain([40, 40], d, 5)
add(
  'scan',
  ['float32'],
  (x) => lax.foriLoop(0, 3, (_, y) => np.tanh(constant('float32').matmul(y)).add(x!), x!),
  (d) => [plain([40, 2], d)],
  'a large array of the program',
  (d) => [plain([40, 2], d)],
)
