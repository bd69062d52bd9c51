import { jit, lax, makeJaxpr, type NDArray, np } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import type { GraphNode } from '../../packages/autodiff/src/onnx/lowering/graph.ts'
import { lowerJaxpr } from '../../packages/autodiff/src/onnx/lowering/lower.ts'

/** Hides from the passes where a value comes from: the program as it would be without them. */
type Hide = (x: NDArray) => NDArray
const hidden: Hide = (x) => lax.optimizationBarrier(x)
const seen: Hide = (x) => x

interface Pass {
  readonly name: string
  readonly f: (hide: Hide, ...xs: NDArray[]) => NDArray
  readonly shapes: readonly (readonly number[])[]
  /** What a pass on the program changes: its primitives before and after, without barriers and numbers that are repeated. */
  readonly program?: readonly [before: string, after: string]
  /** What a pass on the graph changes: its operators, the barriers' left out. */
  readonly graph?: readonly [before: string, after: string]
  /** Whether sums come in another order, so that only the last digits may change. */
  readonly rounds?: boolean
}

const passes: readonly Pass[] = [
  {
    name: 'a rectifier becomes one slope',
    f: (hide, x) => np.where(x.ge(0), x, hide(x.mul(0.25))),
    shapes: [[4, 4]],
    program: ['ge mul select', 'ge select mul'],
    graph: ['GreaterOrEqual Mul Xor Where Where Mul', 'GreaterOrEqual Cast Max Mul'],
  },
  {
    name: 'the sum of a product over free axes is the product of the sums',
    f: (hide, x, w) => hide(x.matmul(w)).sum(0),
    shapes: [
      [4, 4],
      [4, 3],
    ],
    program: ['dot_general reduce_sum', 'reduce_sum dot_general'],
    rounds: true,
  },
  {
    name: 'a transposed operand of a product is contracted over its other axis',
    f: (hide, x, w) => hide(x.T).matmul(w),
    shapes: [
      [4, 4],
      [4, 3],
    ],
    program: ['transpose dot_general', 'dot_general'],
    graph: ['Transpose Gemm', 'Gemm'],
    rounds: true,
  },
  {
    name: 'what is added to a product is added while it is written: a bias',
    f: (hide, x, w, b) => hide(x.matmul(w)).add(b),
    shapes: [[4, 4], [4, 3], [3]],
    graph: ['Gemm Add', 'Gemm'],
    rounds: true,
  },
  {
    name: 'and another product',
    f: (hide, x, w) => hide(x.matmul(w)).add(hide(w.T.matmul(x).T)),
    shapes: [
      [4, 4],
      [4, 4],
    ],
    graph: ['Gemm Gemm Transpose Add', 'Gemm Transpose Gemm'],
    rounds: true,
  },
  {
    name: 'to many numbers a bias is added apart, on all threads',
    f: (hide, x, w, b) => hide(x.matmul(w)).add(b),
    shapes: [[512, 4], [4, 64], [64]],
    graph: ['Gemm Add', 'Gemm Add'],
    rounds: true,
  },
  {
    name: 'many comparisons with 0 become numbers on all threads',
    f: (hide, x) => np.where(x.ge(0), hide(np.array(1)), 0.25),
    shapes: [[512, 64]],
    graph: ['GreaterOrEqual Xor Where', 'HardSigmoid ThresholdedRelu Max'],
  },
  {
    name: 'from the other side too',
    f: (hide, x) => np.where(x.le(0), hide(np.array(1)), 0),
    shapes: [[512, 64]],
    graph: ['LessOrEqual Xor Where', 'HardSigmoid ThresholdedRelu'],
  },
  {
    name: 'one entry of an axis is taken by one node',
    f: (hide, x) =>
      hide(x.slice([1, 2]))
        .reshape([4])
        .add(hide(x.slice([0, 4], [2, 3])).reshape([4])),
    shapes: [[4, 4]],
    graph: ['Slice Reshape Slice Reshape Add', 'Gather Gather Add'],
  },
  {
    name: 'equal equations are one',
    f: (hide, x) => np.sin(x).mul(hide(np.sin(hide(x)))),
    shapes: [[4, 4]],
    program: ['sin sin mul', 'sin mul'],
  },
  {
    name: 'reshapes and transposes of the same kind merge, and vanish',
    f: (hide, x) => hide(hide(x.reshape([16])).reshape([2, 8])).reshape([4, 4]),
    shapes: [[4, 4]],
    program: ['reshape reshape reshape', ''],
  },
]

/** The two programs, the same but for what the passes may see. */
const both = ({ f, shapes }: Pass) =>
  [hidden, seen].map((hide) =>
    makeJaxpr((...xs: NDArray[]) => f(hide, ...xs))(...(shapes.map((shape) => np.zeros(shape)) as never[])),
  )

const primitives = (jaxpr: { readonly equations: readonly { readonly primitive: { readonly name: string } }[] }) =>
  jaxpr.equations
    .map(({ primitive }) => primitive.name)
    .filter((name) => name !== 'optimization_barrier' && name !== 'broadcast_in_dim')
    .join(' ')

/** Without the barriers' comparisons and Wheres; what is written out for them counts. */
function operators(nodes: readonly GraphNode[]): string {
  return nodes
    .filter(({ op, equation }) => op === 'Expand' || equation?.primitive.name !== 'optimization_barrier')
    .map((node) => node.op)
    .join(' ')
}

describe('a pass', () => {
  test.each(passes.filter((pass) => pass.program !== undefined))('$name: the program', (pass) => {
    expect(both(pass).map(primitives)).toEqual(pass.program)
  })

  test.each(passes.filter((pass) => pass.graph !== undefined))('$name: the graph', (pass) => {
    const graphs = both(pass).map((jaxpr) => lowerJaxpr(jaxpr, { target: 'cpu', selfContained: false }).graph.nodes)
    expect(graphs.map(operators)).toEqual(pass.graph)
  })
})

const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, -1e-45, 3e38]

/** Arrays where each special value stands once in the first operand, and alone in its row and column where it can. */
function operands(shapes: Pass['shapes']): NDArray[][] {
  const plain = (shape: readonly number[], seed: number): NDArray => {
    const size = shape.reduce((a, b) => a * b, 1)
    const values = Float32Array.from({ length: size }, (_, i) => (((i * 7 + seed * 3) % 5) + 1) / 4)
    return np.array(values).reshape(shape)
  }
  return shapes.flatMap((_, which) =>
    special.map((value) =>
      shapes.map((shape, i) => {
        const x = plain(shape, i)
        return i === which ? x.set(shape.length === 2 ? [1, 2] : [1], value) : x
      }),
    ),
  )
}

test('a broadcast is left to the node that reads it, and written out where one needs it', () => {
  const wide = (b: NDArray): NDArray => np.broadcastTo(b, [4, 4])
  const graph = (f: (x: NDArray, b: NDArray) => NDArray): string =>
    operators(
      lowerJaxpr(makeJaxpr(f)(np.zeros([4, 4]), np.zeros([4])), { target: 'cpu', selfContained: false }).graph.nodes,
    )
  expect(graph((x, b) => x.add(wide(b)).mul(wide(b)))).toBe('Add Mul')
  expect(graph((_, b) => wide(b))).toBe('Expand')
})

describe('an entry is taken by one node', () => {
  const graph = (f: (x: NDArray) => unknown, names: { inputNames?: string[] } = {}) =>
    lowerJaxpr(makeJaxpr(f)(np.zeros([4, 3])), { target: 'cpu', selfContained: false, ...names }).graph

  test('not where the slice is read besides, is longer, or another axis is dropped', () => {
    const besides = (x: NDArray): [NDArray, NDArray] => {
      const row = x.slice([1, 2])
      return [row.reshape([3]).neg(), row.exp()]
    }
    expect(operators(graph(besides).nodes)).toContain('Slice')
    expect(operators(graph((x) => x.slice([1, 3]).reshape([6])).nodes)).toBe('Slice Reshape')
    expect(operators(graph((x) => x.slice([0, 4, 2]).reshape([6])).nodes)).toBe('Slice Reshape')
    expect(operators(graph((x) => x.slice([1, 2], [0, 1]).reshape([])).nodes)).toBe('Slice Reshape')
  })

  test('in bodies too; its index takes no name that is there', () => {
    const rows = (x: NDArray): NDArray =>
      lax.scan((c: NDArray, y: NDArray) => [c.add(y.slice([1, 2]).reshape([])), c], 0, x)[0]
    const [scan] = graph(rows).nodes.filter((node) => node.op === 'Scan')
    expect(JSON.stringify(scan, (key, value: unknown) => (key === 'equation' ? undefined : value))).toContain(
      '"Gather"',
    )
    const { inputs, initializers } = graph((x) => x.slice([1, 2]).reshape([3]), { inputNames: ['at1'] })
    expect(inputs.map((v) => v.name)).toEqual(['at1'])
    expect(initializers.map((c) => c.name)).toEqual(['at1_'])
  })

  test('for the cpu alone', () => {
    const jaxpr = makeJaxpr((x: NDArray) => x.slice([1, 2]).reshape([3]))(np.zeros([4, 3]))
    expect(operators(lowerJaxpr(jaxpr, { target: 'webgpu', selfContained: false }).graph.nodes)).toBe('Slice Reshape')
  })
})

describe('NaN, infinities and the sign of zero survive the passes', () => {
  const kind = (x: number): string =>
    Number.isNaN(x) ? 'NaN' : Number.isFinite(x) ? (Object.is(x, -0) ? '−0' : x === 0 ? '0' : 'finite') : String(x)

  test.each(passes)('$name', async (pass) => {
    const without = (...xs: NDArray[]): NDArray => pass.f(hidden, ...xs)
    const withPass = (...xs: NDArray[]): NDArray => pass.f(seen, ...xs)
    for (const device of ['js', 'cpu'] as const) {
      const [before, after] = [jit(without, { device }), jit(withPass, { device })]
      for (const xs of operands(pass.shapes)) {
        const [a, b] = await Promise.all([before(...xs).data(), after(...xs).data()])
        const shown = `${device}: ${xs.map((x) => x.toString()).join(' ')}`
        if (pass.rounds !== true) expect(Array.from(b), shown).toEqual(Array.from(a))
        expect(Array.from(b, kind), shown).toEqual(Array.from(a, kind))
        const apart = (x: number, i: number): boolean => Math.abs(x - b[i]!) > 1e-5 * Math.max(1, Math.abs(x))
        expect(
          Array.from(a).findIndex((x, i) => Number.isFinite(x) && apart(x, i)),
          shown,
        ).toBe(-1)
      }
    }
  })

  test('a slope of a rectifier is the same for a row of all of them', async () => {
    const x = np.array(Float32Array.from(special))
    const leaky = (y: NDArray): NDArray => np.where(y.ge(0), y, y.mul(0.25))
    const expected = special.map((v) => Math.fround(v >= 0 ? v : v * 0.25))
    for (const device of ['js', 'cpu'] as const) {
      const got = Array.from(await jit(leaky, { device })(x).data())
      expect(got.map((v) => (Object.is(v, -0) ? '−0' : v))).toEqual(expected.map((v) => (Object.is(v, -0) ? '−0' : v)))
    }
  })

  test('sums that pass through a product differ only where an infinite weight meets both signs', async () => {
    const f = (x: NDArray, w: NDArray): NDArray => x.matmul(w).sum(0)
    const [x, w] = [np.array([[1], [-2]]), np.array([[Infinity]])]
    // docs/rewrites.md says so: ∞ − ∞ is NaN, and (1 − 2) ∞ is −∞.
    expect(f(x, w).jsSync()).toEqual([NaN])
    expect(await jit(f)(x, w).js()).toEqual([-Infinity])
  })
})
