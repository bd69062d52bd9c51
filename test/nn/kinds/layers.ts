import { np } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { initializers } from '@cotangent/nn'
import { type Call, type Calls, options } from '../../helpers/wrong-kinds.ts'
import { applyOptions, call, image, initOptions, key, x } from './given.ts'

const { Dense, Relu } = nn

/** A layer: how it is made, its shape and parameters, and its outputs. */
function layerCalls(
  name: string,
  make: unknown,
  args: readonly unknown[],
  input: unknown,
  shape: unknown,
): [string, Calls[string]][] {
  const [init, apply] = (typeof make === 'function' ? call(make)(...args) : make) as [Call, Call]
  const [, params] = init(key, shape) as [unknown, unknown]
  const made: [string, Calls[string]][] =
    typeof make !== 'function'
      ? []
      : [
          [
            name,
            [
              (...given) => {
                const [begin, run] = nn.serial(call(make)(...given) as never) as unknown as [Call, Call]
                const [, own] = begin(key, shape) as [unknown, unknown]
                return run(own, input, { rng: key })
              },
              ...args,
            ],
          ],
        ]
  return [
    ...made,
    [`${name}, init`, [init, key, shape, initOptions]],
    [`${name}, apply`, [apply, params, input, applyOptions]],
  ]
}

const convolution = (rank: number): unknown[] => [
  2,
  Array.from({ length: rank }, () => 2),
  options({
    strides: Array.from({ length: rank }, () => 1),
    padding: 'SAME',
    wInit: initializers.glorotNormal(),
    bInit: initializers.zeros,
  }),
]
const pool = (name: string) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    [
      [2, 2],
      options({
        strides: [1, 1],
        padding: [
          [1, 0],
          [0, 0],
        ],
        spec: 'NHWC',
      }),
    ],
    image,
    [1, 3, 3, 1],
  )
const conv = (name: string, rank: number) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    convolution(rank),
    np.ones([1, ...Array.from({ length: rank }, () => 3), 1]),
    [1, ...Array.from({ length: rank }, () => 3), 1],
  )
const general = (name: string) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    [['NCH', 'OIH', 'NHC'], 2, [2], options({ strides: [1], padding: [[1, 0]] })],
    np.ones([1, 1, 3]),
    [1, 1, 3],
  )
const activations = Object.entries(nn)
  .filter(([, value]) => Array.isArray(value))
  .map(([name]) => name)
  .filter((name) => name !== 'FanInSum')

export const layers: Calls = Object.fromEntries([
  ...layerCalls('Dense', Dense, [2, options({ wInit: initializers.normal(), bInit: initializers.zeros })], x, [2, 2]),
  ...conv('Conv', 2),
  ...conv('Conv1D', 1),
  ...conv('Conv3D', 3),
  ...conv('ConvTranspose', 2),
  ...conv('Conv1DTranspose', 1),
  ...conv('Conv3DTranspose', 3),
  ...general('GeneralConv'),
  ...general('GeneralConvTranspose'),
  ...pool('MaxPool'),
  ...pool('SumPool'),
  ...pool('AvgPool'),
  ...layerCalls(
    'BatchNorm',
    nn.BatchNorm,
    [
      options({
        axis: [0],
        epsilon: 0.1,
        center: true,
        scale: true,
        betaInit: initializers.zeros,
        gammaInit: initializers.ones,
      }),
    ],
    x,
    [2, 2],
  ),
  ...layerCalls('Dropout', nn.Dropout, [0.5, 'train'], x, [2, 2]),
  ...layerCalls('elementwise', nn.elementwise, [nn.silu], x, [2, 2]),
  ...layerCalls('named', nn.named, ['Own', Dense(2)], x, [2, 2]),
  ...layerCalls('serial', nn.serial, [Dense(2), Relu], x, [2, 2]),
  ...layerCalls(
    'parallel',
    nn.parallel,
    [Dense(2), Relu],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...layerCalls('shapeDependent', nn.shapeDependent, [() => Dense(2)], x, [2, 2]),
  ...layerCalls('FanOut', nn.FanOut, [2], x, [2, 2]),
  ...layerCalls(
    'FanInConcat',
    nn.FanInConcat,
    [-1],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...layerCalls(
    'FanInSum',
    nn.FanInSum,
    [],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...activations.flatMap((name) => layerCalls(name, (nn as unknown as Record<string, unknown>)[name], [], x, [2, 2])),
])
