import { CotangentError, grad, jit, jvp, lax, type NDArray, np, ShapeError, vmap } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import { afterEach, describe, expect, test } from 'vitest'
import { engineFrames } from '../../../packages/autodiff/src/array/stack.ts'

/** What `call` throws, and it must throw one of ours. */
function thrown(call: () => unknown): CotangentError {
  try {
    call()
  } catch (error) {
    if (error instanceof CotangentError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const frames = (stack: string | undefined): string[] =>
  (stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '))

const v = np.ones([3])
const w = np.ones([2])

// Functions with names, so that a frame can be told by its name and not by a line that moves.
function anEagerSum(): unknown {
  return v.add(w)
}
function anEagerProduct(): unknown {
  return lax.mul(v, w)
}
function aLoss(x: NDArray): NDArray {
  return x.add(w).sum()
}
const theGradientOfALoss = (): unknown => grad(aLoss)(v)
function aGradientOfAnArray(): unknown {
  return grad((x: NDArray) => x.mul(2))(v)
}
function aDeepNesting(): unknown {
  return vmap(grad(jit((x: NDArray) => vmap(grad(aLoss))(x.reshape([1, 3])).sum(), { device: 'js' })))(np.ones([4, 3]))
}
function aWrongTangent(): unknown {
  return jvp((x: NDArray) => x, [v], [w])
}
function aWrongBatch(): unknown {
  return Dataset.range(3).batch(-1)
}

describe('the stack of an error starts at the user’s line', () => {
  test.each([
    ['a method outside any function', anEagerSum, 'anEagerSum'],
    ['a function of lax', anEagerProduct, 'anEagerProduct'],
    ['an operation inside a traced function', theGradientOfALoss, 'aLoss'],
    ['a transformation', aGradientOfAnArray, 'aGradientOfAnArray'],
    ['an operation under five transformations', aDeepNesting, 'aLoss'],
    ['a check of a transformation', aWrongTangent, 'aWrongTangent'],
    ['another package', aWrongBatch, 'aWrongBatch'],
  ] as const)('%s', (_, call, name) => {
    const { stack } = thrown(call)
    const [first] = frames(stack)
    expect(first).toContain(name)
    expect(first).toContain('stack.test.ts')
    expect(stack).not.toContain('autodiff/src/')
    expect(stack).not.toContain('data/src/')
  })

  test('who called the transformation is in it too', () => {
    const names = frames(thrown(theGradientOfALoss).stack)
    expect(names[0]).toContain('aLoss')
    expect(names[1]).toContain('theGradientOfALoss')
  })

  test('it begins with the error’s own name and message', () => {
    const error = thrown(anEagerSum)
    expect(error).toBeInstanceOf(ShapeError)
    expect(error.stack).toMatch(/^ShapeError: add: shapes \[3\] and \[2\]/)
  })

  test('it is as long as the user asked for', () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 2
    try {
      expect(frames(thrown(aDeepNesting).stack).length).toBe(2)
    } finally {
      Error.stackTraceLimit = limit
    }
    expect(Error.stackTraceLimit).toBe(limit)
  })
})

describe('the engine’s frames', () => {
  afterEach(() => {
    CotangentError.showEngine = false
  })

  test('are in engineStack', () => {
    const { engineStack } = thrown(theGradientOfALoss)
    expect(engineStack).toContain('autodiff/src/core/trace.ts')
    expect(engineStack).toContain('theGradientOfALoss')
  })

  test('come back with CotangentError.showEngine', () => {
    const error = thrown(theGradientOfALoss)
    CotangentError.showEngine = true
    expect(error.stack).toBe(error.engineStack)
  })

  test('a stack can be set, as of any error', () => {
    const error = thrown(anEagerSum)
    error.stack = 'mine'
    expect(error.stack).toBe('mine')
    expect(Object.keys(error)).toEqual(['name'])
  })

  test('are told by their folder, also where the package is installed', () => {
    const installed = engineFrames('file:///home/u/app/node_modules/@cotangent/autodiff/dist/array/stack.js')
    expect(installed('    at f (file:///home/u/app/node_modules/@cotangent/autodiff/dist/core/trace.js:1:2)')).toBe(
      true,
    )
    expect(installed('    at f (file:///home/u/app/node_modules/@cotangent/nn/dist/index.js:1:2)')).toBe(true)
    expect(installed('    at f (/home/u/app/src/main.ts:1:2)')).toBe(false)
    const spaced = engineFrames('file:///home/my%20app/node_modules/@cotangent/autodiff/dist/array/stack.js')
    expect(spaced('    at f (/home/my app/node_modules/@cotangent/autodiff/dist/core/trace.js:1:2)')).toBe(true)
    const windows = engineFrames('file:///C:/app/node_modules/@cotangent/autodiff/dist/array/stack.js')
    expect(windows('    at f (C:\\app\\node_modules\\@cotangent\\autodiff\\dist\\core\\trace.js:1:2)')).toBe(true)
    expect(windows('    at f (file:///C:/app/node_modules/@cotangent/autodiff/dist/core/trace.js:1:2)')).toBe(true)
    const bundled = engineFrames('https://example.org/assets/index-4f3a.js')
    expect(bundled('    at f (https://example.org/assets/index-4f3a.js:1:2)')).toBe(false)
  })
})
