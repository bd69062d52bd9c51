import { DTypeError, grad, lax, type NDArray, np, ShapeError, special, stats, ValueError } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const v = np.ones([3])
const i = np.array([0, 1, 2], { dtype: 'int32' })

describe('elementwise functions', () => {
  testMisuses([
    ['the gamma function of integers', () => lax.lgamma(i), DTypeError, 'lgamma: int32', 'x.astype("float32")'],
    ['shapes that differ', () => lax.igamma(v, np.ones([2])), ShapeError, 'igamma', '[3]', '[2]'],
    ['dtypes that differ', () => lax.atan2(v, v.astype('float64')), DTypeError, 'atan2', 'float32', 'float64'],
    ['bounds of another shape', () => lax.clamp(np.ones([2]), v, v), ShapeError, 'clamp', '[2]', '[3]'],
    ['bits of floats', () => lax.populationCount(v), DTypeError, 'population_count: float32', 'integers'],
    ['leading zeros of floats', () => lax.clz(v), DTypeError, 'clz: float32'],
    [
      'an unknown rounding',
      () => lax.round(v, untyped({ roundingMethod: 'up' })),
      ValueError,
      'round',
      '"up"',
      "'awayFromZero'",
    ],
    ['a choice between nothing', () => lax.selectN(i), ShapeError, 'select_n', 'at least 1'],
    [
      'a choice of another shape',
      () => lax.selectN(i, np.ones([2]), np.ones([2])),
      ShapeError,
      'select_n',
      '[3]',
      '[2]',
    ],
    ['a choice by floats', () => lax.selectN(v, v, v), DTypeError, 'select_n', 'float32', 'int32'],
    ['a bool between three', () => lax.selectN(i.gt(0), v, v, v), DTypeError, 'select_n', 'bool', '3'],
    ['the divisor of floats', () => np.gcd(v, v), DTypeError, 'gcd: float32', 'x.astype("int32")'],
    ['a fractional power of two', () => np.ldexp(v, 0.5), DTypeError, 'ldexp', 'float32', 'n.astype("int32")'],
    ['shapes that do not broadcast', () => np.hypot(v, np.ones([2])), ShapeError, 'hypot', '[3]', '[2]'],
    [
      'the derivative of a neighbour',
      () => grad((x: NDArray) => np.nextafter(x, 2))(1),
      ValueError,
      'nextafter: it has no derivative',
    ],
  ])
})

describe('special functions', () => {
  testMisuses([
    ['a fractional order', () => special.polygamma(0.5, v), DTypeError, 'polygamma', 'float', 'n.astype("int32")'],
    ['a fractional dimension', () => special.multigammaln(v, 1.5), ValueError, 'multigammaln', '1.5'],
    ['a negative count', () => special.bernoulli(-1), ValueError, 'bernoulli', '-1'],
    ['an axis that is not there', () => special.logsumexp(v, { axis: 1 }), ShapeError, 'logsumexp', '1'],
    ['weights of another shape', () => special.logsumexp(v, { b: [1, 2] }), ShapeError, 'logsumexp', '[3]', '[2]'],
    [
      'the derivative of the incomplete beta function in its shapes',
      () => grad((a: NDArray) => special.betainc(a, 2, 0.5))(1),
      ValueError,
      'betainc: as in JAX it has no derivative',
    ],
    [
      'a second derivative of the incomplete gamma function in its shape',
      () => grad(grad((a: NDArray) => special.gammainc(a, 2)))(1),
      ValueError,
      'igammaGradA',
      'has no derivative',
    ],
  ])
})

describe('distributions', () => {
  testMisuses([
    [
      'a covariance that does not fit',
      () => stats.multivariateNormal.pdf(v, v, np.eye(2)),
      ShapeError,
      'multivariateNormal',
      '[2, 2]',
      '[3]',
    ],
    [
      'counts that are floats',
      () => stats.multinomial.pmf(v, 3, [0.2, 0.3, 0.5]),
      DTypeError,
      'multinomial',
      'float32',
    ],
    ['alpha as a matrix', () => stats.dirichlet.pdf(v, np.ones([2, 2])), ShapeError, 'dirichlet', '[2, 2]'],
    ['shares that do not fit alpha', () => stats.dirichlet.pdf(v, np.ones([5])), ShapeError, 'dirichlet', '[3]', '[5]'],
    ['parameters that do not broadcast', () => stats.norm.pdf(v, [0, 1]), ShapeError, 'norm.logpdf', '[3]', '[2]'],
  ])
})

describe('functions of nn', () => {
  testMisuses([
    ['half of an odd axis', () => nn.glu(v), ShapeError, 'split'],
    ['softmax along an axis that is not there', () => nn.softmax(v, { axis: 2 }), ShapeError, 'softmax', '2'],
  ])
})
