import * as autodiff from '@cotangent/autodiff'
import { np } from '@cotangent/autodiff'
import * as testing from '@cotangent/autodiff/testing'
import { type Call, type Calls, options } from '../../../helpers/wrong-kinds.ts'

const x = np.array([0.5, 0.25, 0.75])
const y = np.array([1, 2, 3])
type A = typeof x
/** Functions that tell by our own errors what they cannot take. */
const sum = (a: A): A => np.sum(np.multiply(a, a))
const pair = (a: A, b: A): A => np.sum(np.multiply(a, b))
const twice = (a: A): A => np.multiply(a, 2)
const withAux = (a: A): [A, A] => [sum(a), twice(a)]
const chosen = options({ argnums: [0, 1], hasAux: false })
const called =
  (f: Call, ...args: readonly unknown[]): Call =>
  (...given) =>
    (f(...given) as Call)(...args)
const { treeStructure, treeLeaves } = autodiff
const transformation = (name: string): Call => (autodiff as unknown as Record<string, Call>)[name]!
const gradients = ['grad', 'valueAndGrad', 'jacfwd', 'jacrev', 'hessian', 'valueAndJacfwd', 'valueAndJacrev'] as const
const tree = { a: x, b: [y, null] }
class Point {}
autodiff.registerTreeNode(Point, { flatten: () => [[], null], unflatten: () => new Point() })
const fresh = (): object => class Fresh {}
const rules = { flatten: () => [[], null] as const, unflatten: () => new Point(), name: 'Point', keys: [] }

/** The transformations, functions of trees, and the rest of the package's own names. */
export const transformationCalls: Calls = {
  ...Object.fromEntries(
    gradients.flatMap((name) => [
      [name, [called(transformation(name), x, y), pair, chosen]],
      [
        `${name}, its arguments`,
        [(a: unknown, b: unknown) => (transformation(name)(pair, { argnums: [0, 1] }) as Call)(a, b), x, y],
      ],
      [`${name}, with more`, [called(transformation(name), x), withAux, options({ argnums: 0, hasAux: true })]],
    ]),
  ),
  jvp: [autodiff.jvp as Call, pair, [x, y], [x, y], options({ hasAux: false })],
  vjp: [autodiff.vjp as Call, pair, x, y],
  'vjp, pulled back': [
    (f: never, ct: never) => (autodiff.vjp as unknown as (...args: unknown[]) => [unknown, Call])(f, x)[1](ct),
    sum,
    1,
  ],
  linearize: [autodiff.linearize as Call, pair, x, y],
  'linearize, pushed forward': [(...ts: unknown[]) => (autodiff.linearize(pair, x, y)[1] as Call)(...ts), x, y],
  linearTranspose: [called(autodiff.linearTranspose as Call, y), twice, x],
  'linearTranspose, its cotangent': [(ct: unknown) => autodiff.linearTranspose(twice, x)(ct as A), y],
  splitVjp: [autodiff.splitVjp as Call, pair, [x, y], options({ argnums: [0] })],
  vmap: [called(autodiff.vmap as Call, x, y), pair, options({ inAxes: [0, 0], outAxes: 0, axisSize: 3 })],
  'vmap, its arguments': [
    (...args: unknown[]) => (autodiff.vmap(pair as Call, { inAxes: [0, null] }) as Call)(...args),
    x,
    1,
  ],
  jit: [
    (f: never, given: never) => (autodiff.jit(f, given) as Call)(np.array([1, 2]), np.array([3, 4])),
    pair,
    options({ device: 'js', staticArgnums: [], donateArgnums: [] }),
  ],
  'jit, its arguments': [(...args: unknown[]) => (autodiff.jit(pair as Call, { device: 'js' }) as Call)(...args), x, y],
  'jit, a static argument': [
    (...args: unknown[]) =>
      (autodiff.jit((a: A, n: number) => np.multiply(a, n) as A, { device: 'js', staticArgnums: 1 }) as Call)(...args),
    x,
    2,
  ],
  'jit, lowered': [(...args: unknown[]) => (autodiff.jit(pair as Call, { device: 'js' }).lower as Call)(...args), x, y],
  checkpoint: [
    called(autodiff.checkpoint as Call, x),
    twice,
    options({ policy: autodiff.checkpointPolicies.dotsSaveable, preventCse: true }),
  ],
  remat: [called(autodiff.remat as Call, x), twice],
  customJvp: [
    (f: never, rule: never) => autodiff.grad(autodiff.customJvp(f, rule) as never)(x as never),
    sum,
    options({ jvp: (a: [A], t: [A]) => [sum(a[0]), pair(a[0], t[0])], nondiffArgnums: [] }),
  ],
  'customJvp, one rule an argument': [
    (f: never, rule: never) => autodiff.grad(autodiff.customJvp(f, rule) as never)(x as never),
    sum,
    options({ jvps: [(t: A) => np.sum(t)] }),
  ],
  customVjp: [
    (f: never, rule: never) => autodiff.grad(autodiff.customVjp(f, rule) as never)(x as never),
    sum,
    options({ forward: (a: A) => [sum(a), a], backward: (a: A, ct: A) => [np.multiply(a, ct)], nondiffArgnums: [] }),
  ],
  devicePut: [autodiff.devicePut as Call, tree, 'js'],
  deviceOf: [autodiff.deviceOf as Call, x],
  makeJaxpr: [called(autodiff.makeJaxpr as Call, x), twice],
  'makeJaxpr, its arguments': [(...args: unknown[]) => (autodiff.makeJaxpr(pair as Call) as Call)(...args), x, y],
  evalShape: [autodiff.evalShape as Call, pair, x, { shape: [3], dtype: 'float32' }],
  stopGradient: [autodiff.stopGradient as Call, tree],
  profile: [called(autodiff.profile as Call, x), twice, options({ device: 'js', runs: 2, staticArgnums: [] })],
  withSignal: [autodiff.withSignal as Call, new AbortController().signal, () => 1],
  setWarningHandler: [
    (handler: never) => {
      autodiff.setWarningHandler(autodiff.setWarningHandler(handler))
    },
    () => undefined,
  ],
  devices: [autodiff.devices as Call, 'js'],
  setDefaultDevice: [
    (device: never) => autodiff.withDefaultDevice('js', () => autodiff.setDefaultDevice(device)),
    'js',
  ],
  withDefaultDevice: [autodiff.withDefaultDevice as Call, 'js', () => 1],
  shapeDtypeStruct: [autodiff.shapeDtypeStruct as Call, [2], 'float32'],
  ShapeDtypeStruct: [(shape: never, dtype: never) => new autodiff.ShapeDtypeStruct(shape, dtype), [2], 'float32'],
  registerTreeNode: [
    (type: unknown, given: never) =>
      autodiff.registerTreeNode((typeof type === 'string' && type === 'fresh' ? fresh() : type) as never, given),
    'fresh',
    rules,
  ],
  treeFlatten: [autodiff.treeFlatten as Call, tree],
  treeLeaves: [treeLeaves as Call, tree],
  treeStructure: [treeStructure as Call, tree],
  treePaths: [autodiff.treePaths as Call, tree, 'tree'],
  treeUnflatten: [autodiff.treeUnflatten as Call, treeStructure(tree), treeLeaves(tree)],
  treeMap: [autodiff.treeMap as Call, (a: A, b: A) => np.add(a, b), tree, tree],
  treeMapWithPath: [autodiff.treeMapWithPath as Call, (_: string, a: A, b: A) => np.add(a, b), tree, tree],
  treeReduce: [autodiff.treeReduce as Call, (a: A, b: A) => np.add(a, b), tree, 0],
  treeAll: [autodiff.treeAll as Call, tree],
  treeTranspose: [autodiff.treeTranspose as Call, treeStructure([0, 0]), treeStructure({ a: 0 }), [{ a: 1 }, { a: 2 }]],
}

const tolerance = { rtol: 1, atol: 1 }
const bounds = options({ tolerance, step: 0.01, seed: 1 })
export const testingCalls: Calls = {
  checkJvp: [testing.checkJvp as Call, sum, [x], bounds],
  checkVjp: [testing.checkVjp as Call, sum, [x], bounds],
  checkGrads: [
    testing.checkGrads as Call,
    sum,
    [x],
    options({ tolerance, step: 0.01, seed: 1, order: 1, modes: ['forward'] }),
  ],
  checkLinear: [testing.checkLinear as Call, twice, [x], options({ tolerance, seed: 1 })],
  checkVmap: [testing.checkVmap as Call, twice, [x], options({ inAxes: 0, tolerance })],
  checkJit: [testing.checkJit as Call, twice, [x], options({ device: 'js', tolerance })],
}
