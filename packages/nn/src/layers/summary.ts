import { evalShape, type Key, shapeDtypeStruct, TreeError, treeLeaves } from '@cotangent/autodiff'
import { sizeOf } from '@cotangent/autodiff/array'
import { showShapes } from './checks.ts'
import { initOf, inPlace, isLayer, nameOf, partsOf } from './describe.ts'
import type { AnyLayer, LooseLayer } from './layer.ts'

/** A shape, or a list of shapes for a network that takes a list. */
export type ShapeOrShapes = readonly number[] | readonly ShapeOrShapes[]

/** One layer of a network. */
export interface SummaryRow {
  /** Where it is, as `serial[0] parallel[1]`; empty for a network of one layer. */
  readonly place: string
  /** Its name, as `Dense(8)`. */
  readonly layer: string
  /** The shape of its inputs, or a list of shapes. */
  readonly inputShape: ShapeOrShapes
  /** The shape of its outputs, or a list of shapes. */
  readonly outputShape: ShapeOrShapes
  /** How many numbers it has to train. */
  readonly parameters: number
}

/** What a network is made of. It prints as a table. */
export interface ModelSummary {
  readonly rows: readonly SummaryRow[]
  /** The shape of the network's outputs, or a list of shapes. */
  readonly outputShape: ShapeOrShapes
  /** How many numbers there are to train in all layers. */
  readonly parameters: number
  toString(): string
}

/**
 * The layers of a network with their shapes and numbers of parameters, for inputs of a shape. Nothing is computed.
 *
 * @throws ShapeError from the layer that its inputs do not fit.
 * @example
 * const model = serial(Conv(4, [3, 3]), Relu, Flatten, Dense(2))
 * summary(model, [-1, 8, 8, 1]).parameters // 330
 * summary(model, [-1, 8, 8, 1]).rows[2].outputShape // [-1, 144]
 */
export function summary(model: AnyLayer, inputShape: ShapeOrShapes): ModelSummary {
  if (!isLayer(model))
    throw new TreeError('summary: the model is no pair [init, apply]; give one, as serial(…) makes it')
  const rows: SummaryRow[] = []
  const outputShape = addRows(rows, '', model as unknown as LooseLayer, inputShape)
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0)
  const value = { rows, outputShape, parameters, toString: () => table(rows, parameters) }
  Object.defineProperty(value, Symbol.for('nodejs.util.inspect.custom'), { value: () => table(rows, parameters) })
  return value
}

/** Adds the rows of a layer and of those inside it; gives the shape of its outputs. */
function addRows(rows: SummaryRow[], place: string, layer: LooseLayer, inputShape: ShapeOrShapes): ShapeOrShapes {
  const parts = partsOf(layer)
  const inside = (kind: string, i: number): string => `${place}${place === '' ? '' : ' '}${kind}[${i}]`
  if (parts?.kind === 'shapeDependent') {
    const made = inPlace(place, layer, () => parts.make(inputShape))
    return addRows(rows, place, made, inputShape)
  }
  if (parts?.kind === 'serial') {
    return parts.layers.reduce<ShapeOrShapes>(
      (shape, child, i) => addRows(rows, inside('serial', i), loose(child), shape),
      inputShape,
    )
  }
  if (parts?.kind === 'parallel' && Array.isArray(inputShape) && inputShape.length === parts.layers.length) {
    return parts.layers.map((child, i) =>
      addRows(rows, inside('parallel', i), loose(child), inputShape[i] as ShapeOrShapes),
    )
  }
  let outputShape: ShapeOrShapes = []
  const made = inPlace(place, layer, () =>
    evalShape(
      (key: Key) => {
        const [shape, params] = initOf(layer, key, inputShape, {})
        outputShape = shape as ShapeOrShapes
        return params
      },
      shapeDtypeStruct([2], 'uint32') as never,
    ),
  )
  const parameters = (treeLeaves(made) as unknown as { shape: readonly number[] }[]).reduce(
    (sum, { shape }) => sum + sizeOf(shape),
    0,
  )
  rows.push({ place, layer: nameOf(layer) ?? 'a layer without a name', inputShape, outputShape, parameters })
  return outputShape
}

const loose = (layer: AnyLayer): LooseLayer => layer as unknown as LooseLayer

const thousands = (n: number): string => n.toLocaleString('en-US')

function table(rows: readonly SummaryRow[], parameters: number): string {
  const cells = [
    ['', 'layer', 'output shape', 'parameters'],
    ...rows.map((row) => [row.place, row.layer, showShapes(row.outputShape), thousands(row.parameters)]),
    ['', 'total', '', thousands(parameters)],
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      // A network of one layer has no places.
      .slice(widths[0] === 0 ? 2 : 0)
      .trimEnd(),
  )
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)))
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join('\n')
}
