import {
  evalShape,
  type Key,
  np,
  NDArray,
  random as defaultRandom,
  type Random,
  type Tree,
  TreeError,
} from '@cotangent/autodiff'
import { fromPending, isFloat, shapesEqual, showShape } from '@cotangent/autodiff/array'
import type { Layer } from '@cotangent/nn'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkKey } from './keys.ts'
import type { Sizes } from './sizes.ts'
import { attempt, type Checked, show, together, unless, wrong } from './checks.ts'
import type { Problem } from '../errors.ts'
import type { OptimizerTriple } from '../options.ts'
import type { LeafOptimizer } from '../training/programs.ts'
import type { Apply, Leaves } from '../information/summaries.ts'
import { dtypeOf, leavesLike, type Structure, takeApart, type Precision } from '../tree.ts'

/** A network and its optimizer on leaves, and where they begin. */
export interface Network<P> {
  readonly apply: Apply
  readonly optimizer: LeafOptimizer
  readonly params: Structure<P>
  readonly states: Structure<unknown>
  readonly w: Leaves
  readonly state: Leaves
}

interface NetworkOptions<P extends Tree> {
  readonly model: Layer<P>
  readonly optimizer: OptimizerTriple
  readonly keyOrState: Key | object
  readonly random?: Random
}

type Functions<P> = readonly [
  init: (params: P) => unknown,
  update: (step: NDArray, gradients: P, state: unknown) => unknown,
  getParams: (state: unknown) => P,
]

const areFunctions = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every((f) => typeof f === 'function')

/** An array with a shape and no numbers, to trace functions with. */
export const abstractArray = (shape: readonly number[], dtype: Precision | 'uint32'): NDArray =>
  fromPending(new Promise(() => undefined), shape, dtype)

/** That model, optimizer and key are there at all. */
export function checkFunctions<P extends Tree>(options: NetworkOptions<P>): Checked<NetworkOptions<P>> {
  const { model, optimizer, keyOrState } = options
  const problems: Problem[] = []
  if (!areFunctions(model, 2)) {
    const message = `must be a pair of functions [init, apply], as serial(…) gives it, not ${show(model)}`
    problems.push({ where: 'model', message })
  }
  if (!areFunctions(optimizer, 3)) {
    const message = `must be three functions [init, update, getParams], as adam(…) gives them, not ${show(optimizer)}`
    problems.push({ where: 'optimizer', message })
  }
  if (keyOrState === undefined || keyOrState === null) {
    const message = `is ${show(keyOrState)}: give a key, random.PRNGKey(0), or a state of the optimizer`
    problems.push({ where: 'keyOrState', message })
  }
  return unless(problems, () => options)
}

/** Runs the model's `init` and traces everything else once, so that what does not fit is known before training. */
export function checkNetwork<P extends Tree>(options: NetworkOptions<P>, sizes: Sizes): Checked<Network<P>> {
  const functions = options.optimizer as unknown as Functions<P>
  return E.chain((begun: Begun<P>) => traceAll(options.model, functions, begun, sizes))(
    start(options, functions, sizes),
  )
}

interface Begun<P> {
  /** Which option the parameters are from. */
  readonly from: string
  readonly params: P
  readonly state: unknown
}

const isArrayLike = (value: unknown): boolean => value instanceof NDArray || ArrayBuffer.isView(value)

/** First parameters from a key, or those of a state. */
function start<P extends Tree>(
  { model: [init], keyOrState, random = defaultRandom }: NetworkOptions<P>,
  [initState, , getParams]: Functions<P>,
  { inputShape, nSummaries }: Sizes,
): Checked<Begun<P>> {
  if (!isArrayLike(keyOrState)) {
    const state: unknown = keyOrState
    const message = 'is no key, and as a state of the optimizer its getParams failed'
    return attempt('keyOrState', message, () => ({ from: 'keyOrState', params: getParams(state), state }))
  }
  const key = keyOrState as Key
  const bad = checkKey('keyOrState', key)
  if (bad.length > 0) return E.left(bad)
  return pipe(
    firstParams(init, key, inputShape, nSummaries, random),
    E.chain((params: P): Checked<Begun<P>> => {
      return attempt('optimizer', 'its init failed', () => ({ from: 'model', params, state: initState(params) }))
    }),
  )
}

/**
 * The parameters from the model's `init`: given the shape of one simulation as in the original, or that of a batch,
 * which convolutions and `Flatten` ask for. The parameters of layers that take both are the same.
 */
function firstParams<P extends Tree>(
  init: Layer<P>[0],
  key: Key,
  inputShape: readonly number[],
  nSummaries: number,
  random: Random,
): Checked<P> {
  const make = (shape: readonly number[]): Checked<readonly [readonly number[], P]> =>
    attempt('model', 'its init failed', () => {
      const made: unknown = init(key, shape, { random })
      if (Array.isArray(made) && made.length === 2 && Array.isArray(made[0])) return made as [number[], P]
      throw new TreeError(`it gave ${show(made)}, not [outputShape, params]`)
    })
  const one = make(inputShape)
  if (E.isRight(one) && shapesEqual([...one.right[0]], [nSummaries])) return E.right(one.right[1])
  const batch = make([-1, ...inputShape])
  if (E.isRight(batch) && batch.right[0].length === 2 && batch.right[0][1] === nSummaries)
    return E.right(batch.right[1])
  // A model that no batch fits is told of by what it does with one simulation.
  const told = E.isRight(one) && (E.isLeft(batch) || inputShape.length === 1) ? one : batch
  if (E.isLeft(told)) return told
  const [wanted, given] =
    told === one
      ? [[nSummaries], inputShape]
      : [
          [-1, nSummaries],
          [-1, ...inputShape],
        ]
  return wrong(
    'model',
    `makes outputs of shape ${showShape([...told.right[0]])} from inputs of shape ${showShape(given)}; they must have shape ${showShape(wanted)} (nSummaries${told === one ? '' : ' after the batch'}): end the model with Dense(${nSummaries})`,
  )
}

function traceAll<P extends Tree>(
  [, apply]: Layer<P>,
  functions: Functions<P>,
  begun: Begun<P>,
  sizes: Sizes,
): Checked<Network<P>> {
  const network = attempt('model and optimizer', 'parameters and states must be trees of arrays', () =>
    onLeaves(apply, functions, begun),
  )
  return E.chain((made: Network<P>): Checked<Network<P>> => {
    if (made.w.length === 0 || !made.w.every((x) => isFloat(x.dtype)))
      return wrong(begun.from, 'the parameters must be arrays of floats, at least one: there is nothing to train')
    const half = made.w.find(({ dtype }) => dtype !== 'float32' && dtype !== 'float64')
    if (half !== undefined)
      return wrong(
        begun.from,
        `has parameters of ${half.dtype}, too coarse for a covariance and its inverse; make them float32 or float64`,
      )
    return together.ap(E.map(() => () => made)(checkApply(made, sizes)), checkUpdate(made))
  })(network)
}

/** The user's functions of trees as functions of leaves. */
function onLeaves<P extends Tree>(
  apply: Layer<P>[1],
  [, update, getParams]: Functions<P>,
  begun: Begun<P>,
): Network<P> {
  const [w, params] = takeApart(begun.params, 'params')
  const [state, states] = takeApart(begun.state, 'state')
  return {
    apply: (leaves, d) => apply(params.build(leaves), d),
    optimizer: {
      update: (i, gradient, leaves) =>
        leavesLike(states, update(i, params.build(gradient), states.build(leaves)), 'the state after update'),
      weights: (leaves) => leavesLike(params, getParams(states.build(leaves)), 'the result of getParams'),
    },
    params,
    states,
    w,
    state,
  }
}

/** That the network makes one row of summaries a simulation. */
function checkApply({ apply, w }: Network<unknown>, { inputShape, nSummaries }: Sizes): Checked<unknown> {
  const rows = 3
  const d = abstractArray([rows, ...inputShape], dtypeOf(w))
  const failure = `its apply failed for inputs of shape ${showShape(d.shape)}`
  return E.chain(({ shape }: { readonly shape: readonly number[] }) =>
    shapesEqual(shape, [rows, nSummaries])
      ? E.right(undefined)
      : wrong(
          'model',
          `its apply makes ${showShape(shape)} from a batch ${showShape(d.shape)}; it must make [${rows}, ${nSummaries}], one row of nSummaries a simulation`,
        ),
  )(attempt('model', failure, () => evalShape(apply, w, d)))
}

/** That a step of the optimizer leaves all shapes and dtypes as they are. */
function checkUpdate({ optimizer, w, state }: Network<unknown>): Checked<unknown> {
  type Forms = readonly { readonly shape: readonly number[]; readonly dtype: string }[]
  const changed = (found: Forms, wanted: Leaves): boolean =>
    found.some(({ shape, dtype }, i) => !shapesEqual(shape, wanted[i]?.shape ?? []) || dtype !== wanted[i]?.dtype)
  const traced = attempt('optimizer', 'its update failed', () => ({
    next: evalShape(optimizer.update, np.array(0), w, state),
    weights: evalShape(optimizer.weights, state),
  }))
  return E.chain(({ next, weights }: { readonly next: Forms; readonly weights: Forms }): Checked<unknown> => {
    if (changed(next, state))
      return wrong('optimizer', 'its update changes shapes or dtypes of the state; they must stay as they are')
    if (changed(weights, w)) return wrong('optimizer', 'its getParams does not give parameters like those of the model')
    return E.right(undefined)
  })(traced)
}
