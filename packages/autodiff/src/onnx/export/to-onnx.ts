import { checkOptions, showOption } from '../../array/options.ts'
import { ShapeError, ValueError } from '../../array/errors.ts'
import { normalizeAxis, showShape } from '../../array/shape.ts'
import { withStructs } from '../../array/struct.ts'
import { treePaths, treeUnflatten } from '../../array/tree.ts'
import { showGiven } from '../../array/show.ts'
import type { Aval, Jaxpr } from '../../core/jaxpr.ts'
import { flattenAvals, type StagedFunction, stageFunction, type TreeFunction } from '../../transforms/function.ts'
import { lowerJaxpr } from '../lowering/lower.ts'
import { encodeModel } from '../lowering/model.ts'
import { checkSame, type OpenGraph } from './same-graph.ts'
import { checkSlices } from './slices.ts'
import { allStatic, choosePrimes, OpenSizeError, type OpenSizes } from '../lowering/open-sizes.ts'

export interface ExportOptions {
  /**
   * The sizes to leave open, as PyTorch has it: for an input by its name its axes with a name each, as
   * `{ data: { 0: 'batch' } }`. Sizes of one name are one size. @defaultValue none
   */
  readonly dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>
  /** Leave the first axis of every input open, as `batch`: the model takes batches of any size. @defaultValue false */
  readonly dynamicBatch?: boolean
  /**
   * Names of inputs and outputs in place of their paths in the arguments and the result, as
   * `{ 'arguments[0].w': 'weights', output: 'summaries' }`. @defaultValue the paths
   */
  readonly names?: Readonly<Record<string, string>>
  /** Names of the inputs, one a leaf of the arguments. @defaultValue as `names` says */
  readonly inputNames?: readonly string[]
  /** Names of the outputs, one a leaf of the result. @defaultValue as `names` says */
  readonly outputNames?: readonly string[]
  /** Key and value pairs stored in the model. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>
}

const known = ['dynamicAxes', 'dynamicBatch', 'names', 'inputNames', 'outputNames', 'metadata'] as const

/** A function of arguments like these as a self-contained model. `staged` is its trace for them, where there is one. */
export function toOnnx(
  name: string,
  f: TreeFunction,
  args: readonly unknown[],
  options: ExportOptions = {},
  staged?: StagedFunction,
): Uint8Array {
  checkOptions(name, options, known)
  checkForms(name, options)
  if (!Array.isArray(args))
    throw new ValueError(
      `${name}: the arguments are a list with an array or a struct for each, not ${showOption(args)}`,
    )
  const { metadata = {}, names = {}, dynamicBatch = false, dynamicAxes = {} } = options
  const [avals, def] = flattenAvals(args, `${name}: arguments`)
  const inputPaths = treePaths(withStructs(args, `${name}: arguments`), 'arguments')
  const inputNames = checkNames(name, 'inputNames', options.inputNames, inputPaths, names)
  const open = openAxesOf(name, { avals, inputPaths, inputNames, dynamicBatch, dynamicAxes })
  const stage = (sizes: OpenSizes): StagedFunction => {
    const prime = new Map(sizes.axes)
    const shaped = avals.map(
      ({ shape, dtype }, i): Aval => ({
        shape: shape.map((n, axis) => prime.get(open[i]!.get(axis) ?? '') ?? n),
        dtype,
      }),
    )
    return stageFunction(name, f, def, shaped)
  }
  let outputNames: readonly string[] = []
  const lower = ({ jaxpr, result }: StagedFunction, sizes: OpenSizes): OpenGraph => {
    const paths = outputPaths(jaxpr, result)
    outputNames = checkNames(name, 'outputNames', options.outputNames, paths, names)
    const odd = Object.keys(names).find((path) => !inputPaths.includes(path) && !paths.includes(path))
    if (odd !== undefined) {
      throw new ValueError(
        `${name}: names has ${JSON.stringify(odd)}, which is no array of the function; there are ${[...inputPaths, ...paths].join(', ')}`,
      )
    }
    checkDisjoint(name, inputNames, outputNames)
    checkSlices(jaxpr, sizes)
    const program = lowerJaxpr(jaxpr, { target: 'cpu', selfContained: true, inputNames, outputNames, open: sizes })
    return { graph: program.graph, open: sizes }
  }
  const openNames = [...new Set(open.flatMap((axes) => [...axes.values()]))]
  if (openNames.length === 0) {
    const { graph } = lower(staged ?? stage(allStatic), allStatic)
    return encodeModel(graph, { metadata })
  }
  const { graph, open: sizes } = openGraph(name, openNames, (s) => lower(stage(s), s))
  return encodeModel(graph, { metadata, open: sizes })
}

/** What the options are made of; what is in them is checked where it is used. */
function checkForms(name: string, options: ExportOptions): void {
  const check = (option: keyof ExportOptions, isRight: (value: object) => boolean, form: string): void => {
    const value: unknown = options[option]
    if (value === undefined || (typeof value === 'object' && value !== null && isRight(value))) return
    throw new ValueError(`${name}: ${option} is ${showOption(value)}; it must be ${form}`)
  }
  const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value))
  const areStrings = (value: object): boolean => Object.values(value).every((text) => typeof text === 'string')
  check('names', isPlain, "names by path, as { 'arguments[0]': 'data' }")
  check('dynamicAxes', isPlain, "names of axes by input, as { data: { 0: 'batch' } }")
  check('metadata', (value) => isPlain(value) && areStrings(value), "text by key, as { author: 'A. Turing' }")
  check('inputNames', Array.isArray, "a list of names, as ['data']")
  check('outputNames', Array.isArray, "a list of names, as ['summaries']")
  if (options.dynamicBatch !== undefined && typeof options.dynamicBatch !== 'boolean')
    throw new ValueError(`${name}: dynamicBatch is ${showOption(options.dynamicBatch)}; it must be true or false`)
}

/** The graph for any sizes: traced for two, it is the same. */
function openGraph(name: string, openNames: readonly string[], trace: (sizes: OpenSizes) => OpenGraph): OpenGraph {
  const attempt = (n: number): OpenGraph => {
    const [first, second] = choosePrimes(openNames, n).map(trace) as [OpenGraph, OpenGraph]
    checkSame(first, second)
    return first
  }
  try {
    return attempt(0)
  } catch (error) {
    if (!(error instanceof OpenSizeError)) throw error
  }
  try {
    return attempt(1)
  } catch (error) {
    if (!(error instanceof OpenSizeError)) throw error
    const one = openNames.length === 1
    throw new ValueError(
      `${name}: the function uses the size of ${one ? `the open axis ${openNames[0]}` : `an open axis (${openNames.join(', ')})`} ${error.message}, so it cannot be left open; export it with dynamicBatch: false, or without it in dynamicAxes`,
      { cause: error },
    )
  }
}

interface Given {
  readonly avals: readonly Aval[]
  readonly inputPaths: readonly string[]
  readonly inputNames: readonly string[]
  readonly dynamicBatch: boolean
  readonly dynamicAxes: Readonly<Record<string, Readonly<Record<number, string>>>>
}

/** For each input the name of its open axes. */
function openAxesOf(name: string, { avals, inputPaths, inputNames, dynamicBatch, dynamicAxes }: Given) {
  const open = avals.map(() => new Map<number, string>())
  for (const [input, axes] of Object.entries(dynamicAxes)) {
    const i = inputNames.includes(input) ? inputNames.indexOf(input) : inputPaths.indexOf(input)
    const aval = avals[i]
    if (aval === undefined) {
      throw new ValueError(
        `${name}: dynamicAxes has ${JSON.stringify(input)}, which is no input; there are ${inputNames.join(', ')}`,
      )
    }
    const entries = typeof axes === 'object' && axes !== null && !Array.isArray(axes) ? Object.entries(axes) : []
    const isEntry = ([axis, size]: [string, unknown]): boolean =>
      /^-?\d+$/.test(axis) && typeof size === 'string' && /^[A-Za-z_]\w*$/.test(size)
    if (entries.length === 0 || !entries.every(isEntry)) {
      throw new ValueError(
        `${name}: dynamicAxes names axes, as { ${JSON.stringify(input)}: { 0: 'batch' } }, not as ${showGiven(axes)}`,
      )
    }
    for (const [axis, size] of entries)
      open[i]!.set(normalizeAxis(Number(axis), aval.shape.length, `${name}: dynamicAxes of ${input}`), size)
  }
  if (dynamicBatch) {
    avals.forEach(({ shape }, i) => {
      if (shape.length === 0)
        throw new ShapeError(
          `${name}: with dynamicBatch every input needs a first axis; one has shape ${showShape(shape)}`,
        )
      if (!open[i]!.has(0)) open[i]!.set(0, 'batch')
    })
  }
  return open
}

/** Where each output is in the result, as `output[0].w`. */
const outputPaths = (jaxpr: Jaxpr, result: StagedFunction['result']): string[] =>
  treePaths(
    treeUnflatten(
      result,
      jaxpr.outputs.map(() => 0),
    ),
    'output',
  )

function checkNames(
  name: string,
  option: string,
  given: readonly string[] | undefined,
  paths: readonly string[],
  names: Readonly<Record<string, string>>,
): readonly string[] {
  if (given !== undefined && given.length !== paths.length)
    throw new ValueError(
      `${name}: ${option} has ${given.length} names for ${paths.length} arrays (${paths.join(', ')})`,
    )
  const named = (path: string): string => (names[path] === undefined ? path : names[path])
  const all = given ?? paths.map(named)
  const odd = all.findIndex((n) => typeof n !== 'string' || n === '')
  if (odd >= 0) throw new ValueError(`${name}: ${showGiven(all[odd])} is no name`)
  const double = all.find((n, i) => all.indexOf(n) !== i)
  if (double !== undefined)
    throw new ValueError(
      `${name}: ${given === undefined ? 'names' : option} names ${JSON.stringify(double)} twice; name each once`,
    )
  return all
}

function checkDisjoint(name: string, inputs: readonly string[], outputs: readonly string[]): void {
  const both = outputs.find((n) => inputs.includes(n))
  if (both !== undefined) {
    throw new ValueError(`${name}: ${JSON.stringify(both)} names an input and an output; a model knows a name once`)
  }
}
