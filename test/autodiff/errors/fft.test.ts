import {
  DTypeError,
  fft,
  grad,
  hessian,
  jacrev,
  lax,
  np,
  type NDArray,
  ShapeError,
  ValueError,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.zeros([2, 3])
const z = lax.complex(x, x)
const double = np.zeros([4], { dtype: 'float64' })

describe('transforms', () => {
  testMisuses([
    ['float64', () => fft.fft(double), DTypeError, 'fft: there is no complex128', 'float64[4]', 'x.astype("float32")'],
    ['float64 in rfft', () => fft.rfft(double), DTypeError, 'rfft', 'float64[4]', 'x.astype("float32")'],
    [
      'complex numbers in rfft',
      () => fft.rfft(z),
      DTypeError,
      'rfft: takes real numbers',
      'complex64[2, 3]',
      'use fft',
    ],
    ['complex numbers in ihfft', () => fft.ihfft(z), DTypeError, 'ihfft: takes real numbers', 'use ifft'],
    ['complex numbers in rfftn', () => fft.rfftn(z), DTypeError, 'rfftn', 'use fftn'],
    ['an axis that is not there', () => fft.fft(x, { axis: 2 }), ShapeError, 'fft: axis 2 is out of range'],
    ['a real transform of a number', () => fft.irfftn(1), ShapeError, 'irfftn: no axis of []', 'at least 1'],
    ['a scalar', () => fft.fft(np.array(1)), ShapeError, 'fft: axis -1'],
    ['several axes', () => fft.fft(x, untyped({ axis: [0, 1] })), ValueError, 'axis is one number', 'fftn takes axes'],
    ['the length 0', () => fft.fft(x, { n: 0 }), ShapeError, 'fft: the lengths to transform are [0]', 'at least 1'],
    ['half a length', () => fft.rfft(x, { n: 2.5 }), ShapeError, 'rfft', '[2.5]', 'whole'],
    ['an axis of no entries', () => fft.fft(np.zeros([2, 0])), ShapeError, 'fft: the lengths to transform are [0]'],
    ['one entry of a spectrum', () => fft.irfft(np.zeros([1])), ShapeError, 'irfft', '[0]', 'can be given'],
    ['an unknown norm', () => fft.fft(x, untyped({ norm: 'unitary' })), ValueError, 'norm "unitary"', '"ortho"'],
    [
      's and axes of two lengths',
      () => fft.fftn(x, { s: [2], axes: [0, 1] }),
      ValueError,
      'fftn: s [2] and axes [0, 1]',
    ],
    ['more lengths than axes', () => fft.fftn(x, { s: [2, 3, 4] }), ShapeError, 'fftn: s [2, 3, 4]', '[2, 3]'],
    ['an axis twice', () => fft.fftn(x, { axes: [0, -2] }), ShapeError, 'fftn: an axis appears twice'],
    ['three axes for two', () => fft.fft2(x, { axes: [0, 1, 2] }), ValueError, 'fft2: takes two axes', 'fftn'],
    ['one axis for two', () => fft.rfft2(np.zeros([3])), ShapeError, 'rfft2: axis -2'],
    ['frequencies of nothing', () => fft.fftfreq(0), ValueError, 'fftfreq: n is 0'],
    ['whole frequencies', () => fft.rfftfreq(4, { dtype: 'int32' }), DTypeError, 'rfftfreq', 'x.astype("int32")'],
    ['a shift of axis 2', () => fft.fftshift(x, { axes: 2 }), ShapeError, 'fftshift: axis 2 is out of range'],
    ['lax: an unknown type', () => lax.fft(z, untyped('DCT'), [3]), ValueError, '"DCT"', 'FFT, IFFT, RFFT, IRFFT'],
    ['lax: other lengths', () => lax.fft(z, 'FFT', [4]), ShapeError, 'lengths [4]', '[2, 3] must be [2, 4]', 'pads'],
    ['lax: too many lengths', () => lax.fft(z, 'FFT', [1, 2, 3]), ShapeError, 'complex64[2, 3]', '3 axes'],
    ['lax: half a spectrum too long', () => lax.fft(z, 'IRFFT', [3]), ShapeError, 'IRFFT', 'must be [2, 2]'],
    ['lax: RFFT of complex numbers', () => lax.fft(z, 'RFFT', [3]), DTypeError, 'takes real numbers', 'use FFT'],
  ])
})

describe('complex numbers', () => {
  const power = (y: NDArray): NDArray => np.sum(np.abs(y).square())
  testMisuses([
    [
      'grad in a complex argument',
      () => grad(power)(z),
      DTypeError,
      'complex64[2, 3]',
      'holomorphic',
      'lax.complex(re, im)',
    ],
    ['hessian in a complex argument', () => hessian(power)(z), DTypeError, 'complex64[2, 3]', 'vjp'],
    ['grad of a complex value', () => grad((y: NDArray) => np.sum(fft.fft(y)))(x), DTypeError, 'np.real(y)', 'vjp'],
    ['jacrev of a complex value', () => jacrev((y: NDArray) => fft.fft(y))(x), DTypeError, 'np.abs(y)', 'jacfwd'],
    ['what has no complex rule', () => np.arctan(z), DTypeError, 'atan: complex64', 'np.abs(x)'],
    ['the largest complex number', () => np.max(z), DTypeError, 'max: complex64 is not possible here'],
    [
      'one number of a complex one',
      () => lax.complex(np.array(1), np.array(2)).item(),
      DTypeError,
      'item: a complex64',
      'jsSync',
    ],
    ['beside float64', () => z.add(np.zeros([2, 3], { dtype: 'float64' })), DTypeError, 'double precision'],
  ])
})
