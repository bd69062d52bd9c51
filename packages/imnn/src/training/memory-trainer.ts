import { type Device, devicePut, jit, type NDArray, type Random } from '@cotangent/autodiff'
import type { Join, Joined } from '../information/join.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves, Summarise } from '../information/summaries.ts'
import { type Call, compileLoop } from './loop.ts'
import { LoopCourse } from './loop-course.ts'
import { estimatorOf, type LeafOptimizer, wholeIteration } from './programs.ts'
import type { Course, Session, SetName, Start, Trainer } from './trainer.ts'

/** What a trainer is made of. */
export interface MemoryParts {
  readonly device: Device
  readonly summarise: Summarise
  readonly join: Join
  readonly optimizer: LeafOptimizer
  readonly random: Random
  readonly simulates: boolean
  /** The arrays of the training set, and of the validation set if there is one. */
  readonly training: Leaves
  readonly validation: Leaves | undefined
  /** The groups of a set from these, or from a key. */
  readonly groups: (inputs: Leaves, key: NDArray | undefined) => readonly Leaves[]
}

type Measure<T> = (w: Leaves, inputs: Leaves, key: Leaves) => T

/** Trains with all simulations in memory, or made in the program, on one device: nothing is read. */
export class MemoryTrainer implements Trainer, Session {
  readonly parts: MemoryParts
  readonly #statistics: Measure<FisherEstimator>
  readonly #summaries: Measure<Joined>
  readonly #calls = new Map<boolean, Call>()

  constructor(parts: MemoryParts) {
    const { device, summarise, join, groups } = parts
    const joined: Measure<Joined> = (w, inputs, [key]) => join(groups(inputs, key).map((group) => summarise(w, group)))
    // Simulations go to the device once, not with every call.
    this.parts = {
      ...parts,
      training: devicePut(parts.training, device),
      validation: parts.validation && devicePut(parts.validation, device),
    }
    this.#summaries = jit(joined, { device }) as Measure<Joined>
    const statistics: Measure<FisherEstimator> = (...args) => estimatorOf(joined(...args))
    this.#statistics = jit(statistics, { device }) as Measure<FisherEstimator>
  }

  get validates(): boolean {
    return this.parts.validation !== undefined
  }
  get simulates(): boolean {
    return this.parts.simulates
  }

  /** The program of several iterations. */
  call(asOriginal: boolean): Call {
    const { device, summarise, join, optimizer, random, groups } = this.parts
    let call = this.#calls.get(asOriginal)
    if (call === undefined) {
      const iteration = wholeIteration(summarise, join, optimizer)
      const { validates } = this
      call = compileLoop(device, { iteration, optimizer, random, groups, validates, asOriginal })
      this.#calls.set(asOriginal, call)
    }
    return call
  }

  /** There is nothing to open: it is its own session. */
  open(): Session {
    return this
  }
  async check(): Promise<void> {}
  async close(): Promise<void> {}

  begin(start: Start): Course {
    return new LoopCourse(this, start)
  }

  async statistics(w: Leaves, set: SetName, key: NDArray | undefined): Promise<FisherEstimator> {
    return this.#statistics(w, this.#inputs(set), key === undefined ? [] : [key])
  }

  async summaries(w: Leaves, set: SetName, key: NDArray | undefined): Promise<Joined> {
    return this.#summaries(w, this.#inputs(set), key === undefined ? [] : [key])
  }

  #inputs(set: SetName): Leaves {
    const inputs = set === 'training' ? this.parts.training : this.parts.validation
    if (inputs === undefined) throw new RangeError('there is no validation set')
    return inputs
  }
}
