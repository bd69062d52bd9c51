import { type Device, evalShape, jit, type Jitted, type NDArray, splitVjp, type SplitVjp } from '@cotangent/autodiff'
import { bytesPerElement, sizeOf } from '@cotangent/autodiff/array'
import type { Leaves, Summaries, Summarise } from '../information/summaries.ts'

type Split = SplitVjp<[w: Leaves, group: Leaves], Summaries, 0>

/** A running sum of gradients; `null` before the first. */
export type Sum = Leaves | null

/** The programs for groups of one shape. */
interface Programs {
  readonly forward: Jitted<[w: Leaves, group: Leaves], [Summaries, Leaves]>
  readonly backward: Jitted<[sum: Sum, residuals: Leaves, cotangents: Leaves], Leaves>
  readonly again: Jitted<[sum: Sum, w: Leaves, group: Leaves, cotangents: Leaves], Leaves>
}

/** What the backward pass of a group needs. */
export interface Kept {
  readonly summaries: Summaries
  readonly backward: (sum: Sum, cotangents: Leaves) => Leaves
}

/** The network on one device, compiled: summaries of groups, and vector-Jacobian products. */
export class Lane {
  readonly device: Device
  readonly summarise: Summarise
  readonly #split: (w: Leaves, group: Leaves) => Split
  readonly #programs = new Map<string, Programs>()

  constructor(device: Device, summarise: Summarise) {
    this.device = device
    this.summarise = jit(summarise, { device }) as Summarise
    this.#split = (w, group) => splitVjp(summarise, [w, group])
  }

  /** The first pass of a group, which keeps its intermediate results for the second. */
  forward(w: Leaves, group: Leaves): Kept {
    const { forward, backward } = this.#of(w, group)
    const [summaries, residuals] = forward(w, group)
    return { summaries, backward: (sum, cotangents) => backward(sum, residuals, cotangents) }
  }

  /** The second pass of a group whose first pass kept nothing. */
  again(sum: Sum, w: Leaves, group: Leaves, cotangents: Leaves): Leaves {
    return this.#of(w, group).again(sum, w, group, cotangents)
  }

  /** Bytes that `forward` keeps of one simulation more: what it keeps of any number, the weights, cancels. */
  rowBytes(w: Leaves, rows: number, groupOf: (rows: number) => Leaves): number {
    const kept = (group: Leaves): number => {
      const [, residuals] = evalShape(this.#split(w, group).forward, w, group)
      return residuals.reduce((sum, { shape, dtype }) => sum + bytesPerElement(dtype) * sizeOf(shape), 0)
    }
    return (kept(groupOf(3 * rows)) - kept(groupOf(2 * rows))) / rows
  }

  #of(w: Leaves, group: Leaves): Programs {
    const key = group.map((x) => x.shape.join()).join(' ')
    let programs = this.#programs.get(key)
    if (programs === undefined) this.#programs.set(key, (programs = this.#compile(this.#split(w, group))))
    return programs
  }

  #compile(split: Split): Programs {
    const { device } = this
    const backward = (sum: Sum, residuals: Leaves, cotangents: Leaves): Leaves =>
      addTo(sum, split.backward(residuals, cotangents))
    const again = (sum: Sum, w: Leaves, group: Leaves, cotangents: Leaves): Leaves =>
      backward(sum, split.forward(w, group)[1], cotangents)
    return {
      forward: jit(split.forward, { device }) as Programs['forward'],
      backward: jit(backward, { device }),
      again: jit(again, { device }),
    }
  }
}

/** The sum of two lists of arrays. */
export const addTo = (sum: Sum, terms: Leaves): Leaves =>
  sum === null ? terms : terms.map((term, i) => (sum[i] as NDArray).add(term))
