import { grad, jit, type Key, legacyRandom, np, type NDArray, random } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { initializers, type Layer, type LayoutStrings } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, type GoldenTree } from '../helpers/golden.ts'

type Padding = 'SAME' | 'VALID' | readonly (readonly [number, number])[]

interface LayerCase {
  readonly fn: 'layer'
  readonly layer: 'GeneralConv' | 'GeneralConvTranspose' | 'MaxPool' | 'SumPool' | 'AvgPool' | 'BatchNorm'
  readonly layout: LayoutStrings
  readonly out: number
  readonly filter: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
  readonly window: readonly number[]
  readonly spec: string | null
  readonly axis: number | readonly number[]
  readonly epsilon: number
  readonly center: boolean
  readonly scale: boolean
  readonly beta: boolean
  readonly gamma: boolean
  readonly key: readonly number[]
  readonly shape: readonly number[]
  readonly out_shape: readonly number[]
  readonly params: GoldenTree
  readonly x: GoldenArray
  readonly y: GoldenArray
  readonly grad_params: GoldenTree
  readonly grad_x: GoldenArray
}

interface InitializerCase {
  readonly fn: 'initializer'
  readonly initializer: string
  readonly partitionable: boolean
  readonly key: readonly number[]
  readonly shape: readonly number[]
  readonly out: GoldenArray
}

// Copies, for the linter follows names into namespaces only where it can read them.
const [layersByName, initializersByName] = [{ ...nn }, { ...initializers }]

type Params = readonly (NDArray | readonly [])[]

function made(c: LayerCase): Layer<Params> {
  const { strides, padding } = c
  switch (c.layer) {
    case 'GeneralConv':
    case 'GeneralConvTranspose':
      return layersByName[c.layer](c.layout, c.out, c.filter, { strides, padding }) as unknown as Layer<Params>
    case 'BatchNorm': {
      const { axis, epsilon, center, scale } = c
      return nn.BatchNorm({
        axis,
        epsilon,
        center,
        scale,
        ...(c.beta && { betaInit: initializers.normal(0.5) }),
        ...(c.gamma && { gammaInit: initializers.uniform(2) }),
      }) as unknown as Layer<Params>
    }
    default:
      return layersByName[c.layer](c.window, {
        strides,
        padding,
        ...(c.spec !== null && { spec: c.spec }),
      }) as unknown as Layer<Params>
  }
}

const keyOf = (key: readonly number[]): Key => np.array([...key], { dtype: 'uint32' }) as Key
const cases = goldenCases<LayerCase | InitializerCase>('nn/layers.json')
const layers = cases.filter((c) => c.fn === 'layer')
const label = (c: LayerCase): string =>
  [c.layer, c.layout ?? c.spec ?? '', c.filter ?? c.window ?? c.axis, c.strides ?? '', c.padding ?? '']
    .map((part) => JSON.stringify(part))
    .join(' ')

describe('layers in every layout give the numbers of stax', () => {
  test.each(layers.map((c) => [label(c), c] as const))('%s', (_, c) => {
    const [init, apply] = made(c)
    const key = keyOf(c.key)
    const [outputShape, params] = init(key, c.shape, { random: legacyRandom })
    expect(outputShape).toEqual(c.out_shape)
    expectGolden(params, c.params, { rtol: 3e-6, atol: 1e-8 }, 'params')
    const x = legacyRandom.normal(legacyRandom.foldIn(key, 1), c.shape)
    expectGolden(x, c.x, { rtol: 1e-5, atol: 1e-6 }, 'x')
    expectGolden(apply(params, x), c.y, { rtol: 1e-5, atol: 5e-6 }, 'y')
    const loss = (p: Params, inputs: NDArray): NDArray => apply(p, inputs).square().sum()
    const [gradParams, gradX] = grad(loss, { argnums: [0, 1] })(params, x)
    const tolerance = { rtol: 1e-5, atol: 5e-5 }
    expectGolden(gradParams, c.grad_params, tolerance, 'gradient of the parameters')
    expectGolden(gradX, c.grad_x, tolerance, 'gradient of the inputs')
  })

  // The same numbers from ONNX Runtime, for one case of each kind in turn.
  test.each(layers.filter((_, i) => i % 9 === 0).map((c) => [label(c), c] as const))('%s, compiled', async (_, c) => {
    const [init, apply] = made(c)
    const key = keyOf(c.key)
    const [, params] = init(key, c.shape, { random: legacyRandom })
    const x = legacyRandom.normal(legacyRandom.foldIn(key, 1), c.shape)
    const loss = (p: Params, inputs: NDArray): [NDArray, NDArray] => {
      const y = apply(p, inputs)
      return [y.square().sum(), y]
    }
    const step = jit(grad(loss, { argnums: [0, 1], hasAux: true }), { device: 'cpu' })
    const [[gradParams, gradX], y] = step(params, x)
    await Promise.all([y, gradX, ...gradParams.filter((p) => 'ready' in p)].map((a) => (a as NDArray).ready()))
    const tolerance = { rtol: 1e-5, atol: 5e-5 }
    expectGolden(y, c.y, tolerance, 'y')
    expectGolden(gradParams, c.grad_params, tolerance, 'gradient of the parameters')
    expectGolden(gradX, c.grad_x, tolerance, 'gradient of the inputs')
  })
})

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The initializer that a name of the golden file stands for. */
function initializerOf(name: string): initializers.Initializer {
  if (name === 'zeros' || name === 'ones') return initializersByName[name]
  const [, maker, list = ''] = /^(\w+)(?:\((.*)\))?$/.exec(name)!
  if (name === 'lecunNormal([0,1],-1)') return initializers.lecunNormal({ inAxis: [0, 1], outAxis: -1 })
  if (name === 'heNormal(-2,-1,0)') return initializers.heNormal({ batchAxis: 0 })
  if (name === 'glorotNormal(0,1)') return initializers.glorotNormal({ inAxis: 0, outAxis: 1 })
  if (maker === 'varianceScaling') {
    const [mode, distribution] = list.split(',').map(camel) as [initializers.FanMode, 'normal']
    return initializers.varianceScaling({ scale: 1.7, mode, distribution })
  }
  const numbers = list === '' ? [] : list.split(',').map(Number)
  return (initializersByName[maker as 'normal'] as (...args: number[]) => initializers.Initializer)(...numbers)
}

describe('initializers give the numbers of jax.nn.initializers, in both layouts of random numbers', () => {
  const found = cases.filter((c) => c.fn === 'initializer')
  test.each(
    found.map((c) => [`${c.initializer} ${c.shape.join('×')}${c.partitionable ? '' : ', legacy'}`, c] as const),
  )('%s', (_, c) => {
    const r = c.partitionable ? random : legacyRandom
    const out = initializerOf(c.initializer)(keyOf(c.key), c.shape, { random: r })
    expectGolden(out, c.out, { rtol: 5e-6, atol: 1e-6 })
  })
})
