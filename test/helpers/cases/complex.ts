import { lax, type NDArray } from '@cotangent/autodiff'
import { arrayOf, caseList, plain } from './operands.ts'

const { cases, add } = caseList()
export const complexCases = cases

const shape = [2, 3, 4]
const numbers = (salt = 0): NDArray => lax.complex(plain(shape, 'float32', salt), plain(shape, 'float32', salt + 5))
const edges = lax.complex(
  arrayOf([NaN, Infinity, 0, -0, 1, 3e30, 0], 'float32'),
  arrayOf([1, -1, 0, -0, -2, -4e30, -5], 'float32'),
)
const on = (name: string, f: (...x: NDArray[]) => NDArray | NDArray[], operands: readonly NDArray[], note = ''): void =>
  add(name, ['complex64'], f, () => operands, note)

add(
  'complex',
  ['float32'],
  (x, y) => lax.complex(x!, y!),
  () => [plain(shape, 'float32'), plain(shape, 'float32', 1)],
)
for (const [name, f] of [
  ['real', lax.real],
  ['imag', lax.imag],
  ['complex_abs', lax.abs],
  ['neg', lax.neg],
] as const) {
  on(name, (x) => f(x!), [numbers()])
  on(name, (x) => f(x!), [edges], 'edges')
}
for (const [name, f] of [
  ['add', lax.add],
  ['sub', lax.sub],
  ['mul', lax.mul],
  ['div', lax.div],
  ['eq', lax.eq],
] as const) {
  on(name, (x, y) => f(x!, y!), [numbers(), numbers(1)])
}
on('transpose', (x) => lax.transpose(x!, [2, 0, 1]), [numbers()])
on('reshape', (x) => lax.reshape(x!, [6, 4]), [numbers()])
on('broadcast_in_dim', (x) => lax.broadcastInDim(x!, [5, ...shape], [1, 2, 3]), [numbers()])
on('reduce_sum', (x) => lax.reduceSum(x!, [0, 2]), [numbers()])
on('slice', (x) => lax.slice(x!, { starts: [0, 1, 1], limits: [2, 3, 4], strides: [1, 1, 2] }), [numbers()])
on('rev', (x) => lax.rev(x!, [1]), [numbers()])
on('concatenate', (x, y) => lax.concatenate([x!, y!], 1), [numbers(), numbers(1)])
on('dot_general', (x, y) => lax.dotGeneral(x!, y!, { contract: [[2], [2]], batch: [[0], [0]] }), [
  numbers(),
  numbers(2),
])
on('integer_pow', (x) => lax.integerPow(x!, -3), [numbers()])
on('convert_element_type', (x) => x!.astype('float64'), [numbers()])
add(
  'convert_element_type',
  ['float32'],
  (x) => x!.astype('complex64'),
  () => [plain(shape, 'float32')],
  'to complex64',
)
