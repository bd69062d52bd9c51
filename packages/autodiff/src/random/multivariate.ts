import type { FloatDType } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, checkShape, type Shape, showShape } from '../array/shape.ts'
import { cholesky, eigh, qr, svd } from '../linalg/decompositions.ts'
import { diagonal } from '../linalg/products.ts'
import { unifyFloatDTypes } from '../numpy/operands.ts'
import { matvec } from '../numpy/vectors.ts'
import { add, mul, sign } from '../primitives/arithmetic.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { alongColumns } from '../primitives/matrices.ts'
import { transpose } from '../primitives/reshape.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { range } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { checkDraw, checkFits, floatDTypeOf, type FloatOptions } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { FloatDraw } from './normal.ts'
import { checkCount } from './permutation.ts'

export interface MultivariateNormalOptions<D extends FloatDType> {
  /** @defaultValue that of the mean and the covariance */
  readonly dtype?: D
  /** The square root of the covariance that is taken; only cholesky needs one that is positive definite. @defaultValue 'cholesky' */
  readonly method?: 'cholesky' | 'eigh' | 'svd'
}

export interface OrthogonalOptions<D extends FloatDType> extends FloatOptions<D> {
  /** The number of columns, if it is another one than that of the rows. @defaultValue n */
  readonly m?: number
}

/** Draws of vectors and matrices. */
export interface Multivariate {
  /**
   * Normal vectors with a mean [..., n] and a covariance [..., n, n]: [...shape, n]. The axes before them broadcast to
   * `shape`.
   * @throws ShapeError when these do not fit.
   * @example random.multivariateNormal(random.PRNGKey(0), [0, 0], [[2, 1], [1, 2]], [5]).shape // [5, 2]
   */
  readonly multivariateNormal: <D extends FloatDType = 'float32'>(
    key: Key,
    mean: Operand,
    cov: Operand,
    shape?: Shape,
    options?: MultivariateNormalOptions<D>,
  ) => NDArray<D>
  /**
   * Matrices [...shape, n, m] evenly distributed over those with orthonormal columns (rows, if there are fewer).
   * @example random.orthogonal(random.PRNGKey(0), 3).shape // [3, 3]
   */
  readonly orthogonal: <D extends FloatDType = 'float32'>(
    key: Key,
    n: number,
    shape?: Shape,
    options?: OrthogonalOptions<D>,
  ) => NDArray<D>
}

export function makeMultivariate(normal: FloatDraw): Multivariate {
  return {
    multivariateNormal: <D extends FloatDType = 'float32'>(
      key: Key,
      mean: Operand,
      cov: Operand,
      shape?: Shape,
      options: MultivariateNormalOptions<D> = {},
    ): NDArray<D> => {
      checkKey('multivariateNormal', key)
      const [center, covariance] = unifyFloatDTypes([mean, cov]) as [NDArray, NDArray]
      const n = center.shape[center.ndim - 1]
      const square = covariance.shape.slice(-2)
      if (n === undefined || square[0] !== n || square[1] !== n) {
        throw new ShapeError(
          `random.multivariateNormal: the mean has shape ${showShape(center.shape)} and the covariance ${showShape(covariance.shape)}; they must be [..., n] and [..., n, n]`,
        )
      }
      const [means, covariances] = [center.shape.slice(0, -1), covariance.shape.slice(0, -2)]
      const batch = shape ?? broadcastShapes([means, covariances], 'random.multivariateNormal')
      checkShape(batch, 'random.multivariateNormal')
      checkFits('multivariateNormal', 'mean without its last axis', means, batch)
      checkFits('multivariateNormal', 'cov without its last two axes', covariances, batch)
      const own = floatDTypeOf(center)
      const dtype = checkDraw('multivariateNormal', key, batch, (options.dtype ?? own) as D)
      const root = rootOf(covariance, options.method ?? 'cholesky')
      const z = normal(key, [...batch, n], { dtype })
      const spread = matvec(convert(root, dtype), z)
      return add(broadcastTo(convert(center, dtype), spread.shape), spread) as NDArray<D>
    },
    orthogonal: <D extends FloatDType = 'float32'>(
      key: Key,
      n: number,
      shape: Shape = [],
      options: OrthogonalOptions<D> = {},
    ): NDArray<D> => {
      checkCount('orthogonal', n)
      const dtype = checkDraw('orthogonal', key, shape, options.dtype ?? ('float32' as D))
      const m = checkCount('orthogonal', options.m ?? checkCount('orthogonal', n))
      const z = normal(key, [...shape, Math.max(n, m), Math.min(n, m)], { dtype })
      const [q, r] = qr(z)
      // The decomposition is unique where the diagonal of r is positive.
      const x = mul(q, alongColumns(sign(diagonal(r)), q.shape))
      const last = shape.length
      return (n < m ? transpose(x, [...range(last), last + 1, last]) : x) as NDArray<D>
    },
  }
}

/** A matrix whose product with its transpose is the covariance. */
function rootOf(covariance: NDArray, method: 'cholesky' | 'eigh' | 'svd'): NDArray {
  if (method === 'cholesky') return cholesky(covariance)
  if (method === 'eigh') {
    const [w, v] = eigh(covariance)
    return mul(v, alongColumns(sqrt(w), v.shape))
  }
  if (method === 'svd') {
    const [u, s] = svd(covariance)
    return mul(u, alongColumns(sqrt(s), u.shape))
  }
  throw new ValueError(
    `random.multivariateNormal: the method is ${showGiven(method)}; it must be 'cholesky', 'eigh' or 'svd'`,
  )
}
