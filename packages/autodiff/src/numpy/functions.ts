import { checkOptions, checkList } from '../array/options.ts'
import { type DType } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import {
  broadcastShapes,
  checkShape,
  normalizeAxis,
  range,
  type Shape,
  shapesEqual,
  showShape,
} from '../array/shape.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'
import { select } from '../primitives/comparison.ts'
import { vmap } from '../transforms/vmap.ts'
import { asArray, asArrayBeside } from './operands.ts'
import { expandDims } from './shape.ts'

/**
 * A function of vectors applied to every vector along an axis; the axes of its result take the axis's place.
 *
 * @throws ShapeError for an axis that is not there.
 * @see NumPy's `apply_along_axis`
 * @example np.applyAlongAxis((row) => row.sum(), 1, [[1, 2], [3, 4]]) // [3, 7]
 */
export function applyAlongAxis(f: (vector: NDArray) => NDArray, axis: number, x: Operand): NDArray {
  const array = asArray(x)
  const along = normalizeAxis(axis, array.ndim, 'applyAlongAxis')
  const others = range(array.ndim).filter((i) => i !== along)
  const rows = moveAxis(array, along, array.ndim - 1)
  const mapped = others.reduce<(vector: NDArray) => NDArray>((g) => vmap(g), f)(rows)
  // [...before, ...after, ...result] → [...before, ...result, ...after]
  const lead = others.length
  const rank = mapped.ndim - lead
  const order = [...range(along), ...range(rank).map((i) => lead + i), ...range(lead - along).map((i) => along + i)]
  return mapped.transpose(order)
}

/**
 * A function of an array and an axis applied for one axis after the other; an axis it removes stays with length 1.
 *
 * @throws ShapeError when it changes the number of axes otherwise.
 * @see NumPy's `apply_over_axes`
 * @example np.applyOverAxes((x, axis) => x.sum(axis), [[1, 2], [3, 4]], [0, 1]) // [[10]]
 */
export function applyOverAxes(
  f: (x: NDArray, axis: number) => NDArray,
  x: Operand,
  axes: number | readonly number[],
): NDArray {
  const list = typeof axes === 'number' ? [axes] : axes
  return list.reduce((array, axis) => {
    const result = f(array, axis)
    if (result.ndim === array.ndim) return result
    if (result.ndim === array.ndim - 1) return expandDims(result, axis)
    throw new ShapeError(
      `applyOverAxes: of ${showShape(array.shape)} the function made ${showShape(result.shape)}; it may keep all axes, or drop the one`,
    )
  }, asArray(x))
}

/**
 * An array of what a function gives for the indices of each entry.
 *
 * @see NumPy's `fromfunction`; as in JAX the function is called once, on arrays that are batched
 * @example np.fromfunction((i, j) => i.mul(10).add(j), [2, 3]) // [[0, 1, 2], [10, 11, 12]]
 */
export function fromfunction(
  f: (...indices: NDArray[]) => NDArray,
  shape: Shape,
  options: { readonly dtype?: DType } = {},
): NDArray {
  const { dtype = 'float32' } = checkOptions('fromfunction', options, ['dtype'])
  checkShape(shape, 'fromfunction')
  const mapped = range(shape.length).reduce<(...indices: NDArray[]) => NDArray>(
    // The last axis is the innermost.
    (g, i) => vmap(g, { inAxes: shape.map((_, axis) => (axis === shape.length - 1 - i ? 0 : null)) }),
    f,
  )
  return mapped(...shape.map((n) => iota([n], 0, dtype)))
}

export interface VectorizeOptions {
  /** The axes that the function itself takes and gives, as `(n,m),(m)->(n)`. @defaultValue it takes scalars */
  readonly signature?: string
  /** Places of arguments that are passed on as they are. @defaultValue none */
  readonly excluded?: readonly number[]
}

type Core = readonly string[]

function parseSignature(signature: string): [inputs: Core[], outputs: Core[]] {
  const list = /^\(\w*(,\w+)*\)(,\(\w*(,\w+)*\))*$/
  const [inputs, outputs, ...more] = signature.replaceAll(/\s/g, '').split('->') as [string, string?, ...string[]]
  if (outputs === undefined || more.length > 0 || !list.test(inputs) || !list.test(outputs))
    throw new ValueError(`vectorize: '${signature}' is no signature; write axes as (n,m),(m)->(n)`)
  const cores = (side: string): Core[] =>
    [...side.matchAll(/\(([^)]*)\)/g)].map(([, names]) => (names === '' ? [] : (names as string).split(',')))
  return [cores(inputs), cores(outputs)]
}

/** Remembers how long each named axis is; throws where two disagree. */
function checkCore(what: string, x: NDArray, core: Core, sizes: Map<string, number>, exact: boolean): void {
  if (exact ? x.ndim !== core.length : x.ndim < core.length) {
    throw new ShapeError(
      `vectorize: ${what} has the shape ${showShape(x.shape)}; the signature says (${core.join(', ')})`,
    )
  }
  core.forEach((name, i) => {
    const n = x.shape[x.ndim - core.length + i] as number
    const known = sizes.get(name)
    if (known !== undefined && known !== n)
      throw new ShapeError(
        `vectorize: axis ${name} is ${known} long, and ${n} in ${what} of shape ${showShape(x.shape)}; it must be the same everywhere`,
      )
    sizes.set(name, n)
  })
}

/**
 * A function of scalars (or, by its signature, of arrays with few axes) made one of arrays, whose other axes broadcast.
 * It is `vmap` over them, so the function must be made of array operations.
 *
 * @throws ValueError for a signature that cannot be read or has not as many inputs as arguments, ShapeError for arrays
 *   that do not fit it.
 * @see JAX's `jax.numpy.vectorize`
 * @example
 * const product = np.vectorize((m, v) => m.matmul(v), { signature: '(n,m),(m)->(n)' })
 * product(np.ones([5, 2, 3]), np.ones([3])).shape // [5, 2]
 */
export function vectorize<Out extends NDArray | readonly NDArray[]>(
  f: (...args: NDArray[]) => Out,
  options: VectorizeOptions = {},
): (...args: Operand[]) => Out {
  const { signature, excluded = [] } = checkOptions('vectorize', options, ['signature', 'excluded'])
  const cores = signature === undefined ? undefined : parseSignature(signature)
  const odd = excluded.find((i) => !Number.isInteger(i) || i < 0)
  if (odd !== undefined) throw new ValueError(`vectorize: excluded has ${odd}; it names places of arguments, from 0`)
  return (...args) => {
    const included = range(args.length).filter((i) => !excluded.includes(i))
    const given = included.map((i) => asArray(args[i] as Operand))
    const inner = (...arrays: NDArray[]): Out =>
      f(...args.map((x, i) => (excluded.includes(i) ? (x as NDArray) : (arrays[included.indexOf(i)] as NDArray))))
    const inputs = cores?.[0] ?? given.map(() => [])
    if (inputs.length !== given.length)
      throw new ValueError(`vectorize: ${given.length} arguments, the signature ${signature} has ${inputs.length}`)
    const sizes = new Map<string, number>()
    given.forEach((x, i) => checkCore(`argument ${i}`, x, inputs[i] as Core, sizes, false))
    const lead = given.map((x, i) => x.shape.slice(0, x.ndim - (inputs[i] as Core).length))
    const shape = broadcastShapes(lead, 'vectorize')
    const checked = (...arrays: NDArray[]): Out => {
      const out = inner(...arrays)
      if (cores !== undefined) checkOutputs(out, cores[1], new Map(sizes))
      return out
    }
    return mapOver(checked, given, lead, shape)
  }
}

function checkOutputs(out: NDArray | readonly NDArray[], outputs: readonly Core[], sizes: Map<string, number>): void {
  const list = (Array.isArray(out) ? out : [out]) as readonly NDArray[]
  if (list.length !== outputs.length)
    throw new ValueError(`vectorize: the function gives ${list.length} results, the signature has ${outputs.length}`)
  list.forEach((x, i) => checkCore(`result ${i}`, x, outputs[i] as Core, sizes, true))
}

/** `vmap` over the leading axes, from the last to the first; an array that lacks an axis is not repeated over it. */
function mapOver<Out extends NDArray | readonly NDArray[]>(
  f: (...args: NDArray[]) => Out,
  given: readonly NDArray[],
  lead: readonly Shape[],
  shape: Shape,
): Out {
  const has = (i: number, axis: number): boolean => {
    const own = lead[i] as Shape
    const at = axis - (shape.length - own.length)
    return at >= 0 && own[at] === shape[axis]
  }
  const squeezed = given.map((x, i) => {
    const own = lead[i] as Shape
    const kept = own.filter((_, at) => has(i, at + shape.length - own.length))
    return reshape(x, [...kept, ...x.shape.slice(own.length)])
  })
  const mapped = shape.reduceRight<(...args: NDArray[]) => Out>((g, _, axis) => {
    const inAxes = given.map((__, i) => (has(i, axis) ? 0 : null))
    return vmap(g, { inAxes }) as (...args: NDArray[]) => Out
  }, f)
  return mapped(...squeezed)
}

/** A value, or a function of the array. */
export type Piece = number | boolean | NDArray | ((x: NDArray) => NDArray)

/**
 * A function in pieces: where a condition is true the piece of its place, of the last such condition; elsewhere the
 * piece after them, or 0. Each piece is computed everywhere, and brought to the dtype of `x`.
 *
 * @throws ValueError unless there are as many pieces as conditions, or one more; ShapeError for conditions of another
 *   shape.
 * @see NumPy's `piecewise`
 * @example
 * const x = np.array([-2, 0.5, 3])
 * np.piecewise(x, [x.lt(0), x.gt(1)], [0, 1, (y) => y]) // [0, 0.5, 1]
 */
export function piecewise(x: Operand, conditions: readonly Operand[], pieces: readonly Piece[]): NDArray {
  const array = asArray(x)
  checkList('piecewise', 'conditions', conditions)
  checkList('piecewise', 'pieces', pieces)
  if (pieces.length !== conditions.length && pieces.length !== conditions.length + 1) {
    throw new ValueError(
      `piecewise: ${conditions.length} conditions take ${conditions.length} or ${conditions.length + 1} pieces, not ${pieces.length}`,
    )
  }
  const valueOf = (piece: Piece): NDArray => {
    const value = typeof piece === 'function' ? piece(array) : asArrayBeside(array, piece)
    return broadcastTo(convert(value, array.dtype), array.shape)
  }
  return conditions.reduce<NDArray>(
    (rest, condition, i) => {
      const mask = convert(asArray(condition), 'bool')
      if (!shapesEqual(mask.shape, array.shape) && mask.ndim !== 0)
        throw new ShapeError(
          `piecewise: condition ${i} has the shape ${showShape(mask.shape)}, x has ${showShape(array.shape)}; np.broadcastTo gives it that`,
        )
      return select(broadcastTo(mask, array.shape), valueOf(pieces[i] as Piece), rest)
    },
    valueOf(pieces[conditions.length] ?? 0),
  )
}
