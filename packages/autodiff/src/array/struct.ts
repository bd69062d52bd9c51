import { checkDType, type DType } from './dtype.ts'
import { isPlainObject } from './objects.ts'
import { checkShape, type Shape } from './shape.ts'

/**
 * A shape and a dtype in an array's place, where only these matter. Made by `shapeDtypeStruct`, and refused for what it
 * refuses.
 */
export class ShapeDtypeStruct<D extends DType = DType> {
  readonly shape: Shape
  readonly dtype: D

  constructor(shape: Shape, dtype: D) {
    this.shape = Object.freeze([...checkShape(shape, 'ShapeDtypeStruct')])
    this.dtype = checkDType(dtype, 'ShapeDtypeStruct') as D
  }
}

/**
 * Stands for an array of this shape and dtype where no numbers are needed: in arguments of `evalShape`, `makeJaxpr` and
 * `jit(f).lower`. What `evalShape` gives are such structs. A plain `{ shape, dtype }` means the same there.
 *
 * @throws ShapeError for sizes that are no whole numbers from 0; DTypeError for an unknown dtype.
 * @see JAX's `jax.ShapeDtypeStruct`
 * @example evalShape(np.matmul, shapeDtypeStruct([2, 3]), shapeDtypeStruct([3, 4])).shape // [2, 4]
 */
export const shapeDtypeStruct = <D extends DType = 'float32'>(
  shape: Shape,
  dtype: D = 'float32' as D,
): ShapeDtypeStruct<D> => structOf(shape, dtype, 'shapeDtypeStruct')

const structOf = <D extends DType>(shape: Shape, dtype: D, where: string): ShapeDtypeStruct<D> =>
  new ShapeDtypeStruct(checkShape(shape, where), checkDType(dtype, where) as D)

/** The tree with every plain `{ shape, dtype }` in it made a struct, which is a leaf. `path` is what messages call it. */
export function withStructs(tree: unknown, path: string): unknown {
  if (Array.isArray(tree)) return tree.map((child, i) => withStructs(child, `${path}[${i}]`))
  if (!isPlainObject(tree)) return tree
  const { shape, dtype } = tree
  // A string is no leaf, so this is no tree of two.
  const isStruct = 'shape' in tree && typeof dtype === 'string' && Object.keys(tree).length === 2
  if (isStruct) return structOf(shape as number[], dtype as DType, path)
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, withStructs(value, `${path}.${key}`)]))
}
