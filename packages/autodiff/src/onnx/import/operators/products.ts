import type { NDArray } from '../../../array/ndarray.ts'
import { det } from '../../../linalg/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'

const scaled = (x: NDArray, factor: number): NDArray => (factor === 1 ? x : x.mul(factor))

function gemm(node: Node): NDArray {
  const [a, b, c] = [node.input(0), node.input(1), node.inputs[2]]
  if (a.ndim !== 2 || b.ndim !== 2) throw node.error('its factors must be matrices')
  const x = node.int('transA', 0) === 1 ? a.T : a
  const y = node.int('transB', 0) === 1 ? b.T : b
  const product = scaled(np.matmul(x, y), node.float('alpha', 1))
  return c === undefined ? product : product.add(scaled(c, node.float('beta', 1)))
}

export const products: Readonly<Record<string, Operator>> = {
  Det: (node) => det(node.input(0)),
  Einsum: (node) => np.einsum(node.string('equation', ''), ...(node.all() as [NDArray])),
  Gemm: gemm,
  MatMul: (node) => np.matmul(node.input(0), node.input(1)),
}
