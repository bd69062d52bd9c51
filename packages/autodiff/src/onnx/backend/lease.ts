/**
 * Keeps a session as long as tensors of it are on a GPU: giving back such a tensor after its session ends the process
 * (onnxruntime-node 1.30).
 */
export class Lease {
  readonly #free: () => void
  #open = 0
  #isEnded = false

  /** `free` releases the session; it holds nothing by which the session's user could be reached. */
  constructor(free: () => void) {
    this.#free = free
  }

  /** A tensor is there. */
  hold(): void {
    this.#open++
  }

  /** A tensor was given back. */
  drop(): void {
    if (--this.#open === 0 && this.#isEnded) this.#free()
  }

  /** The session is not needed any more, but for its tensors. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (this.#open === 0) this.#free()
  }
}
