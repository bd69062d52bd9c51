import {
  evalShape,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  makeJaxpr,
  type NDArray,
  np,
  registerTreeNode,
  ShapeDtypeStruct,
  shapeDtypeStruct,
  ShapeError,
  treeAll,
  TreeError,
  treeFlatten,
  treeLeaves,
  treeMap,
  treeMapWithPath,
  treePaths,
  treeReduce,
  treeStructure,
  treeTranspose,
  treeUnflatten,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { exportOnnx } from '@cotangent/autodiff/onnx'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const v = np.array([1, 2, 3])

/** A class with methods, as users have them. */
class Gaussian {
  readonly mean: NDArray
  readonly scale: NDArray
  readonly label: string

  constructor(mean: NDArray, scale: NDArray, label = 'standard') {
    this.mean = mean
    this.scale = scale
    this.label = label
  }

  logDensity(x: NDArray): NDArray {
    return x.sub(this.mean).div(this.scale).square().mul(-0.5).sub(np.log(this.scale)).sum()
  }
}
registerTreeNode(Gaussian, {
  flatten: (g) => [[g.mean, g.scale], g.label],
  unflatten: (label, [mean, scale]) => new Gaussian(mean, scale, label),
  keys: ['mean', 'scale'],
})

/** A class without names for its children. */
class Pair<T> {
  readonly first: T
  readonly second: T
  constructor(first: T, second: T) {
    this.first = first
    this.second = second
  }
}
registerTreeNode(Pair, {
  flatten: (p: Pair<unknown>) => [[p.first, p.second], undefined],
  unflatten: (_, [first, second]) => new Pair(first, second),
})

describe('registered classes', () => {
  const g = new Gaussian(np.array(1), np.array(2))

  test('are nodes with paths, a structure and aux data', () => {
    const [leaves, def] = treeFlatten({ g, x: [new Pair<unknown>(1, v)] })
    expect(leaves.length).toBe(4)
    expect(def.text).toBe('{g: Gaussian<"standard">(mean: *, scale: *), x: [Pair(*, *)]}')
    expect(treePaths({ g, x: [new Pair<unknown>(1, v)] }, 'p')).toEqual([
      'p.g.mean',
      'p.g.scale',
      'p.x[0][0]',
      'p.x[0][1]',
    ])
    const back = treeUnflatten(def, leaves) as { g: Gaussian; x: [Pair<unknown>] }
    expect(back.g).toBeInstanceOf(Gaussian)
    expect(back.g.mean).toBe(g.mean)
    expect(back.g.label).toBe('standard')
    expect(back.x[0]).toBeInstanceOf(Pair)
  })

  test('go through every transformation, as arguments and results', () => {
    const f = (d: Gaussian, x: NDArray): NDArray => d.logDensity(x)
    const slope = grad(f)(g, v)
    expectTypeOf(slope).toEqualTypeOf<Gaussian>()
    expect(slope).toBeInstanceOf(Gaussian)
    // d/dμ −½ Σ((x − μ)/σ)² = Σ(x − μ)/σ² = 3/4
    expect(slope.mean.item()).toBe(0.75)
    expect(slope.label).toBe('standard')
    const half = treeMap((x: NDArray) => x.mul(0.5), g)
    expect([half.mean.item(), half.scale.item(), half.label]).toEqual([0.5, 1, 'standard'])
    expect(jit(grad(f), js)(g, v).mean.item()).toBe(0.75)
    const tangent = jvp((d: Gaussian) => new Pair(d.mean, d.scale), [g], [half])[1]
    expect(tangent).toBeInstanceOf(Pair)
    expect([tangent.first.item(), tangent.second.item()]).toEqual([0.5, 1])
    expect(vjp((d: Gaussian) => d.logDensity(v), g)[1](1)[0].mean.item()).toBe(0.75)
    const J = jacfwd((d: Gaussian) => ({ twice: d.mean.mul(2) }))(g)
    expect(J.twice.mean.item()).toBe(2)
    const R = jacrev((d: Gaussian) => [d.mean.mul(d.scale)] as const)(g)
    expect([R[0].mean.item(), R[0].scale.item()]).toEqual([2, 1])
    const H = hessian((d: Gaussian) => d.mean.mul(d.scale))(g) as unknown as { scale: Gaussian }
    expect(H.scale.mean.item()).toBe(1)
    expect(evalShape((d: Gaussian) => d, g).mean).toEqual({ shape: [], dtype: 'float32' })
  })

  test('are batched leaf by leaf, with axes in an instance or for all', () => {
    const batch = new Gaussian(v, np.array(2))
    const axes = new Gaussian(0 as never, null as never)
    const means = vmap((d: Gaussian) => d.mean.mul(d.scale), { inAxes: [axes as never] })(batch)
    expect(means).toBeIdentical(v.mul(2))
    const moved = vmap((d: Gaussian) => new Gaussian(d.mean.mul(2), d.scale), { outAxes: 0 })(new Gaussian(v, v))
    expect(moved.mean).toBeIdentical(v.mul(2))
    expect(moved.scale).toBeIdentical(v)
  })

  test('of another aux datum are another structure: a compiled function is traced again', () => {
    let traces = 0
    const f = jit((d: Gaussian) => {
      traces++
      return d.label === 'wide' ? d.scale.mul(10) : d.scale
    }, js)
    expect(f(g).item()).toBe(2)
    expect(f(new Gaussian(g.mean, g.scale, 'wide')).item()).toBe(20)
    expect(f(g).item()).toBe(2)
    expect(traces).toBe(2)
    expect(() => treeMap((a: NDArray) => a, g, new Gaussian(g.mean, g.scale, 'wide'))).toThrow(
      /tree 2 is Gaussian<"wide">\(mean: \*, scale: \*\), the first is Gaussian<"standard">/,
    )
  })

  test('aux data are compared by contents where they are plain, by identity where not', () => {
    class Model {
      readonly x: NDArray
      readonly aux: unknown
      constructor(x: NDArray, aux: unknown) {
        this.x = x
        this.aux = aux
      }
    }
    registerTreeNode(Model, {
      flatten: (m) => [[m.x], m.aux],
      unflatten: (aux, [x]) => new Model(x, aux),
      name: 'MyModel',
    })
    const text = (aux: unknown): string => treeStructure(new Model(v, aux)).text
    const f = (): number => 1
    expect(text({ b: [1, -0], a: 'x' })).toBe('MyModel<{"a": "x", "b": [1, -0]}>(*)')
    expect(text({ b: 1, a: 2 })).toBe(text({ a: 2, b: 1 }))
    expect(text([1])).not.toBe(text(['1']))
    expect(text(0)).not.toBe(text(-0))
    expect(text(f)).toBe(text(f))
    expect(text(f)).not.toBe(text((): number => 1))
    expect(text(new Map())).not.toBe(text(new Map()))
  })

  test('two classes of one name are told apart', () => {
    const other = class Pair {}
    registerTreeNode(other, { flatten: () => [[], null], unflatten: () => new other() })
    expect(treeStructure(new other()).text).toBe('Pair#2()')
  })
})

describe('functions of trees', () => {
  const params = { w: np.ones([2, 3]), b: [v, null] as const }

  test('treeReduce', () => {
    expect(treeReduce((n: number, x: NDArray) => n + x.size, params, 0)).toBe(9)
    expect(treeReduce<number, number>((a, b) => Math.max(a, b), [3, { x: 7 }, 5])).toBe(7)
    expect(treeReduce((n: number) => n + 1, [], 4)).toBe(4)
    expect(() => treeReduce((a: number) => a, [])).toThrow('no leaves')
  })

  test('treeAll', () => {
    expect(treeAll([true, { a: v, b: Int32Array.of(1, 2) }, 3])).toBe(true)
    expect(treeAll([true, { a: np.array([1, 0]) }])).toBe(false)
    expect(treeAll([])).toBe(true)
  })

  test('treeMapWithPath', () => {
    const named = treeMapWithPath((path, x: NDArray, y: NDArray) => `${path} ${x.size + y.size}`, params, params)
    expect(named).toEqual({ w: '.w 12', b: ['.b[0] 6', null] })
    expect(() => treeMapWithPath((_, x: NDArray) => x, { a: v }, { b: v } as never)).toThrow(
      'tree 2 is {b: *}, not {a: *}',
    )
  })

  test('treeTranspose', () => {
    const outer = treeStructure({ x: 0, y: [0] })
    const inner = treeStructure([0, 0])
    expect(treeTranspose(outer, inner, { x: [1, 2], y: [[3, 4]] })).toEqual([
      { x: 1, y: [3] },
      { x: 2, y: [4] },
    ])
    expect(() => treeTranspose(outer, inner, [1, 2])).toThrow('is [*, *], not {x: [*, *], y: [[*, *]]}')
  })
})

describe('structs stand for arrays', () => {
  const f = (p: { w: NDArray; n: NDArray }, x: NDArray) => ({ y: x.matmul(p.w), n: p.n.add(1) })

  test('in evalShape, which gives them', () => {
    const p = { w: shapeDtypeStruct([3, 2]), n: shapeDtypeStruct([], 'int32') }
    const out = evalShape(f, p, shapeDtypeStruct([5, 3]))
    expect(out).toEqual({ y: { shape: [5, 2], dtype: 'float32' }, n: { shape: [], dtype: 'int32' } })
    expect(out.y).toBeInstanceOf(ShapeDtypeStruct)
    expect(evalShape((y: NDArray) => y.sum(0), out.y).shape).toEqual([2])
    const plain = { w: { shape: [3, 2], dtype: 'float64' }, n: 1 } as const
    expect(evalShape(f, plain, np.ones([3], { dtype: 'float64' })).y).toEqual({ shape: [2], dtype: 'float64' })
  })

  test('in makeJaxpr and lower', () => {
    const x = shapeDtypeStruct([2])
    const sin = (y: NDArray): NDArray => np.sin(y)
    expect(makeJaxpr(sin)(x).toString()).toContain('a:float32[2]')
    const program = jit(sin, js)
    expect(program.lower(x).inputs).toEqual([{ shape: [2], dtype: 'float32' }])
    expect(program.lower({ shape: [2], dtype: 'float32' }).toOnnx()).toEqual(program.lower(np.ones([2])).toOnnx())
  })

  test.each([
    [[-1], '[-1]'],
    [[1.5, 2], '[1.5,2]'],
    [['a'], '["a"]'],
    [[Number.NaN], '[NaN]'],
    [[2n], '[2n]'],
    [3, '3'],
    [undefined, 'undefined'],
  ])('a struct of the shape %o is refused where it is made', (given, shown) => {
    const shape = given as number[]
    const says = (where: string): string => `${where}: a shape is a list of non-negative integers, not ${shown}`
    const plain = { shape, dtype: 'float32' } as const
    const add = (x: NDArray): NDArray => x.add(1)
    expect(() => shapeDtypeStruct(shape)).toThrow(ShapeError)
    expect(() => shapeDtypeStruct(shape)).toThrow(says('shapeDtypeStruct'))
    expect(() => new ShapeDtypeStruct(shape, 'float32')).toThrow(says('ShapeDtypeStruct'))
    expect(() => evalShape(add, plain)).toThrow(says('evalShape: arguments[0]'))
    expect(() => makeJaxpr((p: { w: NDArray[] }) => add(p.w[0]!))({ w: [plain] })).toThrow(
      says('makeJaxpr: arguments[0].w[0]'),
    )
    expect(() => jit(add, js).lower(plain)).toThrow(says('jit of add: arguments[0]'))
    expect(() => exportOnnx(add, [plain])).toThrow(says('exportOnnx of add: arguments[0]'))
    expect(() => evalShape(add, { shape: [2], dtype: 'half' } as never)).toThrow(
      'evalShape: arguments[0]: unknown dtype "half"; use one of bool',
    )
    expect(() => new ShapeDtypeStruct([2], 2n as never)).toThrow('ShapeDtypeStruct: unknown dtype 2n; use')
  })

  test('and nowhere else', () => {
    const x = shapeDtypeStruct([2], 'int32')
    expect(() => grad((y: NDArray) => y.sum())(x as never)).toThrow('a struct (int32[2]) stands where an array')
    expect(() => jit((y: NDArray) => y, js)(x as never)).toThrow('it has no numbers')
    expect(() => shapeDtypeStruct([2], 'half' as never)).toThrow('unknown dtype "half"')
  })
})

describe('trees that hold themselves', () => {
  interface Ring {
    a: NDArray
    self?: Ring
  }
  const ring: Ring = { a: np.ones([1]) }
  ring.self = ring
  const says = /\.self\.self.*… is nested more than 1000 times, or holds itself: trees are finite$/

  test('are refused, as arguments and as results', () => {
    expect(() => treeFlatten(ring)).toThrow(says)
    expect(() => jit((x: Ring) => x.a)(ring)).toThrow(TreeError)
    expect(() => jit((x: Ring) => x.a)(ring)).toThrow(says)
    expect(() => vmap((x: NDArray) => ({ x, ring }))(np.ones([2]))).toThrow(says)
    expect(() => evalShape(() => ring)).toThrow(says)
  })

  test('and those of 900 levels are taken', async () => {
    let nested: unknown = np.array([2])
    for (let i = 0; i < 900; i++) nested = [nested]
    const doubled = jit((tree: NDArray) => treeMap((x: NDArray) => x.mul(2), tree), js)(nested as NDArray)
    expect(await (treeLeaves(doubled)[0] as NDArray).js()).toEqual([4])
  })
})
