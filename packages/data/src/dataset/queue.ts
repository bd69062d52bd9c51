/** First in, first out. `Array.shift` moves all that are behind; here each costs the same, however many there are. */
export class Queue<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1)
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Removes the first. */
  shift(): T | undefined {
    const { first } = this
    this.#head++
    // What was removed is let go of once it is the larger part.
    if (2 * this.#head >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return first
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
