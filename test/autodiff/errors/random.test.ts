import {
  DTypeError,
  grad,
  jit,
  type Key,
  type NDArray,
  np,
  random,
  ShapeError,
  TracerError,
  ValueError,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const key = random.PRNGKey(0)
const keys = random.split(key, 3)
const matrix = np.ones([2, 3])

describe('keys', () => {
  testMisuses([
    ['several keys at once', () => random.gamma(keys, 1), ShapeError, 'random.gamma', 'uint32[3, 2]', 'vmap'],
    ['no key', () => random.poisson(untyped(undefined), 1), DTypeError, 'random.poisson', 'undefined', 'PRNGKey'],
    ['a key of floats', () => random.choice(untyped(np.ones([2])), 3), DTypeError, 'random.choice', 'float32[2]'],
    ['a fractional seed', () => random.key(1.5), ValueError, '1.5', 'whole number'],
    ['words that are no key', () => random.wrapKeyData(np.ones([2])), DTypeError, 'random.wrapKeyData', 'float32[2]'],
    ['three words', () => random.keyData(untyped(keys.reshape([2, 3]))), ShapeError, 'uint32[2, 3]', 'uint32[2]'],
    ['a copy of nothing', () => random.clone(untyped(7)), DTypeError, 'random.clone', '7'],
  ])
})

describe('shapes and parameters', () => {
  testMisuses([
    ['a negative length', () => random.beta(key, 1, 2, [-1]), ShapeError, 'random.beta', '[-1]'],
    [
      'a parameter that does not broadcast to the shape',
      () => random.gamma(key, np.ones([3]), [2]),
      ShapeError,
      'random.gamma: a of shape [3] does not broadcast to [2]',
      'leave the shape out',
    ],
    [
      'parameters that do not broadcast',
      () => random.beta(key, np.ones([3]), np.ones([2])),
      ShapeError,
      'random.beta',
      '[3]',
      '[2]',
    ],
    ['a mean of another shape', () => random.poisson(key, matrix, [3]), ShapeError, 'random.poisson', '[2, 3]', '[3]'],
    ['counts of another shape', () => random.binomial(key, np.ones([4]), matrix), ShapeError, 'random.binomial'],
    [
      'trials of another shape',
      () => random.multinomial(key, np.ones([4]), matrix),
      ShapeError,
      'multinomial: n',
      '[4]',
    ],
    ['categories of a scalar', () => random.multinomial(key, 3, 0.5), ShapeError, 'random.multinomial', 'scalar'],
    ['shares of a scalar', () => random.dirichlet(key, 1), ShapeError, 'random.dirichlet', 'alpha is a scalar'],
    ['shares of another shape', () => random.dirichlet(key, matrix, [3]), ShapeError, 'random.dirichlet', '[2]', '[3]'],
    [
      'a covariance that is not square',
      () => random.multivariateNormal(key, [0, 0], matrix),
      ShapeError,
      'random.multivariateNormal',
      '[2, 3]',
      '[..., n, n]',
    ],
    ['a mean without an axis', () => random.multivariateNormal(key, 0, [[1]]), ShapeError, 'mean has shape []'],
    [
      'an unknown square root',
      () => random.multivariateNormal(key, [0], [[1]], [], { method: untyped('lu') }),
      ValueError,
      '"lu"',
      "'cholesky'",
    ],
    ['half a row', () => random.orthogonal(key, 1.5), ValueError, 'random.orthogonal', '1.5'],
    ['a ball of minus one dimensions', () => random.ball(key, -1), ValueError, 'random.ball', '-1'],
    ['norms of several orders', () => random.ball(key, 2, [1, 2]), ValueError, 'random.ball', 'p is an array'],
  ])
})

describe('dtypes and modes', () => {
  testMisuses([
    [
      'a gamma distribution of integers',
      () => random.gamma(key, 1, [], { dtype: untyped('int32') }),
      DTypeError,
      'random.gamma: the dtype is int32',
      'float32',
    ],
    ['counts in floats', () => random.poisson(key, 1, [], { dtype: untyped('float32') }), DTypeError, 'random.poisson'],
    [
      'signed bits',
      () => random.bits(key, [2], { dtype: untyped('int8') }),
      DTypeError,
      'random.bits',
      'int8',
      'uint8',
    ],
    [
      '24 bits',
      () => random.bits(key, [2], { bitWidth: untyped(24) }),
      ValueError,
      'bitWidth is 24',
      '8, 16, 32 or 64',
    ],
    [
      'a dtype and another width',
      () => random.bits(key, [2], untyped({ dtype: 'uint8', bitWidth: 16 })),
      ValueError,
      'uint8',
      '16',
      'give one of them',
    ],
    [
      'whole numbers in floats',
      () => random.randint(key, [2], 0, 9, { dtype: untyped('float32') }),
      DTypeError,
      'randint',
    ],
    ['a bound between numbers', () => random.randint(key, [2], 0.5, 9), ValueError, 'minval is 0.5', 'int32'],
    [
      'a bound of floats',
      () => random.randint(key, [2], 0, np.array([2.5])),
      DTypeError,
      'maxval is float32',
      'astype',
    ],
    ['a bound too large', () => random.randint(key, [2], 0, 2 ** 33), ValueError, 'maxval is 8589934592', '2147483647'],
    [
      'signs in unsigned numbers',
      () => random.rademacher(key, [2], { dtype: 'uint16' }),
      DTypeError,
      'uint16 holds no -1',
    ],
    ['an unknown mode', () => random.gumbel(key, [2], { mode: untyped('top') }), ValueError, 'random.gumbel', '"top"'],
    [
      'another one',
      () => random.bernoulli(key, 0.5, [2], { mode: untyped('top') }),
      ValueError,
      'random.bernoulli',
      '"top"',
    ],
  ])
})

describe('choices', () => {
  testMisuses([
    [
      'more than there are',
      () => random.choice(key, 3, [2, 2], { replace: false }),
      ValueError,
      'random.choice: 4 draws without replacement from 3 entries',
    ],
    ['from nothing', () => random.choice(key, 0, [1]), ValueError, 'random.choice', '0 entries'],
    ['from a scalar array', () => random.choice(key, np.array(3)), ValueError, 'random.choice', 'scalar array'],
    ['from half an entry', () => random.choice(key, 2.5), ValueError, 'random.choice', '2.5'],
    [
      'by too few probabilities',
      () => random.choice(key, 3, [], { p: [0.5, 0.5] }),
      ShapeError,
      'random.choice',
      '[2]',
      '[3]',
    ],
    [
      'along an axis that is not there',
      () => random.choice(key, matrix, [], { axis: 2 }),
      ShapeError,
      'random.choice',
      '2',
    ],
    ['a permutation of a scalar', () => random.permutation(key, np.array(3)), ValueError, 'random.permutation'],
    ['of minus three', () => random.permutation(key, -3), ValueError, 'random.permutation', '-3'],
    ['along no axis', () => random.permutation(key, matrix, { axis: -3 }), ShapeError, 'random.permutation', '-3'],
    [
      'categories without replacement',
      () => random.categorical(key, np.zeros([3]), { shape: [4], replace: false }),
      ValueError,
      'random.categorical: 4 draws without replacement from 3 categories',
    ],
    [
      'a traced count of entries',
      () => jit((n: Key) => random.permutation(key, n), { device: 'js' })(np.array(3, { dtype: 'int32' }) as never),
      ValueError,
      'random.permutation',
    ],
    [
      'the second derivative of a draw',
      () => grad((b: NDArray) => grad((a: NDArray) => random.gamma(key, a))(b))(2),
      ValueError,
      'it has no derivative in its shape parameters',
    ],
    [
      'a number read while tracing',
      () => grad((a: NDArray) => np.array(random.gamma(key, a).item()))(2),
      TracerError,
      'cannot be read',
    ],
  ])
})
