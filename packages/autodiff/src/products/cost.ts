import type { Label } from './term.ts'

/** An element that goes through memory takes as long as so many multiplications of a matrix product. */
const ELEMENT = 40

const sizeOfLabels = (labels: Iterable<Label>, sizes: readonly number[]): number => {
  let size = 1
  for (const label of labels) size *= sizes[label]!
  return size
}

/**
 * What a product of two arrays takes, in multiplications: as a matrix product, or element by element and summed.
 * Vectors in stacks, as a program has them in one operation (`isOne`), take less than that, if more than matrices.
 */
export function costOfPair(
  a: readonly Label[],
  b: readonly Label[],
  result: readonly Label[],
  sizes: readonly number[],
  isOne = false,
): number {
  const all = new Set([...a, ...b])
  const size = (labels: Iterable<Label>): number => sizeOfLabels(labels, sizes)
  if ([...all].every((label) => result.includes(label))) return ELEMENT * size(all)
  if (!isMatrixProduct(a, b, result)) return ELEMENT * (isOne ? 1 : 1.5) * size(all)
  return Math.max(size(all), (ELEMENT / 2) * Math.max(size(a), size(b), size(result)))
}

/** Whether the runtime has a product for it: over axes that both have, of stacks only where both have axes of their own. */
export function isMatrixProduct(a: readonly Label[], b: readonly Label[], result: readonly Label[]): boolean {
  const isStack = result.some((label) => a.includes(label) && b.includes(label))
  const hasOwn = (x: readonly Label[], other: readonly Label[]): boolean => x.some((label) => !other.includes(label))
  return !isStack || (hasOwn(a, b) && hasOwn(b, a))
}
