import { grad, jit, lax, makeJaxpr, type NDArray, np, vmap } from '@cotangent/autodiff'
import {
  allocate,
  apply,
  bind1,
  checkAlike,
  definePrimitive,
  elementwise,
  full,
  linear,
  lowerAs,
  moveAxis,
  notLinear,
  type Primitive,
  trace,
  Undefined,
} from '@cotangent/autodiff/primitives'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
const x = np.array([-2, 0.5, 3])

/** x² · scale, with a param of any kind. */
type ScaledParams = { readonly scale: unknown }
const scaledPrimitive: Primitive<ScaledParams> = definePrimitive<ScaledParams>({
  name: 'scaled',
  abstractEval: ([y]) => [{ shape: y!.shape, dtype: y!.dtype }],
  evaluate: ([data], _, { scale }) => [data!.map((value: number) => value * factor(scale)) as typeof data & object],
  ...linear<ScaledParams>(
    (y, params) => scaled(y, params.scale),
    (ct, _, params) => scaled(ct, params.scale),
  ),
  batch: ([y], [dim], { scale }) => ({ outputs: [scaled(y!, scale)], dims: [dim!] }),
  lower: new Undefined('it is here to be looked at'),
})
const factor = (scale: unknown): number => (typeof scale === 'function' ? (scale() as number) : Number(scale))
const scaled = (y: NDArray, scale: unknown): NDArray => bind1(scaledPrimitive, [y], { scale })

describe('a primitive from outside', () => {
  const mish = elementwise({
    name: 'log_cosh',
    domain: 'float',
    kernel: (y) => Math.log(Math.cosh(y)),
    derivatives: [(dy, [y]) => lax.mul(dy, lax.tanh(y!))],
    lower: lowerAs('log_cosh', (y) => np.log(np.cosh(y))),
  })
  const logCosh = (y: NDArray): NDArray => apply(mish, y)

  test('obeys every law', async () => {
    await checkGrads(logCosh, [x.astype('float64')], { order: 3 })
    await checkVmap(logCosh, [np.ones([2, 3])])
    await checkJit(vmap(grad(logCosh)), [x], { device: 'cpu' })
    await checkJit(logCosh, [x.astype('float64')], { device: 'cpu' })
  })

  test('is shared where its params are equal data, and only there', () => {
    const count = (a: unknown, b: unknown): number =>
      makeJaxpr((y: NDArray) => scaled(y, a).add(scaled(y, b)))(x).equations.filter(
        (e) => e.primitive.name === 'scaled',
      ).length
    expect(count(2, 2)).toBe(1)
    expect(count([1, { a: 'x' }], [1, { a: 'x' }])).toBe(1)
    const pairs: [unknown, unknown][] = [
      [0, -0],
      [NaN, Infinity],
      [NaN, null],
      [1, '1'],
      [[1], { 0: 1 }],
      [() => 1, () => 2],
      [new Map(), new Map([[1, 2]])],
    ]
    for (const [a, b] of pairs) expect(count(a, b)).toBe(2)
    expect(jit((y: NDArray) => scaled(y, () => 2).add(scaled(y, () => 3)), js)(x)).toBeIdentical(x.mul(5))
  })

  test('says why it lacks a rule, when the rule is asked for', () => {
    expect(() =>
      jit((y: NDArray) => scaled(y, 2))
        .lower(x)
        .toOnnx(),
    ).toThrow('scaled cannot be lowered: it is here to be looked at')
  })

  test('of elements is checked where it is made, and where it is called', () => {
    const whole = {
      name: 'own_half',
      domain: 'float',
      kernel: (x: number) => x / 2,
      derivatives: [null],
      lower: 'Neg',
    } as const
    expect(() => elementwise(5 as never)).toThrow('elementwise: takes what the primitive is made of')
    expect(() => elementwise({ name: 'own_half' } as never)).toThrow('"own_half" lacks kernel, derivatives, lower')
    expect(() => elementwise({ ...whole, domain: 'reals' } as never)).toThrow(
      'is of the domain reals; it must be one of float',
    )
    const half = elementwise(whole)
    expect(() => apply(5 as never, np.ones([2]))).toThrow(
      'apply: 5 is no primitive; elementwise and definePrimitive make one',
    )
    expect(() => apply(half, np.ones([2]), np.ones([2]))).toThrow(
      'own_half: takes 1 operands, one for each derivative, not 2',
    )
  })

  test('is written with functions that say what they cannot take', () => {
    const aval = { shape: [3], dtype: 'float32' } as const
    expect(() => bind1({ ...scaledPrimitive } as never, [x], {})).toThrow(
      'bind1: a Object is no primitive; elementwise and definePrimitive make one',
    )
    expect(() => bind1(scaledPrimitive, x as never, { scale: 1 })).toThrow('scaled: the operands must be a list')
    expect(() => bind1(scaledPrimitive, [2] as never, { scale: 1 })).toThrow('scaled: an operand is a "number"')
    expect(() => trace('mine', [aval], () => 3 as never)).toThrow('mine: the results must be a list, not 3')
    expect(() => trace('mine', [{ shape: 3, dtype: 'float32' } as never], () => [])).toThrow('mine: a shape is a list')
    expect(() => moveAxis(np.ones([2, 3]), 0, 2)).toThrow('moveAxis: axis 2 is out of range for 2 axes')
    expect(moveAxis(np.ones([2, 3]), 0, -1).shape).toEqual([3, 2])
    expect(() => allocate('float23' as never, 2)).toThrow('allocate: unknown dtype "float23"')
    expect(() => checkAlike('mine', [aval], 'reals' as never)).toThrow('mine is of the domain reals')
    expect(() => linear(null as never, (ct) => ct)).toThrow('linear: the operation is null; it must be a function')
    expect(() =>
      elementwise({ name: 'f', domain: 'float', kernel: Math.abs, derivatives: [3], lower: 'Abs' } as never),
    ).toThrow('"f" lacks derivatives')
  })

  test('lacks no rule by mistake: the types see to it', () => {
    // @ts-expect-error there is no lower
    expect(() => definePrimitive<ScaledParams>({ ...scaledPrimitive, lower: undefined })).toThrow('lacks lower')
    const { batch, ...withoutBatch } = scaledPrimitive
    // @ts-expect-error there is no batch
    expect(() => definePrimitive<ScaledParams>(withoutBatch)).toThrow('lacks batch')
    // @ts-expect-error there is no derivative
    const lacking = () => elementwise({ name: 'f', domain: 'float', kernel: (y: number) => y, lower: 'Identity' })
    expect(lacking).toThrow('lacks derivatives')
    const whole = { name: 'f', kernel: Math.abs, derivatives: [null], lower: 'Abs' } as const
    // @ts-expect-error no such domain
    const elsewhere = () => elementwise({ ...whole, domain: 'real' })
    expect(elsewhere).toThrow('is of the domain real')
    expect(definePrimitive<ScaledParams>({ ...withoutBatch, batch, transpose: notLinear }).name).toBe('scaled')
    expect(full([2], 3, 'int32')).toBeIdentical(np.array([3, 3], { dtype: 'int32' }))
  })
})
