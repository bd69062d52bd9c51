import { checkDType, type DType, isDType } from './dtype.ts'
import type { Shape } from './shape.ts'

/** A shape and a dtype in an array's place, where only these matter. Made by `shapeDtypeStruct`. */
export class ShapeDtypeStruct<D extends DType = DType> {
  readonly shape: Shape
  readonly dtype: D

  constructor(shape: Shape, dtype: D) {
    this.shape = Object.freeze([...shape])
    this.dtype = dtype
  }
}

/**
 * Stands for an array of this shape and dtype where no numbers are needed: in arguments of `evalShape`, `makeJaxpr` and
 * `jit(f).lower`. What `evalShape` gives are such structs. A plain `{ shape, dtype }` means the same there.
 *
 * @throws DTypeError for an unknown dtype.
 * @see JAX's `jax.ShapeDtypeStruct`
 * @example evalShape(np.matmul, shapeDtypeStruct([2, 3]), shapeDtypeStruct([3, 4])).shape // [2, 4]
 */
export const shapeDtypeStruct = <D extends DType = 'float32'>(
  shape: Shape,
  dtype: D = 'float32' as D,
): ShapeDtypeStruct<D> => new ShapeDtypeStruct(shape, checkDType(dtype, 'shapeDtypeStruct') as D)

/** The tree with every plain `{ shape, dtype }` in it made a struct, which is a leaf. */
export function withStructs(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withStructs)
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype) return tree
  const { shape, dtype } = tree as { shape?: unknown; dtype?: unknown }
  const isStruct = Array.isArray(shape) && isDType(dtype) && Object.keys(tree).length === 2
  if (isStruct) return new ShapeDtypeStruct(shape as number[], dtype)
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, withStructs(value)]))
}
