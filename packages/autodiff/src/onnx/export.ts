import { ShapeError, ValueError } from '../array/errors.ts'
import { showShape } from '../array/shape.ts'
import { type Liberal, treePaths, treeUnflatten } from '../array/tree.ts'
import type { Aval } from '../core/jaxpr.ts'
import { flattenArrays, nameOf, stageFunction, type TreeFunction } from '../transforms/function.ts'
import { OPEN_SIZE } from './symbol.ts'
import { toOnnx } from './to-onnx.ts'

export interface ExportOptions {
  /** Names of the inputs, one a leaf of the arguments. @defaultValue their paths, as `arguments[0].w` */
  readonly inputNames?: readonly string[]
  /** Names of the outputs, one a leaf of the result. @defaultValue their paths, as `output.mean` */
  readonly outputNames?: readonly string[]
  /** Leave the first axis of every input open: the model takes batches of any size. @defaultValue false */
  readonly dynamicBatch?: boolean
  /** Key and value pairs stored in the model. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * `f` as the bytes of an .onnx model (opset 21), with everything it captures inside. `example` gives the shapes and
 * dtypes of the arguments.
 *
 * @throws ValueError when names are missing or double, or when an open batch axis cannot be had; ShapeError when an
 * input has no first axis to leave open.
 * @example
 * const model = exportOnnx((x) => np.tanh(x), [np.zeros([1, 10])], { inputNames: ['data'], dynamicBatch: true })
 */
export function exportOnnx<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  example: Liberal<A>,
  { inputNames, outputNames, dynamicBatch = false, metadata = {} }: ExportOptions = {},
): Uint8Array {
  const name = nameOf('exportOnnx', f)
  const [leaves, def] = flattenArrays(example, `${name}: arguments`)
  const avals = leaves.map((x): Aval => {
    if (!dynamicBatch) return x
    if (x.ndim === 0)
      throw new ShapeError(
        `${name}: with dynamicBatch every input needs a first axis; one has shape ${showShape(x.shape)}`,
      )
    return { shape: [OPEN_SIZE, ...x.shape.slice(1)], dtype: x.dtype }
  })
  const { jaxpr, result } = stageFunction(name, f as TreeFunction, def, avals)
  const outputPaths = treePaths(
    treeUnflatten(
      result,
      jaxpr.outputs.map(() => 0),
    ),
    'output',
  )
  const inputs = checkNames(name, 'inputNames', inputNames, treePaths(example, 'arguments'))
  const outputs = checkNames(name, 'outputNames', outputNames, outputPaths)
  const both = outputs.find((n) => inputs.includes(n))
  if (both !== undefined) {
    throw new ValueError(`${name}: ${JSON.stringify(both)} names an input and an output; a model knows a name once`)
  }
  return toOnnx(jaxpr, inputs, outputs, metadata)
}

function checkNames(
  name: string,
  option: string,
  given: readonly string[] | undefined,
  paths: readonly string[],
): readonly string[] {
  if (given === undefined) return paths
  if (given.length !== paths.length)
    throw new ValueError(
      `${name}: ${option} has ${given.length} names for ${paths.length} arrays (${paths.join(', ')})`,
    )
  const double = given.find((n, i) => given.indexOf(n) !== i)
  if (double !== undefined)
    throw new ValueError(`${name}: ${option} names ${JSON.stringify(double)} twice; name each once`)
  return given
}
