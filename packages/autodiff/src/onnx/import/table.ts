import { COTANGENT } from './moving-parts.ts'
import type { Operator } from './node.ts'
import { activations } from './operators/activations.ts'
import { attentions } from './operators/attention.ts'
import { control } from './operators/control.ts'
import { convolutions } from './operators/convolution.ts'
import { elementwise } from './operators/elementwise.ts'
import { indexing } from './operators/indexing.ts'
import { normalization } from './operators/normalization.ts'
import { pooling } from './operators/pooling.ts'
import { products } from './operators/products.ts'
import { recurrentLayers } from './operators/recurrent.ts'
import { reductions } from './operators/reductions.ts'
import { resizing } from './operators/resize.ts'
import { movingOperators, shapes } from './operators/shapes.ts'

/** The versions of ONNX's operator set that the operators here follow. */
export const OPERATOR_SETS = [7, 28] as const

/** ONNX's operators, by name. */
export const operators: Readonly<Record<string, Operator>> = {
  ...activations,
  ...attentions,
  ...control,
  ...convolutions,
  ...elementwise,
  ...indexing,
  ...normalization,
  ...pooling,
  ...products,
  ...recurrentLayers,
  ...reductions,
  ...resizing,
  ...shapes,
}

/** The names of the operators that `importOnnx` knows. */
export const supportedOperators: readonly string[] = Object.keys(operators).sort()

/** Whether there is an operator of this name in this domain. */
export const operatorOf = (domain: string, name: string): Operator | undefined =>
  domain === COTANGENT
    ? Object.hasOwn(movingOperators, name)
      ? movingOperators[name]
      : undefined
    : domain === '' && Object.hasOwn(operators, name)
      ? operators[name]
      : undefined

/** The operands that a node reads as numbers while the program is traced: shapes, axes, scales. */
export const readsNumbers: Readonly<Record<string, readonly number[]>> = {
  ConstantOfShape: [0],
  CumProd: [1],
  CumSum: [1],
  Dropout: [1, 2],
  Expand: [1],
  NonZero: [0],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  Resize: [1, 2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
  Upsample: [1],
  Reshape: [1],
  // What training has counted: not for gradients.
  BatchNormalization: [3, 4],
}
