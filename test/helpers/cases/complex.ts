import { lax, type NDArray, np } from '@cotangent/autodiff'
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

// ── elementary functions, products, structure ──────────────────────────────

for (const [name, f] of [
  ['exp', lax.exp],
  ['expm1', lax.expm1],
  ['log', lax.log],
  ['log1p', lax.log1p],
  ['sqrt', lax.sqrt],
  ['rsqrt', lax.rsqrt],
  ['sin', lax.sin],
  ['cos', lax.cos],
  ['tan', lax.tan],
  ['sinh', lax.sinh],
  ['cosh', lax.cosh],
  ['tanh', lax.tanh],
  ['complex_sign', lax.sign],
] as const) {
  on(name, (x) => f(x!), [numbers()])
}
const axesAndNear = lax.complex(
  arrayOf([1, -1, 0, 0, 0, -4, -4, 0.6, 30], 'float32'),
  arrayOf([0, 0, 2, -2, 0, 0, -0, 0.8, 1], 'float32'),
)
for (const [name, f] of [
  ['log', lax.log],
  ['sqrt', lax.sqrt],
  ['tanh', lax.tanh],
  ['complex_sign', lax.sign],
] as const) {
  on(name, (x) => f(x!), [axesAndNear], 'on the axes')
}
on('pow', (x, y) => lax.pow(x!, y!), [numbers(), numbers(3).mul(0.5)])
on('pow', (x, y) => lax.pow(x!, y!), [axesAndNear, lax.complex(np.full([9], 2), np.zeros([9]))], 'squares')
on('is_finite', (x) => lax.isFinite(x!), [edges])
on('reduce_prod', (x) => lax.reduceProd(x!, [0, 2]), [numbers()])
on('cumsum', (x) => lax.cumsum(x!, 1), [numbers()])
on(
  'pad',
  (x) => lax.pad(x!, lax.complex(np.array(3), np.array(-1)), { low: [1, 0, -1], high: [0, 2, 0], interior: [1, 0, 0] }),
  [numbers()],
)
on('select', (x, y) => lax.select(lax.real(x!).gt(0), x!, y!), [numbers(), numbers(1)])
on('take', (x) => lax.take(x!, np.array([2, 0, 2], { dtype: 'int32' }), 1), [numbers()])
on('scatter_add', (x) => lax.scatterAdd(np.array([2, 0, 2], { dtype: 'int32' }), x!, 1, 4), [numbers()])

// ── fft ────────────────────────────────────────────────────────────────────

// One matrix, two and three factors, a large prime.
const lengths = [1, 2, 7, 16, 96, 131, 250]
// Divided by the length, so that rounding, which goes with the whole signal, is small beside every entry of a spectrum.
const signal = (n: number, dtype: 'float32' | 'complex64', length = n): NDArray => {
  const part = (salt: number): NDArray => plain([2, length], 'float32', salt).div(n)
  return dtype === 'float32' ? part(0) : lax.complex(part(0), part(2))
}
for (const n of lengths) {
  on('fft', (x) => lax.fft(x!, 'FFT', [n]), [signal(n, 'complex64')], `FFT of ${n}`)
  on('fft', (x) => lax.fft(x!, 'IFFT', [n]), [signal(n, 'complex64')], `IFFT of ${n}`)
  on('fft', (x) => lax.fft(x!, 'RFFT', [n]), [signal(n, 'float32')], `RFFT of ${n}`)
  on('fft', (x) => lax.fft(x!, 'IRFFT', [n]), [signal(1, 'complex64', Math.floor(n / 2) + 1)], `IRFFT of ${n}`)
}
on('fft', (x) => lax.fft(x!, 'FFT', shape), [numbers()], 'three axes')
on('fft', (x) => lax.fft(x!, 'IFFT', [3, 4]), [numbers()], 'two axes')
on('fft', (x) => lax.fft(x!, 'RFFT', [3, 4]), [plain(shape, 'float32')], 'two real axes')
on('fft', (x) => lax.fft(x!, 'IRFFT', [3, 6]), [numbers()], 'to two real axes')
on('fft', (x) => lax.fft(x!, 'FFT', [4]), [lax.complex(np.zeros([0, 4]), np.zeros([0, 4]))], 'no rows')
