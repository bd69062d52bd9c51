import { type NDArray, np } from '@cotangent/autodiff'
import type { TypedArray } from '@cotangent/autodiff/array'
import fc from 'fast-check'
import type { Params } from '../../../packages/autodiff/src/core/primitive.ts'
import { bind } from '../../../packages/autodiff/src/core/trace.ts'
import { allPrimitives } from '../../../packages/autodiff/src/primitives/all.ts'

/** An expression of primitives over [2, 3] arrays and numbers. */
export type Expression =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'apply'
      readonly name: string
      readonly params: Params
      readonly operands: readonly Expression[]
    }

const apply = (name: string, params: Params, ...operands: Expression[]): Expression => ({
  kind: 'apply',
  name,
  params,
  operands,
})

/** The value of an expression by primitives as users reach them: staged, shared and simplified inside a trace. */
export function build(expression: Expression, inputs: readonly NDArray[]): NDArray {
  switch (expression.kind) {
    case 'input':
      return inputs[expression.index]!
    case 'number':
      return np.array(expression.value)
    case 'apply': {
      const operands = expression.operands.map((operand) => build(operand, inputs))
      return bind(allPrimitives.get(expression.name)!, operands, expression.params)[0]!
    }
  }
}

/** The same by each primitive's `evaluate` alone, which knows no simplification. */
export function evaluate(expression: Expression, inputs: readonly NDArray[]): NDArray {
  if (expression.kind !== 'apply') return build(expression, inputs)
  const operands = expression.operands.map((operand) => evaluate(operand, inputs))
  const primitive = allPrimitives.get(expression.name)!
  const avals = primitive.abstractEval(operands, expression.params)
  const data: TypedArray[] = operands.map((x) => x.dataSync())
  const result = primitive.evaluate(data, operands, expression.params, avals)[0]!
  const { shape, dtype } = avals[0]!
  return np.array(dtype === 'bool' ? Int32Array.from(result) : (result as Float32Array), { shape, dtype })
}

export const show = (e: Expression): string =>
  e.kind === 'input'
    ? `x${e.index}`
    : e.kind === 'number'
      ? Object.is(e.value, -0)
        ? '-0'
        : String(e.value)
      : `${e.name}${Object.keys(e.params).length > 0 ? JSON.stringify(e.params) : ''}(${e.operands.map(show).join(', ')})`

const shape = [2, 3]
const slices = { starts: [0, 0], limits: shape, strides: [1, 1] }
const none = [0, 0]

/** Ways around that end at the same shape, with what simplification looks for on the way. */
const detours: readonly ((x: Expression) => Expression)[] = [
  (x) => apply('neg', {}, apply('neg', {}, x)),
  (x) => apply('transpose', { permutation: [1, 0] }, apply('transpose', { permutation: [1, 0] }, x)),
  (x) => apply('transpose', { permutation: [0, 1] }, x),
  (x) => apply('reshape', { shape }, apply('reshape', { shape: [3, 2] }, x)),
  (x) =>
    apply(
      'reshape',
      { shape },
      apply('transpose', { permutation: [1, 0, 2] }, apply('reshape', { shape: [1, 2, 3] }, x)),
    ),
  (x) => apply('reduce_sum', { axes: [1] }, apply('reshape', { shape: [2, 1, 3] }, x)),
  (x) => apply('reduce_sum', { axes: [0] }, apply('broadcast_in_dim', { shape: [3, 2, 3], dims: [1, 2] }, x)),
  (x) =>
    apply(
      'reduce_max',
      { axes: [0, 1] },
      apply(
        'broadcast_in_dim',
        { shape: [2, 2, 2, 3], dims: [1, 2, 3] },
        apply('broadcast_in_dim', { shape: [2, 2, 3], dims: [1, 2] }, x),
      ),
    ),
  (x) => apply('slice', slices, x),
  (x) =>
    apply(
      'concatenate',
      { axis: 1 },
      apply(
        'slice',
        { starts: [0, 0], limits: [2, 2], strides: [1, 2] },
        apply('slice', { starts: [0, 1], limits: [2, 3], strides: [1, 1] }, x),
      ),
      apply('slice', { starts: [0, 1], limits: [2, 3], strides: [1, 1] }, x),
    ),
  (x) => apply('pad', { low: none, high: none, interior: none }, x, { kind: 'number', value: NaN }),
  (x) => apply('rev', { axes: [0] }, apply('rev', { axes: [0] }, x)),
  (x) => apply('integer_pow', { exponent: 1 }, x),
  (x) => apply('integer_pow', { exponent: 0 }, x),
  (x) => apply('convert_element_type', { dtype: 'float32' }, x),
  (x) => apply('convert_element_type', { dtype: 'float32' }, apply('convert_element_type', { dtype: 'int32' }, x)),
  (x) => apply('tanh', {}, x),
  (x) => apply('abs', {}, x),
]

const full = (value: number): Expression => apply('broadcast_in_dim', { shape, dims: [] }, { kind: 'number', value })

const constant = fc.constantFrom(0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity)
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom<Expression>({ kind: 'input', index: 0 }, { kind: 'input', index: 1 }),
  constant.map(full),
)

/** Expressions rich in what is simplified: neutral numbers, detours, slopes, conditions and their negations. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ e: Expression }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.tuple(fc.constantFrom(...detours), tie('e')).map(([detour, x]) => detour(x)),
    fc
      .tuple(
        fc.constantFrom('add', 'sub', 'mul', 'div', 'max', 'min'),
        tie('e'),
        fc.oneof(constant.map(full), tie('e')),
        fc.boolean(),
      )
      .map(([name, x, y, swap]) => (swap ? apply(name, {}, y, x) : apply(name, {}, x, y))),
    fc.tuple(tie('e'), tie('e'), constant, fc.nat({ max: 5 })).map(([x, y, c, kind]) => {
      const which = apply('gt', {}, x, full(0))
      const scaled = apply('mul', {}, x, full(c))
      if (kind === 0) return apply('select', {}, which, x, scaled)
      if (kind === 1) return apply('select', {}, which, apply('mul', {}, full(c), x), x)
      if (kind === 2) return apply('select', {}, apply('not', {}, which), x, y)
      if (kind === 3) return apply('select', {}, apply('not', {}, apply('not', {}, which)), x, y)
      if (kind === 4) return apply('select', {}, which, x, x)
      return apply('select', {}, apply('eq', {}, x, y), x, y)
    }),
  ),
})).e
