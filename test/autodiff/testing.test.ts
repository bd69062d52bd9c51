import { jit, lax, type NDArray, np, TracerError, treeLeaves, treeStructure, treeUnflatten } from '@cotangent/autodiff'
import { checkGrads, checkJit, checkJvp, checkLinear, checkVjp, checkVmap, LawError } from '@cotangent/autodiff/testing'
import {
  anyDType,
  arrays,
  arraysOf,
  broadcastableShapes,
  floatDType,
  indices,
  programs,
  shapes,
  trees,
} from '@cotangent/autodiff/testing/arbitraries'
import { broadcastShapes } from '@cotangent/autodiff/array'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { definePrimitive, type Primitive } from '../../packages/autodiff/src/core/primitive.ts'
import { bind1 } from '../../packages/autodiff/src/core/trace.ts'
import { forAll } from '../helpers/draws.ts'

const v = np.array([0.5, -1, 2], { dtype: 'float64' })

type Rules = Pick<Primitive<Record<string, never>>, 'jvp' | 'transpose' | 'batch'>

/** `y = 3x`, with rules of which some are wrong. */
function triple(wrong: Partial<Rules>): (x: NDArray) => NDArray {
  const primitive: Primitive<Record<string, never>> = definePrimitive<Record<string, never>>({
    name: 'triple',
    abstractEval: ([x]) => [x!],
    evaluate: ([x]) => [Float64Array.from(x!, (value) => 3 * value)],
    jvp: ([x], [dx]) => ({ outputs: [apply(x!)], tangents: [dx ? apply(dx) : null] }),
    transpose: ([ct]) => [ct ? apply(ct) : null],
    batch: ([x], [dim]) => ({ outputs: [apply(x!)], dims: [dim!] }),
    lower: (_, inputs) => inputs,
    ...wrong,
  })
  const apply = (x: NDArray): NDArray => bind1(primitive, [x], {})
  return apply
}

/** `y = ix` of complex numbers, whose cotangent is also to be turned by `turn`. */
function turned(turn: (ct: NDArray) => NDArray): (x: NDArray) => NDArray {
  const primitive: Primitive<Record<string, never>> = definePrimitive<Record<string, never>>({
    name: 'turned',
    abstractEval: ([x]) => [x!],
    evaluatesComplex: true,
    complex: 'byParts',
    evaluate: ([x]) => [Float32Array.from(x!, (_, k) => (k % 2 === 0 ? -x![k + 1]! : x![k - 1]!))],
    jvp: ([x], [dx]) => ({ outputs: [apply(x!)], tangents: [dx ? apply(dx) : null] }),
    transpose: ([ct]) => [ct ? turn(ct) : null],
    batch: ([x], [dim]) => ({ outputs: [apply(x!)], dims: [dim!] }),
    lower: (_, inputs) => inputs,
  })
  const apply = (x: NDArray): NDArray => bind1(primitive, [x], {})
  return apply
}
const i = lax.complex(np.array(0), np.array(1))
const z = lax.complex(v.astype('float32'), np.array([1, 0.25, -2]))

describe('what holds passes', () => {
  test('complex numbers, whose pullback conjugates nothing', async () => {
    await checkGrads(
      turned((ct) => ct.mul(i)),
      [z],
    )
    await checkGrads((x: NDArray) => np.abs(x).mul(np.real(x)), [z])
    await checkGrads((x: NDArray, y: NDArray) => lax.complex(x, y).mul(z), [v.astype('float32'), np.ones([3])])
  })

  test('the derivatives of a function of a tree, to third order', async () => {
    const f = (p: { w: NDArray; n: NDArray }, y: NDArray) => ({ out: np.tanh(p.w.mul(y)).mul(p.n), which: y.gt(0) })
    const n = np.array([1, 2, 3], { dtype: 'int32' })
    await checkGrads(f, [{ w: v, n }, v.add(0.25)], { order: 3 })
  })

  test('float32, with the tolerance it can have', async () => {
    await checkGrads((y: NDArray) => np.sin(y).mul(y), [v.astype('float32')])
  })

  test('check one mode where only that is asked for', async () => {
    await checkGrads(np.exp, [v], { modes: ['forward'] })
    await checkGrads(np.exp, [v], { modes: ['reverse'] })
  })

  test('pass functions that are linear', async () => {
    await checkLinear((p: { a: NDArray; b: NDArray }) => np.cumsum(p.a).sub(p.b.mul(3)), [{ a: v, b: v }])
    await checkLinear(triple({}), [v])
    await expect(checkLinear((y: NDArray) => y.mul(y), [np.zeros([2])])).rejects.toThrow(/f\(ax \+ by\)/)
    await expect(checkLinear((y: NDArray) => y.abs().sub(y.abs()).add(y.abs().mul(0)), [v])).rejects.toThrow(
      TracerError,
    )
  })

  test('pass rules that are right', async () => {
    await checkGrads(triple({}), [v])
    await checkVmap(triple({}), [np.stack([v, v])])
    await checkJit(triple({}), [v])
  })

  test('batches along any axis, of trees, with numbers beside', async () => {
    const f = (p: { a: NDArray }, y: NDArray, n: NDArray) => ({ b: p.a.matmul(y), n: y.mul(n) })
    const args = [{ a: np.ones([2, 4, 3]) }, np.ones([3, 4]), 2]
    await checkVmap(f, args, { inAxes: [{ a: 1 }, -1, null] })
    await checkJit(jit(f, { device: 'js' }), [{ a: np.ones([2, 3]) }, np.ones([3]), 2])
  })
})

describe('what does not hold is told, with the numbers', () => {
  test.each<[string, () => Promise<void>, RegExp]>([
    [
      'a pullback that conjugates',
      () =>
        checkVjp(
          turned((ct) => ct.mul(np.conj(i))),
          [z],
        ),
      /checkVjp: ⟨J v, u⟩ is .* and ⟨v, Jᵀ u⟩ is /,
    ],
    [
      'a jvp rule that is off by a factor',
      () => checkJvp(triple({ jvp: ([x], [dx]) => ({ outputs: [x!.mul(3)], tangents: [dx?.mul(2) ?? null] }) }), [v]),
      /checkJvp: jvp and differences: element 0 of result\[0\] \(float64\[3\]\) is .* and /,
    ],
    [
      'a jvp rule whose value is another',
      () => checkJvp(triple({ jvp: ([x], [dx]) => ({ outputs: [x!.mul(2)], tangents: [dx?.mul(3) ?? null] }) }), [v]),
      /checkJvp: the value under jvp and the value/,
    ],
    [
      'a jvp rule that is not linear',
      () => checkJvp(triple({ jvp: ([x], [dx]) => ({ outputs: [x!.mul(3)], tangents: [dx?.mul(dx) ?? null] }) }), [v]),
      /checkJvp: jvp along w − 2v/,
    ],
    [
      'a transpose rule that is off by a sign',
      () => checkVjp(triple({ transpose: ([ct]) => [ct?.mul(-3) ?? null] }), [v]),
      /checkVjp: ⟨J v, u⟩ is .* and ⟨v, Jᵀ u⟩ is /,
    ],
    [
      'a batch rule that puts the batch elsewhere',
      () => checkVmap(triple({ batch: ([x]) => ({ outputs: [x!.mul(3)], dims: [1] }) }), [np.stack([v, v, v.mul(2)])]),
      /checkVmap: vmap\(f\) and f of each entry: element/,
    ],
    [
      'a derivative at a kink',
      () => checkGrads((y: NDArray) => np.maximum(y, 0.25), [np.array([0.2501], { dtype: 'float64' })], { step: 0.01 }),
      /jvp and differences/,
    ],
    [
      'a function that remembers',
      () => {
        let calls = 0
        return checkJit((y: NDArray) => y.mul((calls += 1)), [v])
      },
      /checkJit: jit\(f\) and f: element 0/,
    ],
    [
      'a function with a constant',
      () => checkLinear((y: NDArray) => y.mul(2).add(1), [v]),
      /f\(ax \+ by\) and a·f\(x\) \+ b·f\(y\): element 0/,
    ],
    [
      'a linear function with a wrong transpose',
      () => checkLinear(triple({ transpose: ([ct]) => [ct!.mul(2)] }), [v]),
      /⟨f\(x\), u⟩ is .* and ⟨x, fᵀ\(u\)⟩ is/,
    ],
    ['no batch at all', () => checkVmap(np.sin, [v], { inAxes: null }), /inAxes maps over no argument/],
  ])('%s', async (_, check, message) => {
    const error: unknown = await check().then(
      () => undefined,
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(LawError)
    expect((error as LawError).message).toMatch(message)
  })
})

describe('arbitraries', () => {
  test('shapes keep to their constraints', async () => {
    await forAll(shapes({ minRank: 1, maxRank: 2, minLength: 0, maxLength: 4 }), (shape) => {
      expect([1, 2]).toContain(shape.length)
      for (const n of shape) expect(n >= 0 && n <= 4).toBe(true)
    })
  })

  test('shapes that broadcast do', async () => {
    await forAll(broadcastableShapes(3), (list) => {
      expect(() => broadcastShapes(list)).not.toThrow()
    })
  })

  test('arrays have the dtype, and elements within the constraints', async () => {
    const drawn = fc.tuple(anyDType(), shapes()).chain(([dtype, shape]) => arraysOf(shape, dtype, { min: 1, max: 3 }))
    await forAll(drawn, (x) => {
      if (x.dtype === 'bool') return
      for (const value of x.dataSync()) expect(value >= 1 && value <= 3).toBe(true)
    })
    await forAll(arrays({ min: -1, max: 1, awayFromZero: 0.5, minRank: 1 }), (x) => {
      for (const value of x.dataSync()) expect(Math.abs(value) >= 0.5).toBe(true)
    })
    await forAll(
      floatDType().chain((dtype) => arraysOf([4], dtype, { distinct: true })),
      (x) => {
        expect(new Set(x.dataSync()).size).toBe(4)
      },
    )
  })

  test.each([
    ['lengths beyond all memory', () => arrays({ maxLength: 1e12 }), 'arrays: maxLength is 1000000000000'],
    [
      'too many elements',
      () => shapes({ maxRank: 3, maxLength: 1000 }),
      'shapes: 3 axes of 1000 make more than 4194304',
    ],
    ['a rank that is above the largest', () => shapes({ minRank: 3, maxRank: 2 }), 'minRank is 3; it must be a whole'],
    ['nothing between the bounds', () => arraysOf([2], 'int32', { min: 3, max: 1 }), 'there is no int32 from 3 to 1'],
    ['nothing away from 0', () => arrays({ awayFromZero: 5 }), 'no float32 from -4 to 4 that is 5 away from 0'],
    ['too few for each once', () => arraysOf([10], 'int32', { distinct: true }), 'there are 9 numbers of int32'],
    ['an unknown option', () => arrays({ size: 3 } as never), 'arrays has no option size'],
    ['no dtype', () => anyDType(['float23' as never]), 'anyDType: among has "float23"'],
    ['an operation that is not there', () => programs({ among: ['fly'] }), 'programs: among has "fly"'],
    ['an axis without entries', () => indices(0, [2]), 'indices: the length is 0'],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  test('edges come up', () => {
    const drawn = fc.sample(arraysOf([20], 'float32', { edges: true }), { numRuns: 20, seed: 1 })
    const all = drawn.flatMap((x) => [...x.dataSync()])
    for (const edge of [NaN, Infinity, -Infinity, -0]) expect(all.some((value) => Object.is(value, edge))).toBe(true)
  })

  test('trees are flattened and put together again', async () => {
    await forAll(trees(), (tree) => {
      const leaves = treeLeaves(tree)
      const def = treeStructure(tree)
      expect(treeStructure(treeUnflatten(def, leaves)).text).toBe(def.text)
    })
    const drawn = fc.sample(trees(), { numRuns: 60, seed: 2 }).map((tree) => treeStructure(tree).kind)
    expect(new Set(drawn)).toEqual(new Set(['leaf', 'array', 'object', 'none']))
  })

  test('indices lie in the axis unless they may not', async () => {
    await forAll(indices(3, [2, 2]), (i) => {
      expect(i.dtype).toBe('int32')
      for (const k of i.dataSync()) expect(k >= -3 && k < 3).toBe(true)
    })
    const outside = fc
      .sample(indices(3, [8], { outside: true }), { numRuns: 20, seed: 1 })
      .flatMap((i) => [...i.dataSync()])
    expect([Math.min(...outside), Math.max(...outside)]).toEqual([-5, 4])
  })

  test('programs shrink to the operation that is at fault, and print as their steps', () => {
    const result = fc.check(
      fc.property(programs(), ({ toString }) => !toString().includes('cumsum(')),
      { seed: 3, numRuns: 200 },
    )
    expect(result.failed).toBe(true)
    const [smallest] = result.counterexample!
    const lines = smallest.toString().trim().split('\n')
    expect(lines.length).toBeLessThanOrEqual(4)
    expect(lines.slice(0, 3).map((line) => line.trim())).toEqual([
      'x = NDArray(0.0037, float64[])',
      'y = NDArray(0.0091, float64[])',
      expect.stringMatching(/^v2 = cumsum\(\w+, \w+, 0\)$/),
    ])
  })

  test('programs give a number between −1 and 1', async () => {
    await forAll(programs({ maxOperations: 4, dtype: 'float32', among: ['sin', 'outer', 'sum'] }), ({ f, args }) => {
      const y = f(...args)
      expect([y.shape, y.dtype]).toEqual([[], 'float32'])
      expect(Math.abs(y.item())).toBeLessThanOrEqual(1)
    })
  })

  test('shrink to small cases of round numbers', () => {
    const result = fc.check(
      fc.property(arrays({ maxRank: 3 }), (x) => np.max(x.abs()).item() < 1.5),
      { seed: 1, numRuns: 100 },
    )
    expect(result.failed).toBe(true)
    const [smallest] = result.counterexample!
    expect(smallest.shape).toEqual([])
    expect(Math.abs(smallest.item())).toBe(1.5)
  })
})
