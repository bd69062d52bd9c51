import { ValueError } from '../../array/errors.ts'
import { NDArray } from '../../array/ndarray.ts'
import { treeFlatten, treePaths } from '../../array/tree.ts'
import { isTracing } from '../../core/trace.ts'

/** The arrays of donated arguments with where they are, as `arguments[0].w`; throws where one is passed twice. */
export function donatedOf(
  name: string,
  args: readonly unknown[],
  donated: ReadonlySet<number>,
): ReadonlyMap<NDArray, string> {
  const found = new Map<NDArray, string>()
  if (isTracing()) return found
  const paths = treePaths(args, 'arguments')
  const [leaves] = treeFlatten(args, `${name}: arguments`)
  const seen = new Map<unknown, string>()
  leaves.forEach((leaf, i) => {
    if (!(leaf instanceof NDArray)) return
    const path = paths[i] as string
    const isDonated = donated.has(Number(/^arguments\[(\d+)\]/.exec(path)?.[1]))
    const before = seen.get(leaf.storage)
    if (before !== undefined && (isDonated || found.has(leaf))) {
      throw new ValueError(
        `${name}: ${before} and ${path} are one array, and it is donated; pass a copy, or donate neither`,
      )
    }
    seen.set(leaf.storage, path)
    if (isDonated) found.set(leaf, path)
  })
  return found
}

/** Gives the memory of donated arrays back. */
export function release(name: string, donated: ReadonlyMap<NDArray, string>): void {
  for (const [x, path] of donated) {
    x.storage.release(
      `this array was donated to ${name} (as ${path}, by donateArgnums); its numbers are gone. Use what the call gave, or do not donate it`,
    )
  }
}
