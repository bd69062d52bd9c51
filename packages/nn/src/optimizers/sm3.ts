import { type Arrays, type MapLeaves, type NDArray, np, TreeError, treeUnflatten } from '@cotangent/autodiff'
import { checkOptions, shapesEqual } from '@cotangent/autodiff/array'
import { checkNumbers } from '../checks.ts'
import { mixed } from '../means.ts'
import { sizeOfSteps } from '../schedules/schedule.ts'
import { checkAlike, checkFloats, checkState, flatTree, gradientsLike } from '../trees.ts'
import { type AdagradOptions, inverseRoot } from './adaptive.ts'
import { checkStep, type Step } from './optimizer.ts'

/** What SM3 knows between two steps: for each array one accumulator an axis, in place of one an element. */
export interface Sm3State<P> {
  readonly params: P
  readonly momentum: P
  readonly accumulators: MapLeaves<P, readonly NDArray[]>
}

/** The optimizer `sm3`, whose state is not made of trees like the parameters alone. */
export type Sm3 = readonly [
  init: <P>(params: P) => Sm3State<Arrays<P>>,
  update: <P>(step: Step, gradients: P, state: Sm3State<P>) => Sm3State<P>,
  getParams: <P>(state: Sm3State<P>) => P,
]

/**
 * Adagrad that remembers a row and a column for a matrix, and so on for each axis, in place of a number an element.
 * Anil, Gupta, Koren and Singer, "Memory-efficient adaptive optimization" (NeurIPS 2019).
 *
 * @see JAX's `optimizers.sm3`
 * @example
 * const [init, update, getParams] = sm3({ stepSize: 0.5, momentum: 0 })
 * getParams(update(0, np.array([2, 4]), init(np.array([1, 1])))) // [0.5, 0.5]
 */
export function sm3(options: AdagradOptions): Sm3 {
  const { stepSize, momentum = 0.9 } = checkOptions('sm3', options, ['stepSize', 'momentum'])
  const size = sizeOfSteps('sm3', stepSize)
  checkNumbers('sm3', { momentum })

  const step = (
    i: Step,
    g: NDArray,
    x: NDArray,
    m: NDArray,
    accumulators: readonly NDArray[],
  ): { params: NDArray; momentum: NDArray; accumulators: NDArray[] } => {
    const sum = accumulators.map((v, axis) => along(v, axis, g)).reduce((a, b) => np.minimum(a, b))
    const accumulated = np.square(g).add(g.ndim === 0 ? sum.reshape([]) : sum)
    const next = mixed(momentum)(g.mul(inverseRoot(accumulated)), m)
    return {
      params: x.sub(next.mul(size(i, x.dtype))),
      momentum: next,
      accumulators: accumulators.map((v, axis) => largestAlong(accumulated, axis).reshape(v.shape)),
    }
  }

  return [
    <P>(params: P) => {
      const flat = flatTree('sm3', 'the params', params)
      checkFloats('sm3', flat)
      const tree = (f: (x: NDArray) => unknown): unknown => treeUnflatten(flat.def, flat.arrays.map(f))
      return {
        params: tree((x) => x) as Arrays<P>,
        momentum: tree((x) => np.zerosLike(x)) as Arrays<P>,
        accumulators: tree(zeros) as Sm3State<Arrays<P>>['accumulators'],
      }
    },
    <P>(i: Step, gradients: P, state: Sm3State<P>) => {
      checkStep('sm3', i)
      checkState('sm3', state, ['params', 'momentum', 'accumulators'])
      const params = flatTree('sm3', 'the parameters', state.params)
      const momenta = flatTree('sm3', 'momentum of the state', state.momentum)
      checkAlike('sm3', momenta, params)
      const rest = accumulatorsOf(state, params.arrays).values()
      const next = gradientsLike('sm3', gradients, params).map((g, k) => {
        const own = lengthsOf(g).map(() => rest.next().value!)
        return step(i, g, params.arrays[k]!, momenta.arrays[k]!, own)
      })
      const tree = (slot: 'params' | 'momentum' | 'accumulators'): unknown =>
        treeUnflatten(
          params.def,
          next.map((leaf) => leaf[slot]),
        )
      return {
        params: tree('params') as P,
        momentum: tree('momentum') as P,
        accumulators: tree('accumulators') as Sm3State<P>['accumulators'],
      }
    },
    (state) => checkState('sm3', state, ['params']).params,
  ]
}

/** How long the accumulators of an array are: one an axis, one number for a scalar. */
const lengthsOf = ({ shape }: NDArray): readonly number[] => (shape.length === 0 ? [1] : shape)
const zeros = (x: NDArray): NDArray[] => lengthsOf(x).map((n) => np.zeros([n], { dtype: x.dtype }))

/** The accumulators of all arrays of parameters, one after the other; throws a TreeError for others. */
function accumulatorsOf<P>(state: Sm3State<P>, params: readonly NDArray[]): readonly NDArray[] {
  const { arrays } = flatTree('sm3', 'accumulators of the state', state.accumulators)
  const lengths = params.flatMap(lengthsOf)
  if (arrays.length === lengths.length && arrays.every(({ shape }, k) => shapesEqual(shape, [lengths[k]!]))) {
    return arrays
  }
  throw new TreeError(
    'sm3: the accumulators of the state are not one an axis of the parameters; use the state that its own init or update gave',
  )
}

/** A vector along one axis of an array like `g`. */
const along = (v: NDArray, axis: number, g: NDArray): NDArray =>
  v.reshape(g.ndim === 0 ? [1] : g.shape.map((n, i) => (i === axis ? n : 1)))

/** The largest number for each place on an axis. */
const largestAlong = (x: NDArray, axis: number): NDArray =>
  x.ndim < 2 ? x : x.max({ axis: x.shape.map((_, i) => i).filter((i) => i !== axis) })
