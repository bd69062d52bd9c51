import { grad, jit, jvp, makeJaxpr, type NDArray, np, TracerError, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const v = np.ones([3])
const js = { device: 'js' } as const
const sum = (y: NDArray): NDArray => y.sum()

describe('reading a traced value', () => {
  const reading = (name: string, read: (y: NDArray) => unknown) =>
    [
      name,
      () =>
        grad(function loss(y: NDArray) {
          read(y)
          return y.sum()
        })(v),
      TracerError,
      'inside grad of loss has no numbers while the function is traced',
      /float32\[3?\]/,
      'np.where(x.gt(0), a, b)',
    ] as const
  testMisuses([
    reading('data()', (y) => y.data()),
    reading('dataSync()', (y) => y.dataSync()),
    reading('js()', (y) => y.js()),
    reading('jsSync()', (y) => y.jsSync()),
    reading('item()', (y) => y.sum().item()),
    reading('ready()', (y) => y.ready()),
    reading('`${x}`', (y) => `${untyped(y)}`),
    reading('x + 1', (y) => untyped(y) + 1),
    reading('x > 0', (y) => untyped(y) > 0),
    reading('-x', (y) => -untyped(y)),
    reading('x == 1', (y) => untyped(y) == 1),
  ])

  test('toString says what it is, for debugging', () => {
    let text = ''
    grad(function loss(y: NDArray) {
      text = y.toString()
      return y.sum()
    })(v)
    expect(text).toBe('Tracer(float32[3], in grad of loss)')
  })
})

describe('leaking a traced value', () => {
  let leak!: NDArray
  grad(function loss(y: NDArray) {
    leak = y.mul(2)
    return y.sum()
  })(v)
  const says = ['float32[3] of grad of loss', 'leaked', 'Return it from the function'] as const
  testMisuses([
    ['to an operation outside', () => leak.add(1), TracerError, ...says],
    ['to a reader outside', () => leak.jsSync(), TracerError, ...says],
    ['to a list outside', () => np.array([leak, leak]), TracerError, ...says],
    ['to a sibling', () => grad((y: NDArray) => y.add(leak).sum())(v), TracerError, ...says],
    ['to a sibling’s result', () => jit(() => leak, js)(), TracerError, ...says],
    ['to an argument of grad', () => grad(sum)(leak), TracerError, ...says],
    ['to an argument of vmap', () => vmap(sum)(leak), TracerError, ...says],
    ['to a tangent', () => jvp(sum, [v], [leak]), TracerError, ...says],
    [
      'from the inner to the outer function',
      () =>
        grad((y: NDArray) => {
          let inner!: NDArray
          vmap(function each(row: NDArray) {
            inner = row
            return row
          })(y)
          return inner.sum()
        })(v),
      TracerError,
      'float32[] of vmap of each',
      'leaked',
    ],
    [
      'between siblings in one function',
      () =>
        jit((y: NDArray) => {
          let first!: NDArray
          vmap((row: NDArray) => (first = row))(y)
          return vmap((row: NDArray) => row.add(first))(y)
        }, js)(v),
      TracerError,
      'leaked',
    ],
  ])

  test('after an error in a function nothing is traced any more', () => {
    expect(() =>
      grad((_: NDArray): NDArray => {
        throw new RangeError('mine')
      })(v),
    ).toThrow(new RangeError('mine'))
    expect(v.mul(2).jsSync()).toEqual([2, 2, 2])
  })
})

describe('asynchronous functions', () => {
  const read = untyped(async (y: NDArray) => {
    await y.data()
    return y.sum()
  })
  const later = untyped(async function later(y: NDArray) {
    await Promise.resolve()
    return y.sum()
  })
  const says = ['is a Promise', 'synchronous', 'Await what it needs before'] as const
  testMisuses([
    ['grad', () => grad(later)(v), TracerError, 'the result of the function under grad of later', ...says],
    ['grad of one that reads', () => grad(read)(v), TracerError, ...says],
    ['vmap', () => vmap(later)(v), TracerError, 'vmap of later', ...says],
    ['jit', () => untyped(jit(later, js))(v), TracerError, 'jit of later', ...says],
    ['jvp', () => jvp(later, [v], [v]), TracerError, 'jvp of later', ...says],
    ['makeJaxpr', () => makeJaxpr(later)(v), TracerError, 'makeJaxpr of later', ...says],
    ['a Promise in the result', () => jit(() => ({ a: Promise.resolve(1) }), js)(), TracerError, '.a', ...says],
    ['a Promise for an argument', () => grad(sum)(untyped(Promise.resolve(v))), TracerError, 'arguments[0]', ...says],
  ])

  test('what they reject with later is no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    expect(() => grad(read)(v)).toThrow(TracerError)
    expect(() => untyped(jit(later, js))(v)).toThrow(TracerError)
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })
})
