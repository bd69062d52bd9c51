import { Worker } from 'node:worker_threads'

interface Threads {
  /** Those that were made since, the last one last. */
  readonly workers: readonly Worker[]
  /** How many messages were posted to them. */
  posts: number
  restore(): void
}

/** Watches what threads are made and posted to. */
export function watchThreads(): Threads {
  const { prototype } = Worker
  const { ref, postMessage } = prototype
  const workers: Worker[] = []
  const threads: Threads = {
    workers,
    posts: 0,
    restore: () => Object.assign(prototype, { ref, postMessage }),
  }
  prototype.ref = function (this: Worker) {
    if (!workers.includes(this)) workers.push(this)
    ref.call(this)
  }
  prototype.postMessage = function (this: Worker, ...args: Parameters<typeof postMessage>) {
    threads.posts++
    postMessage.apply(this, args)
  }
  return threads
}
