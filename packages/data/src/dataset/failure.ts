/** An error that waits until what comes before it is given, and is then thrown once. */
export class Failure {
  #held: { readonly error: unknown } | undefined

  hold(error: unknown): void {
    this.#held = { error }
  }

  get isHeld(): boolean {
    return this.#held !== undefined
  }

  /** Throws the error, if there is one. */
  release(): void {
    if (this.#held === undefined) return
    const { error } = this.#held
    this.#held = undefined
    throw error
  }
}
