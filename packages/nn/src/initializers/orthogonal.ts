import { np, ShapeError, ValueError } from '@cotangent/autodiff'
import { showGiven, showShape, sizeOf } from '@cotangent/autodiff/array'
import { checkNumbers } from '../checks.ts'
import { type Initializer, initializer } from './initializer.ts'

/**
 * A matrix evenly drawn from those with orthonormal columns along `columnAxis` (orthonormal rows, if there are fewer),
 * times `scale`; the other axes together count as the rows. Saxe, McClelland and Ganguli, "Exact solutions to the
 * nonlinear dynamics of learning in deep linear neural networks" (ICLR 2014).
 *
 * @throws ShapeError when the shape has fewer than two axes.
 * @see JAX's `jax.nn.initializers.orthogonal`
 * @example
 * const W = initializers.orthogonal()(random.PRNGKey(0), [3, 2])
 * np.allclose(W.T.matmul(W), np.eye(2), { atol: 1e-5 }) // true
 */
export function orthogonal(scale = 1, columnAxis = -1): Initializer {
  checkOrthogonal('initializers.orthogonal', scale, columnAxis)
  return initializer('orthogonal', (key, shape, { random, dtype }) => {
    const axis = columnAxis < 0 ? columnAxis + shape.length : columnAxis
    const columns = shape[axis]
    if (shape.length < 2 || columns === undefined) {
      throw new ShapeError(
        `initializers.orthogonal: the shape ${showShape(shape)} has no rows and columns along axis ${columnAxis}; it needs two axes at least`,
      )
    }
    if (sizeOf(shape) === 0) return np.zeros(shape, { dtype })
    const matrix = random.orthogonal(key, sizeOf(shape) / columns, [], { m: columns, dtype })
    const rows = shape.toSpliced(axis, 1)
    return np.moveaxis(matrix.reshape([...rows, columns]), -1, axis).mul(scale)
  })
}

function checkOrthogonal(name: string, scale: number, columnAxis: number): void {
  checkNumbers(name, { scale })
  if (Number.isInteger(columnAxis)) return
  throw new ValueError(`${name}: columnAxis is ${showGiven(columnAxis)}; it must be an axis`)
}

/**
 * Kernels of convolutions [window…, in, out] that are an orthogonal matrix in the middle of the window and 0 around it.
 * Xiao et al., "Dynamical isometry and a mean field theory of CNNs" (ICML 2018).
 *
 * @throws ShapeError unless there are three to five axes, and no fewer channels come out than go in.
 * @see JAX's `jax.nn.initializers.delta_orthogonal`
 * @example Conv(8, [3, 3], { wInit: initializers.deltaOrthogonal() })
 */
export function deltaOrthogonal(scale = 1, columnAxis = -1): Initializer {
  const name = 'initializers.deltaOrthogonal'
  checkOrthogonal(name, scale, columnAxis)
  return initializer('deltaOrthogonal', (key, shape, options) => {
    const window = shape.slice(0, -2)
    if (window.length < 1 || window.length > 3 || shape.at(-1)! < shape.at(-2)!) {
      throw new ShapeError(
        `${name}: the shape ${showShape(shape)} must be a window of one to three axes, the channels that go in, and no fewer that come out`,
      )
    }
    const matrix = orthogonal(scale, columnAxis)(key, shape.slice(-2), options)
    const middle = window.map((n) => Math.floor((n - 1) / 2))
    const pads = window.map((n, i): [number, number] => [middle[i]!, n - 1 - middle[i]!])
    return np.pad(matrix.reshape([...window.map(() => 1), ...matrix.shape]), [...pads, [0, 0], [0, 0]])
  })
}
