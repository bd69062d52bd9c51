import { released } from '../../array/storage.ts'

/** Memory that is given back once it is released and nobody uses it. */
export abstract class Pinned {
  #users = 0
  #isReleased = false

  /** Whether it is released, and nobody uses it. */
  get isGone(): boolean {
    return this.#isReleased && this.#users === 0
  }

  /** Holds the memory until `unpin`, whatever is released. */
  pin(): void {
    if (this.isGone) throw released()
    this.#users++
  }

  unpin(): void {
    this.#users--
    if (this.isGone) this.free()
  }

  /** What `use` gives, the memory held until it is there. */
  protected async whilePinned<T>(use: () => T | Promise<T>): Promise<T> {
    this.pin()
    try {
      return await use()
    } finally {
      this.unpin()
    }
  }

  release(): void {
    this.#isReleased = true
    if (this.isGone) this.free()
  }

  protected abstract free(): void
}
