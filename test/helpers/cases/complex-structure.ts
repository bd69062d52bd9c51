import { lax, type NDArray, np } from '@cotangent/autodiff'
import { arrayOf, type Call, caseList, plain } from './operands.ts'

const { cases, add } = caseList()
/** Complex numbers moved about, and carried by branches and loops. */
export const complexStructureCases = cases

const numbers = (shape: readonly number[], salt = 0): NDArray =>
  lax.complex(plain(shape, 'float32', salt), plain(shape, 'float32', salt + 5))
const int32 = (values: readonly number[], shape: readonly number[]): NDArray => arrayOf(values, 'int32', shape)
const on = (name: string, f: Call, operands: readonly NDArray[], note = ''): void =>
  add(name, ['complex64'], f, () => operands, note)

const rows = int32([2, 0, 3, -1, 2], [5, 1])
const gather = { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0] }
const scatter = {
  dimensionNumbers: { updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0] },
}
on('gather', (x, i) => lax.gather(x!, i!, { dimensionNumbers: gather, sliceSizes: [1, 4], mode: 'clip' }), [
  numbers([3, 4]),
  rows,
])
on('gather', (x, i) => np.take(x!, i!), [numbers([3, 4]), int32([0, 40, -1], [3])], 'filled')
on('scatter', (x, i, u) => lax.scatter(x!, i!, u!, scatter), [numbers([3, 4]), rows, numbers([5, 4], 2)])
on('scatter_add', (x, i, u) => lax.scatterAdd(x!, i!, u!, scatter), [numbers([3, 4]), rows, numbers([5, 4], 2)])
const starts = [int32([1], []), int32([9], [])]
on('dynamic_slice', (x, i, j) => lax.dynamicSlice(x!, [i!, j!], [2, 2]), [numbers([3, 4]), ...starts])
on('dynamic_update_slice', (x, u, i, j) => lax.dynamicUpdateSlice(x!, u!, [i!, j!]), [
  numbers([3, 4]),
  numbers([2, 2], 1),
  ...starts,
])
for (const reverse of [false, true]) {
  on('cumsum', (x) => lax.cumsum(x!, 1, reverse), [numbers([2, 5])], String(reverse))
  on('cumprod', (x) => lax.cumprod(x!, 1, reverse), [numbers([2, 5])], String(reverse))
}
on('pad', (x) => lax.pad(x!, numbers([]), { low: [1, -1], high: [0, 2], interior: [1, 0] }), [numbers([3, 4])])
on('select', (x, y) => lax.selectN(int32([0, 1, 5], [3]), x!, y!), [numbers([3]), numbers([3], 1)], 'of a number')
on('stop_gradient', (x) => lax.stopGradient(x!.mul(x!)) as NDArray, [numbers([3])])
on('optimization_barrier', (x, y) => lax.optimizationBarrier([x!, y!]) as NDArray[], [
  numbers([3]),
  plain([2], 'float32'),
])

for (const index of [0, 1, 2]) {
  on(
    'cond',
    (k, x, y) =>
      lax.switch(
        k!,
        [
          (a, b) => [a.mul(b), np.real(b)],
          (a, b) => [b, np.imag(a)],
          (a) => [lax.complex(np.ones(a.shape), np.zeros(a.shape)), np.abs(a)],
        ],
        x!,
        y!,
      ) as NDArray[],
    [int32([index], []), numbers([3]), numbers([3], 1)],
    `branch ${index}`,
  )
}
const turn = numbers([2], 3)
for (const reverse of [false, true]) {
  on(
    'scan',
    (c, xs, w) => {
      const [last, ys] = lax.scan(
        ([z, n], x) => [[z.mul(w!).add(x), n.add(np.real(z))] as const, [np.abs(z), z.mul(turn)]] as const,
        [c!, np.zeros([2])] as const,
        xs!,
        { reverse },
      )
      return [...last, ...ys] as NDArray[]
    },
    [numbers([2]), numbers([3, 2], 1), numbers([2], 2)],
    reverse ? 'backwards' : '',
  )
}
on(
  'while',
  (x, limit, w) =>
    lax.whileLoop(
      (z) => np.abs(z).sum().lt(np.abs(limit!).sum()),
      (z) => z.mul(w!),
      x!,
    ),
  [numbers([2]), numbers([2]).mul(100), numbers([2], 1).add(2)],
)
