import { existsSync, readFileSync } from 'node:fs'
import { grad, type Key, legacyRandom, np, type NDArray, random } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { type GradientTransformation, initializers, type Layer, schedules, transforms } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, type GoldenTree } from '../helpers/golden.ts'

// Options drawn at random by make_fuzz.py, and what JAX and optax make of them.

type Initial = readonly [name: string, args: readonly unknown[] | null] | null
interface LayerSpec {
  readonly layer: string
  readonly layout: nn.LayoutStrings
  readonly out: number
  readonly filter: readonly number[]
  readonly strides: readonly number[]
  readonly padding: 'SAME' | 'VALID' | readonly (readonly [number, number])[]
  readonly window: readonly number[]
  readonly spec: string | null
  readonly axis: number | readonly number[]
  readonly epsilon: number
  readonly center: boolean
  readonly scale: boolean
  readonly rate: number
  readonly mode: 'train' | 'test'
  readonly name: string
  readonly num: number
  readonly parts: readonly LayerSpec[]
  readonly init: readonly [Initial, Initial]
}
interface Random {
  readonly partitionable: boolean
  readonly key: readonly number[]
  readonly shape: readonly number[]
}
interface LayerCase extends LayerSpec, Random {
  readonly fn: 'layer'
  readonly params: GoldenTree
  readonly y: GoldenArray
  readonly gradParams: GoldenTree
  readonly gradX: GoldenArray
}
interface InitializerCase extends Random {
  readonly fn: 'initializer'
  readonly init: Initial
  readonly out: GoldenArray
}
type ScheduleSpec = readonly [name: string, ...args: unknown[]]
interface ScheduleCase {
  readonly fn: 'schedule'
  readonly schedule: ScheduleSpec
  readonly steps: readonly number[]
  readonly values: readonly number[]
}
interface OptimizerCase {
  readonly fn: 'optimizer'
  readonly name: string
  readonly options: object
  readonly stepSize: number | ScheduleSpec
  readonly scale: number
  readonly params: readonly GoldenTree[]
}
interface TransformationCase {
  readonly fn: 'transformation'
  readonly spec: ScheduleSpec
  readonly scale: number
  readonly params: readonly GoldenTree[]
}
type Case = LayerCase | InitializerCase | ScheduleCase | OptimizerCase | TransformationCase

/** COTANGENT_NN names another file that make_fuzz.py wrote. */
const file = process.env.COTANGENT_NN
const cases: readonly Case[] =
  file !== undefined && existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases
    : goldenCases<Case>('nn/fuzz.json')
const of = <F extends Case['fn']>(fn: F) =>
  cases.flatMap((c, i) => (c.fn === fn ? [[`${i}: ${told(c)}`, c as Extract<Case, { fn: F }>] as const] : []))
const told = (c: Case): string =>
  JSON.stringify(c, (key, value: unknown) =>
    ['params', 'y', 'gradParams', 'gradX', 'out', 'values', 'steps', 'key'].includes(key) ? undefined : value,
  )

type Make = (...args: unknown[]) => never
const byName = (names: object, name: string): Make => (names as Record<string, Make>)[name]!
const [layersByName, initializersByName] = [{ ...nn }, { ...initializers }]
const [schedulesByName, transformsByName] = [{ ...schedules }, { ...transforms }]

function initializerOf(init: Initial): initializers.Initializer {
  const [name, args] = init!
  const found = byName(initializersByName, name)
  return args === null ? found : found(...args)
}

function layerOf(c: LayerSpec): Layer<never> {
  const { strides, padding } = c
  const [first, second] = (c.init ?? []).map((init) => (init === null ? undefined : initializerOf(init)))
  const given = (one: string, other: string) => ({ ...(first && { [one]: first }), ...(second && { [other]: second }) })
  const make = byName(layersByName, c.layer)
  switch (c.layer) {
    case 'GeneralConv':
    case 'GeneralConvTranspose':
      return make(c.layout, c.out, c.filter, { strides, padding, ...given('wInit', 'bInit') })
    case 'BatchNorm': {
      const { axis, epsilon, center, scale } = c
      return make({ axis, epsilon, center, scale, ...given('betaInit', 'gammaInit') })
    }
    case 'Dropout':
      return make(c.rate, c.mode)
    case 'Dense':
      return make(c.out, given('wInit', 'bInit'))
    case 'activation':
      return byName(layersByName, c.name) as never
    case 'FanOut':
      return make(c.num)
    case 'FanInSum':
      return make as never
    case 'FanInConcat':
      return make(c.axis)
    case 'serial':
    case 'parallel':
      return make(...c.parts.map(layerOf))
    default:
      return make(c.window, { strides, padding, ...(c.spec !== null && { spec: c.spec }) })
  }
}

const keyOf = (key: readonly number[]): Key => np.array([...key], { dtype: 'uint32' }) as Key
const randomOf = (c: Random) => (c.partitionable ? random : legacyRandom)

describe('layers', () => {
  test.each(of('layer'))('%s', (_, c) => {
    const r = randomOf(c)
    const [init, apply] = layerOf(c) as unknown as Layer<readonly never[]>
    const key = keyOf(c.key)
    const [outputShape, params] = init(key, c.shape, { random: r })
    expectGolden(params, c.params, { rtol: 5e-6, atol: 2e-6 }, 'params')
    const x = r.normal(r.foldIn(key, 1), c.shape)
    const rng = r.foldIn(key, 2)
    const y = apply(params, x, { rng, random: r })
    expect(outputShape).toEqual(y.shape)
    const loss = (p: typeof params, inputs: NDArray): NDArray => apply(p, inputs, { rng, random: r }).square().sum()
    const [gradParams, gradX] = grad(loss, { argnums: [0, 1] })(params, x)
    // Sums of many terms that cancel; variances of few numbers, as JAX computes them, cancel more.
    const cancels = c.layer === 'BatchNorm'
    const tolerance = cancels ? { rtol: 3e-4, atol: 1e-3 } : { rtol: 3e-5, atol: 1e-4 }
    expectGolden(y, c.y, cancels ? { rtol: 1e-4, atol: 1e-4 } : { rtol: 1e-5, atol: 1e-5 }, 'y')
    expectGolden(gradParams, c.gradParams, tolerance, 'gradient of the parameters')
    expectGolden(gradX, c.gradX, tolerance, 'gradient of the inputs')
  })
})

describe('initializers', () => {
  test.each(of('initializer'))('%s', (_, c) => {
    const out = initializerOf(c.init)(keyOf(c.key), c.shape, { random: randomOf(c) })
    expectGolden(out, c.out, { rtol: 5e-6, atol: 2e-6 })
  })
})

const scheduleOf = ([name, ...args]: ScheduleSpec): schedules.Schedule => byName(schedulesByName, name)(...args)

describe('schedules', () => {
  test.each(of('schedule'))('%s', (_, c) => {
    const schedule = scheduleOf(c.schedule)
    c.steps.forEach((step, i) => {
      const near = { rtol: 2e-6, atol: 1e-7 }
      expect(np.asarray(schedule(step)), `step ${step}`).toBeAllclose(c.values[i]!, near)
      expect(np.asarray(schedule(np.array(step, { dtype: 'int32' }))), `array ${step}`).toBeAllclose(c.values[i]!, near)
    })
  })
})

const start = {
  a: np.array([1, 1.1, 1.2, 1.3, 1.4, 1.5], { shape: [2, 3] }),
  b: [np.array([1, 1.1, 1.2]), np.array(1, { dtype: 'float32' })],
}
/** The gradients of step t. */
function gradientsAt(t: number, scale: number): typeof start {
  const sines = (shape: readonly number[]): NDArray => {
    const size = shape.reduce((x, y) => x * y, 1)
    return np.array(
      Float32Array.from({ length: size }, (_, i) => scale * Math.sin(t + i)),
      { shape },
    )
  }
  return { a: sines([2, 3]), b: [sines([3]), sines([])] }
}
const recordedAt = [0, 4, 19]

describe('optimizers, for 20 steps', () => {
  test.each(of('optimizer'))('%s', (_, c) => {
    const stepSize = typeof c.stepSize === 'number' ? c.stepSize : scheduleOf(c.stepSize)
    const [init, update, getParams] = byName(layersByName, c.name)({ stepSize, ...c.options }) as nn.Optimizer
    let state = init(start)
    for (let t = 0; t < 20; t++) {
      state = update(t, gradientsAt(t, c.scale), state) as typeof state
      const at = recordedAt.indexOf(t)
      if (at >= 0) expectGolden(getParams(state), c.params[at]!, { rtol: 3e-5, atol: 1e-5 }, `step ${t}`)
    }
  })
})

function transformationOf([name, ...args]: ScheduleSpec): GradientTransformation {
  const make = byName(transformsByName, name)
  if (name === 'chain') return make(...args.map((part) => transformationOf(part as ScheduleSpec)))
  if (name === 'masked') return make(transformationOf(args[0] as ScheduleSpec), args[1])
  return make(...args.map(withSchedules))
}

function withSchedules(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if ('schedule' in value) return scheduleOf(value.schedule as ScheduleSpec)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withSchedules(one)]))
}

describe('gradient transformations, for 20 steps', () => {
  test.each(of('transformation'))('%s', (_, c) => {
    const { init, update } = transformationOf(c.spec)
    let [params, state] = [start, init(start)]
    for (let t = 0; t < 20; t++) {
      const [updates, next] = update(gradientsAt(t, c.scale), state, params)
      ;[params, state] = [nn.applyUpdates(params, updates), next]
      const at = recordedAt.indexOf(t)
      if (at >= 0) expectGolden(params, c.params[at]!, { rtol: 5e-5, atol: 2e-5 }, `step ${t}`)
    }
  })
})
