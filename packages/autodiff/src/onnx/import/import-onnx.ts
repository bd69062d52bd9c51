import { canHold } from './inputs.ts'
import { checkOptions, showOption } from '../../array/options.ts'
import { DTypeError, ShapeError, TreeError, ValueError } from '../../array/errors.ts'
import { isFloat } from '../../array/dtype.ts'
import { NDArray, type Operand } from '../../array/ndarray.ts'
import { type Shape, shapesEqual, showShape } from '../../array/shape.ts'
import { showGiven } from '../../array/show.ts'
import { isTracing, trace } from '../../core/trace.ts'
import * as np from '../../numpy/index.ts'
import { evaluateJaxpr } from '../../transforms/function.ts'
import { decodeModel } from './decode.ts'
import type { ModelContents, ModelValue } from './model-graph.ts'
import { joinMovingParts } from './moving-parts.ts'
import { parametersOf, readAsNumbers } from './parameters.ts'
import { Runner, Scope } from './run.ts'
import { takeEntries } from './sequences.ts'
import { checkSupported } from './supported.ts'
import type { ExternalData } from './tensor.ts'

/** The parameters of an imported model, by the names that the file has for them. */
export type ModelParams = Readonly<Record<string, NDArray>>

export interface ImportOptions {
  /** Reads the files beside the model that hold its numbers. @defaultValue none: such a model is refused */
  readonly externalData?: ExternalData
  /**
   * Which floating point initializers are parameters, by name; the others are constants.
   * @defaultValue all with an axis, but shapes, scales and the statistics of batch normalization
   */
  readonly parameters?: (name: string, value: NDArray) => boolean
}

/** An .onnx model as a differentiable function. */
export interface ImportedModel {
  readonly inputs: readonly ModelValue[]
  readonly outputs: readonly ModelValue[]
  /** The initial parameters. */
  readonly params: ModelParams
  readonly metadata: Readonly<Record<string, string>>
  /** What wrote the file. */
  readonly producer: string
  /** The version of ONNX's operators that it is written in. */
  readonly operatorSet: number
  /**
   * All outputs, in order, for parameters and inputs.
   *
   * @throws TreeError for parameters missing or unknown; ShapeError or DTypeError for arrays that do not fit.
   */
  call(params: ModelParams, ...inputs: readonly Operand[]): NDArray[]
  /** The output of a model that has one; throws a ValueError for others, and what `call` throws. */
  apply(params: ModelParams, ...inputs: readonly Operand[]): NDArray
  /** The model as a network that begins with its own parameters: `[init, apply]`, as the layers of nn. */
  readonly layer: ImportedLayer
}

/** `[init, apply]`: what `init` gives are the shape of the outputs and the file's parameters, whatever the key. */
export type ImportedLayer = readonly [
  init: (key: unknown, inputShape: Shape) => [outputShape: Shape, params: ModelParams],
  apply: (params: ModelParams, inputs: NDArray) => NDArray,
]

/**
 * An .onnx file as a function of arrays, built of this library's own operations: it can be differentiated (in its
 * inputs and its parameters), batched, compiled for any device and trained further.
 *
 * @throws ModelError for bytes that are no correct model; UnsupportedOperatorError, which names all operators at once,
 * for one that holds operators that are not known (docs/onnx.md lists those that are).
 * @example
 * const model = importOnnx(exportOnnx((x) => np.tanh(x).mul(2), [np.zeros([3])]))
 * model.apply(model.params, np.array([0, 1, 2])).shape // [3]
 * grad((x) => model.apply(model.params, x).sum())(np.zeros([3])) // [2, 2, 2]
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const { externalData, parameters } = checkOptions('importOnnx', options, ['externalData', 'parameters'])
  for (const [option, value] of Object.entries({ externalData, parameters })) {
    if (value !== undefined && typeof value !== 'function')
      throw new ValueError(`importOnnx: ${option} is ${showOption(value)}; it must be a function`)
  }
  const decoded = decodeModel(bytes, externalData)
  const contents = { ...decoded, graph: joinMovingParts(takeEntries(decoded.graph)) }
  checkSupported(contents)
  const { graph, inputs, outputs, metadata, producer, operatorSets } = contents
  const initial =
    parameters === undefined
      ? parametersOf(graph)
      : new Map([...graph.initializers].filter(([name, x]) => isFloat(x.dtype) && parameters(name, x)))
  const params = Object.fromEntries(initial)
  const call = (given: ModelParams, ...operands: readonly Operand[]): NDArray[] =>
    callModel(contents, initial, given, operands)
  const apply = (given: ModelParams, ...operands: readonly Operand[]): NDArray => {
    if (outputs.length !== 1) {
      throw new ValueError(
        `importOnnx: the model has the outputs ${outputs.map((v) => v.name).join(', ')}; call gives them all`,
      )
    }
    return call(given, ...operands)[0] as NDArray
  }
  const init = (_: unknown, inputShape: Shape): [Shape, ModelParams] => {
    const [input] = inputs
    if (input === undefined) throw new ValueError('importOnnx: the model has no input, so it is no layer')
    if (!Array.isArray(inputShape) || !inputShape.every((n) => Number.isInteger(n) && n >= -1)) {
      throw new ShapeError(
        `importOnnx: the layer’s input shape is ${showGiven(inputShape)}; it must be a list of sizes, −1 for an open one`,
      )
    }
    // Shapes are given with their batch axes, which may be −1, or without.
    const rank = input.shape?.length ?? inputShape.length
    const lacking = Math.max(0, rank - inputShape.length)
    const shapeFor = (open: number): Shape => {
      const full = [...new Array<number>(lacking).fill(1), ...inputShape.map((n) => (n === -1 ? open : n))]
      return outputShapeOf(() => apply(params, np.zeros(full, { dtype: input.dtype })))
    }
    const [one, two] = [shapeFor(1), inputShape.includes(-1) ? shapeFor(2) : undefined]
    const shape = one.map((n, i) => (two === undefined || two[i] === n ? n : -1))
    return [shape.slice(lacking), params]
  }
  return {
    inputs,
    outputs,
    params,
    metadata,
    producer,
    operatorSet: operatorSets.get('') ?? 0,
    call,
    apply,
    // What else a layer is given is not for a model.
    layer: [init, (given, x) => apply(given, x)],
  }
}

/** The shape alone: nothing is computed. */
function outputShapeOf(f: () => NDArray): Shape {
  let shape: Shape = []
  trace('importOnnx', [], () => {
    shape = f().shape
    return []
  })
  return shape
}

function callModel(
  { graph, inputs, functions }: ModelContents,
  initial: ReadonlyMap<string, NDArray>,
  params: ModelParams,
  operands: readonly Operand[],
): NDArray[] {
  checkParams(initial, params)
  if (operands.length !== inputs.length) {
    throw new ValueError(
      `importOnnx: the model takes ${inputs.length} inputs (${inputs.map((v) => v.name).join(', ')}), not ${operands.length}`,
    )
  }
  const sizes = new Map<string, number>()
  const arrays = operands.map((x, i) => checkInput(inputs[i]!, x, sizes))
  const names = [...initial.keys()]
  const replaced = new Set(names)
  const run = (weights: readonly NDArray[], values: readonly NDArray[]): NDArray[] => {
    const scope = new Scope(undefined, replaced)
    names.forEach((name, i) => scope.set(name, weights[i]!))
    return new Runner(functions).graph(graph, values, scope)
  }
  const weights = names.map((name) => params[name] as NDArray)
  if (isTracing()) return run(weights, arrays)
  // Traced first, so that sizes are checked before anything takes memory. What decides about shapes stays as it is.
  const decisive = readAsNumbers(graph)
  const open = arrays.flatMap((x, i) => (isFloat(x.dtype) && !decisive.has(inputs[i]!.name) ? [i] : []))
  const { jaxpr } = trace('importOnnx', [...weights, ...open.map((i) => arrays[i]!)], (...leaves) => {
    const values = [...arrays]
    open.forEach((at, i) => (values[at] = leaves[weights.length + i]!))
    return run(leaves.slice(0, weights.length), values)
  })
  return evaluateJaxpr(jaxpr, [...weights, ...open.map((i) => arrays[i]!)])
}

function checkParams(initial: ReadonlyMap<string, NDArray>, params: ModelParams): void {
  if (typeof params !== 'object' || params === null || params instanceof NDArray)
    throw new TreeError('importOnnx: the first argument is the parameters, an object of arrays by name: model.params')
  const missing = [...initial.keys()].filter((name) => !Object.hasOwn(params, name))
  const odd = Object.keys(params).filter((name) => !initial.has(name))
  if (missing.length > 0 || odd.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`${missing.join(', ')} are missing`] : []),
      ...(odd.length > 0 ? [`${odd.join(', ')} are not the model's`] : []),
    ]
    throw new TreeError(`importOnnx: of the parameters ${parts.join(', and ')}; { ...model.params, … } has all`)
  }
  for (const [name, { shape }] of initial) {
    const given = params[name] as NDArray
    if (!(given instanceof NDArray)) throw new TreeError(`importOnnx: the parameter ${name} is no NDArray`)
    if (!isFloat(given.dtype)) throw new DTypeError(`importOnnx: the parameter ${name} is ${given.dtype}`)
    if (!shapesEqual(given.shape, shape))
      throw new ShapeError(
        `importOnnx: the parameter ${name} has the shape ${showShape(given.shape)}, not ${showShape(shape)}`,
      )
  }
}

/** An operand as the model declares its input. Sizes of one name must be the same. */
function checkInput({ name, dtype, shape }: ModelValue, operand: Operand, sizes: Map<string, number>): NDArray {
  const x = operand instanceof NDArray ? operand : np.array(operand, { dtype })
  const declared = shape?.map((n) => n ?? '?').join(', ')
  if (shape !== undefined && x.ndim !== shape.length)
    throw new ShapeError(
      `importOnnx: the input ${name} is [${declared}]; the array has the shape ${showShape(x.shape)}`,
    )
  shape?.forEach((size, i) => {
    const n = x.shape[i]!
    const wanted = typeof size === 'string' ? (sizes.get(size) ?? n) : (size ?? n)
    if (typeof size === 'string') sizes.set(size, n)
    if (n !== wanted)
      throw new ShapeError(
        `importOnnx: the input ${name} is [${declared}]; the array has the shape ${showShape(x.shape)}`,
      )
  })
  if (x.dtype === dtype) return x
  if (canHold(dtype, x.dtype)) return x.astype(dtype)
  throw new DTypeError(
    `importOnnx: the input ${name} is ${dtype}, the array ${x.dtype}; convert it, as x.astype("${dtype}")`,
  )
}
