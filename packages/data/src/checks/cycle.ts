/**
 * The smallest p below the length with `list[i] === list[i + p]` wherever both are: after how many entries the list
 * starts over. undefined when it does not (by the failure function of Knuth, Morris and Pratt).
 */
export function periodOf(list: Float64Array): number | undefined {
  const border = new Int32Array(list.length)
  for (let i = 1, k = 0; i < list.length; i++) {
    while (k > 0 && list[i] !== list[k]) k = border[k - 1] as number
    if (list[i] === list[k]) k++
    border[i] = k
  }
  const longest = border.at(-1) ?? 0
  return longest === 0 ? undefined : list.length - longest
}

/** How a second pass differs from the first. */
export type Difference =
  | { readonly kind: 'same' }
  | { readonly kind: 'order' }
  | { readonly kind: 'cycle'; readonly length: number }
  | { readonly kind: 'other'; readonly common: number }

/** Compares two passes of one length. */
export function differenceOf(first: Float64Array, second: Float64Array): Difference {
  if (first.every((value, i) => value === second[i])) return { kind: 'same' }
  const sorted = first.toSorted()
  if (second.toSorted().every((value, i) => value === sorted[i])) return { kind: 'order' }
  // The second pass goes on where the first stopped: the beginning comes again somewhere inside it.
  for (
    let start = second.indexOf(first[0] as number);
    start >= 0;
    start = second.indexOf(first[0] as number, start + 1)
  ) {
    if (second.subarray(start).every((value, i) => value === first[i]))
      return { kind: 'cycle', length: first.length + start }
  }
  const known = new Set(first)
  return { kind: 'other', common: second.reduce((count, value) => count + (known.has(value) ? 1 : 0), 0) }
}

/** Two places of one value, the earliest second place. */
export function firstRepeated(list: Float64Array): readonly [number, number] | undefined {
  const seen = new Map<number, number>()
  for (const [i, value] of list.entries()) {
    const before = seen.get(value)
    if (before !== undefined) return [before, i]
    seen.set(value, i)
  }
  return undefined
}
