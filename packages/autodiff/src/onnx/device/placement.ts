import type { NDArray } from '../../array/ndarray.ts'
import type { Executable, ExecutableTimes } from '../../core/device/device.ts'
import { OnnxExecutable, type Place, type PreparedProgram } from './executable.ts'

/** A call that is expected to take longer than this many milliseconds leaves the calling thread. */
const EXPECTED = 100
/** So does one that took this long, … */
const MEASURED = 100
/** … or this long some times in a row; the way there costs about 0.1, and its numbers' own way. */
const REPEATED = 25
/** One that is over sooner than this comes back. */
const SHORT = 2
const TIMES = 3

/** Where a program can run away from the calling thread. */
export interface FarPlace extends Place {
  /** Whether an array is there and not on the host. */
  holds(x: NDArray): boolean
}

/**
 * A program that runs on the calling thread while it is short, and else in a worker, where the event loop does not wait
 * for it; it goes where its arguments are, if the host has not got them. Both places compute the same numbers.
 */
export class PlacedExecutable implements Executable {
  readonly #prepared: PreparedProgram
  readonly #nearPlace: Place
  readonly #farPlace: FarPlace
  #isLong: boolean
  #near: OnnxExecutable | undefined
  #far: OnnxExecutable | undefined
  readonly #way: number
  #inARow = 0

  constructor(prepared: PreparedProgram, near: Place, far: FarPlace) {
    this.#prepared = prepared
    this.#nearPlace = near
    this.#farPlace = far
    const { time, way } = prepared.expected
    this.#way = way
    this.#isLong = time > EXPECTED + way
    this.#usual()
  }

  get times(): ExecutableTimes {
    return this.#usual().times
  }

  ready(): Promise<void> {
    return this.#usual().ready()
  }

  run(inputs: readonly NDArray[]): readonly NDArray[] {
    this.#learn()
    const follows = !this.#isLong && inputs.some((x) => this.#farPlace.holds(x))
    const program = follows ? (this.#far ??= new OnnxExecutable(this.#prepared, this.#farPlace)) : this.#usual()
    return program.run(inputs)
  }

  #usual(): OnnxExecutable {
    return this.#isLong
      ? (this.#far ??= new OnnxExecutable(this.#prepared, this.#farPlace))
      : (this.#near ??= new OnnxExecutable(this.#prepared, this.#nearPlace))
  }

  /** Whether it is long, by its last runs. */
  #learn(): void {
    const time = (this.#isLong ? this.#far : this.#near)?.runTime
    if (time === undefined) return
    const isOther = this.#isLong ? time < SHORT : time > REPEATED + this.#way
    this.#inARow = isOther ? this.#inARow + 1 : 0
    if (this.#inARow < TIMES && (this.#isLong || time < MEASURED + this.#way)) return
    this.#isLong = !this.#isLong
    this.#inARow = 0
  }
}
