import { grad, jit, lax, makeJaxpr, type NDArray, np, valueAndGrad } from '@cotangent/autodiff'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Jaxpr } from '../../packages/autodiff/src/core/jaxpr.ts'
import { bodiesOf } from '../../packages/autodiff/src/onnx/lowering/graph.ts'
import { lowerJaxpr } from '../../packages/autodiff/src/onnx/lowering/lower.ts'
import { reorderProducts } from '../../packages/autodiff/src/products/reorder.ts'
import { evaluateJaxpr } from '../../packages/autodiff/src/transforms/function.ts'
import { draws } from '../helpers/draws.ts'

/** Primitives and the shapes they give, without broadcasts. */
const shown = (jaxpr: Jaxpr): string =>
  jaxpr.equations
    .filter(({ primitive }) => primitive.name !== 'broadcast_in_dim')
    .map(({ primitive, outputs }) => `${primitive.name} ${outputs[0]!.aval.shape.join('×')}`)
    .join(', ')

const wave = (shape: readonly number[], dtype: 'float32' | 'float64' = 'float32'): NDArray =>
  np
    .sin(
      np.arange(
        shape.reduce((a, b) => a * b, 1),
        { dtype },
      ),
    )
    .reshape(shape)

type Product = (...xs: NDArray[]) => NDArray

const forms: readonly {
  readonly name: string
  readonly f: Product
  readonly shapes: readonly (readonly number[])[]
  readonly before: string
  readonly after: string
}[] = [
  {
    name: 'the sum of a masked product: the mask meets what is summed first',
    f: (a, w, mask) => a!.matmul(w!).mul(mask!).sum(1),
    shapes: [
      [2, 300, 64],
      [64, 64],
      [300, 64],
    ],
    before: 'dot_general 2×300×64, mul 2×300×64, reduce_sum 2×64',
    after: 'dot_general 2×64×64, mul 2×64×64, reduce_sum 2×64',
  },
  {
    name: 'a row times a mask, in a product over the rows: the row comes last',
    f: (a, row, mask) => np.einsum('pnj,pnk->jk', a!, np.expandDims(row!, 1).mul(mask!)),
    shapes: [
      [2, 300, 64],
      [2, 64],
      [300, 64],
    ],
    before: 'mul 2×300×64, dot_general 64×64',
    after: 'dot_general 2×64×64, mul 2×64×64, reduce_sum 64×64',
  },
  {
    name: 'a row times a mask, in a product over the columns: the row goes to the weights',
    f: (row, mask, w) => np.expandDims(row!, 1).mul(mask!).matmul(w!.T),
    shapes: [
      [2, 64],
      [300, 64],
      [48, 64],
    ],
    before: 'mul 2×300×64, dot_general 2×300×48',
    after: 'mul 2×48×64, dot_general 2×300×48',
  },
  {
    name: 'a number: it comes after the product',
    f: (x, y, c) => x!.mul(c!).matmul(y!),
    shapes: [[8, 9000], [9000, 4], []],
    before: 'mul 8×9000, dot_general 8×4',
    after: 'dot_general 8×4, mul 8×4',
  },
]

describe('a product of three is multiplied in the order that takes least', () => {
  test.each(forms)('$name', async ({ f, shapes, before, after }) => {
    const xs = shapes.map((shape) => wave(shape))
    const jaxpr = makeJaxpr(f)(...xs)
    expect(shown(jaxpr)).toBe(before)
    expect(shown(reorderProducts(jaxpr))).toBe(after)
    const [expected, got] = [await f(...xs).data(), await jit(f)(...xs).data()]
    expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value as number, 3))
  })

  test('what a loss and its gradient both sum is computed once', () => {
    const loss = (w: NDArray, a: NDArray, mask: NDArray): NDArray => {
      const mean = a.matmul(w).mul(mask).sum(1)
      return mean.mul(mean).sum()
    }
    const program = makeJaxpr(valueAndGrad(loss))(wave([64, 64]), wave([2, 300, 64]), wave([300, 64]))
    const products = (jaxpr: Jaxpr): number =>
      jaxpr.equations.filter(({ primitive }) => primitive.name === 'dot_general').length
    expect(products(program)).toBe(2)
    expect(products(reorderProducts(program))).toBe(1)
  })

  test('the graph has neither the larger array nor a repeated one', () => {
    const { f, shapes } = forms[2]!
    const jaxpr = makeJaxpr(f)(...shapes.map((shape) => wave(shape)))
    const { nodes } = lowerJaxpr(jaxpr, { target: 'cpu', selfContained: false }).graph
    expect(nodes.map((node) => node.op)).toEqual(['Reshape', 'Mul', 'Reshape', 'Transpose', 'MatMul'])
  })

  test('in the body of a loop too', () => {
    const [w, a, mask] = [wave([64, 64]), wave([2, 300, 64]), wave([300, 64])]
    const step = (c: NDArray, _: NDArray): [NDArray, null] => [
      a
        .matmul(c)
        .mul(mask)
        .sum(1)
        .T.matmul(np.ones([2, 64])),
      null,
    ]
    const jaxpr = makeJaxpr((x: NDArray) => lax.scan(step, x, np.zeros([2]))[0])(w)
    const { nodes } = lowerJaxpr(jaxpr, { target: 'cpu', selfContained: false }).graph
    const bodies = nodes.flatMap((node) => bodiesOf(node).map(([, body]) => body.nodes.map(({ op }) => op).join(' ')))
    expect(bodies).toEqual(['Transpose Reshape MatMul Mul ReduceSum Expand Gemm'])
  })
})

describe('it is left as it is', () => {
  const [a, w, mask] = [wave([2, 300, 64]), wave([64, 64]), wave([300, 64])]
  const unchanged = (f: (...xs: NDArray[]) => unknown, ...xs: NDArray[]): void => {
    const jaxpr = makeJaxpr(f as Product)(...xs)
    expect(shown(reorderProducts(jaxpr))).toBe(shown(jaxpr))
  }

  test('where something else reads the first product', () => {
    unchanged(
      (x, y, m) => {
        const product = x!.matmul(y!)
        return [product.mul(m!).sum(1), product.mul(m!).exp()]
      },
      a,
      w,
      mask,
    )
    unchanged(
      (x, y, m) => {
        const product = x!.matmul(y!)
        return [product.mul(m!).sum(1), product]
      },
      a,
      w,
      mask,
    )
  })
  test('where there is little to save', () => {
    unchanged((x, y, m) => x!.matmul(y!).mul(m!).sum(1), wave([2, 30, 8]), wave([8, 8]), wave([30, 8]))
    unchanged((x, y, m) => x!.matmul(y!).mul(m!).sum(1), wave([2, 64, 300]), wave([300, 8]), wave([64, 8]))
  })
  test('where it multiplies stacks of vectors, which elementwise would take longer', () => {
    const f = (x: NDArray, y: NDArray, z: NDArray) => np.einsum('ab,ab->a', np.einsum('abd,ad->ab', x, y), z)
    unchanged(f as Product, wave([64, 600, 8]), wave([64, 8]), wave([64, 600]))
  })
  test('across a barrier', () => {
    unchanged((x, y, m) => lax.optimizationBarrier(x!.matmul(y!)).mul(m!).sum(1), a, w, mask)
  })
  test('for integers, whose sums are exact', () => {
    const [x, y, m] = [a, w, mask].map((v) => v.mul(9).astype('int32')) as [NDArray, NDArray, NDArray]
    unchanged((p, q, r) => p!.matmul(q!).mul(r!).sum(1), x, y, m)
  })
  test('in a model that leaves this process', () => {
    const jaxpr = makeJaxpr(forms[0]!.f)(a, w, mask)
    const operators = (selfContained: boolean): string[] =>
      lowerJaxpr(jaxpr, { target: 'cpu', selfContained }).graph.nodes.map((node) => node.op)
    expect(operators(true)).toEqual(['MatMul', 'Mul', 'ReduceSum'])
    expect(operators(false)).toEqual(['Transpose', 'MatMul', 'Mul', 'ReduceSum'])
  })
})

test('NaN and infinities of any factor come to the same entries', () => {
  for (const { name, f, shapes } of forms) {
    const xs = shapes.map((shape) => wave(shape).add(2))
    const jaxpr = makeJaxpr(f)(...xs)
    const other = reorderProducts(jaxpr)
    for (const value of [NaN, Infinity, -Infinity, 0, -0, 1e-45]) {
      shapes.forEach((shape, which) => {
        const at = shape.map((_, axis) => axis)
        const given = xs.map((x, i) => (i === which ? x.set(at, value) : x))
        const kinds = (program: Jaxpr): string[] =>
          Array.from(evaluateJaxpr(program, given)[0]!.dataSync(), (v) => (Number.isFinite(v) ? 'finite' : String(v)))
        expect(kinds(other), `${name}: ${value} in ${which}`).toEqual(kinds(jaxpr))
      })
    }
  }
})

const letters = ['a', 'b', 'c', 'd'] as const
const axes = fc.uniqueArray(fc.constantFrom(...letters), { maxLength: 3 })

test('any product of three, and its gradients, are the same to rounding', () => {
  let changed = 0
  const sizes = fc.tuple(...letters.map(() => fc.integer({ min: 1, max: 4 })))
  fc.assert(
    fc.property(axes, axes, axes, axes, sizes, (x, y, z, wanted, lengths) => {
      const has = (label: (typeof letters)[number], ...among: (readonly string[])[]): boolean =>
        among.some((list) => list.includes(label))
      const output = wanted.filter((label) => has(label, x, y, z))
      const middle = letters.filter((label) => has(label, x, y) && has(label, z, output))
      const f = (p: NDArray, q: NDArray, r: NDArray): NDArray =>
        np.einsum(
          `${middle.join('')},${z.join('')}->${output.join('')}`,
          np.einsum(`${x.join('')},${y.join('')}->${middle.join('')}`, p, q),
          r,
        )
      const arrays = [x, y, z].map((labels) =>
        wave(
          labels.map((label) => lengths[letters.indexOf(label)]!),
          'float64',
        ),
      )
      const total = (...given: NDArray[]): NDArray => {
        const value = f(...(given as [NDArray, NDArray, NDArray]))
        return value.mul(value).sum()
      }
      for (const program of [f, total, grad(total, { argnums: [0, 1, 2] })] as const) {
        const jaxpr = makeJaxpr(program as Product)(...arrays)
        const reordered = reorderProducts(jaxpr, 1)
        if (reordered !== jaxpr) changed++
        const [expected, got] = [jaxpr, reordered].map((each) => evaluateJaxpr(each, arrays))
        expected!.forEach((array, i) => {
          const [one, two] = [array.dataSync(), got![i]!.dataSync()]
          one.forEach((v, k) => expect(Math.abs((v as number) - (two[k] as number))).toBeLessThanOrEqual(1e-10))
        })
      }
    }),
    draws(),
  )
  expect(changed).toBeGreaterThan(10)
})
