import * as autodiff from '@cotangent/autodiff'
import { fft, lax, legacyRandom, linalg, np, random, special, stats } from '@cotangent/autodiff'
import * as onnx from '@cotangent/autodiff/onnx'
import * as primitives from '@cotangent/autodiff/primitives'
import * as testing from '@cotangent/autodiff/testing'
import * as arbitraries from '@cotangent/autodiff/testing/arbitraries'
import { describe } from 'vitest'
import { type Swept, testWrongKinds } from '../../helpers/wrong-kinds.ts'
import { arbitrariesCalls } from './kinds/arbitraries.ts'
import { laxCalls } from './kinds/lax.ts'
import { fftCalls, linalgCalls, specialCalls, statsCalls } from './kinds/mathematics.ts'
import { onnxCalls } from './kinds/onnx.ts'
import { primitivesCalls } from './kinds/primitives.ts'
import { randomCalls } from './kinds/random.ts'
import { testingCalls, transformationCalls } from './kinds/transformations.ts'
import { testMisuses, untyped } from './misuse.ts'

const modules: Readonly<Record<string, Swept>> = {
  lax: [lax, laxCalls],
  linalg: [linalg, linalgCalls],
  fft: [fft, fftCalls],
  special: [special, specialCalls],
  stats: [stats, statsCalls],
  random: [random, randomCalls(random)],
  legacyRandom: [legacyRandom, randomCalls(legacyRandom)],
  testing: [testing, testingCalls],
  arbitraries: [arbitraries, arbitrariesCalls],
  onnx: [onnx, onnxCalls],
  primitives: [primitives, primitivesCalls],
  'the package itself': [autodiff, transformationCalls],
}
/** Errors are not called; devices and programs of ONNX have tests of their own. */
const leftOut = /Error$|^NDArray$|^(defaultDevice|initRuntime|value_and_jac(fwd|rev))$/

testWrongKinds(modules, leftOut)

describe('messages name the function, what was given, and what it takes', () => {
  const { DTypeError, ShapeError, TreeError, ValueError } = autodiff
  const v = np.ones([3])
  const key = random.PRNGKey(0)
  testMisuses([
    ['no list', () => lax.concatenate(untyped(null), 0), ValueError, 'concatenate: arrays must be a list, not null'],
    ['no array', () => lax.selectN(untyped([1]), v), DTypeError, 'select_n: an operand is a "list"', 'np.array'],
    [
      'no options',
      () => lax.gather(v, v, untyped(null)),
      ValueError,
      'gather: options are given by name',
      'not as null',
    ],
    [
      'no window',
      () => lax.reduceWindow(v, 0, 'add', untyped('x')),
      ValueError,
      'windowDimensions must be a list, not "x"',
    ],
    [
      'a window of all numbers',
      () => lax.reduceWindow(v, 0, 'add', [1e12]),
      ShapeError,
      '[1000000000000] must be whole',
    ],
    [
      'more than any memory',
      () => lax.full([1e12], 1, 'float32'),
      ShapeError,
      '1000000000000 elements of float32 take 3726 GiB',
    ],
    [
      'a bound that int32 lacks',
      () => lax.foriLoop(0, 1e12, (_, x) => x, 0),
      ValueError,
      'upper is 1000000000000',
      'int32',
    ],
    [
      'squarings',
      () => linalg.expm([[1]], { maxSquarings: 1e12 }),
      ValueError,
      'maxSquarings is 1000000000000',
      '1024',
    ],
    ['factors', () => linalg.choSolve(untyped(null), v), ValueError, 'choSolve: the factors must be a list, not null'],
    ['a power', () => linalg.matrixPower(np.eye(2), untyped('2')), ValueError, 'the power is "2"'],
    ['a spacing', () => fft.fftfreq(4, { d: untyped('1') }), ValueError, 'fftfreq: d is "1"'],
    ['steps', () => special.besselJn(v, { v: 1, nIter: 1e12 }), ValueError, 'besselJn', '10000'],
    [
      'an option',
      () => random.normal(key, [2], untyped({ scale2: 1 })),
      ValueError,
      'normal has no option scale2',
      'dtype',
    ],
    [
      'argnums',
      () => autodiff.grad((x: typeof v) => x.sum(), { argnums: untyped('x') })(v),
      ValueError,
      'argnums must be',
    ],
    ['a rule', () => autodiff.customJvp((x: typeof v) => x, untyped(null)), ValueError, 'options are given by name'],
    ['no function', () => autodiff.treeMap(untyped(3), [v]), ValueError, 'treeMap: takes a function of leaves, not 3'],
    [
      'no structure',
      () => autodiff.treeUnflatten(untyped(null), []),
      TreeError,
      'treeUnflatten: takes a structure',
      'null',
    ],
  ])
})
