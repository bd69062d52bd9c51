import { grad, jit, lax, makeJaxpr, np, type NDArray } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import type { Jaxpr } from '@cotangent/autodiff'
import { bodiesOf, type GraphNode } from '../../packages/autodiff/src/onnx/lowering/graph.ts'
import { lowerJaxpr } from '../../packages/autodiff/src/onnx/lowering/lower.ts'

const nodesOf = (jaxpr: Jaxpr): readonly GraphNode[] =>
  lowerJaxpr(jaxpr, { target: 'cpu', selfContained: false }).graph.nodes
const opsOf = (jaxpr: Jaxpr): string[] => nodesOf(jaxpr).map((node) => node.op)

const w = np.zeros([3, 4])
const b = np.zeros([4])
const x = np.zeros([5, 3])

describe('what a program lowers to', () => {
  test('a dense layer is one Gemm', () => {
    const layer = makeJaxpr((data: NDArray, weight: NDArray, bias: NDArray) => data.matmul(weight).add(bias))(x, w, b)
    const nodes = nodesOf(layer)
    expect(nodes.map((n) => n.op)).toEqual(['Gemm'])
    expect(nodes[0]?.inputs).toHaveLength(3)
  })

  test('the sum of two products is two Gemms', () => {
    const sum = makeJaxpr((p: NDArray, q: NDArray, v: NDArray) => p.matmul(v).add(q.matmul(v)))(x, x, w)
    expect(opsOf(sum)).toEqual(['Gemm', 'Gemm'])
  })

  test('a product that is read twice keeps its addition apart', () => {
    const twice = makeJaxpr((data: NDArray, weight: NDArray, bias: NDArray): [NDArray, NDArray] => {
      const product = data.matmul(weight)
      return [product.add(bias), product]
    })(x, w, b)
    expect(opsOf(twice)).toEqual(['Gemm', 'Add'])
  })

  test('a leaky rectifier is one product with a slope from Max, and so is its derivative', () => {
    const leaky = (v: NDArray): NDArray => np.where(v.ge(0), v, v.mul(0.01))
    expect(opsOf(makeJaxpr(leaky)(x)).toSorted()).toEqual(['Cast', 'GreaterOrEqual', 'Max', 'Mul'])
    const slope = opsOf(makeJaxpr(grad((v: NDArray) => leaky(v).sum()))(x))
    expect(slope.filter((op) => op === 'Where' || op === 'Mul')).toEqual([])
  })

  test('a stack of rows times a matrix is one MatMul, without a Reshape', () => {
    expect(opsOf(makeJaxpr((t: NDArray) => t.matmul(w))(np.zeros([2, 5, 3])))).toEqual(['MatMul'])
  })

  test('a matrix and a vector are one MatMul of a row in float32, and a Gemm of a column in float64', async () => {
    const [left, right] = [(m: NDArray, v: NDArray) => m.matmul(v), (m: NDArray, v: NDArray) => v.matmul(m)]
    const v = np.zeros([3])
    expect(opsOf(makeJaxpr(right)(w, v))).toEqual(['MatMul'])
    // The runtime transposes while it multiplies.
    expect(opsOf(makeJaxpr(left)(x, v))).toEqual(['Transpose', 'MatMul'])
    expect(opsOf(makeJaxpr(left)(x.astype('float64'), v.astype('float64')))).toEqual(['Reshape', 'Gemm', 'Reshape'])
    const columns = makeJaxpr((m: NDArray, n: NDArray) => m.matmul(n))
    expect(opsOf(columns(np.zeros([64, 64]), np.zeros([64, 1])))).toEqual(['Reshape', 'Gemm', 'Reshape'])
    expect(opsOf(columns(x, np.zeros([3, 1])))).toEqual(['Reshape', 'Gemm'])
    const many = (m: NDArray, u: NDArray): NDArray => m.matmul(u.reshape([-1, 1]))
    for (const dtype of ['float32', 'float64'] as const) {
      const [m, a] = [np.sin(np.arange(6000)).reshape([60, 100]).astype(dtype), np.cos(np.arange(100)).astype(dtype)]
      for (const [f, n] of [
        [left, m],
        [right, m.T],
        [many, m],
      ] as const) {
        const [got, expected] = [await jit(f)(n, a).data(), await f(n, a).data()]
        expected.forEach((y, i) => expect(got[i]).toBeCloseTo(y as number, dtype === 'float32' ? 4 : 12))
      }
    }
  })

  test('a vector times a large stack is one MatMul, which moves nothing; of small matrices a Gemm', async () => {
    const middle = (v: NDArray, stack: NDArray): NDArray => np.tensordot(stack, v, [[1], [0]])
    const reshaped = (v: NDArray, stack: NDArray) => opsOf(makeJaxpr(middle)(v, stack)).filter((op) => op !== 'Reshape')
    expect(reshaped(np.zeros([64]), np.zeros([64, 64, 8]))).toEqual(['MatMul'])
    expect(reshaped(np.zeros([4]), np.zeros([4000, 4, 4]))).toEqual(['Transpose', 'Gemm'])
    const [v, stack] = [np.sin(np.arange(64)), np.cos(np.arange(2 ** 15)).reshape([64, 64, 8])]
    for (const f of [middle, (a: NDArray, b: NDArray) => np.tensordot(a, b, [[0], [1]])]) {
      const [got, expected] = [await jit(f)(v, stack).data(), await f(v, stack).data()]
      expected.forEach((x, i) => expect(got[i]).toBeCloseTo(x as number, 4))
    }
  })

  test('broadcasting is left to the nodes that need it', () => {
    const f = (p: NDArray, q: NDArray): NDArray => p.mul(q).add(1).div(q.sum(0))
    expect(opsOf(makeJaxpr(f)(np.zeros([5, 4]), np.zeros([3, 5, 4])))).not.toContain('Expand')
  })

  test('contracted axes follow the larger operand: the small one is transposed', () => {
    const f = (large: NDArray, small: NDArray): NDArray =>
      np.tensordot(large, small, [
        [1, 2],
        [1, 0],
      ])
    const nodes = nodesOf(makeJaxpr(f)(np.zeros([100, 6, 7]), np.zeros([7, 6, 2])))
    const moved = nodes.filter((node) => node.op === 'Transpose')
    expect(moved.map((node) => node.inputs)).toEqual([['in1']])
  })

  test('the sum of a product over its rows is the product of the sums', () => {
    const nodes = nodesOf(makeJaxpr((t: NDArray, weight: NDArray) => t.matmul(weight).sum(0))(x, w))
    expect(nodes[0]?.op).toBe('ReduceSum')
  })

  test('outputs and inputs that the graph does not need pass it by', async () => {
    const f = (p: NDArray, q: NDArray): [NDArray, NDArray, number] => [q, p.add(1), 3]
    const { graph, outputs } = lowerJaxpr(makeJaxpr(f)(x, w), { target: 'cpu', selfContained: false })
    expect(graph.inputs.map((v) => v.name)).toEqual(['in0'])
    expect(outputs.map((o) => o.kind)).toEqual(['input', 'graph', 'constant'])
    const compiled = jit(f)
    const [same, more, three] = compiled(x, w)
    expect(await same.data()).toEqual(w.dataSync())
    expect((await more.data())[0]).toBe(1)
    expect(await three.js()).toBe(3)
  })
})

describe('what loops and branches lower to', () => {
  /** The operations of a graph, those of bodies in brackets after theirs. */
  const shown = (nodes: readonly GraphNode[]): string =>
    nodes
      .map((node) => {
        const bodies = bodiesOf(node).map(([, body]) => shown(body.nodes))
        return bodies.length === 0 ? node.op : `${node.op}(${bodies.join(' | ')})`
      })
      .join(' ')
  const square = np.linspace(-1, 1, 9).reshape([3, 3])
  const layer = (h: NDArray, bias: NDArray): NDArray => np.tanh(h.matmul(square).add(bias))
  const rows = np.zeros([5, 3])

  test('a product and its bias are one Gemm in a body too', () => {
    const f = (h: NDArray, bias: NDArray): NDArray => lax.foriLoop(0, 4, (_, x) => layer(x, bias), h)
    expect(shown(nodesOf(makeJaxpr(f)(rows, np.zeros([3]))))).toBe('Cast Loop(Gemm Tanh)')
    const g = (h: NDArray, biases: NDArray): NDArray => lax.scan((x, bias) => [layer(x, bias), null], h, biases)[0]
    expect(shown(nodesOf(makeJaxpr(g)(rows, np.zeros([4, 3]))))).toBe('Scan(Gemm Tanh)')
  })

  test('a product that a body reads keeps its addition apart', () => {
    const f = (x1: NDArray, bias: NDArray): NDArray[] => {
      const product = x1.matmul(square)
      const large = lax.cond(
        bias.sum().gt(0),
        () => product.mul(2),
        () => product,
      )
      return [product.add(bias), large]
    }
    expect(shown(nodesOf(makeJaxpr(f)(rows, np.zeros([3]))))).toMatch(/^Gemm .*If\(Mul \| Identity\) Add$/)
  })

  test('a loop of one step, or of none, is no loop', () => {
    const f = (n: number): string =>
      shown(nodesOf(makeJaxpr((h: NDArray) => lax.foriLoop(0, n, (_, x) => np.tanh(x), h))(rows)))
    expect([0, 1, 2].map(f)).toEqual(['', 'Tanh', 'Cast Loop(Tanh)'])
  })

  test('a switch is a tree of branches', () => {
    const f = (i: NDArray, x1: NDArray): NDArray => lax.switch(i, [np.sin, np.cos, np.exp, np.tanh], x1)
    expect(shown(nodesOf(makeJaxpr(f)(np.array(0, { dtype: 'int32' }), rows)))).toBe(
      'GreaterOrEqual If(GreaterOrEqual If(Tanh | Exp) | GreaterOrEqual If(Cos | Sin))',
    )
  })

  test('large arrays of a body are inputs of the whole graph', () => {
    const large = np.linspace(0, 1, 1600).reshape([40, 40])
    const f = (h: NDArray): NDArray => lax.foriLoop(0, 2, (_, x) => large.matmul(x), h)
    const { graph, lifted } = lowerJaxpr(makeJaxpr(f)(np.ones([40, 2])), { target: 'cpu', selfContained: false })
    expect([...lifted.values()].map((x1) => x1 === large)).toEqual([true])
    expect(graph.inputs.map((v) => v.name)).toEqual(['in0', ...lifted.keys()])
  })
})

describe('what is known while lowering is no node', () => {
  const same = async (f: (h: NDArray) => NDArray, h: NDArray): Promise<void> => {
    const [expected, got] = [await f(h).data(), await jit(f)(h).data()]
    expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value as number, 5))
  }
  const h = np.linspace(-1, 1, 12).reshape([3, 4])

  test('the place of an update, also one that is moved into the array', async () => {
    expect(opsOf(makeJaxpr((v: NDArray) => v.set(1, 7))(h))).toEqual(['Slice', 'Slice', 'Concat'])
    expect(opsOf(makeJaxpr((v: NDArray) => v.set([1, 2], 7))(h))).toEqual([
      'Reshape',
      'Reshape',
      'ScatterElements',
      'Reshape',
    ])
    const part = np.ones([2, 4])
    const moved = (v: NDArray): NDArray => lax.dynamicUpdateSlice(v, part, [2, 0])
    expect(opsOf(makeJaxpr(moved)(h))).toEqual(['Slice', 'Slice', 'Concat'])
    expect(await jit(moved)(h).js()).toEqual(h.set([[1, null]], 1).jsSync())
    await same((v) => v.set([2, 3], 7).set(0, 5), h)
  })

  test('the counter of steps that are all written out, and what is computed of it', async () => {
    const f = (v: NDArray): NDArray =>
      lax.foriLoop(0, 3, (i, y) => y.mul(i.add(1).astype('float32')), v, { unroll: true })
    expect(opsOf(makeJaxpr(f)(h))).toEqual(['Mul', 'Mul', 'Mul'])
    await same(f, h)
    const known = np.arange(3)
    const g = (v: NDArray): NDArray => lax.scan((y, k) => [y.mul(k.add(1)), null], v, known, { unroll: true })[0]
    expect(opsOf(makeJaxpr(g)(h))).toEqual(['Mul', 'Mul', 'Mul'])
    await same(g, h)
  })

  test('what one loop of written steps stacks for another goes from step to step', async () => {
    const f = (v: NDArray, reverse = false): NDArray =>
      lax.scan((y, k) => [np.sin(y).mul(k), y], v.at(0), v, { unroll: true, reverse })[0].sum()
    const slope = makeJaxpr(grad((v: NDArray) => f(v)))(h)
    // One to put the derivatives of the entries together.
    expect(opsOf(slope).filter((op) => op === 'Concat')).toHaveLength(1)
    await same(
      grad((v: NDArray) => f(v)),
      h,
    )
    await same(
      grad((v: NDArray) => f(v, true)),
      h,
    )
  })

  test.each(['float16', 'bfloat16'] as const)(
    '%s that a graph holds in float32 is known by its numbers, not its bits',
    (dtype) => {
      const kept = np.array([0.5, 1.5, 2], { dtype })
      const nothing = np.zeros([0], { dtype })
      const jaxpr = makeJaxpr((at: NDArray) => lax.dynamicUpdateSlice(kept, nothing, [at]))(
        np.array(1, { dtype: 'int32' }),
      )
      const { graph } = lowerJaxpr(jaxpr, { target: 'webgpu', selfContained: false })
      const numbers = graph.initializers.flatMap(({ data }) => Array.from<number | bigint>(data))
      expect(numbers).toEqual(expect.arrayContaining([0.5, 1.5, 2]))
    },
  )

  test('of repeated numbers and long arrays nothing is written out', () => {
    const many = np.arange(100)
    const counted = (v: NDArray): NDArray =>
      lax.foriLoop(0, 2, (i, y) => y.add(many.mul(i.astype('float32'))), v, { unroll: true })
    const { graph } = lowerJaxpr(makeJaxpr(counted)(np.ones([100])), { target: 'cpu', selfContained: false })
    expect(graph.initializers.map(({ data }) => data.length).sort((p, q) => p - q)).toEqual([1, 1, 100])
  })
})

describe('outputs that the graph reads on', () => {
  // The gradient of the last layer is there first, and its new weight is read last.
  const apply = (weights: readonly NDArray[], data: NDArray): NDArray =>
    weights.reduce((h, v) => np.tanh(h.matmul(v)), data)
  const step = (weights: NDArray[], data: NDArray): [NDArray[], NDArray] => {
    const gradient = grad((v: NDArray[]) => apply(v, data).sum())(weights)
    const next = weights.map((v, i) => v.sub((gradient[i] as NDArray).mul(0.1)))
    return [next, apply(next, data).sum()]
  }
  const weights = [3, 4, 5].map((n, i) =>
    np
      .linspace(-1, 1, n * (n + 1))
      .reshape([n, n + 1])
      .mul(i + 1),
  )
  const data = np.linspace(0, 2, 15).reshape([5, 3])

  test('are copied last, so that the runtime makes them early', () => {
    const nodes = nodesOf(makeJaxpr(step)(weights, data))
    const copies = nodes.filter((node) => node.op === 'Identity')
    expect(copies.length).toBeGreaterThan(0)
    expect(nodes.slice(-copies.length)).toEqual(copies)
  })

  test('are not copied when what reads them comes at once', () => {
    const forward = (v: NDArray[]): NDArray[] => v.map((_, i) => apply(v.slice(0, i + 1), data))
    expect(opsOf(makeJaxpr(forward)(weights))).not.toContain('Identity')
  })

  test('have the same bits as without the copy', async () => {
    const [next, loss] = jit(step)(weights, data)
    const alone = jit((v: NDArray[], d: NDArray) => step(v, d)[0])(weights, data)
    const [reference, value] = step(weights, data)
    for (const [i, w2] of next.entries()) {
      const found = await w2.data()
      expect(found).toEqual(await alone[i]?.data())
      reference[i]?.dataSync().forEach((expected, j) => expect(found[j]).toBeCloseTo(expected as number, 5))
    }
    expect(await loss.js()).toBeCloseTo(value.item(), 4)
  })
})
