import { type Device, jit, lax, type NDArray, np, type Random } from '@cotangent/autodiff'
import { nextKeys } from '../information/simulate.ts'
import type { Leaves } from '../information/summaries.ts'
import { dtypeOf } from '../tree.ts'
import type { Iteration, LeafOptimizer, Strength } from './programs.ts'

/** The most iterations of a call: rows for so many are kept. */
export const longestCall = 128

/** What an iteration leaves to the next, all on the device. */
interface Carry {
  /** Iterations of this call. */
  readonly count: NDArray
  readonly state: Leaves
  readonly bestW: Leaves
  /** The key of the iterations to come, if there is one. */
  readonly rng: Leaves
  readonly maxDetF: NDArray
  readonly patience: NDArray
  /** Whether |F| is lost: `state` and `rng` are worth nothing then, and the host goes back to before that iteration. */
  readonly lost: NDArray
  /** Diagnostics [longestCall, sets · 5]. */
  readonly rows: NDArray
}

/** Where a call begins. Numbers are arrays, so that others compile nothing anew. */
export interface CallStart {
  readonly state: Leaves
  readonly bestW: Leaves
  readonly rng: Leaves
  readonly maxDetF: NDArray
  readonly patience: NDArray
  /** Iterations of the fit before this call, int32. */
  readonly iterations: NDArray
  /** Steps of the optimizer before this call, float32. */
  readonly steps: NDArray
  /** The most iterations of this call, int32. */
  readonly limit: NDArray
  readonly rule: { readonly patience: NDArray; readonly minIterations: NDArray }
  readonly strength: Strength
}

/** Where a call came to. */
export interface CallEnd extends Pick<Carry, 'count' | 'state' | 'bestW' | 'rng' | 'rows' | 'lost'> {
  readonly w: Leaves
}

/** Several iterations in one call. */
export type Call = (start: CallStart, training: Leaves, validation: Leaves) => CallEnd

/** What the iterations of a call are made of. */
export interface LoopParts {
  readonly iteration: Iteration
  readonly optimizer: LeafOptimizer
  readonly random: Random
  /** The groups of a set from what is in memory, or from a key. */
  readonly groups: (inputs: Leaves, key: NDArray | undefined) => readonly Leaves[]
  readonly validates: boolean
  /** Without a validation set the best weights are those after the update, as in the original. */
  readonly asOriginal: boolean
  /** One of two by a condition. */
  readonly choose: (condition: NDArray, yes: Leaves, no: Leaves) => Leaves
}

/**
 * Iterations in one program: state in, state out, and the rule that ends a fit in between, as `advance` and `goesOn`
 * have it.
 */
export function compileLoop(device: Device, given: Omit<LoopParts, 'choose'>): Call {
  // Where there are no loops of its own a branch too would bring what it chooses to the host.
  const parts = { ...given, choose: device.supports.loops ? branch : select }
  const call: Call = (start, training, validation) => {
    const { limit, rule } = start
    const goesOn = ({ count, patience, lost }: Carry): NDArray =>
      np.logicalAnd(np.logicalAnd(count.lt(limit), patience.lt(rule.patience)), np.logicalNot(lost))
    const first = firstCarry(start, parts.validates ? 10 : 5)
    const body = (carry: Carry): Carry => iterate(parts, start, training, validation, carry)
    // Without a loop of its own a device would bring all that is carried to the host: then it is an iteration a call.
    const last = device.supports.loops
      ? (lax.whileLoop(goesOn as never, body as never, first as never) as Carry)
      : body(first)
    const { count, state, bestW, rng, rows, lost } = last
    return { count, state, bestW, rng, rows, lost, w: parts.optimizer.weights(state) }
  }
  return jit(call, { device }) as unknown as Call
}

/** How many iterations a call may have on a device. */
export const longestCallOn = (device: Device): number => (device.supports.loops ? longestCall : 1)

const firstCarry = ({ state, bestW, rng, maxDetF, patience }: CallStart, width: number): Carry => ({
  count: np.zeros([], { dtype: 'int32' }),
  state,
  bestW,
  rng,
  maxDetF,
  patience,
  lost: np.zeros([], { dtype: 'bool' }),
  rows: np.zeros([longestCall, width], { dtype: dtypeOf(bestW) }),
})

function iterate(parts: LoopParts, start: CallStart, training: Leaves, validation: Leaves, carry: Carry): Carry {
  const { iteration, optimizer, random, groups, validates, asOriginal, choose } = parts
  const { count, state, bestW, rng, maxDetF, patience } = carry
  const [nextRng, key] = rng[0] === undefined ? [] : nextKeys(random, rng[0])
  const i = start.steps.add(count.astype('float32'))
  const sets = [groups(training, key), validates ? groups(validation, undefined) : []] as const
  const [next, w, rows] = iteration(i, state, start.strength, ...sets)
  const row = rows.reshape([-1])
  const detF = row.at(validates ? 5 : 0)
  const lost = [0, 5].slice(0, validates ? 2 : 1).map((at) => isLost(row.at(at)))
  const isGood = np.logicalNot(lost.reduce((a, b) => np.logicalOr(a, b)))
  const improved = np.logicalAnd(isGood, detF.gt(maxDetF))
  const counts = start.iterations.add(count).gt(start.rule.minIterations)
  const judgedW = validates || asOriginal ? w : optimizer.weights(state)
  return {
    count: count.add(1),
    state: next,
    bestW: choose(improved, judgedW, bestW),
    rng: nextRng === undefined ? [] : [nextRng],
    maxDetF: np.where(improved, detF, maxDetF),
    patience: np.where(improved, 0, patience.add(counts.astype('int32'))).astype('int32'),
    lost: np.logicalNot(isGood),
    rows: lax.dynamicUpdateSlice(carry.rows, row.reshape([1, -1]), [count, 0]),
  }
}

/** As the ledger has it: NaN, infinite or not positive. */
const isLost = (detF: NDArray): NDArray => np.logicalNot(np.logicalAnd(detF.gt(0), np.isfinite(detF)))

const branch = (condition: NDArray, yes: Leaves, no: Leaves): Leaves =>
  lax.cond(
    condition,
    () => [...yes],
    () => [...no],
  )

const select = (condition: NDArray, yes: Leaves, no: Leaves): Leaves =>
  yes.map((x, i) => np.where(condition, x, no[i] as NDArray))
