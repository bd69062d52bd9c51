import { sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { Params } from '../core/primitive.ts'
import { convolution, dotGeneral, windowEntries } from './products.ts'

/** Operations on numbers: additions, products, comparisons; and functions such as exp, counted apart. */
export interface Work {
  readonly flops: number
  readonly transcendentals: number
}

/** The work of one equation, from its operands, results and params. */
export type WorkRule = (inputs: readonly Aval[], outputs: readonly Aval[], params: Params) => Work

const flops = (count: number): Work => ({ flops: count, transcendentals: 0 })

const size = (aval: Aval | undefined): number => (aval === undefined ? 0 : sizeOf(aval.shape))

/** Nothing is computed: numbers are moved, or stay as they are. */
const moves: WorkRule = () => flops(0)

/** One operation a number of the result. */
export const one: WorkRule = (_, outputs) => flops(outputs.reduce((sum, aval) => sum + size(aval), 0))

/** A function of each number that is worked out by `points` terms: a sum over them, with an exponential in each. */
const series =
  (points: number): WorkRule =>
  (_, [y]) => ({ flops: (points - 1) * size(y), transcendentals: points * size(y) })

const transcendental = series(1)

/** Reducing n numbers to one takes n − 1 operations. */
const reduction: WorkRule = ([x], [y]) => flops(Math.max(0, size(x) - size(y)))

const windows: WorkRule = (_, [y], params) => flops(size(y) * (windowEntries(params) - 1))

/** What is added, or chosen, once an update. */
const updates: WorkRule = (inputs) => flops(size(inputs[2] ?? inputs.at(-1)))

/** Comparisons of a merge sort. */
const sorting: WorkRule = ([x], _, params) => {
  const axis = (params['axis'] ?? (x?.shape.length ?? 1) - 1) as number
  const length = x?.shape[axis] ?? 1
  return flops(size(x) * Math.ceil(Math.log2(Math.max(length, 1))))
}

/** Matrices [..., m, n]: how many, and their sizes. */
function matricesOf(aval: Aval | undefined): { count: number; m: number; n: number } {
  const shape = aval?.shape ?? []
  const [m = 1, n = 1] = shape.slice(-2)
  return { count: sizeOf(shape.slice(0, -2)), m, n }
}

/** The textbooks' counts, their highest powers (Golub and Van Loan, Matrix Computations). */
const matrices =
  (count: (m: number, n: number) => number): WorkRule =>
  ([a]) => {
    const { count: many, m, n } = matricesOf(a)
    return flops(Math.round(many * count(m, n)))
  }

const elimination = (m: number, n: number): number => {
  const k = Math.min(m, n)
  return k * m * n - ((m + n) * k * k) / 2 + k ** 3 / 3
}
const svdWork = (m: number, n: number): number => {
  const [long, short] = m < n ? [n, m] : [m, n]
  return 14 * long * short ** 2 + 8 * short ** 3
}

/** A solve: work on the matrix once, and twice n² a right-hand side. */
const solves =
  (factor: (n: number) => number, each: (n: number) => number): WorkRule =>
  ([a, b]) => {
    const { count, n } = matricesOf(a)
    return flops(Math.round(count * factor(n) + (size(b) / Math.max(n, 1)) * each(n)))
  }

/** 5 N log₂ N operations a complex transform of N, the usual measure. */
const fourier: WorkRule = ([x], outputs, params) => {
  const n = sizeOf(params['lengths'] as readonly number[])
  const many = Math.max(size(x), size(outputs[0]))
  return flops(Math.round(5 * many * Math.log2(Math.max(n, 1))))
}

/** 20 rounds of an addition, a rotation (3) and an exclusive or, and 5 injections of the key, for two words. */
const threefry: WorkRule = (_, outputs) => flops(117 * size(outputs[0]))

/** By squaring: a product a bit, and one more a bit that is set. */
const power: WorkRule = (_, [y], params) => {
  const n = Math.abs(params['exponent'] as number)
  const bits = n.toString(2)
  const products = bits.length - 1 + bits.replaceAll('0', '').length - 1
  return flops(size(y) * Math.max(0, products + ((params['exponent'] as number) < 0 ? 1 : 0)))
}

const named = (rule: WorkRule, names: string): [string, WorkRule][] => names.split(' ').map((name) => [name, rule])

/**
 * Work by the name of the primitive. What holds Jaxprs is counted by them (see `analysis.ts`); what is neither there nor
 * here counts one operation a number of its result, and is named in the analysis as assumed.
 */
export const workRules: ReadonlyMap<string, WorkRule> = new Map([
  ...named(moves, 'reshape transpose broadcast_in_dim slice pad concatenate rev gather dynamic_slice'),
  ...named(moves, 'dynamic_update_slice scatter iota stop_gradient optimization_barrier complex real imag'),
  ...named(one, 'neg add sub mul div rem max min abs sign integer_quotient clamp nextafter select'),
  ...named(one, 'eq lt le gt ge and or xor not shift_left shift_right_logical'),
  ...named(one, 'is_finite floor ceil round convert_element_type reduce_precision'),
  ...named(transcendental, 'exp expm1 log log1p sqrt rsqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh'),
  ...named(transcendental, 'asinh acosh atanh pow logistic erf erfc erfcx erf_inv log_ndtr logaddexp lgamma digamma'),
  ...named(transcendental, 'zeta bessel_i0e bessel_i1e xlogx xlogy xlog1py complex_abs complex_sign random_gamma'),
  // Sums over the points of a double exponential formula.
  ...named(series(141), 'igamma igammac random_gamma_grad regularized_incomplete_beta expn expi'),
  ...named(reduction, 'reduce_sum reduce_max reduce_min reduce_prod reduce_and reduce_or argmax argmin'),
  ...named(one, 'cumsum cumprod cummax cummin'),
  ...named(transcendental, 'cumlogsumexp'),
  ...named(windows, 'reduce_window_sum reduce_window_max reduce_window_min select_and_gather_add'),
  ...named(updates, 'scatter_add scatter_mul scatter_min scatter_max'),
  ...named(sorting, 'sort top_k'),
  [
    'select_and_scatter_add',
    ([x, ct], outputs, params) => flops(size(ct ?? x) * windowEntries(params) + size(outputs[0])),
  ],
  ['integer_pow', power],
  ['dot_general', (inputs, outputs, params) => flops(dotGeneral(inputs, outputs, params))],
  ['conv_general_dilated', (inputs, outputs, params) => flops(convolution(inputs, outputs, params))],
  ['cholesky', matrices((_, n) => n ** 3 / 3)],
  ['lu', matrices((m, n) => 2 * elimination(m, n))],
  ['determinant', matrices((m, n) => 2 * elimination(m, n) + n)],
  ['qr', matrices((m, n) => 4 * m * n * Math.min(m, n) - (4 / 3) * Math.min(m, n) ** 3)],
  ['eigh', matrices((_, n) => 9 * n ** 3)],
  ['svd', matrices(svdWork)],
  ['pinv', matrices((m, n) => svdWork(m, n) + 2 * m * n * Math.min(m, n))],
  ['inverse', matrices((_, n) => 2 * n ** 3)],
  [
    'solve',
    solves(
      (n) => (2 / 3) * n ** 3,
      (n) => 2 * n ** 2,
    ),
  ],
  [
    'triangular_solve',
    solves(
      () => 0,
      (n) => n ** 2,
    ),
  ],
  ['fft', fourier],
  ['threefry2x32', threefry],
])
