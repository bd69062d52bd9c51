import {
  type Arrays,
  DTypeError,
  NDArray,
  np,
  ShapeError,
  treeFlatten,
  TreeError,
  treePaths,
  treeUnflatten,
} from '@cotangent/autodiff'
import { checkOptions, isLeaf, type Leaf, shapesEqual, showShape } from '@cotangent/autodiff/array'
import { readSafetensors } from './read.ts'
import { writeSafetensors } from './write.ts'

export interface SaveParamsOptions {
  /** What else the file shall say, in words, as `{ epoch: '7' }`. @defaultValue nothing */
  readonly metadata?: Readonly<Record<string, string>>
}

/** The name of each leaf: its place in the tree, as `0.1` or `encoder.w`; of a tree that is one array `params`. */
function namesOf(name: string, tree: unknown): string[] {
  const names = treePaths(tree, '').map((path) => path.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^\./, '') || 'params')
  const twice = names.find((own, i) => names.indexOf(own) !== i)
  if (twice === undefined) return names
  throw new TreeError(`${name}: two arrays have the name '${twice}', for a key of the tree has a dot; rename that key`)
}

/**
 * Parameters, or any tree of arrays such as an optimizer's state, as the bytes of a safetensors file. Each array has its
 * place in the tree for a name: the biases of the first layer of a `serial` are `0.1`.
 *
 * In Python `safetensors.numpy.load_file` gives them by these names.
 *
 * @throws PendingError for numbers that are still on their way (`saveParamsWhenReady` waits for them); TreeError for what
 * is no tree.
 * @example
 * const params = { w: np.ones([2, 3]), layers: [np.zeros([3])] }
 * await writeFile('model.safetensors', saveParams(params, { metadata: { epoch: '7' } }))
 * Object.keys(readSafetensors(saveParams(params)).tensors) // ['layers.0', 'w']
 */
export function saveParams(params: unknown, options: SaveParamsOptions = {}): Uint8Array<ArrayBuffer> {
  const { metadata = {} } = checkOptions('saveParams', options, ['metadata'])
  const [leaves] = treeFlatten(params, 'saveParams: params')
  const names = namesOf('saveParams', params)
  const tensors = leaves.map((leaf, i): [string, NDArray] => {
    if (isLeaf(leaf)) return [names[i]!, np.asarray(leaf)]
    throw new TreeError(`saveParams: '${names[i]}' is a shape without numbers; save what init gives, not evalShape`)
  })
  return writeSafetensors(Object.fromEntries(tensors), metadata)
}

/**
 * `saveParams`, when all numbers have come from their device.
 *
 * @throws What `saveParams` throws.
 * @example
 * const double = jit((x) => x.mul(2))
 * await saveParamsWhenReady({ w: double(np.ones([3])) })
 */
export async function saveParamsWhenReady(
  params: unknown,
  options: SaveParamsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const [leaves] = treeFlatten(params, 'saveParamsWhenReady: params')
  await Promise.all(leaves.filter((leaf) => leaf instanceof NDArray).map((leaf) => leaf.ready()))
  return saveParams(params, options)
}

/**
 * The parameters that `saveParams` has written, in the tree of `like`: those of the model's `init`, or what `evalShape`
 * gives of it.
 *
 * @throws ValueError when the file is malformed; TreeError when it lacks arrays or has others; ShapeError and DTypeError
 * when they are not like those.
 * @example
 * const [init] = serial(Dense(8), Relu, Dense(2))
 * const [, params] = init(random.PRNGKey(0), [3])
 * const [, fresh] = init(random.PRNGKey(1), [3])
 * loadParams(saveParams(params), fresh)[0][1].sub(params[0][1]) // [0, 0, 0, 0, 0, 0, 0, 0]
 */
export function loadParams<P>(bytes: Uint8Array, like: P): Arrays<P> {
  const { tensors } = readSafetensors(bytes)
  const [leaves, def] = treeFlatten(like, 'loadParams: like')
  const names = namesOf('loadParams', like)
  const missing = names.filter((name) => !Object.hasOwn(tensors, name))
  const others = Object.keys(tensors).filter((name) => !names.includes(name))
  if (missing.length > 0 || others.length > 0) {
    throw new TreeError(
      `loadParams: the file is of another model: ${[
        missing.length > 0 ? `it lacks ${list(missing)}` : '',
        others.length > 0 ? `it has ${list(others)}, for which there is no place` : '',
      ]
        .filter(Boolean)
        .join(', and ')}`,
    )
  }
  const found = names.map((name, i) => matching(name, tensors[name]!, leaves[i]!))
  return treeUnflatten(def, found) as Arrays<P>
}

const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 5).map((name) => `'${name}'`)
  return `${shown.join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}

function matching(
  name: string,
  x: NDArray,
  leaf: Leaf | { readonly shape: readonly number[]; readonly dtype: string },
): NDArray {
  const { shape, dtype } = isLeaf(leaf) ? np.asarray(leaf) : leaf
  if (!shapesEqual(x.shape, shape)) {
    throw new ShapeError(`loadParams: '${name}' is ${showShape(x.shape)} in the file, it must be ${showShape(shape)}`)
  }
  if (x.dtype !== dtype) {
    throw new DTypeError(
      `loadParams: '${name}' is ${x.dtype} in the file, it must be ${dtype}; give a tree of ${x.dtype} arrays and convert them with x.astype("${dtype}")`,
    )
  }
  return x
}
